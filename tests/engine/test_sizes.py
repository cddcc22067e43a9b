"""Sizes: one setting for several, under those that are given apart, and each larger than the one before."""

import pytest

from engine.model.student import build_student, count_parameters
from engine.schema.config import SIZES, RunConfig, StudentConfig, apply_settings
from engine.train.recipes import recipes
from tests.preprocess.small_world import preparation


def test_size_when_the_default_is_asked_for_then_is_what_stands_there_anyway() -> None:
    assert apply_settings(RunConfig(recipe="quick"), {"student.size": "M"}).student == StudentConfig()


def test_size_when_each_recipe_is_asked_then_it_says_what_its_shape_is() -> None:
    for name in recipes.names():
        student = recipes[name].build().config().student
        shape = {key: str(getattr(student, key)) for key in SIZES["M"]}
        assert shape == SIZES[student.size] if student.size in SIZES else shape not in SIZES.values()


@pytest.mark.parametrize("size", SIZES)
def test_size_when_a_recipe_has_its_own_then_any_other_can_be_chosen(size: str) -> None:
    student = apply_settings(recipes["distil"].build().config(), {"student.size": size}).student
    assert {key: str(getattr(student, key)) for key in SIZES[size]} == SIZES[size]


@pytest.mark.parametrize("order", [1, -1])
def test_size_when_a_setting_is_given_beside_it_then_the_setting_goes_before_it(order: int) -> None:
    settings = dict([("student.size", "L"), ("student.experts", "4")][::order])
    student = apply_settings(RunConfig(recipe="quick"), settings).student
    assert (student.size, student.width, student.layers, student.experts, student.hidden) == ("L", 192, 3, 4, 192)


def test_a_choice_when_it_is_named_after_a_setting_of_it_then_the_setting_stays() -> None:
    settings = {"student.router.experts_per_token": "1", "student.router": "distance"}
    for asked in (settings, dict(reversed(settings.items()))):
        router = apply_settings(RunConfig(recipe="quick"), asked).student.router
        assert (router.name, router.settings) == ("distance", {"experts_per_token": 1})


def test_sizes_when_built_then_each_has_more_parameters_at_work_than_the_one_before() -> None:
    shapes = [apply_settings(RunConfig(recipe="quick"), {"student.size": size}).student for size in SIZES]
    active = [count_parameters(build_student(shape, preparation(), 4))[1] for shape in shapes]
    assert active == sorted(set(active))
