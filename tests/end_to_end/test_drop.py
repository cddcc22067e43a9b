"""A person drops the files of a case on the demo project's window, and an answer stands on the screen."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.schema.base import MODALITIES
from engine.schema.places import assets
from engine.schema.prediction import Prediction
from tests.end_to_end.conftest import PATIENCE_MS, Command, Open, Ward, sample
from tests.workbench.drops import drop
from workbench.rooms import Rooms
from workbench.state.predictions import percent
from workbench.state.routing import unpack
from workbench.views.case_detail import CaseView

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("demo")]


@pytest.fixture
def demo_project(tmp_path: Path, demo_model: Path, command: Command) -> Path:
    """Return a demo project, made as a person makes it."""
    made = command("demo", tmp_path / "ward", "--json")
    assert made.code == 0, made.err
    return tmp_path / "ward"


@pytest.fixture
def rooms(demo_project: Path, ward: Ward, open_window: Open) -> Rooms:
    """Return the real window on the demo project; its engine ends with the test."""
    assert ward.project == demo_project
    return open_window(demo_project)


def answered(qtbot: QtBot, rooms: Rooms, earlier: str = "") -> Prediction:
    """Wait until the open case has an answer, and uncover it where the person's own view is asked for first."""
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)

    def new() -> bool:
        case = view.state.case
        found = case is not None and case.prediction is not None and case.prediction.prediction_id != earlier
        return found and not view.state.predicting and not view.state.is_stale()

    qtbot.waitUntil(new, timeout=PATIENCE_MS)
    if view.result.shown == "covered":
        qtbot.mouseClick(view.result.question.skip, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.result.shown == "answer", timeout=PATIENCE_MS)
    assert view.state.case is not None
    assert view.state.case.prediction is not None
    return view.state.case.prediction


@pytest.mark.parametrize("name", ["clinic-01", "clinic-04-no-picture", "clinic-06-no-note"])
def test_case_when_dropped_on_the_window_has_an_answer_on_the_screen(qtbot: QtBot, rooms: Rooms, name: str) -> None:
    files = sample(name)
    assert drop(rooms.window, files)
    qtbot.waitUntil(lambda: rooms.window.place_id == "case", timeout=PATIENCE_MS)
    made = answered(qtbot, rooms)
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    assert view.state.case is not None
    assert sorted(part.name for part in view.state.case.parts) == [file.name for file in files]
    shown = view.result.answer
    assert shown.isVisible()
    assert shown.headline.text()
    assert shown.meaning.text()
    assert "Synthetic" in shown.synthetic.text()
    assert sum(made.probabilities) == pytest.approx(1)
    chances = sorted(made.probabilities, reverse=True)
    assert [bar.percent() for bar in shown.bars.bars[:2]] == [percent(chance) for chance in chances[:2]]
    counts_LEM = unpack(made.routing.counts)
    present = [MODALITIES[m] for m in range(3) if counts_LEM[:, :, m].sum() > 0]
    assert tuple(present) == made.modalities == view.state.case.present()


def test_expected_truth_when_the_complete_sample_cases_are_dropped_is_in_the_answer(qtbot: QtBot, rooms: Rooms) -> None:
    listed = json.loads((assets() / "cases" / "expected.json").read_text(encoding="utf-8"))["cases"]
    complete = [one for one in listed if one["folder"] in ("clinic-01", "clinic-02", "clinic-03")]
    earlier, right = "", []
    for one in complete:
        rooms.window.go("home")
        assert drop(rooms.window, sample(one["folder"]))
        made = answered(qtbot, rooms, earlier)
        earlier = made.prediction_id
        right.append(one["truth"] in made.label_set or made.best() == one["truth"])
    assert len(complete) == 3
    assert sum(right) >= 2, right


def test_stranger_when_dropped_into_the_clinic_is_not_sure_and_says_why(qtbot: QtBot, rooms: Rooms) -> None:
    assert drop(rooms.window, sample("stranger-01-everything"))
    made = answered(qtbot, rooms)
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    assert made.outcome == "not-sure"
    assert view.result.answer.why.words
