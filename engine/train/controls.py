"""What a distilled student is held against: itself without teachers, and a dense student of the same active cost with them.

The dense one hears no knowledge file, the other one hears it as the student does. Both take the folds, the batches and the luck of the student itself, so that every difference is paired. They are trained on request
and thrown away; only their out-of-fold answers enter the ledger.
"""

import dataclasses
from collections.abc import Sequence
from typing import Literal

from engine.model.flops import dense_twin
from engine.schema.config import LossConfig, RunConfig, StudentConfig
from engine.schema.event import EventBody
from engine.teachers.lessons import Lessons
from engine.train.choose import OutOfFold, best_epoch, out_of_choice
from engine.train.folds import Fold
from engine.train.stage import Stage, StageResult
from engine.train.telemetry import Pinned
from engine.train.trainer import Surroundings, train_stage

Name = Literal["plain", "dense"]
CONTROLS: tuple[Name, ...] = ("plain", "dense")
_TAUGHT = ("distil", "hidden", "relation_distance", "relation_angle", "attention")
"""Parts of the error that come from teachers."""
_TOLD = ("metrics", "checkpoint", "log", "resource")
"""Events of a control that are told: its routing and its answers would be taken for the student's."""


@dataclasses.dataclass(frozen=True)
class Control:
    """A control after its last fold: its shape, its size (all, active), and its answers to rows it never saw."""

    name: Name
    student: StudentConfig
    parameters: tuple[int, int]
    held: OutOfFold


def train_controls(
    around: Surroundings, config: RunConfig, folds: Sequence[Fold], lessons: Sequence[Sequence[Lessons]]
) -> tuple[Control, ...]:
    """Return the controls that got through all folds before the run was asked to stop."""
    quiet = _quiet(around)
    found: list[Control] = []
    for name in CONTROLS:
        among = quiet if name == "plain" else quiet.unguided()
        results: list[StageResult] = []
        for fold in folds:
            if around.stopping():
                return tuple(found)
            results.append(train_stage(among, control_stage(config, name, fold, lessons)))
        if not all(result.done for result in results):
            return tuple(found)
        epoch = best_epoch(folds, results, around.material.labels_N)
        held = out_of_choice(folds, results, around.material.labels_N, epoch)
        found.append(Control(name, control_shape(config, name), results[0].parameters, held))
    return tuple(found)


def control_shape(config: RunConfig, name: Name) -> StudentConfig:
    """Return the student's own shape, or its dense twin."""
    return config.student if name == "plain" else dense_twin(config.student)


def control_stage(config: RunConfig, name: Name, fold: Fold, lessons: Sequence[Sequence[Lessons]]) -> Stage:
    """Return a fold of a control: the student's own stage but for what is compared."""
    taught = tuple(one[fold.number - 1] for one in lessons) if name == "dense" else ()
    loss = config.loss if name == "dense" else untaught(config.loss)
    shape = control_shape(config, name)
    own = f"{name}-{fold.number}"
    return Stage(own, config.seed, fold.learn, fold.held, shape, loss, config.optim, taught, stream=fold.name)


def untaught(loss: LossConfig) -> LossConfig:
    """Return the error without anything a teacher says."""
    return loss.model_copy(update=dict.fromkeys(_TAUGHT, 0.0))


def _quiet(around: Surroundings) -> Surroundings:
    """Return the surroundings for controls: no check cases, no pinned ones, nothing that a live view would mix up."""

    def sink(body: EventBody) -> None:
        if body.kind in _TOLD:
            around.sink(body)

    return dataclasses.replace(around, sink=sink, check_rows=(), pinned=Pinned((), (), (), ()))
