"""By how much one way of training is right more often than another, over several seeds on the same cases.

Shapes: S seeds, N cases, R resamples.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from engine.evaluate.intervals import alike_bounds, clusters_of, effective_size

_RESAMPLES = 2000


@dataclasses.dataclass(frozen=True)
class Gain:
    """A difference of two shares with its 95 % interval; it reads in points."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{100 * self.value:+.1f} ({100 * self.low:+.1f} to {100 * self.high:+.1f})"

    @property
    def verdict(self) -> str:
        """`better` or `worse` where the interval leaves no doubt, else `tie`."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "tie"


def gain(one_SN: ArrayLike, other_SN: ArrayLike, groups: Sequence[str]) -> Gain:
    """Return the mean paired difference over seeds and cases; a bootstrap over seeds and over whole groups of cases.

    Cases of one person stand or fall together, and so do answers of one seed (percentile interval, Efron 1979); cases without a group
    are groups of their own. Where every draw is alike, the share of groups in which it is otherwise is bounded (`alike_bounds`).
    """
    change_SN = np.asarray(one_SN, dtype=np.float64) - np.asarray(other_SN, dtype=np.float64)
    group_N = clusters_of(groups)
    number = int(group_N.max()) + 1
    sums_SG = np.stack([np.bincount(group_N, weights=change_N, minlength=number) for change_N in change_SN])
    size_G = np.bincount(group_N, minlength=number)
    random = np.random.default_rng(0)
    drawn_R = np.empty(_RESAMPLES)
    for r in range(_RESAMPLES):
        seeds = random.integers(0, len(change_SN), len(change_SN))
        chosen_G = random.integers(0, number, number)
        drawn_R[r] = sums_SG[seeds][:, chosen_G].sum() / (len(seeds) * size_G[chosen_G].sum())
    value = float(change_SN.mean())
    low, high = (float(bound) for bound in np.quantile(drawn_R, [0.025, 0.975]))
    if low == high:
        low, high = alike_bounds(value, effective_size(group_N), -1.0, 1.0)
    return Gain(value, low, high)
