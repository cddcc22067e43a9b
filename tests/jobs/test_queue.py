"""What is settled when a run is queued."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.jobs.queue import LATEST, start_model
from engine.schema.config import RunConfig
from engine.schema.model import TeacherReport
from engine.store import models
from engine.store.database import Database
from tests.fakes import a_dataset, a_summary

FUSE = RunConfig(recipe="fuse", start_from=LATEST)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Return an empty database."""
    opened = Database(tmp_path / "project.sqlite")
    yield opened
    opened.close()


def _add(database: Database, model_id: str, recipe: str, taught: bool = False) -> None:
    right = a_summary("any").validation
    assert right is not None
    teacher = TeacherReport(name="t", kind="dense", parameters=1, accuracy=right.accuracy, modalities=("text",))
    database.now(models.add, a_summary(model_id, recipe=recipe, teachers=(teacher,) if taught else ()))


def test_start_when_a_quick_look_and_a_baseline_came_since_is_the_newest_model_that_had_teachers(
    database: Database,
) -> None:
    for model_id, recipe, taught in (
        ("old", "distil", True),
        ("wanted", "distil", True),
        ("fused", "fuse", True),
        ("look", "quick", False),
        ("compared", "baseline", False),
    ):
        _add(database, model_id, recipe, taught)
    assert database.now(start_model, FUSE, a_dataset("fake", 9)) == "wanted"


def test_start_when_no_model_had_teachers_is_the_newest_of_another_recipe(database: Database) -> None:
    for model_id, recipe in (("look", "quick"), ("fused", "fuse")):
        _add(database, model_id, recipe)
    assert database.now(start_model, FUSE, a_dataset("fake", 9)) == "look"
    assert database.now(start_model, FUSE, a_dataset("other", 9)) == ""
