"""How right each teacher was, on rows it never learned from."""

import contextlib
import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.measures import accuracy, expected_calibration_error, right_of
from engine.predict.risk import DECISION
from engine.preprocess.truth import is_several
from engine.schema.base import MODALITIES
from engine.schema.model import TeacherReport
from engine.teachers.base import Teacher
from engine.teachers.lessons import Lessons
from engine.train.folds import Fold
from engine.train.material import Material


class TeacherLedger:
    """Gathers a teacher's out-of-fold answers, fold by fold."""

    def __init__(self, name: str, teacher: Teacher, material: Material, weight: float = 1.0) -> None:
        self._name, self._teacher, self._material, self._weight = name, teacher, material, weight
        self._pattern_N = np.array(material.patterns())
        self._patterns: list[NDArray[np.str_]] = []
        self._cases = 0
        self._subset_N = np.array([_subset(views[0].present()) for views in material.views])
        self._probabilities: list[NDArray[np.float64]] = []
        self._labels: list[NDArray[np.int64]] = []
        self._seconds = 0.0

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        """Add the time within to what the lessons took."""
        began = time.monotonic()
        yield
        self._seconds += time.monotonic() - began

    def add(self, lessons: Lessons, fold: Fold) -> None:
        """Take in what was said of a fold's held-out rows, each as it is, where the teacher could read it."""
        version_H = self._subset_N[fold.held] if lessons.modality is None else np.zeros(len(fold.held), dtype=int)
        known_H = lessons.known_NV.numpy()[fold.held, version_H]
        answers_HC = lessons.answers_NVC.numpy()[fold.held, version_H]
        self._probabilities.append(np.exp(answers_HC[known_H]).astype(np.float64))
        self._labels.append(self._material.labels_N[fold.held][known_H])
        self._patterns.append(self._pattern_N[fold.held][known_H])
        self._cases += len(fold.held)

    def report(self) -> TeacherReport:
        """Return the measures so far."""
        classes = len(self._material.labels)
        probabilities_NC = np.concatenate([np.zeros((0, classes)), *self._probabilities])
        labels_N = np.concatenate([self._material.labels_N[:0], *self._labels])
        right_N = right_of(probabilities_NC, labels_N, DECISION)
        pattern_N = np.concatenate([np.zeros(0, dtype=np.str_), *self._patterns])
        modality = self._teacher.modality
        return TeacherReport(
            name=self._name,
            kind=self._teacher.kind,
            parameters=self._teacher.parameters,
            accuracy=accuracy(right_N),
            ece=expected_calibration_error(probabilities_NC, labels_N),
            modalities=(modality,) if modality else MODALITIES,
            seconds=self._seconds,
            patterns={name: accuracy(right_N[pattern_N == name]) for name in np.unique(pattern_N).tolist()},
            cases=self._cases,
            weight=self._weight,
            answers="several" if is_several(labels_N) else "one",
        )


def _subset(present: tuple[bool, ...]) -> int:
    """Return the modalities there are as a bit mask."""
    return sum(1 << m for m, there in enumerate(present) if there)
