"""The truth of labelled cases as numbers: the place of the one label, or a mark for each of several.

Shapes: N cases, C labels.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.schema.base import Answering
from engine.schema.case import Case

Truth = NDArray[np.int64]
"""(N,) places of labels where a case has one answer; (N, C) of 0 and 1 where it may have several. The shape tells them apart."""


def truth_of(cases: Sequence[Case], names: Sequence[str], answers: Answering) -> Truth:
    """Return the truth of cases whose labels are all among `names`."""
    place = {name: i for i, name in enumerate(names)}
    if answers == "one":
        return np.array([place[case.label] for case in cases], dtype=np.int64)
    marks_NC = np.zeros((len(cases), len(names)), dtype=np.int64)
    for row, case in enumerate(cases):
        marks_NC[row, [place[label] for label in case.labels or ()]] = 1
    return marks_NC


def is_several(labels_N: NDArray[np.generic]) -> bool:
    """Whether the truth marks several labels a case."""
    return labels_N.ndim == 2


def marks_of(labels_N: NDArray[np.integer], labels: int) -> Truth:
    """Return labels, of which there are so many, as marks of 0 and 1, (N, C); marks as they are."""
    if is_several(labels_N):
        return np.asarray(labels_N, dtype=np.int64)
    return np.asarray(labels_N[:, None] == np.arange(labels), dtype=np.int64)


def softened(labels_N: NDArray[np.integer], labels: int) -> NDArray[np.float64]:
    """Return the chances, (N, C), that a temperature is fitted to: of n answers that were all right the next one is so in (n + 1) / (n + 2).

    Platt 1999; so a few answers without a mistake make none certain. What the true label gives up goes to the others in even parts.
    """
    marks_NC, soft = marks_of(labels_N, labels), 1.0 / (labels_N.size + 2)
    rest = soft if is_several(labels_N) else soft / max(1, labels - 1)
    return np.where(marks_NC == 1, 1.0 - soft, rest)
