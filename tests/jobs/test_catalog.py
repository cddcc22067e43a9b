"""The catalog: everything registered is in it, every field of its forms can be set, and both languages are there."""

import json
import subprocess
import sys
from typing import Any

import pytest

from engine.jobs.catalog import build_catalog
from engine.jobs.form import form_fields
from engine.jobs.wording import WORDINGS
from engine.model.encoders.choices import ENCODERS, choice_of
from engine.model.fusion import fusions
from engine.model.trunk.routers import routers
from engine.registry import Registry
from engine.schema.catalog import Catalog, FormField, RecipeInfo
from engine.schema.config import Choice, RunConfig, apply_settings
from engine.schema.errors import UserError
from engine.teachers import teachers
from engine.train.recipes import recipes

CATALOG = build_catalog()
FIELDS = {(field.key, field.entry): field for recipe in CATALOG.recipes for field in recipe.fields}


def test_the_catalog_when_built_then_lists_every_registered_thing() -> None:
    listed = {(entry.registry, entry.name) for entry in CATALOG.entries}
    for registry in (*ENCODERS.values(), routers, fusions, teachers, recipes):
        assert {name for of, name in listed if of == registry.kind} == set(registry.names())


def test_the_catalog_when_sent_as_json_then_comes_back_equal() -> None:
    assert Catalog.model_validate_json(CATALOG.model_dump_json()) == CATALOG


@pytest.mark.parametrize("entry", CATALOG.entries, ids=lambda entry: f"{entry.registry}-{entry.name}")
def test_an_entry_when_shown_then_has_both_languages(entry: object) -> None:
    assert entry.summary
    assert any("\u4e00" <= character <= "\u9fff" for character in entry.summary_zh)


@pytest.mark.parametrize("field", FIELDS.values(), ids=lambda field: field.key)
def test_a_field_when_shown_then_has_a_title_and_help_in_both_languages(field: FormField) -> None:
    assert field.title
    assert field.help
    assert any("\u4e00" <= character <= "\u9fff" for character in field.title_zh + field.help_zh)
    assert field.help_zh


@pytest.mark.parametrize("recipe", CATALOG.recipes, ids=lambda recipe: recipe.name)
def test_a_form_when_sent_back_unchanged_then_gives_the_recipes_own_configuration(recipe: RecipeInfo) -> None:
    config = recipes[recipe.name].build().config()
    chosen = {"student.router": config.student.router, "student.fusion": config.student.fusion}
    chosen |= {f"student.{modality}": choice_of(config.student, modality) for modality in ENCODERS}
    sent = {
        field.key: str(field.default).lower() if field.kind == "flag" else str(field.default)
        for field in recipe.fields
        if not field.entry or chosen[field.key.rpartition(".")[0]].name == field.entry
    }
    again = apply_settings(config, sent)
    for registry, before, after in (
        (routers, config.student.router, again.student.router),
        (fusions, config.student.fusion, again.student.fusion),
        *((registry, choice_of(config.student, m), choice_of(again.student, m)) for m, registry in ENCODERS.items()),
        *((teachers, one, two) for one, two in zip(config.teachers, again.teachers, strict=True)),
    ):
        assert registry.settings(before) == registry.settings(after)
    loose = {"student": {"router": True, "fusion": True, **dict.fromkeys(ENCODERS, True)}, "teachers": True}
    assert again.model_dump(exclude=loose) == config.model_dump(exclude=loose)


def _applied(field: FormField, value: str) -> None:
    owner = {field.key.rpartition(".")[0]: field.entry} if field.entry else {}
    config = apply_settings(RunConfig(recipe="inside"), owner | {field.key: value})
    for modality, registry in ENCODERS.items():  # settings of a choice are checked by who offers it
        registry.settings(choice_of(config.student, modality))
    routers.settings(config.student.router)
    fusions.settings(config.student.fusion)


@pytest.mark.parametrize("field", [f for f in FIELDS.values() if f.maximum is not None], ids=lambda field: field.key)
def test_a_value_when_beyond_what_the_form_offers_then_is_refused(field: FormField) -> None:
    with pytest.raises(UserError) as refused:
        _applied(field, str(field.maximum + 1))
    assert refused.value.code == "bad-setting"


def test_a_choice_when_offered_then_is_one_of_its_choices() -> None:
    for field in FIELDS.values():
        assert (field.kind == "choice") == bool(field.choices)
        assert not field.choices or field.default in field.choices


def test_the_table_of_titles_when_compared_with_the_forms_then_has_no_dead_rows() -> None:
    every = tuple(Choice(name=name) for name in teachers.names())
    known = {field.key for field in form_fields(RunConfig(recipe="distil", teachers=every))}
    assert set(WORDINGS) <= known | {key for key, _entry in FIELDS}


@pytest.mark.parametrize("recipe", CATALOG.recipes, ids=lambda recipe: recipe.name)
def test_a_form_when_made_then_offers_the_settings_of_every_entry_that_can_be_chosen(recipe: RecipeInfo) -> None:
    registries: dict[str, Registry[Any]] = {"student.router": routers, "student.fusion": fusions}
    registries |= {f"student.{modality}": registry for modality, registry in ENCODERS.items()}
    for key, registry in registries.items():
        for name in registry.names():
            offered = {field.key for field in recipe.fields if field.entry == name and field.key.startswith(f"{key}.")}
            settings = type(registry.settings(Choice(name=name))).model_fields
            assert offered == {f"{key}.{setting}" for setting in settings}


def test_a_recipe_when_it_needs_a_model_then_says_so() -> None:
    assert {recipe.name: recipe.needs_model for recipe in CATALOG.recipes}["fuse"]


def test_the_catalog_when_built_then_transformers_stay_out() -> None:
    code = (
        "import sys, json; from engine.jobs.catalog import build_catalog; build_catalog();"
        "print(json.dumps('transformers' in sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=120)
    assert json.loads(said.stdout) is False


@pytest.mark.parametrize("recipe", CATALOG.recipes, ids=lambda recipe: recipe.name)
def test_a_recipe_when_told_then_carries_its_whole_configuration(recipe: RecipeInfo) -> None:
    assert recipe.config == recipes[recipe.name].build().config()
