"""Answers and truths as marks of labels, so that one label and several are compared alike.

Shapes: N cases, C labels.
"""

import numpy as np
from numpy.typing import NDArray

from engine.predict.risk import DECISION
from engine.preprocess.truth import is_several

Marks = NDArray[np.bool_]


def told(probabilities_NC: NDArray[np.floating], several: bool) -> Marks:
    """Return the labels that each answer tells: the most probable one, or of several all that reach the point of decision."""
    if several:
        return np.asarray(probabilities_NC >= DECISION)
    return _one(probabilities_NC.argmax(1), probabilities_NC.shape[1])


def true(labels_N: NDArray[np.integer], classes: int) -> Marks:
    """Return the true labels of each case."""
    return np.asarray(labels_N == 1) if is_several(labels_N) else _one(labels_N, classes)


def _one(places_N: NDArray[np.integer], classes: int) -> Marks:
    return np.asarray(places_N[:, None] == np.arange(classes))
