"""Runs and imports that end are told: on the desktop, in the window, and as a dot on the rail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget
from pytestqt.qtbot import QtBot

from engine.schema.errors import ErrorBody
from engine.schema.event import JobChanged
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.run_events import job_info
from tests.workbench.fakes.stand_in_engine import catalog
from workbench.i18n import Languages
from workbench.rooms import Rooms
from workbench.state.imports import ImportWords
from workbench.state.recipes import recipe_names

NAME = "Anna Example, born 1950"


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what the desktop was told; there is a tray."""
    told: list[str] = []
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    monkeypatch.setattr(QSystemTrayIcon, "show", lambda _icon: None)
    monkeypatch.setattr(QSystemTrayIcon, "showMessage", lambda _icon, _title, text, _picture: told.append(text))
    return told


def _end(fake: FakeEngine, kind: str = "train", state: str = "done", **facts: object) -> None:
    job = job_info(  # type: ignore[arg-type]
        state, f"run-{len(fake.events)}", kind=kind, name=NAME, recipe="quick", ended_at=datetime.now(UTC), **facts
    )
    fake.tell(JobChanged(job=job), job=job.job_id)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("done", "Training has finished. Its model is ready."),
        ("failed", "Training has failed. The run says why and what is kept."),
        ("cancelled", "Training was cancelled."),
    ],
)
def test_run_when_it_ends_while_the_window_is_away_is_told_on_the_desktop(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, desktop: list[str], state: str, said: str
) -> None:
    rooms.window.hide()
    _end(fake, state=state, problem=ErrorBody(code="bad-setting", parameters={"key": NAME, "value": "1", "detail": ""}))
    qtbot.waitUntil(lambda: bool(desktop))
    assert len(desktop) == 1
    assert said in desktop[0]
    assert rooms.toast.message == desktop[0]
    assert NAME not in desktop[0]


def test_run_when_its_recipe_is_known_is_told_by_the_recipes_title(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, desktop: list[str]
) -> None:
    fake.catalog = catalog()
    rooms.session._read_catalog()
    qtbot.waitUntil(lambda: recipe_names().title("quick") == "Quick look")
    rooms.window.hide()
    _end(fake)
    qtbot.waitUntil(lambda: desktop == ["Quick look: Training has finished. Its model is ready."])


def test_import_when_it_ends_is_told_with_its_counts_and_no_name(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, desktop: list[str]
) -> None:
    rooms.window.hide()
    problem = ErrorBody(code="file-unreadable", parameters={"name": NAME})
    _end(fake, "import", result={"cases": 212}, problems=(problem,))
    said = "The import has finished. 212 cases came in. 1 thing could not be read."
    qtbot.waitUntil(lambda: desktop == [said])


@pytest.mark.parametrize(
    ("result", "en", "zh"),
    [
        ({}, "The cases came in.", "病例已导入。"),
        ({"cases": 1}, "1 case came in.", "已导入 1 个病例。"),
        (
            {"cases": 10, "same": 412, "changed": 3, "missing": 0},
            "412 cases were already here, 3 changed, 10 new.",
            "412 个病例原已存在，3 个有更改，10 个为新增。",
        ),
        (
            {"cases": 0, "same": 1, "changed": 0, "missing": 2},
            "1 case was already here, 0 changed, 0 new. 2 cases of before are not in this table; they stay.",
            "1 个病例原已存在，0 个有更改，0 个为新增。 另有 2 个原有病例不在此表中，予以保留。",
        ),
    ],
)
def test_import_when_told_in_a_sentence_says_what_was_here_already(
    qapp: QApplication, result: dict[str, int], en: str, zh: str
) -> None:
    languages = Languages(qapp)
    try:
        for language, said in (("en", en), ("zh", zh)):
            languages.switch(language)  # type: ignore[arg-type]
            assert ImportWords().sentence(result) == said
    finally:
        languages.switch("en")


