"""From distances to percentiles: how unusual a distance is among those of held-out training cases."""

import math

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

ENOUGH = 100
"""Held-out scores from which a percentile is a rank; with fewer it is read off a normal curve through their logarithms."""
_LEAST = 5
"""With fewer held-out scores than this nothing is known, so nothing counts as usual."""
_TINY = 1e-6
_TAIL = 1.6449
"""The 95th percentile of a normal curve in standard deviations."""


def unusual(score_N: Scores, held: Scores) -> Scores:
    """Return how many standard deviations the logarithm of a distance lies above the held-out median, tail-wise.

    The deviation is taken from the distance between the median and the 95th percentile: that side is the one that matters.
    """
    if len(held) < _LEAST:
        return np.full_like(score_N, np.nan)
    logs = np.log(held + _TINY)
    middle, high = np.quantile(logs, (0.5, 0.95))
    return np.asarray((np.log(score_N + _TINY) - middle) * (_TAIL / max(high - middle, 0.01)), dtype=np.float32)


def combined(first_N: Scores, second_N: Scores, first_held: Scores, second_held: Scores) -> Scores:
    """Return the more unusual of two checks; one that is unknown (NaN) has no say."""
    return np.fmax(unusual(first_N, first_held), unusual(second_N, second_held))


def percentile(score: float, held: Scores) -> float:
    """Return the share of held-out scores below `score`, 0 to 100; 100 where too few are known to say."""
    if len(held) < _LEAST or math.isnan(score):
        return 100.0
    if len(held) >= ENOUGH:
        return 100.0 * float(np.mean(held < score))
    spread = max(float(np.std(held)), 0.01)
    return 50.0 * (1.0 + math.erf((score - float(np.mean(held))) / spread / math.sqrt(2.0)))
