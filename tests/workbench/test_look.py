"""Cases that need a look: which they are, their count, the filter beside the search, and what is said when none is left."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from engine.schema.case import Case
from tests.workbench.conftest import example
from tests.workbench.fakes.answers import answer_for, clinic_model
from tests.workbench.fakes.engine import FakeEngine
from workbench.rooms import Rooms
from workbench.state import look
from workbench.state.look import needs_look
from workbench.views.cases import CasesView
from workbench.widgets.case_table import CASE_ROLE

FILES = ("note.txt", "xray.png", "cough.wav")


def _answered(fake: FakeEngine, title: str, inputs: int, own_view: str = "") -> Case:
    """Add a case with its answer: three inputs suggest pneumonia, two are unclear, one is not sure."""
    case = fake.add_case(title, *(example(name) for name in FILES[:inputs]), own_view=own_view)
    case = case.model_copy(update={"prediction": answer_for(case, clinic_model())})
    fake.cases[case.case_id] = case
    return case


@pytest.fixture
def view(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> CasesView:
    _answered(fake, "clear", 3)
    _answered(fake, "two answers", 2)
    _answered(fake, "none", 1)
    _answered(fake, "against me", 3, own_view="asthma")
    fake.add_case("not asked yet", example("note.txt"))
    rooms.window.go("cases")
    place = rooms.window.place("cases")
    assert isinstance(place, CasesView)
    qtbot.waitUntil(lambda: place.look.text() == "Needs a look · 3" and place.library.total == 5)
    return place


def _titles(view: CasesView) -> list[str]:
    rows = (view.library.row(number) for number in range(view.library.total or 0))
    return [case.title for case in rows if case is not None]


@pytest.mark.parametrize(
    ("inputs", "own_view", "needs"),
    [(3, "", False), (2, "", True), (1, "", True), (3, "asthma", True), (3, "pneumonia", False), (3, "unsure", False)],
)
def test_case_when_weighed_needs_a_look_as_its_answer_says(
    fake: FakeEngine, inputs: int, own_view: str, needs: bool
) -> None:
    assert needs_look(_answered(fake, "case", inputs, own_view)) is needs
    assert not needs_look(fake.add_case("never asked", own_view="asthma"))


def test_filter_when_on_leaves_those_that_need_a_look_newest_first(qtbot: QtBot, view: CasesView) -> None:
    qtbot.mouseClick(view.look, Qt.MouseButton.LeftButton)
    assert _titles(view) == ["against me", "none", "two answers"]
    assert view.table.model().rowCount() == 3
    view.search.setText("two ANSW")
    qtbot.waitUntil(lambda: _titles(view) == ["two answers"])
    view.search.clear()
    qtbot.mouseClick(view.look, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.library.total == 5)


def test_filter_when_a_case_changes_counts_and_lists_anew(qtbot: QtBot, view: CasesView, fake: FakeEngine) -> None:
    view.look.setChecked(True)
    against = next(case for case in fake.cases.values() if case.title == "against me")
    fake.keep(against.model_copy(update={"own_view": "pneumonia"}))
    qtbot.waitUntil(lambda: view.look.text() == "Needs a look · 2")
    assert _titles(view) == ["none", "two answers"]
    assert view.look.accessibleName() == "Needs a look: 2 cases"


def test_filter_when_it_leaves_nothing_says_so_and_offers_all(qtbot: QtBot, view: CasesView, fake: FakeEngine) -> None:
    view.look.setChecked(True)
    for case in list(fake.cases.values()):
        fake.keep(case.model_copy(update={"prediction": None}))
    qtbot.waitUntil(lambda: view.nothing.isVisible())
    assert view.nothing.sentence.text() == "No case needs a look."
    assert not view.table.isVisible()
    qtbot.mouseClick(view.nothing.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.table.isVisible() and view.library.total == 5)
    assert not view.look.isChecked()


def test_search_when_nothing_matches_says_so_and_is_taken_off_with_one_click(qtbot: QtBot, view: CasesView) -> None:
    view.search.setText("zebra")
    qtbot.waitUntil(view.nothing.isVisible)
    assert view.nothing.sentence.text() == "No case matches."
    qtbot.mouseClick(view.nothing.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.library.total == 5)
    assert view.search.text() == ""


def test_filter_when_the_trash_is_shown_is_off(qtbot: QtBot, view: CasesView) -> None:
    view.look.setChecked(True)
    view.show_only.setCurrentIndex(view.show_only.findData("trash"))
    assert not view.look.isEnabled()
    view.show_only.setCurrentIndex(0)
    assert view.look.isEnabled()
    assert _titles(view) == ["against me", "none", "two answers"]


def test_count_when_there_are_many_pages_holds_them_all(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "PAGE", 3)
    for number in range(8):
        _answered(fake, f"case {number}", 2)
    rooms.window.go("cases")
    place = rooms.window.place("cases")
    assert isinstance(place, CasesView)
    qtbot.waitUntil(lambda: place.library.to_look.count() == 8)


def test_list_when_there_are_own_cases_leaves_the_data_set_out_until_asked(
    qtbot: QtBot, view: CasesView, rooms: Rooms, fake: FakeEngine
) -> None:
    fake.add_case("row", source="demo", split="train")
    rooms.window.go("home")
    rooms.window.go("cases")
    assert view.show_only.currentData() == "mine"
    assert view.library.total == 5
    view.show_only.setCurrentIndex(0)
    qtbot.waitUntil(lambda: view.library.total == 6)
    rooms.window.go("cases")
    assert view.show_only.currentData() == ""


def test_list_when_there_are_no_own_cases_shows_all(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    fake.add_case("row", source="imported", split="train")
    rooms.window.go("cases")
    place = rooms.window.place("cases")
    assert isinstance(place, CasesView)
    qtbot.waitUntil(lambda: place.drawn == "live" and _titles(place) == ["row"])
    assert place.show_only.currentData() == ""


def test_trash_when_shown_says_the_way_back_and_the_menu_of_a_row_takes_it(qtbot: QtBot, view: CasesView) -> None:
    qtbot.waitUntil(lambda: view.table.isVisible())
    assert not view._way_back.isVisible()
    case = view.table.model().index(0, 0).data(CASE_ROLE)
    opens, puts_away = view.table.menu(case).actions()
    assert (opens.text(), puts_away.text()) == ("Open", "Move to the trash")
    before = view.library.total
    assert before is not None
    puts_away.trigger()
    qtbot.waitUntil(lambda: view.library.total == before - 1)
    view.show_only.setCurrentIndex(view.show_only.findData("trash"))
    qtbot.waitUntil(lambda: view.library.total == 1 and view.table.isVisible())
    assert view._way_back.isVisible()
    assert "Right-click" in view._way_back.text()
    place = view.table.visualRect(view.table.model().index(0, 0)).center()
    opened: list[QMenu] = []
    QApplication.sendEvent(
        view.table.viewport(),
        QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.table.viewport().mapToGlobal(place)),
    )
    qtbot.waitUntil(lambda: bool(opened.extend(view.table.findChildren(QMenu)) or opened))
    menu = next(one for one in opened if one.isVisible())
    (back,) = [action for action in menu.actions() if action.text() == "Take out of the trash"]
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(back).center())
    qtbot.waitUntil(lambda: view.library.total == 0)
    view.show_only.setCurrentIndex(0)
    qtbot.waitUntil(lambda: view.library.total == before)