def test_run_when_there_is_no_tray_is_told_in_the_window_until_somebody_is_back(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", lambda: False)
    rooms.window.hide()
    _end(fake)
    qtbot.waitUntil(lambda: "Training has finished" in rooms.toast.message)
    assert not rooms.toast._timer.isActive()
    rooms.window.show()
    other = QWidget()  # the offscreen platform gives a window its activity back only after another had it
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    rooms.window.activateWindow()
    qtbot.waitUntil(rooms.toast._timer.isActive)
    qtbot.mouseClick(rooms.toast._action, Qt.MouseButton.LeftButton)
    assert rooms.window.place_id == "training"


def test_run_when_the_window_is_at_hand_is_told_in_it_alone(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, desktop: list[str]
) -> None:
    rooms.window.go("home")
    _end(fake)
    qtbot.waitUntil(lambda: "Training has finished" in rooms.toast.message)
    assert desktop == []


def test_message_when_switched_off_is_left_out_and_the_dot_stays(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, desktop: list[str]
) -> None:
    rooms.show_settings()
    assert rooms.settings is not None
    rooms.settings.tell.click()
    rooms.settings.accept()
    assert rooms.preferences.tell_when_done is False
    rooms.window.hide()
    _end(fake)
    qtbot.waitUntil(lambda: bool(rooms.window._rail_buttons["training"].badge))
    assert desktop == []
    assert rooms.toast.message == ""


def test_run_when_it_went_on_after_a_failure_is_told_at_its_second_end_too(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    rooms.window.go("home")
    for state, told in (("failed", "failed"), ("running", "failed"), ("done", "finished")):
        ended = datetime.now(UTC) if state != "running" else None
        fake.tell(JobChanged(job=job_info(state, "run-again", recipe="quick", ended_at=ended)), job="run-again")  # type: ignore[arg-type]
        qtbot.waitUntil(lambda told=told: told in rooms.toast.message)  # type: ignore[misc]


def test_dot_when_the_runs_are_looked_at_goes(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    rooms.window.go("home")
    button = rooms.window._rail_buttons["training"]
    _end(fake)
    qtbot.waitUntil(lambda: button.badge == "1 run ended since you last looked")
    assert button.accessibleDescription() == button.badge
    _end(fake)
    qtbot.waitUntil(lambda: button.badge == "2 runs ended since you last looked")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert button.badge == ""


def test_run_when_it_is_watched_to_its_end_leaves_no_dot_and_no_message(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    rooms.window.go("training")
    _end(fake)
    qtbot.waitUntil(lambda: len(rooms.session.jobs) == 1)
    assert rooms.window._rail_buttons["training"].badge == ""
    assert rooms.toast.message == ""


def test_import_when_it_ends_leaves_no_dot_at_the_runs(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    _end(fake, "import")
    qtbot.waitUntil(lambda: "The import has finished" in rooms.toast.message)
    assert rooms.window._rail_buttons["training"].badge == ""


def test_run_when_it_ended_while_no_window_was_open_is_marked_at_the_next_start(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], rooms: Rooms, fake: FakeEngine, desktop: list[str]
) -> None:
    qtbot.waitUntil(lambda: rooms.preferences.seen(fake.project) is not None)
    rooms.session.close()
    fake.jobs.append(job_info("done", recipe="quick", ended_at=datetime.now(UTC) + timedelta(seconds=1)))
    again = open_window(fake.project)
    qtbot.waitUntil(lambda: bool(again.window._rail_buttons["training"].badge))
    assert desktop == []


def test_run_when_the_project_is_new_here_is_not_called_unseen(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], fake: FakeEngine
) -> None:
    fake.jobs.append(job_info("done", recipe="quick", ended_at=datetime.now(UTC)))
    opened = open_window(fake.project)
    qtbot.waitUntil(lambda: opened.preferences.seen(fake.project) is not None)
    assert opened.window._rail_buttons["training"].badge == ""
