"""A table on its way in: what a person stops is not begun, and what ended unheard is told."""

from pathlib import Path

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from engine.schema.case import Label
from engine.schema.command import ColumnRoles, ControlJob, ImportPlan, JobInfo
from engine.schema.event import JobChanged, Progress
from tests.workbench.fakes import engine
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.run_events import job_info
from workbench.dialogs.import_wizard import ImportWizard
from workbench.dialogs.preferences import PreferencesDialog
from workbench.link.engine_process import EngineProcess
from workbench.rooms import Rooms

FILES = 30
BEGIN = "POST /v1/imports"


def an_import(state: str = "running", **facts: object) -> JobInfo:
    """Return the engine's job for the table."""
    return job_info(state, "import-1", kind="import", recipe="", name="", **facts)  # type: ignore[arg-type]


class Imports:
    """What the fake engine was asked about the table, besides the files themselves; `hold` keeps its answers back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fake: FakeEngine) -> None:
        self.controls: list[str] = []
        self._fake = fake
        monkeypatch.setitem(engine._ROUTES, r"POST /v1/imports/plan", self._plan)
        monkeypatch.setitem(engine._ROUTES, BEGIN, self._begin)
        monkeypatch.setitem(engine._ROUTES, r"POST /v1/jobs/import-1/control", self._control)

    def _plan(self, handler: engine._Handler, _body: bytes, _query: object) -> None:
        plan = ImportPlan(
            rows=FILES,
            encoding="utf-8",
            roles=ColumnRoles(label="label", text=("text",)),
            labels=(Label(name="cold"),),
            paths=tuple(f"{number}.txt" for number in range(FILES)),
        )
        handler._send(200, plan)

    def _begin(self, handler: engine._Handler, _body: bytes, _query: object) -> None:
        self._fake.hold.wait(20)
        self._fake.jobs.append(an_import())
        self._fake.tell(JobChanged(job=an_import()), "import-1")
        handler._send(200, an_import())

    def _control(self, handler: engine._Handler, body: bytes, _query: object) -> None:
        self.controls.append(ControlJob.model_validate_json(body).action)
        handler._send(200, an_import("cancelled"))


@pytest.fixture
def imports(monkeypatch: pytest.MonkeyPatch, fake: FakeEngine) -> Imports:
    """Let the fake engine take tables in."""
    return Imports(monkeypatch, fake)


@pytest.fixture
def wizard(qtbot: QtBot, imports: Imports, rooms: Rooms, tmp_path: Path) -> ImportWizard:
    """Return the wizard of a table that was dropped and read."""
    for number in range(FILES):
        (tmp_path / f"{number}.txt").write_text(f"cough {number}", encoding="utf-8")
    table = tmp_path / "cases.csv"
    table.write_text("text,label\n" + "".join(f"{number}.txt,cold\n" for number in range(FILES)), encoding="utf-8")
    rooms.intake.take([str(table)])
    shown = rooms.importing.wizard
    assert shown is not None
    qtbot.waitUntil(lambda: shown.state.phase == "planned")
    return shown


def test_import_when_cancelled_while_files_are_sent_sends_no_more_and_begins_nothing(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, wizard: ImportWizard
) -> None:
    wizard.go_on.click()
    qtbot.waitUntil(lambda: wizard.state.done > 2)
    with qtbot.waitSignal(wizard.destroyed):
        wizard.close_button.click()
    held = len(fake.blobs)
    assert held < FILES
    later: list[str] = []
    for number in range(3):  # the requests are answered in turn: what was under way has come through by then
        rooms.session.client.put_blob(f"after {number}".encode(), later.append)
        qtbot.waitUntil(lambda wanted=number: len(later) == wanted + 1)  # type: ignore[misc]
    assert len(fake.blobs) <= held + 1 + len(later)
    assert BEGIN not in fake.requests


def test_tables_when_two_are_dropped_at_once_then_are_read_one_after_the_other(
    qtbot: QtBot, rooms: Rooms, imports: Imports, tmp_path: Path
) -> None:
    names = ("first.csv", "second.csv")
    for name in names:
        (tmp_path / name).write_text("text,label\n0.txt,cold\n", encoding="utf-8")
    rooms.intake.take([str(tmp_path / name) for name in names])
    wizard = rooms.importing.wizard
    assert wizard is not None
    assert wizard.state.table.name == "first.csv"
    assert wizard.waiting == "1 more table after this one"
    with qtbot.waitSignal(wizard.destroyed):
        wizard.close_button.click()
    then = rooms.importing.wizard
    assert then is not None
    assert then.state.table.name == "second.csv"
    assert then.waiting == ""
    then.close()
    assert rooms.importing.wizard is None


def test_wizard_when_another_project_is_opened_is_gone_with_the_tables_that_wait(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, wizard: ImportWizard, tmp_path: Path
) -> None:
    second = tmp_path / "second.csv"
    second.write_text("text,label\n0.txt,cold\n", encoding="utf-8")
    rooms.intake.take([str(second)])
    assert rooms.importing.wizard is wizard
    with qtbot.waitSignal(wizard.destroyed):
        rooms.use_project(fake.project)
    assert rooms.importing.wizard is None
    assert BEGIN not in fake.requests


def test_import_when_cancelled_while_the_engine_takes_it_is_cancelled_there(
    qtbot: QtBot, fake: FakeEngine, imports: Imports, wizard: ImportWizard
) -> None:
    fake.hold.clear()
    wizard.go_on.click()
    qtbot.waitUntil(lambda: BEGIN in fake.requests)
    with qtbot.waitSignal(wizard.destroyed):
        wizard.reject()
    fake.hold.set()
    qtbot.waitUntil(lambda: imports.controls == ["cancel"])


def test_import_when_closed_while_rows_come_in_goes_on_at_the_engine(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, imports: Imports, wizard: ImportWizard
) -> None:
    wizard.go_on.click()
    qtbot.waitUntil(lambda: wizard.state.phase == "importing")
    with qtbot.waitSignal(wizard.destroyed):
        wizard.close_button.click()
    fake.tell(JobChanged(job=an_import("done", result={"cases": FILES})), "import-1")
    qtbot.waitUntil(lambda: [job.state for job in rooms.session.jobs.values()] == ["done"])
    assert imports.controls == []


def test_import_when_it_ends_while_the_engine_is_out_of_reach_is_told_once_it_is_back(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, rooms: Rooms, fake: FakeEngine, wizard: ImportWizard
) -> None:
    monkeypatch.setattr(EngineProcess, "_start", lambda _self: True)
    wizard.go_on.click()
    qtbot.waitUntil(lambda: wizard.state.phase == "importing")
    fake.tell(Progress(phase="reading", done=3, total=FILES), "import-1")
    qtbot.waitUntil(lambda: wizard.words == f"Reading row 3 of {FILES}…")
    fake.stop()
    qtbot.waitUntil(lambda: rooms.session.light == "offline")
    ended = an_import("done", result={"cases": FILES})
    fake.jobs = [ended]
    fake.tell(JobChanged(job=ended), "import-1")
    with qtbot.waitSignal(rooms.session.attached, timeout=10_000):
        rooms.session.try_again()
        fake.start()
    assert wizard.state.phase == "done"
    assert wizard.words == f"{FILES} cases came in."


def test_settings_when_closed_are_gone(qtbot: QtBot, rooms: Rooms) -> None:
    rooms.show_settings()
    shown = rooms.settings
    assert shown is not None
    with qtbot.waitSignal(shown.destroyed):
        shown.accept()
    assert not shiboken6.isValid(shown)
    assert not rooms.window.findChildren(PreferencesDialog)
