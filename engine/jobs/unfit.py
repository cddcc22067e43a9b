"""What of a run's settings makes no sense together, or where a case may have several labels; refused before anything starts."""

from engine.jobs import recipes
from engine.schema.base import Answering
from engine.schema.config import Choice, RunConfig, StudentConfig
from engine.schema.errors import UserError

_NOISY = "noisy-top-k"
_RELATIONS = ("relation_distance", "relation_angle")


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


def refuse_unheard(config: RunConfig, shape: StudentConfig) -> None:
    """Raise `bad-setting` where another student was asked for than `shape`, the one of the model that the run starts from.

    What stands as the recipe has it was not asked for.
    """
    usual = recipes.config(config.recipe).student
    for name in StudentConfig.model_fields:
        asked = getattr(config.student, name)
        if asked not in (getattr(usual, name), getattr(shape, name)):
            detail = "the student comes as it is from the model the run starts from; leave this out, or start afresh with start_from="
            value = asked.name if isinstance(asked, Choice) else asked
            raise UserError("bad-setting", key=f"student.{name}", value=value, detail=detail)


def _shows_vectors(teacher: Choice) -> bool:
    return teacher.name.startswith("pretrained-") or (teacher.name == "fusion" and bool(teacher.settings.get("states")))
