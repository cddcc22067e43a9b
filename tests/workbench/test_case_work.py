"""What was asked for a case is done, whatever is opened meanwhile; what was typed is kept until the engine has it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from pytestqt.qtbot import QtBot

from engine.schema.errors import ErrorBody
from engine.schema.event import CaseChanged
from tests.workbench.conftest import CLINIC, example
from tests.workbench.drops import drop
from tests.workbench.fakes.engine import FakeEngine
from workbench.link.engine_process import EngineProcess
from workbench.rooms import Rooms
from workbench.state.cases import CaseLibrary, CaseState
from workbench.state.session import Session
from workbench.views.case_detail import CaseView
from workbench.views.cases import CasesView
from workbench.views.home import HomeView

GONE = ErrorBody(code="engine-unreachable", fault=True)
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def view(rooms: Rooms) -> CaseView:
    """Return the place of the open case."""
    return case_of(rooms)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[FakeEngine]:
    """Return an engine of another project, not started."""
    folder = tmp_path / "other ward"
    folder.mkdir()
    made = FakeEngine(folder)
    yield made
    made.stop()


@pytest.fixture
def no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the window wait for a fake engine instead of starting a real one."""

    def wait(process: EngineProcess) -> bool:
        process._started.start()
        return True

    monkeypatch.setattr(EngineProcess, "_start", wait)


def case_of(rooms: Rooms) -> CaseView:
    place = rooms.window.place("case")
    assert isinstance(place, CaseView)
    return place


def _show(qtbot: QtBot, rooms: Rooms, case_id: str) -> CaseView:
    rooms.window.go("case", case_id)
    view = case_of(rooms)
    qtbot.waitUntil(lambda: view.state.case is not None and not view.state.is_busy)
    return view


def _new_case(qtbot: QtBot, rooms: Rooms) -> CaseView:
    rooms.new_case()
    view = case_of(rooms)
    qtbot.waitUntil(lambda: view.state.case is not None and not view.state.is_busy)
    return view


def _type(view: CaseView, text: str) -> None:
    view.inputs.cards["text"].editor.setPlainText(text)


def _names(fake: FakeEngine, case_id: str) -> list[str]:
    return [part.name for part in fake.cases[case_id].parts]


