"""A training run from its cases to a council: teachers, fold students, the final student, then calibration on what was held out.

Every choice comes from training rows that a fold left out. Validation and test rows never reach this module.
"""

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import __version__
from engine.device import torch_device
from engine.model.student import Student, build_student
from engine.preprocess.batch import Batch
from engine.preprocess.truth import marks_of
from engine.schema.config import LossConfig, OptimConfig, RunConfig, StudentConfig, choice_keys
from engine.schema.event import Log, TeacherReady
from engine.schema.model import TeacherReport
from engine.teachers import teachers
from engine.teachers.base import Classroom, Course, Desk, FoldRows, Media, Roll, Teacher
from engine.teachers.lessons import LessonCache, Lessons, average, content_key
from engine.train.checkpoint import has_resume
from engine.train.choose import best_epoch
from engine.train.controls import Control, train_controls
from engine.train.folds import Deal, Fold, make_folds, make_parts
from engine.train.inside import Readings
from engine.train.material import Material
from engine.train.reports import TeacherLedger
from engine.train.stage import Stage, StageResult
from engine.train.trainer import Surroundings, train_stage

_OF_THE_CASES = ("hard", "binary", "class_weight", "ordinal")
_OF_THE_STUDENT = ("together",)
"""Settings of the loss that say what the cases are like, for whoever learns from them; one of the optimiser that a network alone does not feel."""
_LESSON_BATCH = 256


@dataclasses.dataclass(frozen=True)
class StartWeights:
    """Weights to start from: for the final student, and for each fold of `deal` a student that never saw its held-out rows."""

    final: dict[str, Tensor]
    folds: Mapping[str, dict[str, Tensor]]
    deal: Deal


@dataclasses.dataclass(frozen=True)
class Taught:
    """A teacher of a run with its lessons, one entry a fold of the students; folds that are parts of one share theirs."""

    name: str
    teacher: Teacher
    lessons: tuple[Lessons, ...]


@dataclasses.dataclass(frozen=True)
class Trained:
    """What the stages of a run made; `final` is None where the run was stopped before it. `whole` are the folds teachers left out."""

    folds: tuple[Fold, ...]
    results: tuple[StageResult, ...]
    final: StageResult | None
    epoch: int
    reports: tuple[TeacherReport, ...]
    taught: tuple[Taught, ...] = ()
    room: Classroom | None = None
    controls: tuple[Control, ...] = ()
    whole: tuple[Fold, ...] = ()


def train_run(around: Surroundings, config: RunConfig, lessons_folder: Path, start: StartWeights | None) -> Trained:
    """Train everything a run is made of; ends early, with what there is, when it is asked to stop.

    What an earlier worker of the run had begun is there, too, though the order to stop came before this one began.
    """
    material = around.material
    deal = Deal(folds=config.folds, seed=config.seed, parts=config.parts) if start is None else start.deal
    whole, folds = deal_out(material, deal)
    _warn_of_lone_labels(around, folds)
    begun = {name for name in (*(fold.name for fold in folds), "final") if has_resume(around.run, name)}
    # Students that have begun had their teachers: their lessons lie ready, and nothing that was learned from them goes without.
    patient = dataclasses.replace(around, stopping=lambda: around.stopping() and not begun)
    school = _School(patient.unguided(), config, LessonCache(lessons_folder), whole)
    taught = school.teach()
    lessons = [[one[fold.whole - 1] for fold in folds] for one in taught]
    results: list[StageResult] = []
    for fold in folds:
        if around.stopping() and fold.name not in begun:
            break
        stage = _stage(config, fold.name, fold.learn, fold.held, [one[fold.number - 1] for one in lessons])
        results.append(train_stage(around, _started(stage, start.folds[fold.name] if start else None)))
    epoch = best_epoch(folds, results, material.labels_N)
    final = None
    if len(results) == len(folds) and (not around.stopping() or "final" in begun):
        around.sink(
            Log(level="info", code="early-stopping", parameters={"epoch": epoch, "epochs": config.optim.epochs})
        )
        everything = np.arange(material.size)
        stage = _stage(config, "final", everything, everything[:0], [average(one) for one in taught])
        stage = dataclasses.replace(stage, stop_at=epoch)
        final = train_stage(around, _started(stage, start.final if start else None))
    controls: tuple[Control, ...] = ()
    if config.controls and start is None and final is not None and final.done:
        controls = train_controls(around, config, folds, lessons)
    told = school.reports(), school.taught(folds), school.room
    return Trained(folds, tuple(results), final, epoch, *told, controls, whole)


