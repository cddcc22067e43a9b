"""How near a demo model comes to what can be known: `python -m engine.demo.beside_oracle clinic [--model FOLDER] [--cases 2000] [--seed 777]`.

The oracle reads the findings that were rendered into the files and answers by their exact posterior in the generated world; the model
has only the files. Both answer the same cases of the test half, with everything and with each kind of input hidden. A case that has
nothing left is left out of that line. With them how often more inputs mean a larger error, for the model and for the oracle: evidence
misleads even who weighs it exactly, so the oracle's rate is what no honest model can be expected to fall below by much.
Shapes: N cases, C labels, S subsets of the modalities as a bit mask, B cases of a batch.
"""

import argparse
import dataclasses
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from engine.demo.dataset import keep_case
from engine.demo.domains import DOMAINS
from engine.demo.generator import Generated, GeneratedCase, generate
from engine.device import set_threads
from engine.evaluate.comparing import retention
from engine.evaluate.subsets import Counterintuitive, counterintuitive_rate, subset_losses
from engine.model.pretrained import Council, load_council
from engine.preprocess.batch import collate
from engine.preprocess.preparation import PreparedCase
from engine.schema.base import MODALITIES, Modality
from engine.schema.ledger import Estimate
from engine.schema.places import assets
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs

SEED = 777
"""Of the test cases; other than the seed the models are made with."""
_BATCH = 200
_MADE = datetime(2030, 1, 1, tzinfo=UTC)


@dataclasses.dataclass(frozen=True)
class Beside:
    """Shares of right answers with one kind of input hidden (None: with all) on the same `n` cases.

    `share` is what the model has of the oracle's accuracy, its interval by a bootstrap over cases that both answered.
    """

    hidden: Modality | None
    n: int
    model: float
    oracle: float
    share: Estimate


@dataclasses.dataclass(frozen=True)
class Misled:
    """How often more inputs meant a larger error, of pairs of subsets of what a case has."""

    model: Counterintuitive
    oracle: Counterintuitive


@dataclasses.dataclass(frozen=True)
class Side:
    """A model and the cases that it and the oracle answer."""

    domain: Generated
    council: Council
    made: tuple[GeneratedCase, ...]
    prepared: tuple[PreparedCase, ...]

    @classmethod
    def of(cls, domain: Generated, model: Path, cases: int, seed: int = SEED) -> Self:
        """Load the model and make the cases."""
        council, made = load_council(model), tuple(generate(domain, "test", cases, seed))
        return cls(domain, council, made, tuple(prepared_for(council, domain, made)))


def beside_oracle(side: Side) -> tuple[Beside, ...]:
    """Return the model beside the oracle, with everything first and then with each kind of input hidden."""
    council, world, made, prepared = side.council, side.domain.world, side.made, side.prepared
    kinds = {finding.name: finding.modality for finding in world.findings}
    names = list(world.names())
    truth_N = np.array([names.index(one.label) for one in made])
    found = []
    for hidden in (None, *MODALITIES):
        left = [{name: value for name, value in one.findings.items() if kinds[name] != hidden} for one in made]
        rows = [row for row, findings in enumerate(left) if findings]
        knows_N = np.array([np.argmax(world.posterior(left[row])) for row in rows])
        says_N = _answers(council, [prepared[row] for row in rows], hidden, names)
        right_N, known_N = says_N == truth_N[rows], knows_N == truth_N[rows]
        share = retention(right_N, known_N, 0)
        if share is None:
            raise ValueError(
                f"the oracle was never right in {len(rows)} cases: there is nothing to hold a model against"
            )
        found.append(Beside(hidden, len(rows), float(right_N.mean()), float(known_N.mean()), share))
    return tuple(found)


def prepared_for(council: Council, domain: Generated, made: Sequence[GeneratedCase]) -> list[PreparedCase]:
    """Return generated cases as a council reads them."""
    with tempfile.TemporaryDirectory(prefix="consilium-oracle-") as folder:
        (Path(folder) / "blobs").mkdir()
        with BulkBlobs(Path(folder) / "blobs") as bulk:
            kept = [keep_case(one, bulk, domain.name, _MADE) for one in made]
        blobs = Blobs(Path(folder) / "blobs")
        return [council.preparation.prepare(case.parts, blobs) for case in kept]


