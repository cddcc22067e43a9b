"""Whether more inputs ever make an answer worse: the loss of each case under every subset of its modalities, and pairs of these.

Shapes: N cases, S = 2^M subsets as a bit mask (bit m for modality m), M modalities, B cases of a batch.
"""

import dataclasses
from collections.abc import Callable, Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from engine.evaluate.intervals import Z95, alike_bounds
from engine.model.student import Student
from engine.preprocess.batch import Batch
from engine.preprocess.preparation import pattern_name
from engine.schema.base import MODALITIES

_TINY = 1e-12


@dataclasses.dataclass(frozen=True)
class Counterintuitive:
    """The counterintuitive rate with its 95 % interval over cases, whose pairs are not independent; n pairs of `cases` cases."""

    rate: float
    low: float
    high: float
    n: int
    cases: int


@torch.inference_mode()
def subset_losses(
    student: Student, batches: Iterable[Batch], temperature_of: Callable[[str], float] = lambda pattern: 1.0
) -> NDArray[np.float64]:
    """Return the cross-entropy of labelled cases under each subset, (N, S); not a number where a case lacks a modality of it.

    Logits are divided by the temperature of the subset's pattern.
    """
    student.eval()
    found = []
    for batch in batches:
        columns = []
        for subset in range(1 << len(MODALITIES)):
            wanted_M = torch.tensor(
                [bool(subset >> m & 1) for m in range(len(MODALITIES))], device=batch.labels_B.device
            )
            there_B = batch.present_BM[:, wanted_M].all(1) & (subset > 0)
            logits_BC = student(batch.hide(~wanted_M.expand_as(batch.present_BM))).logits_BC.double()
            pattern = pattern_name(tuple(wanted_M.tolist()))
            loss_B = cross_entropy(logits_BC / temperature_of(pattern), batch.labels_B, reduction="none")
            columns.append(torch.where(there_B, loss_B, torch.nan))
        found.append(torch.stack(columns, 1).cpu())
    return torch.cat(found).numpy()


def counterintuitive_rate(losses_NS: NDArray[np.float64]) -> Counterintuitive:
    """Return the share of (case, pair of subsets) where more modalities give a larger loss (SimMLM; definitions of the project, 8).

    A pair is a subset and a true superset of it, both without the empty one and within what the case has. Ties are no harm.
    """
    subsets = range(1, losses_NS.shape[1])
    pairs = [(less, more) for less in subsets for more in subsets if less & more == less != more]
    less_NP, more_NP = (losses_NS[:, [pair[side] for pair in pairs]] for side in (0, 1))
    known_NP = ~np.isnan(less_NP) & ~np.isnan(more_NP)
    worse_N = (known_NP & (np.nan_to_num(more_NP) > np.nan_to_num(less_NP))).sum(1)
    n_N = known_NP.sum(1)
    n, cases = int(n_N.sum()), int((n_N > 0).sum())
    if not n:
        return Counterintuitive(0.0, 0.0, 1.0, 0, 0)
    rate = float(worse_N.sum() / n)
    gap = float(np.square(worse_N - rate * n_N).sum())
    if gap < _TINY:
        # All cases are alike; those with more pairs weigh more, so that they are worth fewer.
        return Counterintuitive(rate, *alike_bounds(rate, n**2 / float(np.square(n_N).sum()), 0.0, 1.0), n, cases)
    # The variance of a ratio of sums over independent cases.
    half = Z95 * (gap * cases / max(1, cases - 1)) ** 0.5 / n
    return Counterintuitive(rate, max(0.0, rate - half), min(1.0, rate + half), n, cases)