def test_note_when_run_is_pressed_twice_is_kept_and_can_be_run(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    view = _new_case(qtbot, rooms)
    fake.hold.clear()
    _type(view, "cough for three days")
    editor = view.inputs.cards["text"].editor
    for _press in range(2):
        qtbot.keyClick(editor, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: view.state.case is not None and bool(view.state.case.parts))
    assert fake.blobs[fake.cases[view.state.case_id].parts[0].original] == b"cough for three days"
    assert not view.state.reading
    assert view.inputs.run.isEnabled()
    fake.hold.set()


def test_answer_when_stopped_before_it_was_asked_for_is_not_asked_for_and_the_note_is_kept(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    state = CaseState(session, session)
    with qtbot.waitSignal(state.settled):
        state.create("A case")
    with qtbot.waitSignal(state.settled):
        state.add_bytes("typed note.txt", b"fever", "text")
        state.predict()
        state.stop_waiting()
    assert not state.reading
    assert not state.predicting
    assert _names(fake, state.case_id) == ["typed note.txt"]
    assert f"POST /v1/cases/{state.case_id}/predict" not in fake.requests


def test_shortcut_when_its_key_is_held_asks_once(rooms: Rooms, view: CaseView) -> None:
    assert not rooms.actions.action("case.run").autoRepeat()
    (pad,) = [made for made in view.findChildren(QShortcut) if made.key().toString() == "Ctrl+Enter"]
    assert not pad.autoRepeat()


def test_shortcut_when_the_button_cannot_be_pressed_does_nothing(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    view = _new_case(qtbot, rooms)
    assert not view.inputs.run.isEnabled()
    rooms.actions.run("case.run")
    assert not view.state.predicting


def test_changes_when_an_answer_is_computed_reach_the_engine_without_waiting_for_it(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    view = _show(qtbot, rooms, fake.add_case("Anna", example("note.txt")).case_id)
    case_id = view.state.case_id
    fake.hold.clear()
    view.run()
    _type(view, "a second note")
    view.inputs.cards["text"].keep.click()
    view.state.edit(title="Anna B")
    qtbot.waitUntil(lambda: len(fake.cases[case_id].parts) == 2 and fake.cases[case_id].title == "Anna B")
    qtbot.waitUntil(view.inputs.run.isEnabled)
    assert view.state.predicting
    assert view.inputs.run.text() == "Stop waiting"
    fake.hold.set()
    qtbot.waitUntil(lambda: not view.state.is_busy)


def test_changes_when_another_case_is_opened_are_done_behind_it(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    first = fake.add_case("Anna", example("note.txt")).case_id
    second = fake.add_case("Bert", example("note.txt")).case_id
    view = _show(qtbot, rooms, first)
    fake.hold.clear()
    view.run()
    _type(view, "a second note")
    view.inputs.cards["text"].keep.click()
    view.name.setFocus()
    view.name.setText("Anna B")
    view.inputs.group.setFocus()
    view.inputs.group.setText("P-77")
    rooms.window.go("case", second)
    qtbot.waitUntil(lambda: view.state.case is not None and view.state.case.case_id == second)
    fake.hold.set()
    qtbot.waitUntil(lambda: len(fake.cases[first].parts) == 2 and fake.cases[first].group == "P-77")
    assert fake.cases[first].title == "Anna B"
    assert view.name.text() == "Bert"
    assert not view.state.predicting


def test_case_when_it_comes_to_the_front_again_is_where_its_work_is(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    first, second = fake.add_case("first", example("note.txt")), fake.add_case("second")
    state = CaseState(session, session)
    state.open(first.case_id)
    state.predict()
    fake.hold.clear()
    state.open(second.case_id)
    assert not state.predicting
    state.open(first.case_id)
    assert state.predicting
    fake.hold.set()
    qtbot.waitUntil(lambda: state.case is not None and state.case.prediction is not None)


def test_answer_when_the_case_as_it_was_before_comes_late_stays(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    before = fake.add_case("first", example("note.txt"))
    state = CaseState(session, session)
    with qtbot.waitSignal(state.settled):
        state.open(before.case_id)
        state.predict()
    arrived: list[int] = []
    session.event_arrived.connect(lambda event: arrived.append(event.seq))
    last = fake.tell(CaseChanged(case=before))
    qtbot.waitUntil(lambda: last.seq in arrived)
    assert state.case is not None
    assert state.case.prediction is not None


def test_change_of_a_case_that_was_left_when_refused_is_told(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    first, second = fake.add_case("first"), fake.add_case("second")
    view = _show(qtbot, rooms, first.case_id)
    fake.refuse[f"PATCH /v1/cases/{first.case_id}"] = ErrorBody(code="busy", parameters={"what": "predictor"})
    view.state.edit(title="renamed")
    rooms.window.go("case", second.case_id)
    qtbot.waitUntil(lambda: rooms.toast.message.startswith("The engine is still preparing"))
    qtbot.waitUntil(lambda: view.drawn == "live")


def test_folders_when_dropped_one_after_the_other_on_home_both_become_whole_cases(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    for folder in ("clinic-01", "clinic-02"):
        rooms.window.go("home")
        drop(rooms.window, sorted((CLINIC.parent / folder).iterdir()))
    qtbot.waitUntil(lambda: sum(case.prediction is not None for case in fake.cases.values()) == 2)
    assert {case.title: len(case.parts) for case in fake.cases.values()} == {
        folder: len(list((CLINIC.parent / folder).iterdir())) for folder in ("clinic-01", "clinic-02")
    }


def test_files_when_their_case_is_in_front_again_are_put_there_all_the_same(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, view: CaseView
) -> None:
    first = fake.add_case("Anna", example("note.txt"), example("xray.png")).case_id
    _show(qtbot, rooms, first)
    drop(rooms.window, [CLINIC.parent / "clinic-02" / "note.txt"])
    qtbot.waitUntil(lambda: view.state.case_id != first and not view.state.is_busy)
    made = view.state.case_id
    _show(qtbot, rooms, first)
    view.move_files((CLINIC / "cough.wav",), made, first)
    qtbot.waitUntil(lambda: "audio" in fake.cases[first].present() and made not in fake.cases)


def test_cases_when_made_while_the_engine_starts_are_all_there_once_it_answers(qtbot: QtBot, project: Path) -> None:
    session = Session()
    state = CaseState(session, session)
    for title in ("first", "second"):
        state.create(title)
        state.add_file(CLINIC / "note.txt")
    with FakeEngine(project).serving() as fake:
        session.open(project)
        qtbot.waitUntil(lambda: [len(case.parts) for case in fake.cases.values()] == [1, 1])
        qtbot.waitUntil(lambda: not state.is_busy)
        session.close()


def test_note_when_handed_over_while_the_engine_is_away_stays_recoverable_until_it_is_there(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    first, second = fake.add_case("first").case_id, fake.add_case("second").case_id
    view = _show(qtbot, rooms, first)
    fake.stop()
    qtbot.waitUntil(lambda: not rooms.session.is_live)
    _type(view, "handed over")
    view.inputs.cards["text"].keep.click()
    assert rooms.recovery.draft(first) == "handed over"
    _type(view, "half a sentence")
    assert rooms.recovery.draft(first) == "handed over\n\nhalf a sentence"
    rooms.window.go("case", second)
    assert view.inputs.cards["text"].editor.toPlainText() == ""
    rooms.window.go("case", first)
    assert view.inputs.cards["text"].editor.toPlainText() == "half a sentence"
    rooms.window.go("case", second)
    fake.start()
    qtbot.waitUntil(lambda: _names(fake, first) == ["typed note.txt"])
    assert rooms.recovery.draft(first) == "half a sentence"


@pytest.mark.parametrize("request_that_fails", ["PUT /v1/blobs/.*", "POST /v1/cases/.*/parts"])
def test_note_when_the_engine_does_not_take_it_stands_in_the_editor_again(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, request_that_fails: str
) -> None:
    view = _show(qtbot, rooms, fake.add_case("P-118").case_id)
    fake.refuse[request_that_fails] = GONE
    editor = view.inputs.cards["text"].editor
    _type(view, "dry cough")
    view.inputs.cards["text"].keep.click()
    assert editor.toPlainText() == ""
    qtbot.waitUntil(lambda: editor.toPlainText() == "dry cough")
    assert rooms.recovery.draft(view.state.case_id) == "dry cough"


def test_note_of_a_case_that_was_left_when_refused_is_its_draft(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    first, second = fake.add_case("first").case_id, fake.add_case("second").case_id
    view = _show(qtbot, rooms, first)
    fake.refuse["PUT /v1/blobs/.*"] = GONE
    _type(view, "dry cough")
    view.inputs.cards["text"].keep.click()
    rooms.window.go("case", second)
    qtbot.waitUntil(lambda: bool(rooms.toast.message))
    assert view.inputs.cards["text"].editor.toPlainText() == ""
    rooms.window.go("case", first)
    assert view.inputs.cards["text"].editor.toPlainText() == "dry cough"


@pytest.mark.parametrize("way", ["the button", "the list"])
def test_case_when_it_could_not_be_read_is_asked_for_again(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, view: CaseView, way: str
) -> None:
    case = fake.add_case("Carl", example("note.txt"))
    fake.refuse["GET /v1/cases/case-.*"] = ErrorBody(code="internal", parameters={"detail": "x"}, fault=True)
    rooms.window.go("case", case.case_id)
    qtbot.waitUntil(lambda: view.drawn == "error")
    fake.refuse.clear()
    if way == "the button":
        view.error.again.click()
    else:
        rooms.window.go("cases")
        rooms.window.go("case", case.case_id)
    qtbot.waitUntil(lambda: view.drawn == "live" and view.name.text() == "Carl")


def test_case_when_the_project_changes_before_it_was_made_is_not_made_in_the_next(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], project: Path, other: FakeEngine, no_start: None
) -> None:
    rooms = open_window(None)
    rooms.use_project(project)
    drop(rooms.window, [CLINIC / "note.txt"])
    view = case_of(rooms)
    _type(view, "typed too")
    other.start()
    rooms.use_project(other.project)
    assert view.drawn == "empty"
    assert view.name.text() == ""
    assert view.inputs.cards["text"].editor.toPlainText() == ""
    qtbot.waitUntil(lambda: rooms.session.is_live)
    rooms.intake.make_many({"of the other ward": (CLINIC / "note.txt",)})
    qtbot.waitUntil(lambda: not rooms.intake.is_busy)
    assert [case.title for case in other.cases.values()] == ["of the other ward"]


def test_batch_when_the_project_changes_under_way_leaves_the_next_one_free(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, other: FakeEngine
) -> None:
    fake.hold.clear()
    rooms.intake.make_many(dict.fromkeys(("one", "two", "three"), (CLINIC / "note.txt",)))
    qtbot.waitUntil(lambda: any(request.endswith("/predict") for request in fake.requests))
    other.start()
    rooms.use_project(other.project)
    assert not rooms.intake.is_busy
    qtbot.waitUntil(lambda: rooms.session.is_live)
    fake.hold.set()
    rooms.intake.make_many({"four": (CLINIC / "note.txt",)})
    qtbot.waitUntil(lambda: rooms.toast.message == "1 of 1 cases are in.")
    assert [case.title for case in other.cases.values()] == ["four"]


def test_lists_when_the_project_changes_show_none_of_the_cases_before(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, other: FakeEngine, no_start: None
) -> None:
    fake.add_case("Anna")
    home, cases = rooms.window.place("home"), rooms.window.place("cases")
    assert isinstance(home, HomeView)
    assert isinstance(cases, CasesView)
    home.opened()
    qtbot.waitUntil(lambda: bool(home.recent_cases.items) and cases.library.total == 1)
    rooms.use_project(other.project)
    assert not home.recent_cases.items
    assert cases.table.model().rowCount() == 0
    assert cases._count.text() == ""
    assert cases.drawn == "loading"
    other.add_case("Bert")
    other.start()
    qtbot.waitUntil(lambda: [item.name for item in home.recent_cases.items] == ["Bert"])
    qtbot.waitUntil(lambda: cases.drawn == "live" and cases.library.total == 1)


def test_library_when_its_project_is_closed_asks_nobody(qtbot: QtBot, session: Session, fake: FakeEngine) -> None:
    fake.add_case("Anna")
    library = CaseLibrary(session, session)
    with qtbot.waitSignal(library.changed):
        library.read()
    refused: list[ErrorBody] = []
    library.failed.connect(refused.append)
    with qtbot.waitSignal(library.changed):
        session.close()
    assert library.total is None
    assert not refused


def test_batch_when_files_cannot_be_read_says_how_many(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, tmp_path: Path
) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "good.txt").write_text("cough", encoding="utf-8")
    (tmp_path / "bad.png").write_bytes(b"damaged")
    names = ("empty.txt", "good.txt", "gone.txt", "bad.png")
    rooms.intake.make_many({name: (tmp_path / name,) for name in names})
    qtbot.waitUntil(lambda: rooms.toast.message == "4 of 4 cases are in. 3 things could not be read.")
    rooms.intake.make_many({"good": (tmp_path / "good.txt",)})
    qtbot.waitUntil(lambda: rooms.toast.message == "1 of 1 cases are in.")
