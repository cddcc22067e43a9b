"""What a teacher is: for each fold it answers for all training cases, without having learned from the fold's held-out rows."""

import abc
import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import nn

from engine.model.student import Student
from engine.preprocess.batch import Batch
from engine.preprocess.truth import is_several
from engine.registry import Registry
from engine.schema.base import Config, Modality
from engine.schema.case import Label
from engine.schema.config import StudentConfig
from engine.schema.errors import EngineFault
from engine.teachers.lessons import LessonCache, Lessons

Facts = Mapping[str, str | int | float]


def _say_nothing(code: str, facts: Facts) -> None:
    """Take no notice: nobody reads the log of this room."""


def _go_on() -> bool:
    """Never end early."""
    return False


def _nothing_to_read(name: str) -> bytes:
    """Say that the room has no pictures and sounds."""
    raise EngineFault("internal", detail=f"nothing was kept under {name[:12]}")


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


class TeacherConfig(Config):
    """What every teacher's settings begin with."""

    weight: float = Field(1.0, ge=0, le=100, description="How much this teacher counts beside the others.")


@dataclasses.dataclass(frozen=True)
class Media:
    """The decoded pictures and sounds of the cases: by modality the sha256 names for each case, and how one is read."""

    names: Mapping[Modality, Sequence[tuple[str, ...]]] = dataclasses.field(default_factory=dict)
    read: Callable[[str], bytes] = _nothing_to_read


@dataclasses.dataclass(frozen=True)
class Roll:
    """Who is who: ids and titles of the training cases (a table's own ids are titles), and the labels in their order."""

    case_ids: Sequence[str] = ()
    titles: Sequence[str] = ()
    labels: Sequence[Label] = ()


@dataclasses.dataclass(frozen=True)
class Ready:
    """A teacher whose inputs lie ready: `forward` runs its networks once on them; `modules` are these networks."""

    forward: Callable[[], object]
    modules: tuple[nn.Module, ...]


@dataclasses.dataclass(frozen=True)
class Desk:
    """For measuring: `build` makes a model of a shape with fresh weights, `batch` gives training cases by row as that shape reads them."""

    build: Callable[[StudentConfig], Student]
    batch: Callable[[StudentConfig, Sequence[int]], Batch]


@dataclasses.dataclass(frozen=True)
class Course:
    """How a teacher that is trained in the run learns, whatever the run sets for its student: `loss` and `optim` by their settings' names.

    What says how the cases are (kind of answers, rare labels, their order and noise, augmentation, cases a step) stays as the run has it.
    """

    epochs: int
    loss: Mapping[str, float] = dataclasses.field(default_factory=dict)
    optim: Mapping[str, float] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Classroom:
    """What teachers work with. `texts` are the versions of each case's text, empty strings where it has none.

    `labels_N` are places of labels, or (N, C) marks where a case may have several.
    `train` trains a model of the given shape on a fold's rows (a stage of the run, named) in a course and returns it; `batches` gives all training cases in order, as a model of the given shape reads them; `log` tells the person a fact by its code; `training_key`
    names everything that the outcome of `train` depends on, and `stopping` says whether it was cut short; pretrained models run on
    `device`; with `maps` teachers also say where they looked.
    """

    texts: Sequence[tuple[str, ...]]
    labels_N: NDArray[np.int64]
    groups: Sequence[str]
    num_labels: int
    cache: LessonCache
    seed: int
    student: StudentConfig
    train: Callable[[StudentConfig, FoldRows, str, Course], Student]
    batches: Callable[[StudentConfig], Iterable[Batch]]
    progress: Callable[[int, int], None]
    log: Callable[[str, Facts], None] = _say_nothing
    stopping: Callable[[], bool] = _go_on
    training_key: Callable[[StudentConfig, FoldRows, Course], str] | None = None
    media: Media = Media()
    roll: Roll = Roll()
    desk: Desk | None = None
    maps: bool = False
    device: torch.device = dataclasses.field(default_factory=lambda: torch.device("cpu"))

    @property
    def several(self) -> bool:
        """Whether a case may have several labels."""
        return is_several(self.labels_N)


class Teacher(abc.ABC):
    """Base of all teachers."""

    kind: str
    modality: Modality | None = None
    parameters: int = 0

    @abc.abstractmethod
    def teach(self, room: Classroom, fold: FoldRows) -> Lessons:
        """Return the teacher's answers on every training case; for held-out rows they are honest predictions."""

    def calibrated(self, room: Classroom, folds: Sequence[FoldRows], lessons: Sequence[Lessons]) -> list[Lessons]:
        """Return the lessons of all folds, calibrated without a word from any fold's held-out rows; most come calibrated already."""
        return list(lessons)

    def ready(self, room: Classroom, rows: Sequence[int]) -> Ready | None:
        """Return the teacher's networks with these training cases read and prepared, on the CPU; None where none would run.

        Its speed and memory are measured with it. Weights may be fresh ones: what a pass costs does not depend on them.
        """
        return None


teachers: Registry[Teacher] = Registry("teacher")
