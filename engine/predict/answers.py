"""Answers and truths as marks of labels, so that one label and several are compared alike.

Shapes: N cases, C labels.
"""

import numpy as np
from numpy.typing import NDArray

from engine.predict.risk import DECISION
from engine.preprocess.truth import marks_of

Marks = NDArray[np.bool_]


def told(probabilities_NC: NDArray[np.floating], several: bool) -> Marks:
    """Return the labels that each answer tells: the most probable one, or of several all that reach the point of decision."""
    if several:
        return np.asarray(probabilities_NC >= DECISION)
    return true(probabilities_NC.argmax(1), probabilities_NC.shape[1])


def true(labels_N: NDArray[np.integer], classes: int) -> Marks:
    """Return the true labels of each case."""
    return np.asarray(marks_of(labels_N, classes) == 1)
