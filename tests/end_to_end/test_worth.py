"""A person asks at the real window what each module of the demo model is worth, and a real measurement answers."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.schema.base import new_id
from engine.schema.command import JobInfo, StartDemo
from engine.schema.model import WORTH_FILE, Worth
from tests.end_to_end.conftest import PATIENCE_MS, Command, Open, Ward
from workbench.views.models import ModelsView
from workbench.views.worth import WorthView

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("demo")]
CASES = 60


@pytest.fixture
def demo_project(tmp_path: Path, demo_model: Path, command: Command) -> Path:
    """Return a demo project, made as a person makes it."""
    made = command("demo", tmp_path / "ward", "--json")
    assert made.code == 0, made.err
    return tmp_path / "ward"


def test_worth_when_asked_for_is_found_out_on_cases_set_aside_and_kept_beside_the_model(
    qtbot: QtBot, demo_project: Path, ward: Ward, open_window: Open
) -> None:
    rooms = open_window(demo_project)
    rooms.window.go("models")
    models = rooms.window.place("models")
    assert isinstance(models, ModelsView)
    qtbot.waitUntil(lambda: bool(models.cards), timeout=PATIENCE_MS)
    card = models.cards[models.models.in_use_id]
    qtbot.mouseClick(card.worth, Qt.MouseButton.LeftButton)
    view = rooms.window.place("worth")
    assert isinstance(view, WorthView)
    qtbot.waitUntil(lambda: view.drawn == "empty", timeout=PATIENCE_MS)
    assert "Import a table" in view.empty.sentence.text()
    assert not view.empty.action.isVisible()

    command = StartDemo(command_id=new_id("demo"), train=40, val=CASES)
    ward.done(ward.client.post("/v1/demo", command, JobInfo).job_id)
    qtbot.waitUntil(view.empty.action.isVisible, timeout=PATIENCE_MS)
    assert f"the {CASES} cases" in view.empty.sentence.text()
    qtbot.mouseClick(view.empty.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.drawn == "live", timeout=PATIENCE_MS)

    model = card.model
    path = demo_project / "models" / model.model_id / WORTH_FILE
    kept = Worth.model_validate_json(path.read_bytes())
    effects = kept.measured.effects
    assert len(effects) == model.layers * model.experts
    assert {one.whole.n for one in effects} == {CASES}
    shown = view.page.cards[0][2]
    first = [one for one in effects if one.layer == 0]
    assert [float(row[2].replace("\N{MINUS SIGN}", "-")) for row in shown.table().rows[: model.experts]] == [
        pytest.approx(one.whole.value, abs=1e-4) for one in first
    ]
    useful = sum(one.whole.low > 0 for one in effects)
    assert view.page.headline.text() == f"Without {useful} of the {len(effects)} modules, answers become clearly worse."
