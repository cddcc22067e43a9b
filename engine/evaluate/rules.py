"""Whether the data bear out a rule "finding f speaks for label c", with intervals that heed whose cases they are.

The data-only chance of c, averaged over the cases where f is found, is the share of these cases whose answer is c: no model is needed
to estimate it. So a rule is judged by share(c | f) - share(c | not f), in the direction it claims. Shares and their difference have
score intervals, because a bootstrap of few cases that all came out alike has no width; means are drawn anew by whole groups (Efron 1979).
Shapes: N cases, G groups, R draws.
"""

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.intervals import clusters_of, effective_size, intraclass_correlation, t95, wilson_bounds
from engine.evaluate.measures import wilson
from engine.schema.knowledge_report import Change, Interval, Verdict

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]

DRAWS = 1000
FEWEST = 8
"""Groups of cases with (and without) a finding below which nothing is said of its rules: cases of one person are one witness."""


@dataclasses.dataclass(frozen=True)
class Judged:
    """What the data say of one rule."""

    share: Interval
    share_else: Interval
    gap: Change
    disagreement: Change
    verdict: Verdict


class Jury:
    """Judges rules on the same cases with the same draws; `groups` are drawn whole, because their cases resemble each other."""

    def __init__(self, groups: Sequence[str], seed: int = 0) -> None:
        self._group_N = clusters_of(groups)
        self._size = int(self._group_N.max()) + 1 if len(groups) else 0
        even = np.full(max(self._size, 1), 1 / max(self._size, 1))
        self._drawn_RG = (
            np.random.default_rng(seed).multinomial(max(self._size, 1), even, size=DRAWS).astype(np.float64)
        )

    def judge(self, fires_N: Flags, there_N: Flags, is_N: Flags, apart_N: Numbers, strength: float) -> Judged:
        """Return what the cases in which the kind of input is there say of a rule.

        `apart_N` is p(c | without the rule) - p(c | with it); its mean over the cases where the rule fires is the disagreement.
        """
        with_N, without_N = fires_N & there_N, ~fires_N & there_N
        alike = self._alike(is_N, fires_N, there_N)
        share, other = (self._share(is_N, chosen_N, alike) for chosen_N in (with_N, without_N))
        gap = _gap(share, other)
        few = min(len(np.unique(self._group_N[chosen_N])) for chosen_N in (with_N, without_N)) < FEWEST
        verdict: Verdict = "few" if few else _verdict(gap, strength)
        return Judged(share, other, gap, self.mean(apart_N, with_N), verdict)

    def _alike(self, is_N: Flags, parts_N: Flags, chosen_N: Flags) -> float:
        """Return how alike the answers of one group's cases are, within both parts of the chosen cases."""
        return intraclass_correlation(is_N[chosen_N], self._group_N[chosen_N], parts_N[chosen_N].astype(np.intp))

    def _share(self, is_N: Flags, chosen_N: Flags, alike: float) -> Interval:
        """Return how often the answer is this label among the chosen cases: Wilson's interval of as many cases as they are worth.

        Correlated cases are worth n over the design effect 1 + (m - 1) rho, m the mean size of a case's group (Kish 1965), and G
        groups tell with G - 1 degrees of freedom (as Korn and Graubard 1998). `alike` is rho over all cases, which few cases of this
        side cannot tell; their own counts where it is larger, and is 1 where they are all one answer.
        """
        n, group_n = int(chosen_N.sum()), self._group_N[chosen_N]
        if not n:
            return wilson(0, 0)
        rho = max(alike, self._alike(is_N, chosen_N, chosen_N))
        _, dense_n = np.unique(group_n, return_inverse=True)
        worth = n / (1 + rho * (n / effective_size(dense_n) - 1))
        share = float(is_N[chosen_N].mean())
        low, high = wilson_bounds(share, worth, t95(int(dense_n.max())))
        return Interval(value=share, low=low, high=high, n=n)

    def mean(self, values_N: Numbers, chosen_N: Flags) -> Change:
        """Return the mean of values over the chosen cases, with its interval; zeros where there are none."""
        if not chosen_N.any():
            return Change()
        return self.change(self.ratio(np.where(chosen_N, values_N, 0.0), chosen_N), float(values_N[chosen_N].mean()))

    def ratio(self, above_N: NDArray[np.generic], below_N: NDArray[np.generic]) -> Numbers:
        """Return sum(above) / sum(below) in every draw, (R,); not a number where a draw has nothing below."""
        above_R, below_R = (self._drawn_RG @ self._sums(values_N) for values_N in (above_N, below_N))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(above_R / below_R)

    def change(self, drawn_R: Numbers, value: float) -> Change:
        """Return a figure with the 95 % interval of its draws."""
        told_R = drawn_R[np.isfinite(drawn_R)]
        if not len(told_R):
            return Change(value=value, low=-1.0, high=1.0)
        low, high = np.quantile(told_R, [0.025, 0.975])
        return Change(value=value, low=float(low), high=float(high))

    def _sums(self, values_N: NDArray[np.generic]) -> Numbers:
        return np.bincount(self._group_N, weights=values_N.astype(np.float64), minlength=max(self._size, 1)).astype(
            np.float64
        )


def _gap(share: Interval, other: Interval) -> Change:
    """Return the difference of two shares with Newcombe's hybrid score interval (1998, method 10); without cases on a side all of -1 to 1.

    A group with cases on both sides makes the shares rise and fall together, so that their difference is surer than this says.
    """
    value = share.value - other.value
    if not min(share.n, other.n):
        return Change(value=value, low=-1.0, high=1.0)
    low = value - math.hypot(share.value - share.low, other.high - other.value)
    high = value + math.hypot(share.high - share.value, other.value - other.low)
    return Change(value=value, low=max(-1.0, low), high=min(1.0, high))


def _verdict(gap: Change, strength: float) -> Verdict:
    """Return whether the interval of the gap lies on the side that the rule claims, on the other one, or on both."""
    low, high = (gap.low, gap.high) if strength > 0 else (-gap.high, -gap.low)
    return "agrees" if low > 0 else "disagrees" if high < 0 else "unclear"