def deal_out(material: Material, deal: Deal) -> tuple[tuple[Fold, ...], tuple[Fold, ...]]:
    """Return the folds that teachers leave out, and those that students do: the parts of these. Raises `too-few-cases`."""
    labels = material.labels_N.tolist()
    whole = make_folds(material.groups, labels, deal.folds, deal.seed)
    return whole, make_parts(whole, material.groups, labels, deal)


def _warn_of_lone_labels(around: Surroundings, folds: Sequence[Fold]) -> None:
    """Tell of labels that a fold leaves out whole: its student never learns them, so nothing can be checked of them."""
    labels_N, names = around.material.labels_N, [label.name for label in around.material.labels]
    marks_NC = marks_of(labels_N, len(names))
    lone_C = np.any([marks_NC[fold.held].any(0) & ~marks_NC[fold.learn].any(0) for fold in folds], axis=0)
    if lone_C.any():
        told = ", ".join(names[c] for c in np.flatnonzero(lone_C))
        around.sink(Log(level="warning", code="labels-in-one-fold", parameters={"labels": told}))


def teach(around: Surroundings, config: RunConfig, lessons_folder: Path, folds: Sequence[Fold]) -> list[list[Lessons]]:
    """Return the lessons of each teacher of a run for each fold, computed or found; nothing where it was asked to stop."""
    return _School(around.unguided(), config, LessonCache(lessons_folder), folds).teach()


def _stage(
    config: RunConfig,
    name: str,
    learn: NDArray[np.int64],
    held: NDArray[np.int64],
    lessons: Sequence[Lessons],
) -> Stage:
    return Stage(name, config.seed, learn, held, config.student, config.loss, config.optim, tuple(lessons))


def _started(stage: Stage, weights: dict[str, Tensor] | None) -> Stage:
    return stage if weights is None else dataclasses.replace(stage, start=weights)


