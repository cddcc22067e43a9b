"""Measures of answers that stand in an order, from least to most: how many places an answer is from the truth.

Shapes: N cases, C labels. All functions take numpy arrays and change nothing.
"""

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.intervals import mean_interval
from engine.schema.model import OrderedMeasured

Ints = NDArray[np.integer]


def measure_ordered(said_N: Ints, labels_N: Ints, labels: int) -> OrderedMeasured:
    """Return how far the answers are from the truth; both are places in the order of the labels."""
    off_N = np.abs(said_N.astype(np.int64) - labels_N)
    return OrderedMeasured(
        places_off=mean_interval(off_N, 0.0, float(labels - 1)),
        within_one=float((off_N <= 1).mean()) if len(off_N) else 0.0,
        kappa=weighted_kappa(said_N, labels_N, labels),
    )


def weighted_kappa(said_N: Ints, labels_N: Ints, labels: int) -> float | None:
    """Return 1 - sum_ij (i - j)^2 O_ij / sum_ij (i - j)^2 E_ij (Cohen 1968): 1 is always right, 0 what chance gives.

    O counts the cases by truth and answer, E the same if the two had nothing to do with each other. None where all truths and answers
    are one label: then there is nothing that chance could get wrong.
    """
    seen_CC = np.zeros((labels, labels))
    np.add.at(seen_CC, (labels_N, said_N), 1.0)
    by_chance_CC = np.outer(seen_CC.sum(1), seen_CC.sum(0)) / max(1.0, seen_CC.sum())
    places_C = np.arange(labels)
    cost_CC = np.square(places_C[:, None] - places_C[None])
    expected = float((cost_CC * by_chance_CC).sum())
    return 1.0 - float((cost_CC * seen_CC).sum()) / expected if expected > 0 else None