def misled(side: Side) -> Misled:
    """Return how often the model and the oracle err more with more inputs, on the same cases and pairs of subsets."""
    world = side.domain.world
    kinds = {finding.name: finding.modality for finding in world.findings}
    subsets = [{m for i, m in enumerate(MODALITIES) if subset >> i & 1} for subset in range(1 << len(MODALITIES))]
    names, labels = list(world.names()), [label.name for label in side.council.labels]
    exact_NS = np.full((len(side.made), len(subsets)), np.nan)
    for row, one in enumerate(side.made):
        have = {kinds[name] for name in one.findings}
        for place, wanted in enumerate(subsets):
            if wanted and wanted <= have:
                left = {name: value for name, value in one.findings.items() if kinds[name] in wanted}
                exact_NS[row, place] = -np.log(world.posterior(left)[names.index(one.label)])
    truth = [labels.index(one.label) for one in side.made]
    starts = range(0, len(side.made), _BATCH)
    batches = (collate(side.prepared[s : s + _BATCH], side.council.preparation, truth[s : s + _BATCH]) for s in starts)
    calibration = side.council.calibration
    scaled = {} if calibration is None else {"temperature_of": calibration.temperature_of}
    losses_NS = subset_losses(side.council.student, batches, **scaled)
    neither_NS = np.isnan(losses_NS) | np.isnan(exact_NS)
    losses_NS[neither_NS] = exact_NS[neither_NS] = np.nan
    return Misled(counterintuitive_rate(losses_NS), counterintuitive_rate(exact_NS))


@torch.inference_mode()
def _answers(
    council: Council, cases: Sequence[PreparedCase], hidden: Modality | None, names: Sequence[str]
) -> NDArray[np.int64]:
    """Return the place of the likeliest label of each case among the world's."""
    place_C = np.array([names.index(label.name) for label in council.labels])
    said = []
    for start in range(0, len(cases), _BATCH):
        batch = collate(cases[start : start + _BATCH], council.preparation)
        mask_M = torch.tensor([modality == hidden for modality in MODALITIES])
        said.append(council.student(batch.hide(mask_M.expand(batch.size, -1))).logits_BC.argmax(1))
    return np.asarray(place_C[torch.cat(said).numpy()])


def table(domain: str, lines: Sequence[Beside], rates: Misled | None = None) -> str:
    """Return the lines as a table for people, and the rates as a sentence."""
    head = [f"{domain}: the model that ships beside the exact posterior of the findings rendered", ""]
    head += ["| inputs | cases | model | oracle | share of the oracle (95 %) |", "|---|---|---|---|---|"]
    for line in lines:
        said = "all" if line.hidden is None else f"without {line.hidden}"
        head.append(f"| {said} | {line.n} | {line.model:.4f} | {line.oracle:.4f} | {_share(line.share)} |")
    if rates is not None:
        said = " and ".join(
            f"{100 * one.rate:.1f} % ({100 * one.low:.1f} to {100 * one.high:.1f}) for the {name}"
            for name, one in (("model", rates.model), ("oracle", rates.oracle))
        )
        head += ["", f"More inputs mean a larger error in {said}, of {rates.model.n} pairs."]
    return "\n".join(head) + "\n"


def _share(found: Estimate) -> str:
    return f"{100 * found.value:.1f} % ({100 * found.low:.1f} to {100 * found.high:.1f})"


def main(arguments: Sequence[str]) -> int:
    """Print the table of one domain."""
    parser = argparse.ArgumentParser(
        prog="python -m engine.demo.beside_oracle", description="Hold a demo model against the oracle."
    )
    parser.add_argument("domain", choices=sorted(DOMAINS))
    parser.add_argument("--model", type=Path, help="model folder; without it the one that ships")
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=SEED, help="of the test cases")
    asked = parser.parse_args(arguments)
    set_threads(1)
    model = asked.model or assets() / "models" / asked.domain
    side = Side.of(DOMAINS[asked.domain], model, asked.cases, asked.seed)
    sys.stdout.write(table(asked.domain, beside_oracle(side), misled(side)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
