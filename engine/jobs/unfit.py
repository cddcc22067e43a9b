"""What of a run's settings makes no sense together, or where a case may have several labels; refused before anything starts."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ValidationError

from engine.jobs import recipes
from engine.schema.base import Answering
from engine.schema.config import Choice, RunConfig, StudentConfig
from engine.schema.errors import UserError
from engine.schema.worker import MODEL_CONFIG_FILE

_NOISY = "noisy-top-k"
_RELATIONS = ("relation_distance", "relation_angle")
_AS_IT_IS = (
    "the student comes as it is from the model the run starts from; leave this out, or start afresh with start_from="
)


def refuse_unfit(config: RunConfig, answers: Answering) -> None:
    """Raise `several-unfit` for what needs exactly one answer a case, `bad-setting` for what nothing would come of."""
    if config.loss.load and config.student.router.name != _NOISY:
        detail = f"without noise no load is left to chance; take the router {_NOISY}, or loss.importance"
        raise UserError("bad-setting", key="loss.load", value=config.loss.load, detail=detail)
    related = next((name for name in _RELATIONS if getattr(config.loss, name)), "")
    if related and not any(map(_shows_vectors, config.teachers)):
        detail = "no teacher shows the vectors whose relations are asked for; take a pretrained one, or teachers.fusion.states=true"
        raise UserError("bad-setting", key=f"loss.{related}", value=getattr(config.loss, related), detail=detail)
    if config.controls and config.start_from:
        detail = "controls start afresh, which a run that starts from a model does not; leave one of the two out"
        raise UserError("bad-setting", key="controls", value="true", detail=detail)
    if answers == "several" and config.loss.ordinal:
        raise UserError("several-unfit", what="order-of-answers", key="loss.ordinal=0")


def refuse_unheard(config: RunConfig, model: Path) -> None:
    """Raise `bad-setting` where another student was asked for than that of the model, in its folder, which the run starts from.

    What stands as the recipe has it was not asked for. With `upcycle` experts and router are the run's own. A model that cannot be
    read is left to whoever loads it.
    """
    try:
        shape = _Shape.model_validate_json((model / MODEL_CONFIG_FILE).read_bytes()).student
        usual = recipes.config(config.recipe).student
    except (OSError, ValidationError, UserError):
        return
    for name in StudentConfig.model_fields:
        if config.upcycle and name in ("experts", "router"):
            continue
        for key, asked, known in _compared(name, config.student, usual, shape):
            if asked not in known:
                raise UserError("bad-setting", key=f"student.{key}", value=str(asked), detail=_AS_IT_IS)


class _Shape(BaseModel):
    """What this asks of a model's `config.json`."""

    student: StudentConfig


def _compared(name: str, *students: StudentConfig) -> Iterator[tuple[str, object, tuple[object, ...]]]:
    """Yield what the first student has at a setting and what the others have; of a choice by settings of its own, if it is theirs."""
    asked, *others = (getattr(student, name) for student in students)
    named = [one for one in others if isinstance(one, Choice) and isinstance(asked, Choice) and one.name == asked.name]
    if not isinstance(asked, Choice) or not named:
        yield name, getattr(asked, "name", asked), tuple(getattr(one, "name", one) for one in others)
        return
    for key, value in asked.settings.items():
        yield f"{name}.{key}", value, tuple(one.settings.get(key) for one in named)


def _shows_vectors(teacher: Choice) -> bool:
    return teacher.name.startswith("pretrained-") or (teacher.name == "fusion" and bool(teacher.settings.get("states")))
