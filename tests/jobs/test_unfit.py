"""Settings that nothing would come of are refused before anything starts."""

import pytest

from engine.jobs import recipes
from engine.jobs.unfit import refuse_unfit
from engine.schema.config import RunConfig, apply_settings
from engine.schema.errors import UserError


def _config(recipe: str, **settings: str) -> RunConfig:
    return apply_settings(recipes.config(recipe), {key.replace("__", "."): value for key, value in settings.items()})


@pytest.mark.parametrize("teachers", ["fusion", "soft-labels", "fusion,language-model", ""])
def test_relations_when_no_teacher_shows_vectors_then_are_refused_with_what_to_do(teachers: str) -> None:
    config = _config("distil", loss__relation_angle="2", teachers=teachers)
    with pytest.raises(UserError) as refused:
        refuse_unfit(config, "one")
    assert refused.value.code == "bad-setting"
    assert refused.value.parameters["key"] == "loss.relation_angle"


def test_relations_when_a_teacher_shows_vectors_then_are_taken() -> None:
    refuse_unfit(_config("distil", loss__relation_angle="2"), "one")  # the pretrained text teacher
    shown = _config("distil", loss__relation_distance="1", teachers="fusion")
    teacher = shown.teachers[0].model_copy(update={"settings": {"states": True}})
    refuse_unfit(shown.model_copy(update={"teachers": (teacher,)}), "one")


def test_controls_when_the_run_starts_from_a_model_then_are_refused_and_else_taken() -> None:
    with pytest.raises(UserError) as refused:
        refuse_unfit(_config("fuse", controls="true"), "one")
    assert refused.value.parameters["key"] == "controls"
    refuse_unfit(_config("fuse"), "one")
    refuse_unfit(_config("distil", controls="true"), "one")
