"""Making a distillation's ledger from what its run left: out-of-fold answers of student and teachers, controls, and measured cost.

Shapes: N answered cases, C labels, V versions of a case.
"""

import dataclasses
import functools
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from torch import nn

from engine.evaluate.comparing import Pair, compare, gain, side
from engine.evaluate.measures import Answers
from engine.evaluate.speed import latency, weight_bytes, working_memory
from engine.model.encoders.pretrained import kept_inside
from engine.model.flops import trunk_flops
from engine.model.student import Student, count_parameters
from engine.preprocess.truth import is_several
from engine.schema.config import RunConfig
from engine.schema.ledger import Against, Cost, Latency, Ledger
from engine.teachers.base import Classroom, Ready
from engine.train.controls import Control
from engine.train.finish import Kept, held_answers, student_with
from engine.train.folds import Fold
from engine.train.material import Material
from engine.train.run import Taught, Trained

BATCHES = (1, 32)
"""Cases a forward pass, as its speed is measured."""
_SECONDS = 12.0
"""Longest that one pair of models is timed for one size of batch."""
_LEAST_CHANCE = 1e-12
"""Chances are held above this, so that a log loss is finite."""


def make_ledger(kept: Kept, trained: Trained, material: Material, config: RunConfig) -> Ledger:
    """Return the ledger; takes a few seconds for speed and memory, which are measured on the CPU wherever training ran."""
    student = student_with(kept.weights, material, config.student)
    answers = held_answers(kept.held, material, config.alpha)
    teachers = []
    for taught in trained.taught:
        compared = compare(*_beside(taught, answers, kept, material), config.seed)
        if trained.room is not None and compared.cases:
            compared = compared.model_copy(update=_measured(taught, student, material, trained.room))
        teachers.append(compared)
    controls = (_against(control, answers, kept, material, config) for control in trained.controls)
    return Ledger(
        answers="several" if is_several(material.labels_N) else "one",
        recipe=config.recipe,
        seed=config.seed,
        folds=len(trained.folds),
        cases=len(answers.labels_N),
        learned=round(_learned(trained.folds)),
        taught=round(_learned(trained.whole)),
        cost=_cost((student,), lambda: student(material.fresh(_fullest(material, BATCHES[-1])))),
        flops=trunk_flops(config.student),
        student=side(answers.probabilities_NC, answers.labels_N),
        teachers=tuple(teachers),
        controls=tuple(controls),
    )


def _learned(folds: Sequence[Fold]) -> float:
    """Return from how many cases whoever answers a held-out one had learned, on average over the held-out ones."""
    weights = [len(fold.held) for fold in folds]
    return float(np.average([len(fold.learn) for fold in folds], weights=weights)) if sum(weights) else 0.0


def _beside(taught: Taught, answers: Answers, kept: Kept, material: Material) -> tuple[Pair, str, str]:
    """Return the answers of the student and of a teacher to the cases that the teacher knew, each from outside its fold."""
    told_NC, known_N = _out_of_fold(taught, kept, material)
    ids = [material.case_ids[row] for row in kept.held.rows_N]
    groups = _groups(kept, material)
    whole = Pair(
        answers.probabilities_NC, told_NC, answers.labels_N, ids, answers.patterns, answers.label_names, groups
    )
    return whole.where(np.flatnonzero(known_N)), taught.name, taught.teacher.kind


def _groups(kept: Kept, material: Material) -> list[str]:
    """Return the group of each held row, an empty name where none is known."""
    return [material.groups[row] for row in kept.held.rows_N]


