"""Home and the whole window: what falls on it becomes a case with an answer."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from pytestqt.qtbot import QtBot

from engine.schema.errors import ErrorBody
from engine.schema.event import JobChanged, Progress
from tests.workbench.conftest import CLINIC, example
from tests.workbench.drops import drop
from tests.workbench.fakes.answers import clinic_model
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.run_events import BEGAN, job_info
from workbench.rooms import Rooms
from workbench.state.files import kind_of
from workbench.views.case_detail import CaseView
from workbench.views.home import HomeView
from workbench.widgets.boxes import widgets_of
from workbench.widgets.item_list import _Row


def home_of(rooms: Rooms) -> HomeView:
    place = rooms.window.place("home")
    assert isinstance(place, HomeView)
    return place


def case_of(rooms: Rooms) -> CaseView:
    place = rooms.window.place("case")
    assert isinstance(place, CaseView)
    return place


def get_on(qtbot: QtBot, rooms: Rooms, fake: FakeEngine, done: int = 1) -> None:
    """Let a run be under way and get so far, of 100."""
    if not fake.events:
        fake.tell(JobChanged(job=job_info("running")), "run-1")
    fake.tell(Progress(phase="training", done=done, total=100, seconds_left=100.0 - done), "run-1")
    qtbot.waitUntil(lambda: rooms.session.job is not None and rooms.session.job.done == done)


def test_files_when_dropped_on_the_window_become_a_case_with_an_answer(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    rooms.preferences.own_view_first = False
    assert drop(rooms.window, sorted(CLINIC.iterdir()))
    view = case_of(rooms)
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    assert rooms.window.place_id == "case"
    assert view.result.answer.headline.text() == "Suggests Pneumonia"
    (case,) = fake.cases.values()
    assert case.present() == ("text", "image", "audio")
    assert case.title == "clinic-01"


def test_files_when_dropped_on_the_field_become_a_case_too(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    assert drop(home_of(rooms).drop, [CLINIC / "note.txt"])
    qtbot.waitUntil(lambda: [case.title for case in fake.cases.values()] == ["note"])


def test_files_when_dropped_on_an_open_case_are_added_to_it(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    case = fake.add_case("open", example("note.txt"))
    rooms.window.go("case", case.case_id)
    qtbot.waitUntil(lambda: case_of(rooms).state.case is not None)
    drop(rooms.window, [CLINIC / "xray.png"])
    qtbot.waitUntil(lambda: fake.cases[case.case_id].present() == ("text", "image"))
    assert len(fake.cases) == 1


def test_folder_when_dropped_on_an_answered_case_becomes_a_case_of_its_own(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    rooms.preferences.own_view_first = False
    view = case_of(rooms)
    for number, folder in enumerate(("clinic-01", "clinic-02", "clinic-03"), start=1):
        drop(rooms.window, [CLINIC.parent / folder])
        qtbot.waitUntil(lambda wanted=folder: view.name.text() == wanted and view.result.shown == "answer")  # type: ignore[misc]
        assert len(fake.cases) == number
    first, second, _third = fake.cases.values()
    assert [case.title for case in fake.cases.values()] == ["clinic-01", "clinic-02", "clinic-03"]
    assert first.present() == ("text", "image", "audio")
    assert {part.part_id for part in first.parts}.isdisjoint(part.part_id for part in second.parts)
    assert rooms.toast.message == "This is a new case. “clinic-02” stays as it is."


def test_folder_when_dropped_while_another_is_still_read_makes_a_case_too(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    for folder in ("clinic-01", "clinic-02", "clinic-03"):
        drop(rooms.window, [CLINIC.parent / folder])
    qtbot.waitUntil(lambda: sum(case.prediction is not None for case in fake.cases.values()) == 3)
    whole = {path.name: len(list(path.iterdir())) for path in CLINIC.parent.glob("clinic-0[123]")}
    assert {case.title: len(case.parts) for case in fake.cases.values()} == whole


def test_new_case_when_the_files_belong_to_the_open_one_is_taken_back_by_the_toast(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    rooms.preferences.own_view_first = False
    view = case_of(rooms)
    drop(rooms.window, [CLINIC / "note.txt"])
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    before = view.state.case_id
    drop(rooms.window, [CLINIC / "xray.png"])
    qtbot.waitUntil(lambda: view.state.case_id != before and view.result.shown == "answer")
    assert rooms.toast.action_text == "Put the files there instead"
    rooms.toast._action.click()
    qtbot.waitUntil(lambda: fake.cases[before].present() == ("text", "image"))
    assert view.state.case_id == before
    qtbot.waitUntil(lambda: list(fake.cases) == [before])


def test_file_when_it_would_replace_an_input_of_the_open_case_makes_a_new_one(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    case = fake.add_case("open", example("note.txt"))
    rooms.window.go("case", case.case_id)
    qtbot.waitUntil(lambda: case_of(rooms).state.case is not None)
    drop(rooms.window, [CLINIC.parent / "clinic-02" / "note.txt"])
    qtbot.waitUntil(lambda: len(fake.cases) == 2)
    assert fake.cases[case.case_id] == case


def test_files_when_several_of_a_kind_ask_one_or_many_and_many_makes_a_case_each(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, tmp_path: Path
) -> None:
    paths = [tmp_path / f"p{n}.txt" for n in range(3)]
    for path in paths:
        path.write_text("cough", encoding="utf-8")
    drop(rooms.window, paths)
    question = home_of(rooms).question
    assert question.isVisible()
    assert "3 cases" in question.many.text()
    question.many.click()
    qtbot.waitUntil(lambda: sum(case.prediction is not None for case in fake.cases.values()) == 3)
    assert sorted(case.title for case in fake.cases.values()) == ["p0", "p1", "p2"]
    assert not question.isVisible()


def test_files_when_several_of_a_kind_and_one_is_chosen_make_one_case(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, tmp_path: Path
) -> None:
    paths = [tmp_path / f"p{n}.txt" for n in range(2)]
    for path in paths:
        path.write_text(path.name, encoding="utf-8")
    drop(rooms.window, paths)
    home_of(rooms).question.one.click()
    qtbot.waitUntil(lambda: [len(case.parts) for case in fake.cases.values()] == [2])


def test_file_when_of_a_format_that_does_not_open_is_told_in_a_sentence(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, tmp_path: Path
) -> None:
    scan = tmp_path / "scan.dcm"
    scan.write_bytes(b"DICM")
    drop(rooms.window, [scan])
    assert "scan.dcm is not a format" in rooms.toast.message
    assert not fake.cases


def test_folder_when_it_holds_files_that_do_not_open_tells_how_many_and_which(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, tmp_path: Path
) -> None:
    folder = tmp_path / "visit"
    folder.mkdir()
    for name in ("note.txt", "a.docx", "b.pdf", "c.dcm", "d.heic", "e.docx"):
        (folder / name).write_bytes(b"cough")
    drop(rooms.window, [folder])
    assert rooms.toast.message == "5 files were left out: a.docx, b.pdf and 3 more."
    qtbot.waitUntil(lambda: [len(case.parts) for case in fake.cases.values()] == [1])
    qtbot.waitUntil(lambda: not case_of(rooms).state.is_busy)
    drop(rooms.window, [folder])
    assert rooms.toast.message.endswith("stays as it is. 5 files were left out: a.docx, b.pdf and 3 more.")


def test_folder_when_it_is_empty_says_that_nothing_opens(rooms: Rooms, fake: FakeEngine, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    drop(rooms.window, [folder])
    assert rooms.toast.message == "There is nothing in it that opens here."
    assert not fake.cases


def test_field_when_it_names_formats_names_only_those_that_open(rooms: Rooms) -> None:
    words = home_of(rooms).drop._formats.text()
    named = [word.strip("()") for word in words.split() if word.strip("()").startswith(".")]
    assert named
    assert all(kind_of(Path(f"a{ending}")) is not None or ending == ".csv" for ending in named)


def test_demo_case_when_tried_is_answered(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    home_of(rooms).drop.demo.click()
    qtbot.waitUntil(lambda: case_of(rooms).result.shown == "covered")
    assert case_of(rooms).state.case is not None


def test_home_when_no_project_is_open_shows_the_three_steps(open_window: Callable[[Path | None], Rooms]) -> None:
    rooms = open_window(None)
    home = home_of(rooms)
    assert home.first_run.isVisible()
    assert not home.drop.isVisible()
    drop(rooms.window, [CLINIC / "note.txt"])
    assert "Open a project first" in rooms.toast.message


def test_language_when_chosen_at_the_first_run_is_kept(open_window: Callable[[Path | None], Rooms]) -> None:
    rooms = open_window(None)
    home_of(rooms).first_run.chinese.click()
    assert rooms.preferences.language == "zh"
    home_of(rooms).first_run.english.click()
    assert rooms.preferences.language == "en"


def test_home_when_there_is_no_model_says_so_and_keeps_what_is_dropped(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], fake: FakeEngine
) -> None:
    fake.models, fake.model_in_use = [], ""
    rooms = open_window(fake.project)
    home = home_of(rooms)
    qtbot.waitUntil(home._no_model.isVisible)
    assert not home.models.isVisible()
    drop(rooms.window, [CLINIC / "note.txt"])
    view = case_of(rooms)
    qtbot.waitUntil(lambda: view.state.case is not None and bool(view.state.case.parts))
    assert view.result.hint.startswith("No model yet")
    assert not view.inputs.run.isEnabled()


def test_home_when_cases_exist_lists_the_newest_with_their_outcome(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    fake.add_case("first", example("note.txt"))
    fake.add_case("second")
    rooms.window.go("home")
    home = home_of(rooms)
    qtbot.waitUntil(lambda: [item.name for item in home.recent_cases.items] == ["second", "first"])
    assert home.recent_cases.items[0].word == "no answer yet"
    assert home.recent_cases.items[1].detail == "1 of 3 inputs: text"


def test_home_when_a_data_set_came_in_lists_the_own_cases_alone(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    fake.add_case("own")
    for number in range(8):
        fake.add_case(f"row {number}", source="demo", split="train")
    rooms.window.go("home")
    home = home_of(rooms)
    qtbot.waitUntil(lambda: [item.name for item in home.recent_cases.items] == ["own"])


def test_home_when_the_engine_failed_shows_why_and_tries_again(
    qtbot: QtBot, rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[bool] = []
    monkeypatch.setattr(type(rooms.session), "try_again", lambda _session: tried.append(True))
    home = home_of(rooms)
    rooms.session.project = None
    rooms.session._on_process_failed(ErrorBody(code="engine-unreachable", fault=True))
    assert home.drawn == "error"
    assert rooms.window.banner.sentence.startswith("The engine did not answer.")
    home.error.again.click()
    assert tried


def test_banner_when_the_engine_vanishes_says_so_and_goes_when_it_is_back(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    fake.stop()
    qtbot.waitUntil(lambda: "out of reach" in rooms.window.banner.sentence)
    fake.start()
    qtbot.waitUntil(lambda: rooms.session.is_live)
    assert rooms.window.banner.sentence == ""


def test_models_when_a_run_gets_further_keep_the_row_that_is_marked_in_the_open_list(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    second = clinic_model("Second")
    fake.models.append(second)
    rooms.session.read_project()
    home, shown = home_of(rooms), home_of(rooms).models
    qtbot.waitUntil(lambda: shown.count() == 2)
    shown.showPopup()
    row = shown.model().index(1, 0)
    shown.view().setCurrentIndex(row)
    marked = QPersistentModelIndex(row)
    get_on(qtbot, rooms, fake)
    assert marked.isValid()
    assert shown.view().currentIndex() == row
    qtbot.keyClick(shown.view(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: fake.model_in_use == second.model_id)
    qtbot.waitUntil(lambda: home.models.currentText() == "Second")


def test_recent_training_when_a_run_gets_further_keeps_focus_and_a_click_under_way(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    get_on(qtbot, rooms, fake)
    shown = home_of(rooms).recent_training
    (row,) = shown.findChildren(_Row)
    assert "running 1 %" in row.accessibleName()
    row.setFocus()
    opened: list[str] = []
    shown.opened.connect(opened.append)
    qtbot.mousePress(row, Qt.MouseButton.LeftButton)
    get_on(qtbot, rooms, fake, done=42)
    assert shown.findChildren(_Row) == [row]
    assert "running 42 %" in row.accessibleName()
    assert row.hasFocus()
    qtbot.mouseRelease(row, Qt.MouseButton.LeftButton)
    assert opened == ["run-1"]


def test_recent_training_when_a_newer_run_begins_stands_above_and_is_reached_first_by_tab(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    get_on(qtbot, rooms, fake)
    shown = home_of(rooms).recent_training
    (row,) = shown.findChildren(_Row)
    later = job_info("running", "run-2", name="Later", created_at=BEGAN + timedelta(minutes=1))
    fake.tell(JobChanged(job=later), "run-2")
    qtbot.waitUntil(lambda: [item.name for item in shown.items][:1] == ["Later"])
    first, second = (made for made in widgets_of(shown._rows) if isinstance(made, _Row))
    assert second is row
    qtbot.waitUntil(first.isVisible)  # a row that is not laid out yet takes no focus
    first.setFocus()
    qtbot.waitUntil(first.hasFocus)
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    qtbot.waitUntil(row.hasFocus)
