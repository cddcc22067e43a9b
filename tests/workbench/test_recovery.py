"""What survives a window that is killed: the open case and the note that was being typed."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit
from pytestqt.qtbot import QtBot

from tests.conftest import ROOT
from tests.workbench.fakes.engine import FakeEngine
from workbench.rooms import Rooms
from workbench.state.recovery import FILE, Recovery
from workbench.views.case_detail import CaseView

Open = Callable[[Path | None], Rooms]

_TYPE = """
import sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from workbench.app import Workbench
app = QApplication([])
workbench = Workbench(QSettings(sys.argv[1], QSettings.Format.IniFormat), Path(sys.argv[2]))
workbench.window.show()
def type_it():
    rooms = workbench.rooms
    if rooms is None or not rooms.session.is_live or rooms.recovery.folder is None:
        return
    timer.stop()
    rooms.window.go("case", sys.argv[3])
    QTest.keyClicks(rooms.window.place("case").inputs.cards["text"].editor, "dry cough since Monday")
timer = QTimer(interval=20)
timer.timeout.connect(type_it)
timer.start()
app.exec()
"""


def _view(rooms: Rooms) -> CaseView:
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    return view


def _editor(rooms: Rooms) -> QPlainTextEdit:
    return _view(rooms).inputs.cards["text"].editor


def test_note_when_the_window_is_killed_while_typing_stands_there_again(
    qtbot: QtBot, open_window: Open, fake: FakeEngine, tmp_path: Path
) -> None:
    case = fake.add_case("P-118")
    window = subprocess.Popen(
        [sys.executable, "-c", _TYPE, str(tmp_path / "other.ini"), str(fake.project), case.case_id],
        cwd=ROOT,
        env=dict(os.environ),
        stderr=subprocess.DEVNULL,
    )
    kept = fake.project / FILE
    qtbot.waitUntil(lambda: kept.exists() and "since Monday" in kept.read_text(encoding="utf-8"), timeout=30_000)
    window.send_signal(signal.SIGKILL)
    window.wait()
    rooms = open_window(fake.project)
    qtbot.waitUntil(lambda: rooms.window.place_id == "case" and _view(rooms).drawn == "live")
    assert _view(rooms).state.case_id == case.case_id
    assert _editor(rooms).toPlainText() == "dry cough since Monday"
    said = "The window ended unexpectedly last time. The open case and the note you were typing are back."
    assert rooms.window.notice.sentence == said
    rooms.window.notice.close_button.click()
    assert rooms.window.notice.sentence == ""


def _left_behind(project: Path, **facts: object) -> None:
    (project / FILE).write_text(json.dumps({"ended": False, "case": "", "drafts": {}} | facts), encoding="utf-8")


def test_window_when_it_closed_in_order_says_nothing_and_keeps_the_draft(
    qtbot: QtBot, open_window: Open, fake: FakeEngine
) -> None:
    case = fake.add_case("P-118")
    rooms = open_window(fake.project)
    rooms.window.go("case", case.case_id)
    _editor(rooms).setPlainText("half a sentence")
    rooms.window.close()
    rooms.session.close()
    again = open_window(fake.project)
    assert again.window.notice.sentence == ""
    assert again.window.place_id == "home"
    again.window.go("case", case.case_id)
    assert _editor(again).toPlainText() == "half a sentence"


def test_window_when_it_crashed_with_no_case_open_says_that_nothing_was_lost(
    qtbot: QtBot, open_window: Open, fake: FakeEngine
) -> None:
    _left_behind(fake.project)
    rooms = open_window(fake.project)
    qtbot.waitUntil(lambda: rooms.window.notice.sentence.endswith("Nothing was lost."))
    assert rooms.window.place_id == "home"


def test_note_when_its_case_never_reached_the_engine_gets_a_new_case(
    qtbot: QtBot, open_window: Open, fake: FakeEngine
) -> None:
    _left_behind(fake.project, case="case-lost", drafts={"case-lost": "fever"})
    rooms = open_window(fake.project)
    qtbot.waitUntil(lambda: _editor(rooms).toPlainText() == "fever")
    qtbot.waitUntil(lambda: list(fake.cases) == [_view(rooms).state.case_id])
    assert rooms.recovery.draft("case-lost") == ""
    assert rooms.recovery.draft(_view(rooms).state.case_id) == "fever"


def test_note_when_another_case_is_opened_stays_with_its_own(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    first, second = fake.add_case("first"), fake.add_case("second")
    rooms.window.go("case", first.case_id)
    _editor(rooms).setPlainText("of the first")
    rooms.window.go("case", second.case_id)
    assert _editor(rooms).toPlainText() == ""
    rooms.window.go("case", first.case_id)
    assert _editor(rooms).toPlainText() == "of the first"


def test_note_when_used_is_no_draft_any_more(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    case = fake.add_case("P-118")
    rooms.window.go("case", case.case_id)
    qtbot.waitUntil(lambda: _view(rooms).drawn == "live")
    _editor(rooms).setPlainText("used")
    assert rooms.recovery.draft(case.case_id) == "used"
    _view(rooms).inputs.cards["text"].keep.click()
    qtbot.waitUntil(lambda: fake.cases[case.case_id].present() == ("text",))
    assert rooms.recovery.draft(case.case_id) == ""


def test_project_when_it_is_left_keeps_its_drafts_and_none_that_are_typed_afterwards(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    case = fake.add_case("P-118")
    rooms.window.go("case", case.case_id)
    qtbot.waitUntil(lambda: _view(rooms).drawn == "live")
    _editor(rooms).setPlainText("typed here")
    folder = rooms.recovery.folder
    assert folder is not None
    rooms.session.close()
    assert rooms.recovery.folder is None
    rooms.recovery.keep_draft("case-elsewhere", "typed for another project")
    rooms.recovery.write()
    kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    assert (kept["ended"], kept["drafts"]) == (True, {case.case_id: "typed here"})


@pytest.mark.parametrize("left", [b"", b"not json", b"[1, 2]", b'{"ended": false, "drafts": 7}', b"\xff\xfe"])
def test_file_when_damaged_is_passed_over(tmp_path: Path, left: bytes) -> None:
    (tmp_path / FILE).write_bytes(left)
    recovery = Recovery()
    recovery.begin(tmp_path)
    assert recovery.draft("case-1") == ""
    recovery.keep_draft("case-1", "words")
    recovery.end()
    recovery.begin(tmp_path)
    assert recovery.draft("case-1") == "words"
    assert not recovery.crashed
    recovery.end()


def test_file_when_written_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    recovery = Recovery()
    recovery.begin(tmp_path)
    recovery.keep_draft("case-1", "words")
    recovery.write()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    recovery.end()


def test_second_window_when_on_the_same_project_keeps_nothing(tmp_path: Path) -> None:
    first, second = Recovery(), Recovery()
    first.begin(tmp_path)
    first.keep_draft("case-1", "of the first")
    second.begin(tmp_path)
    assert second.folder is None
    second.keep_draft("case-1", "of the second")
    second.end()
    first.end()
    first.begin(tmp_path)
    assert first.draft("case-1") == "of the first"
    first.end()


def test_drafts_when_there_are_too_many_lose_the_oldest(tmp_path: Path) -> None:
    recovery = Recovery()
    recovery.begin(tmp_path)
    for number in range(60):
        recovery.keep_draft(f"case-{number}", "words")
    assert recovery.draft("case-0") == ""
    assert recovery.draft("case-59") == "words"
    recovery.keep_draft("case-59", "  ")
    assert recovery.draft("case-59") == ""
    recovery.end()
