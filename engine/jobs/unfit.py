"""What of a run's settings makes no sense together, or where a case may have several labels; refused before anything starts."""

from engine.schema.base import Answering
from engine.schema.config import RunConfig
from engine.schema.errors import UserError

_NOISY = "noisy-top-k"


def refuse_unfit(config: RunConfig, answers: Answering) -> None:
    """Raise `several-unfit` for what needs exactly one answer a case, `bad-setting` for what nothing would come of."""
    if config.loss.load and config.student.router.name != _NOISY:
        detail = f"without noise no load is left to chance; take the router {_NOISY}, or loss.importance"
        raise UserError("bad-setting", key="loss.load", value=config.loss.load, detail=detail)
    if answers == "several" and config.loss.ordinal:
        raise UserError("several-unfit", what="order-of-answers", key="loss.ordinal=0")
