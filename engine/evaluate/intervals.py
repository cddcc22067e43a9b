"""95 % intervals of a share and of a mean, by case or by cluster: cases of one person, which resemble each other.

Shapes: N values, K clusters. Nothing here changes what it is given.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from engine.schema.model import Interval

Numbers = NDArray[np.floating] | NDArray[np.integer] | NDArray[np.bool_]

Z95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""
_ALIKE = 1e-12
"""Values no further apart than this differ by rounding alone."""


def t95(degrees: int) -> float:
    """Return the two-sided 95 % point of Student's t; without a degree of freedom nothing is known: infinity."""
    return float(stdtrit(degrees, 0.975)) if degrees > 0 else math.inf


def clusters_of(groups: Sequence[str]) -> NDArray[np.intp]:
    """Return the number of each row's cluster, (N,): its group, or itself where it has none."""
    width = len(str(len(groups)))  # of one width the names of lone rows sort as the rows do
    named = [group or f"\0{row:0{width}}" for row, group in enumerate(groups)]
    return np.asarray(np.unique(np.asarray(named, dtype=str), return_inverse=True)[1], dtype=np.intp)


def effective_size(cluster_N: NDArray[np.integer]) -> float:
    """Return how many independent values N values are worth where those of a cluster are all alike (Kish 1965)."""
    sizes_K = np.bincount(cluster_N)
    return float(sizes_K.sum() ** 2 / np.square(sizes_K).sum()) if len(sizes_K) else 0.0


def wilson_bounds(share: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Return Wilson's score interval (1927) of a share of `n`, which is an effective number where values hang together."""
    if math.isinf(z):
        return 0.0, 1.0
    z2 = z**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def alike_bounds(value: float, n: float, low: float, high: float) -> tuple[float, float]:
    """Return the interval of the mean of `n` independent values between `low` and `high` that all came out as `value`.

    They show no spread, which does not mean that there is none. The share of values that are otherwise is at most Wilson's upper bound of
    0 of n (the "rule of three", Hanley and Lippman-Hand 1983), and each of them lies within the bounds; without values it is all of them.
    """
    otherwise = Z95**2 / (n + Z95**2)
    return value - otherwise * (value - low), value + otherwise * (high - value)


def mean_interval(values_N: NDArray[np.floating] | NDArray[np.integer], low: float, high: float) -> Interval:
    """Return a mean with its normal 95 % interval, held within the bounds of a value; without values it says nothing: all of them.

    Where all values are alike it is that of `alike_bounds`.
    """
    n = len(values_N)
    if not n:
        return Interval(value=low, low=low, high=high, n=0)
    mean = float(values_N.mean())
    if values_N.min() == values_N.max():
        below, above = alike_bounds(mean, n, low, high)
    else:
        half = Z95 * float(values_N.std(ddof=1)) / n**0.5
        below, above = max(low, mean - half), min(high, mean + half)
    return Interval(value=mean, low=below, high=above, n=n)


def clustered_bounds(
    values_N: NDArray[np.float64], cluster_N: NDArray[np.integer], low: float, high: float
) -> tuple[float, float]:
    """Return the 95 % interval of the mean of values between `low` and `high`, by the cluster-robust variance (Liang and Zeger 1986).

    The quantile is that of t with K - 1 degrees of freedom. Of the variances by cluster and by case the larger one counts: what cancels
    within every cluster would have none. Where all values are alike it is `alike_bounds` of as many values as there are clusters' worth.
    """
    n = len(values_N)
    if not n or np.ptp(values_N) <= _ALIKE:
        return alike_bounds(float(values_N.mean()) if n else 0.0, effective_size(cluster_N), low, high)
    mean = float(values_N.mean())
    sums_K = np.bincount(cluster_N, weights=values_N - mean).astype(np.float64)
    error = max(_standard_error(values_N - mean), _standard_error(sums_K) * len(sums_K) / n)
    half = t95(len(sums_K) - 1) * error
    return max(low, mean - half), min(high, mean + half)


def _standard_error(deviations_N: NDArray[np.float64]) -> float:
    """Return the standard error of the mean of deviations from their mean; 0 of fewer than two."""
    n = len(deviations_N)
    return math.sqrt(float(np.square(deviations_N).sum()) / (n * max(1, n - 1)))


def intraclass_correlation(values_N: Numbers, cluster_N: NDArray[np.integer], part_N: NDArray[np.integer]) -> float:
    """Return how alike values of one cluster are beside those of others, 0 to 1: the ANOVA estimate within parts (Donner 1986).

    What tells the parts' means apart is left out; values of a cluster in two parts count as two clusters. 1, the most careful answer,
    where nothing tells: all values of a part are alike, or no cluster has two of them.
    """
    _, place_N = np.unique(part_N, return_inverse=True)
    _, cell_N = np.unique(place_N * len(values_N) + np.unique(cluster_N, return_inverse=True)[1], return_inverse=True)
    parts_P, sizes_K = np.bincount(place_N), np.bincount(cell_N)
    between, within = len(sizes_K) - len(parts_P), len(values_N) - len(sizes_K)
    apart_N = np.asarray(values_N, dtype=np.float64)
    apart_N = apart_N - (np.bincount(place_N, weights=apart_N) / parts_P)[place_N]
    total = float(np.square(apart_N).sum())
    if between < 1 or within < 1 or total <= _ALIKE:
        return 1.0
    squares = float((np.square(np.bincount(cell_N, weights=apart_N)) / sizes_K).sum())
    per_part_P = np.bincount(place_N, weights=sizes_K[cell_N]) / parts_P
    typical = (len(values_N) - float(per_part_P.sum())) / between
    mean_between, mean_within = squares / between, (total - squares) / within
    return float(np.clip((mean_between - mean_within) / (mean_between + (typical - 1) * mean_within), 0.0, 1.0))
