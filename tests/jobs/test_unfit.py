"""Settings that nothing would come of are refused before anything starts."""

import json
from pathlib import Path

import pytest

from engine.jobs import recipes
from engine.jobs.unfit import refuse_unfit, refuse_unheard
from engine.schema.config import RunConfig, StudentConfig, apply_settings
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


def _model(folder: Path, student: StudentConfig) -> Path:
    """Return the folder of a model of a shape; no more of it is looked at."""
    folder.mkdir()
    (folder / "config.json").write_text(
        json.dumps({"model_type": "consilium", "student": student.model_dump(mode="json")})
    )
    return folder


@pytest.mark.parametrize(
    ("asked", "key", "value"),
    [
        ({"student__layers": "3"}, "student.layers", "3"),
        ({"student__size": "L"}, "student.size", "L"),
        ({"student__router": "expert-choice"}, "student.router", "expert-choice"),
        ({"student__router__experts_per_token": "3"}, "student.router.experts_per_token", "3"),
        ({"student__dropout": "0.3"}, "student.dropout", "0.3"),
    ],
)
def test_student_when_it_comes_from_a_model_then_another_one_is_refused(
    tmp_path: Path, asked: dict[str, str], key: str, value: str
) -> None:
    with pytest.raises(UserError) as refused:
        refuse_unheard(_config("fuse", **asked), _model(tmp_path / "model", recipes.config("distil").student))
    assert refused.value.code == "bad-setting"
    assert (refused.value.parameters["key"], refused.value.parameters["value"]) == (key, value)
    assert "start_from" in str(refused.value.parameters["detail"])


def test_student_when_nothing_else_was_asked_for_than_the_models_then_is_taken(tmp_path: Path) -> None:
    model = _model(tmp_path / "model", recipes.config("distil").student)
    refuse_unheard(_config("fuse"), model)  # as the recipe has it, which is another shape: nobody asked for that one
    refuse_unheard(_config("fuse", student__experts="4", student__layers="1"), model)
    refuse_unheard(_config("fuse", student__router__experts_per_token="1"), model)


def test_student_when_it_is_upcycled_then_experts_and_router_are_its_own_and_the_rest_is_not(tmp_path: Path) -> None:
    model = _model(tmp_path / "model", recipes.config("quick").student.model_copy(update={"experts": 1}))
    own = _config("quick", start_from="latest", upcycle="true", student__experts="16", student__router="expert-choice")
    refuse_unheard(own, model)
    with pytest.raises(UserError) as refused:
        refuse_unheard(apply_settings(own, {"student.width": "64"}), model)
    assert refused.value.parameters["key"] == "student.width"


def test_student_when_the_model_cannot_be_read_then_that_is_left_to_whoever_loads_it(tmp_path: Path) -> None:
    refuse_unheard(_config("fuse", student__layers="3"), tmp_path / "nowhere")
