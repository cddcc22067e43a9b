"""95 % intervals of a share and of a mean.

Shapes: N values. Nothing here changes what it is given.
"""

import math

import numpy as np
from numpy.typing import NDArray

from engine.schema.model import Interval

Z95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


def wilson_bounds(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's score interval (1927) of a share of `n`."""
    z2 = Z95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def mean_interval(values_N: NDArray[np.floating] | NDArray[np.integer], low: float, high: float) -> Interval:
    """Return a mean with its normal 95 % interval, held within the bounds of a value; without values it says nothing: all of them.

    Where all values are alike they show no spread, which does not mean that there is none: then it is Wilson's interval of the mean's
    place between the bounds, which no spread within them exceeds.
    """
    n = len(values_N)
    if not n:
        return Interval(value=low, low=low, high=high, n=0)
    mean = float(values_N.mean())
    if values_N.min() == values_N.max():
        below, above = wilson_bounds((mean - low) / (high - low), n) if high > low else (0.0, 0.0)
        return Interval(value=mean, low=low + below * (high - low), high=low + above * (high - low), n=n)
    half = Z95 * float(values_N.std(ddof=1)) / n**0.5
    return Interval(value=mean, low=max(low, mean - half), high=min(high, mean + half), n=n)
