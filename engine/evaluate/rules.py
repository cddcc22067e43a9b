"""Whether the data bear out a rule "finding f speaks for label c", with intervals by bootstrap over groups (Efron 1979).

The data-only chance of c, averaged over the cases where f is found, is the share of these cases whose answer is c: no model is needed
to estimate it. So a rule is judged by share(c | f) - share(c | not f), in the direction it claims. Shapes: N cases, G groups, R draws.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.measures import wilson
from engine.schema.knowledge_report import Change, Interval, Verdict

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]

DRAWS = 1000
FEWEST = 8
"""Cases with (and without) a finding below which nothing is said of its rules."""


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
        named = [group or f"\0{row}" for row, group in enumerate(groups)]
        _, self._group_N = np.unique(np.asarray(named, dtype=str), return_inverse=True)
        self._size = int(self._group_N.max()) + 1 if len(named) else 0
        even = np.full(max(self._size, 1), 1 / max(self._size, 1))
        self._drawn_RG = (
            np.random.default_rng(seed).multinomial(max(self._size, 1), even, size=DRAWS).astype(np.float64)
        )

    def judge(self, fires_N: Flags, there_N: Flags, is_N: Flags, apart_N: Numbers, strength: float) -> Judged:
        """Return what the cases in which the kind of input is there say of a rule.

        `apart_N` is p(c | without the rule) - p(c | with it); its mean over the cases where the rule fires is the disagreement.
        """
        with_N, without_N = fires_N & there_N, ~fires_N & there_N
        share, other = (wilson(int((is_N & chosen).sum()), int(chosen.sum())) for chosen in (with_N, without_N))
        gap = self._change(
            self.ratio(is_N & with_N, with_N), self.ratio(is_N & without_N, without_N), share.value - other.value
        )
        few = min(share.n, other.n) < FEWEST
        verdict: Verdict = "few" if few else _verdict(gap, strength)
        return Judged(share, other, gap, self.mean(apart_N, with_N), verdict)

    def mean(self, values_N: Numbers, chosen_N: Flags) -> Change:
        """Return the mean of values over the chosen cases, with its interval; zeros where there are none."""
        if not chosen_N.any():
            return Change()
        return self._change(
            self.ratio(np.where(chosen_N, values_N, 0.0), chosen_N), 0.0, float(values_N[chosen_N].mean())
        )

    def ratio(self, above_N: NDArray[np.generic], below_N: NDArray[np.generic]) -> Numbers:
        """Return sum(above) / sum(below) in every draw, (R,); not a number where a draw has nothing below."""
        above_R, below_R = (self._drawn_RG @ self._sums(values_N) for values_N in (above_N, below_N))
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(above_R / below_R)

    def change(self, drawn_R: Numbers, value: float) -> Change:
        """Return a figure with the 95 % interval of its draws."""
        return self._change(drawn_R, 0.0, value)

    def _change(self, drawn_R: Numbers, minus_R: Numbers | float, value: float) -> Change:
        told_R = np.asarray(drawn_R - minus_R)
        told_R = told_R[np.isfinite(told_R)]
        if not len(told_R):
            return Change(value=value, low=-1.0, high=1.0)
        low, high = np.quantile(told_R, [0.025, 0.975])
        return Change(value=value, low=float(low), high=float(high))

    def _sums(self, values_N: NDArray[np.generic]) -> Numbers:
        return np.bincount(self._group_N, weights=values_N.astype(np.float64), minlength=max(self._size, 1)).astype(
            np.float64
        )


def _verdict(gap: Change, strength: float) -> Verdict:
    """Return whether the interval of the gap lies on the side that the rule claims, on the other one, or on both."""
    low, high = (gap.low, gap.high) if strength > 0 else (-gap.high, -gap.low)
    return "agrees" if low > 0 else "disagrees" if high < 0 else "unclear"