def _out_of_fold(taught: Taught, kept: Kept, material: Material) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return a teacher's probabilities for the held rows as they are, and which of them it could answer."""
    rows_N, fold_N = kept.held.rows_N, kept.held.fold_N
    subset_N = np.array(
        [sum(1 << m for m, there in enumerate(material.views[row][0].present()) if there) for row in rows_N]
    )
    told_NC = np.zeros((len(rows_N), len(material.labels)))
    known_N = np.zeros(len(rows_N), dtype=bool)
    for number in np.unique(fold_N):
        lessons = taught.lessons[number]
        inside = np.flatnonzero(fold_N == number)
        version = subset_N[inside] if lessons.modality is None else np.zeros(len(inside), dtype=np.int64)
        known_N[inside] = lessons.known_NV.numpy()[rows_N[inside], version]
        told_NC[inside] = np.exp(lessons.answers_NVC.numpy()[rows_N[inside], version])
    if is_several(material.labels_N):
        return told_NC.clip(0, 1), known_N
    return told_NC / np.maximum(told_NC.sum(1, keepdims=True), 1e-12), known_N


def _measured(taught: Taught, student: Student, material: Material, room: Classroom) -> dict[str, object]:
    """Return the cost of a teacher and both sides' speed; nothing for one that is no network here."""
    rows = _fullest(material, BATCHES[-1])
    ready: Ready | None = None
    speeds: list[Latency] = []
    for batch in BATCHES:
        some = rows[:batch]
        teacher = taught.teacher.ready(room, some)
        if teacher is not None:
            ready = teacher  # a slow one may be measured with few cases alone
            forward = functools.partial(student, material.fresh(some))
            speeds.append(latency(len(some), forward, teacher.forward, seconds=_SECONDS))
    if ready is None:
        return {}
    return {"cost": _cost(ready.modules, ready.forward), "latency": tuple(speeds)}


def _fullest(material: Material, count: int) -> Sequence[int]:
    """Return up to `count` cases with the most modalities, in their order: what costs most to answer."""
    have_N = np.array([sum(views[0].present()) for views in material.views])
    return [int(row) for row in np.sort(np.argsort(-have_N, kind="stable")[:count])]


def _cost(modules: Sequence[nn.Module], forward: Callable[[], object]) -> Cost:
    counted = [count_parameters(module) for module in modules]
    # An encoder kept inside several models of a teacher is one and the same.
    every = [tensor for module in modules for tensor in kept_inside(module) if isinstance(tensor, nn.Parameter)]
    twice = sum(tensor.numel() for tensor in every) - sum({id(tensor): tensor.numel() for tensor in every}.values())
    return Cost(
        parameters=sum(total for total, _ in counted) - twice,
        active=sum(active for _, active in counted) - twice,
        weights=weight_bytes(modules),
        working=working_memory(forward),
    )


def _against(control: Control, answers: Answers, kept: Kept, material: Material, config: RunConfig) -> Against:
    """Return the student beside a control: both answered the same cases out of the same folds."""
    order = {int(row): place for place, row in enumerate(control.held.rows_N)}
    places = np.array([order[int(row)] for row in kept.held.rows_N])
    held = dataclasses.replace(
        control.held,
        rows_N=control.held.rows_N[places],
        logits_NC=control.held.logits_NC[places],
        fold_N=control.held.fold_N[places],
    )
    other = held_answers(held, material, config.alpha)
    measured = side(other.probabilities_NC, other.labels_N)
    groups = _groups(kept, material)
    return Against(
        name=control.name,
        parameters=control.parameters[0],
        active=control.parameters[1],
        flops=trunk_flops(control.student),
        epoch=held.epoch,
        accuracy=measured.accuracy,
        nll=measured.nll,
        accuracy_gain=gain(answers.right_N, other.right_N, groups),
        nll_gain=gain(_losses(other), _losses(answers), groups, most=-math.log(_LEAST_CHANCE)),
    )


def _losses(answers: Answers) -> NDArray[np.float64]:
    """Return the log loss of each case, of several labels the mean over them."""
    if is_several(answers.labels_N):
        told_NC = np.where(answers.labels_N == 1, answers.probabilities_NC, 1 - answers.probabilities_NC)
        return np.asarray(-np.log(np.maximum(told_NC, _LEAST_CHANCE)).mean(1))
    picked_N = answers.probabilities_NC[np.arange(len(answers.labels_N)), answers.labels_N]
    return np.asarray(-np.log(np.maximum(picked_N, _LEAST_CHANCE)))
