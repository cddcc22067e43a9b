"""What people call a model's experts: the names its knowledge file gave them, by expert from 0."""

from collections.abc import Mapping

from engine.schema.model import ModelSummary
from workbench.i18n import language


def expert_names(model: ModelSummary | None) -> dict[int, str]:
    """Return the names of the experts that have one, in the language of the moment; the same in every layer."""
    if model is None or model.knowledge is None:
        return {}
    return {one.expert: one.title.shown(language()) or one.name for one in model.knowledge.specialists}


def called(expert: int, names: Mapping[int, str]) -> str:
    """Return an expert's number, counted from 1, and its name where it has one."""
    return f"{expert + 1} · {names[expert]}" if expert in names else str(expert + 1)
