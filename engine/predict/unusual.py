"""From distances to percentiles: how unusual a distance is among those of held-out training cases."""

import math

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

EDGE = 99.0
"""The percentile that separates the usual from what is unlike training."""
ENOUGH = 100
"""Held-out scores from which a percentile is a rank; with fewer it is read off a normal curve through their logarithms."""
_LEAST = 5
"""With fewer held-out scores than this nothing is known, so nothing counts as usual."""
_DEVIATIONS = 2.3263
"""The 99th percentile of a normal curve in standard deviations."""
_STEADY = 0.05
"""Least deviation of the logarithms: a handful of scores may lie closer together than any new case would."""
_TINY = 1e-6


def percentile(score: float, held: Scores, allowance: float = 1.0) -> float:
    """Return the share of held-out scores below `score`, 0 to 100; 100 where too few are known to say.

    With an `allowance` above 1 a score counts as beyond the 99th percentile only where it exceeds that many times the score
    there: held-out training cases come from the same devices and authors, and a new one of those is not a strange case.
    """
    if len(held) < _LEAST or math.isnan(score):
        return 100.0
    rank, edge = _by_rank(score, held) if len(held) >= ENOUGH else _by_curve(score, held)
    return min(rank, EDGE) if score <= allowance * edge else rank


def _by_rank(score: float, held: Scores) -> tuple[float, float]:
    return 100.0 * float(np.mean(held < score)), float(np.quantile(held, EDGE / 100.0))


def _by_curve(score: float, held: Scores) -> tuple[float, float]:
    logs = np.log(held + _TINY)
    middle, spread = float(logs.mean()), max(float(logs.std()), _STEADY)
    deviations = (math.log(score + _TINY) - middle) / spread
    return 50.0 * (1.0 + math.erf(deviations / math.sqrt(2.0))), math.exp(middle + _DEVIATIONS * spread)