class _School:
    """The teachers of a run, asked fold by fold, each of them whole."""

    def __init__(self, around: Surroundings, config: RunConfig, cache: LessonCache, folds: Sequence[Fold]) -> None:
        self._around, self._config, self._folds = around, config, folds
        self._ledgers: list[TeacherLedger] = []
        self._teachers: dict[str, Teacher] = {}
        self._so_far: dict[str, list[Lessons]] = {}
        material = around.material
        device = torch_device(around.device)
        self._readings = Readings(material, config.student, cache, device, self._log, self._progress)
        self.room = Classroom(
            texts=material.texts,
            labels_N=material.labels_N,
            groups=material.groups,
            num_labels=len(material.labels),
            cache=cache,
            seed=config.seed,
            student=config.student,
            train=functools.partial(self._train, "nobody"),
            batches=lambda shape: _batches(self._readings.of(shape)),
            progress=self._progress,
            log=self._log,
            stopping=around.stopping,
            training_key=self._training_key,
            media=Media(material.media, material.read),
            roll=Roll(material.case_ids, material.titles, material.labels),
            desk=Desk(
                lambda shape: build_student(shape, self._readings.of(shape).preparation, len(material.labels)),
                lambda shape, rows: self._readings.of(shape).fresh(rows),
            ),
            maps=bool(config.loss.attention),
            device=device,
        )

    def teach(self) -> list[list[Lessons]]:
        """Return the lessons of each teacher for each fold; what a teacher says is at once open to the next one."""
        for name, choice in zip(choice_keys(self._config.teachers), self._config.teachers, strict=True):
            settings = teachers.settings(choice).model_dump()
            weight = settings.pop("weight", 1.0)
            teacher = teachers[choice.name].build(**settings)
            self._ledgers.append(TeacherLedger(name, teacher, self._around.material, weight))
            self._so_far[name], self._teachers[name] = [], teacher
            for fold in self._folds:
                if self._around.stopping():
                    return []
                self._teach_fold(name, teacher, fold, weight)
            self._so_far[name] = teacher.calibrated(self.room, self._folds, self._so_far[name])
            for fold, lessons in zip(self._folds, self._so_far[name], strict=True):
                self._ledgers[-1].add(lessons, fold)
            self._around.sink(TeacherReady(report=self._ledgers[-1].report()))
        return list(self._so_far.values())

    def reports(self) -> tuple[TeacherReport, ...]:
        """Return what was measured of each teacher."""
        return tuple(ledger.report() for ledger in self._ledgers)

    def taught(self, folds: Sequence[Fold]) -> tuple[Taught, ...]:
        """Return the teachers with what they said to each of the students' folds; of one who was cut short what there is."""
        return tuple(
            Taught(
                name, self._teachers[name], tuple(lessons[one.whole - 1] for one in folds if one.whole <= len(lessons))
            )
            for name, lessons in self._so_far.items()
        )

    def _teach_fold(self, name: str, teacher: Teacher, fold: Fold, weight: float) -> None:
        room = dataclasses.replace(self.room, train=functools.partial(self._train, name))
        with self._ledgers[-1].timed():
            lessons = teacher.teach(room, fold)
        self._so_far[name].append(dataclasses.replace(lessons, teacher=name, weight=weight))

    def _log(self, code: str, facts: Mapping[str, str | int | float]) -> None:
        self._around.sink(Log(level="info", code=code, parameters=dict(facts)))

    def _progress(self, done: int, total: int) -> None:
        self._around.progress("teaching", done, total)

    def _lesson_plan(self, course: Course) -> tuple[LossConfig, OptimConfig]:
        """Return what a teacher learns by: its course, and of the run's settings those that say what the cases are like."""
        loss = self._config.loss.model_dump(include=set(_OF_THE_CASES))
        optim = self._config.optim.model_dump(exclude=set(_OF_THE_STUDENT))
        return (
            LossConfig.model_validate({**loss, **course.loss}),
            OptimConfig.model_validate({**optim, **course.optim, "epochs": course.epochs}),
        )

    def _training_key(self, shape: StudentConfig, fold: FoldRows, course: Course) -> str:
        """Return a hash of all that a dense teacher becomes what it is by: what else a run sets leaves its lessons valid."""
        config, device = self._config, self._around.device
        plan = [one.model_dump() for one in self._lesson_plan(course)]
        earlier = [
            content_key(name, lessons.weight, *lessons.tensors().values())
            for name, lessons in zip(self._so_far, self._earlier(fold), strict=False)
        ]
        return content_key(
            __version__, torch.__version__, torch.get_num_threads(), device.kind, device.name, config.seed,
            shape.model_dump(), *plan, earlier,
            fold.name, fold.learn.tolist(), fold.held.tolist(), self._readings.of(shape).fingerprint,
        )  # fmt: skip

    def _earlier(self, fold: FoldRows) -> tuple[Lessons, ...]:
        number = next(i for i, one in enumerate(self._folds) if one.name == fold.name)
        return tuple(one[number] for one in self._so_far.values() if len(one) > number)

    def _train(self, teacher: str, shape: StudentConfig, fold: FoldRows, name: str, course: Course) -> Student:
        """Train a teacher as a stage of the run; it learns from the teachers before it.

        The same teacher a second time has stages of its own: `teacher-1` is `teacher-fusion-2-1` for `fusion-2`.
        """
        again = teacher not in teachers.names()
        earlier = self._earlier(fold)
        loss, optim = self._lesson_plan(course)
        own = name.replace("teacher-", f"teacher-{teacher}-") if again else name
        stage = Stage(own, self._config.seed, fold.learn, fold.held, shape, loss, optim, earlier)
        material = self._readings.of(shape)
        result = train_stage(dataclasses.replace(self._around, material=material), stage)
        model = build_student(shape, material.preparation, len(material.labels))
        model.load_state_dict(result.weights)
        return model.eval()


def _batches(material: Material) -> Iterator[Batch]:
    """Yield all training cases in order, as they are."""
    for start in range(0, material.size, _LESSON_BATCH):
        yield material.batch(range(start, min(start + _LESSON_BATCH, material.size)))
