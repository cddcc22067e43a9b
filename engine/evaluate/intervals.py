"""The 95 % interval of a mean.

Shapes: N values. Nothing here changes what it is given.
"""

import numpy as np
from numpy.typing import NDArray

from engine.schema.model import Interval

Z95 = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


def mean_interval(values_N: NDArray[np.floating] | NDArray[np.integer], low: float, high: float) -> Interval:
    """Return a mean with its normal 95 % interval, held within the bounds of a value; without values it says nothing: all of them."""
    n = len(values_N)
    if not n:
        return Interval(value=low, low=low, high=high, n=0)
    mean, half = float(values_N.mean()), Z95 * float(values_N.std()) / n**0.5
    return Interval(value=mean, low=max(low, mean - half), high=min(high, mean + half), n=n)
