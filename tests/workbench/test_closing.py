"""Closing the window while a run goes on: what was chosen has reached the engine before the window is gone."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.schema.command import ControlJob
from engine.schema.errors import ErrorBody
from engine.schema.event import JobChanged
from tests.workbench.fakes import engine
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.run_events import job_info
from workbench.dialogs.closing import ClosingDialog
from workbench.rooms import Rooms

Leave = Callable[[Callable[[ClosingDialog], None]], None]
CONTROL = "POST /v1/jobs/run-1/control"


class Controls:
    """The commands to the run that the fake engine got; each is answered once its `hold` allows it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fake: FakeEngine) -> None:
        self.got: list[ControlJob] = []
        self._fake = fake
        monkeypatch.setitem(engine._ROUTES, r"POST /v1/jobs/([\w.-]+)/control", self._answer)

    def _answer(self, handler: engine._Handler, body: bytes, _query: object, _job_id: str) -> None:
        self._fake.hold.wait(20)
        self.got.append(ControlJob.model_validate_json(body))
        handler._send(200, job_info("stopping"))


@pytest.fixture
def controls(monkeypatch: pytest.MonkeyPatch, fake: FakeEngine) -> Controls:
    """Return what becomes of the commands to the run."""
    return Controls(monkeypatch, fake)


@pytest.fixture
def leave(qtbot: QtBot, fake: FakeEngine, controls: Controls, rooms: Rooms) -> Leave:
    """Return a function that leaves the window during a run and lets a person act on the question that comes."""
    fake.tell(JobChanged(job=job_info("running")), "run-1")
    qtbot.waitUntil(lambda: rooms.session.job is not None)

    def left(person: Callable[[ClosingDialog], None]) -> None:
        def act() -> None:
            dialog = QApplication.activeModalWidget()
            assert isinstance(dialog, ClosingDialog)
            try:
                person(dialog)
            finally:
                if dialog.isVisible():  # the question must not outlive what went wrong in a test
                    dialog.reject()

        QTimer.singleShot(0, act)
        rooms.window.leave()

    return left


def test_stop_and_keep_when_chosen_has_reached_the_engine_before_the_window_closes(
    qtbot: QtBot,
    fake: FakeEngine,
    rooms: Rooms,
    controls: Controls,
    leave: Leave,
) -> None:
    at_the_end: list[list[str]] = []
    rooms.window.closed.connect(lambda: at_the_end.append([command.action for command in controls.got]))
    fake.hold.clear()

    def person(dialog: ClosingDialog) -> None:
        dialog.stop.click()
        qtbot.waitUntil(lambda: CONTROL in fake.requests)
        assert rooms.window.isVisible()
        assert dialog.isVisible()
        assert not dialog.close_window.isEnabled()
        assert dialog._sentence.text() == "Asking the engine to stop the run and keep what was learnt…"
        fake.hold.set()
        qtbot.waitUntil(lambda: not dialog.isVisible())

    leave(person)
    assert at_the_end == [["stop-and-keep"]]
    assert not rooms.window.isVisible()


def test_stop_and_keep_when_the_engine_refuses_says_why_and_the_window_stays(
    qtbot: QtBot, fake: FakeEngine, rooms: Rooms, leave: Leave
) -> None:
    refusal = fake.refuse[CONTROL] = ErrorBody(code="conflict")

    def person(dialog: ClosingDialog) -> None:
        dialog.stop.click()
        qtbot.waitUntil(dialog.stop.isEnabled)
        assert dialog._sentence.text() == refusal.text("en")
        dialog.stay.click()

    leave(person)
    assert rooms.window.isVisible()


def test_stop_and_keep_when_the_engine_says_nothing_is_told_and_the_window_may_close_all_the_same(
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    fake: FakeEngine,
    rooms: Rooms,
    leave: Leave,
) -> None:
    monkeypatch.setattr("workbench.dialogs.closing.STOP_PATIENCE_MS", 50)
    fake.hold.clear()

    def person(dialog: ClosingDialog) -> None:
        dialog.stop.click()
        qtbot.waitUntil(dialog.stop.isEnabled)
        assert dialog._sentence.text().startswith("The engine did not answer.")
        dialog.close_window.click()

    leave(person)
    fake.hold.set()
    assert not rooms.window.isVisible()


def test_stop_and_keep_when_the_person_stays_after_all_leaves_the_window_open(
    qtbot: QtBot, fake: FakeEngine, rooms: Rooms, leave: Leave
) -> None:
    fake.hold.clear()

    def person(dialog: ClosingDialog) -> None:
        dialog.stop.click()
        dialog.stay.click()

    leave(person)
    fake.hold.set()
    assert rooms.window.isVisible()
    qtbot.waitUntil(lambda: not rooms.window.findChildren(ClosingDialog))
