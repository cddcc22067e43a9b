"""What a teacher is: for each fold it answers for all training cases, without having learned from the fold's held-out rows."""

import abc
import dataclasses
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.model.student import Student
from engine.preprocess.batch import Batch
from engine.registry import Registry
from engine.schema.base import Modality
from engine.schema.config import StudentConfig
from engine.teachers.lessons import LessonCache, Lessons


class FoldRows(Protocol):
    """A fold as a teacher sees it: what it may learn from, and what it must not see."""

    @property
    def name(self) -> str:
        """The fold's name, such as `fold-1`."""
        ...

    @property
    def learn(self) -> NDArray[np.int64]:
        """Rows to learn from."""
        ...

    @property
    def held(self) -> NDArray[np.int64]:
        """Rows left out."""
        ...


@dataclasses.dataclass(frozen=True)
class Classroom:
    """What teachers work with. `texts` are the versions of each case's text, empty strings where it has none.

    `train` trains a model of the given shape on a fold's rows (a stage of the run, named) and returns it, with how many passes
    it took; `batches` yields all training cases in order.
    """

    texts: Sequence[tuple[str, ...]]
    labels_N: NDArray[np.int64]
    groups: Sequence[str]
    num_labels: int
    cache: LessonCache
    seed: int
    student: StudentConfig
    train: Callable[[StudentConfig, FoldRows, str, int], Student]
    batches: Callable[[], Sequence[Batch]]
    progress: Callable[[int, int], None]


class Teacher(abc.ABC):
    """Base of all teachers."""

    kind: str
    modality: Modality | None = None
    parameters: int = 0

    @abc.abstractmethod
    def teach(self, room: Classroom, fold: FoldRows) -> Lessons:
        """Return the teacher's answers on every training case; for held-out rows they are honest predictions."""


teachers: Registry[Teacher] = Registry("teacher")
