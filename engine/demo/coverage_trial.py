"""Whether the sets of a demo model hold the truth as often as they promise: `python -m engine.demo.coverage_trial clinic [--model FOLDER]`.

The promise is for cases like those that were calibrated on, so the cases are new ones of the training half. Those that have everything
are asked with each pattern of inputs, the others hidden: what is there is drawn apart from what it shows, so that is the same as
cases that never had more. Shapes: N cases, C labels.
"""

import argparse
import dataclasses
import itertools
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from scipy.stats import betabinom, binom

from engine.demo.beside_oracle import prepared_for
from engine.demo.domains import DOMAINS
from engine.demo.generator import Generated, generate
from engine.device import set_threads
from engine.model.pretrained import Council, load_council
from engine.predict.calibration import Floats, chances
from engine.predict.conformal import label_set
from engine.preprocess.batch import collate
from engine.preprocess.preparation import PreparedCase, pattern_name
from engine.schema.base import MODALITIES
from engine.schema.places import assets

_SEED = 4242
_BATCH = 200


@dataclasses.dataclass(frozen=True)
class Covered:
    """How often the sets of a pattern held the truth, and between what it lies in 95 of 100 trials where the promise is kept.

    The bounds are those of BetaBin(n, k, m + 1 - k), k = ceil((m + 1)(1 - alpha)) of `calibrated` m cases (Angelopoulos & Bates,
    arXiv:2107.07511, 3.2): a threshold from few cases holds more or less than it promises by chance. A pattern without a threshold
    of its own has the widest one, which may hold as much as it likes.
    """

    pattern: str
    n: int
    share: float
    low: float
    high: float
    size: float
    calibrated: int

    @property
    def kept(self) -> bool:
        """Whether the share lies within its bounds."""
        return self.low <= self.share <= self.high


def covered(domain: Generated, model: Path, cases: int) -> tuple[Covered, ...]:
    """Return the coverage of every pattern of inputs; `cases` are drawn, of which about two thirds have everything."""
    council = load_council(model)
    if council.calibration is None:
        raise ValueError("the model was never calibrated")
    made = list(generate(domain, "train", cases, _SEED))
    every = prepared_for(council, domain, made)
    rows = [row for row, case in enumerate(every) if all(case.present())]
    names = [label.name for label in council.labels]
    truth_N = np.array([names.index(made[row].label) for row in rows])
    complete = [every[row] for row in rows]
    patterns = [present for present in itertools.product((True, False), repeat=len(MODALITIES)) if any(present)]
    return tuple(_of_pattern(council, complete, truth_N, present) for present in patterns)


def _of_pattern(
    council: Council, cases: Sequence[PreparedCase], truth_N: np.ndarray, present: Sequence[bool]
) -> Covered:
    calibration = council.calibration
    assert calibration is not None
    pattern = pattern_name(present)
    logits_NC = _logits(council, cases, present)
    probabilities_NC = chances(logits_NC, calibration.temperature_of(pattern), False)
    sets = [label_set(row_C, calibration.threshold_of(pattern)) for row_C in probabilities_NC]
    held = [int(truth) in found for truth, found in zip(truth_N, sets, strict=True)]
    m = calibration.n.get(pattern, 0) if pattern in calibration.thresholds else 0
    low, high = _bounds(len(held), m, calibration.alpha)
    size = float(np.mean([len(chosen) for chosen in sets]))
    return Covered(pattern, len(held), float(np.mean(held)), low, high, size, m)


def _bounds(n: int, calibrated: int, alpha: float) -> tuple[float, float]:
    if not calibrated:
        return float(binom(n, 1 - alpha).ppf(0.025)) / n, 1.0
    rank = math.ceil((calibrated + 1) * (1 - alpha) - 1e-9)
    expected = betabinom(n, rank, calibrated + 1 - rank)
    return float(expected.ppf(0.025)) / n, float(expected.ppf(0.975)) / n


@torch.inference_mode()
def _logits(council: Council, cases: Sequence[PreparedCase], present: Sequence[bool]) -> Floats:
    found = []
    for start in range(0, len(cases), _BATCH):
        batch = collate(cases[start : start + _BATCH], council.preparation)
        hidden_M = ~torch.tensor(present)
        found.append(council.student(batch.hide(hidden_M.expand(batch.size, -1))).logits_BC)
    return np.asarray(torch.cat(found).double().numpy())


def main(arguments: Sequence[str]) -> int:
    """Print the table of one domain."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.demo.coverage_trial", description="Check what the sets promise."
    )
    parser.add_argument("domain", choices=sorted(DOMAINS))
    parser.add_argument("--model", type=Path, help="model folder; without it the one that ships")
    parser.add_argument("--cases", type=int, default=3000)
    asked = parser.parse_args(arguments)
    set_threads(1)
    found = covered(DOMAINS[asked.domain], asked.model or assets() / "models" / asked.domain, asked.cases)
    head = "| inputs | cases | truth in the set | expected, 95 % | mean size | calibrated on |"
    sys.stdout.write(f"{head}\n|---|---|---|---|---|---|\n")
    for one in found:
        bounds = f"{one.low:.3f} to {one.high:.3f}{'' if one.kept else ' (missed)'}"
        figures = f"{one.share:.3f} | {bounds} | {one.size:.2f} | {one.calibrated or 'none of its own'}"
        sys.stdout.write(f"| {one.pattern} | {one.n} | {figures} |\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
