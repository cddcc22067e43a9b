"""The palette in the real window: opened by keys, filtered by letters, run by Enter, gone by Esc."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.workbench.conftest import example
from tests.workbench.fakes.engine import FakeEngine
from workbench.rooms import Rooms
from workbench.views.cases import CasesView
from workbench.widgets.palette import PALETTE

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(qtbot: QtBot, rooms: Rooms) -> Rooms:
    rooms.window.go("home")
    qtbot.keyClick(rooms.window, Qt.Key.Key_K, CONTROL)
    qtbot.waitUntil(rooms.palette.isVisible)
    return rooms


def test_palette_when_opened_lists_every_action_and_every_place(opened: Rooms) -> None:
    listed = opened.palette.shown()
    assert set(listed) == {action.action_id for action in opened.actions.every()} - {PALETTE}
    assert [f"place.{name}" for name in ("home", "cases", "training", "models")] == listed[:4]
    assert opened.palette.field.hasFocus()


def test_palette_when_enter_is_pressed_runs_the_best_fit_and_goes(qtbot: QtBot, opened: Rooms) -> None:
    qtbot.keyClicks(opened.palette.field, "go cas")
    assert opened.palette.chosen() == "place.cases"
    qtbot.keyClick(opened.palette.field, Qt.Key.Key_Return)
    assert opened.window.place_id == "cases"
    assert not opened.palette.isVisible()


def test_palette_when_arrow_keys_are_pressed_marks_the_next_and_comes_round(qtbot: QtBot, opened: Rooms) -> None:
    field, palette = opened.palette.field, opened.palette
    qtbot.keyClick(field, Qt.Key.Key_Down)
    assert palette.chosen() == palette.shown()[1]
    qtbot.keyClick(field, Qt.Key.Key_Up)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert palette.chosen() == palette.shown()[-1]
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    qtbot.keyClick(field, Qt.Key.Key_PageUp)
    assert palette.chosen() == palette.shown()[0]


def test_palette_when_escaped_gives_the_focus_back(qtbot: QtBot, rooms: Rooms) -> None:
    rooms.window.go("cases")
    view = rooms.window.place("cases")
    assert isinstance(view, CasesView)
    view.search.setFocus()
    rooms.actions.run(PALETTE)
    qtbot.waitUntil(rooms.palette.field.hasFocus)
    qtbot.keyClick(rooms.palette.field, Qt.Key.Key_Escape)
    assert not rooms.palette.isVisible()
    assert QApplication.focusWidget() is view.search


def test_palette_when_its_keys_are_pressed_again_closes(qtbot: QtBot, opened: Rooms) -> None:
    qtbot.keyClick(opened.palette.field, Qt.Key.Key_K, CONTROL)
    assert not opened.palette.isVisible()


def test_palette_when_the_person_turns_elsewhere_goes(qtbot: QtBot, opened: Rooms) -> None:
    opened.window._rail_buttons["cases"].setFocus()
    qtbot.waitUntil(lambda: not opened.palette.isVisible())


def test_actions_when_they_cannot_run_are_grey_and_enter_leaves_the_palette_open(qtbot: QtBot, opened: Rooms) -> None:
    qtbot.keyClicks(opened.palette.field, "run this")
    assert opened.palette.shown() == ["case.run"]
    item = opened.palette._model.item(0)
    assert not item.isEnabled()
    qtbot.keyClick(opened.palette.field, Qt.Key.Key_Return)
    assert opened.palette.isVisible()


def test_case_action_when_a_case_is_open_can_run(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    case = fake.add_case("P-118", example("note.txt"))
    rooms.window.go("case", case.case_id)
    qtbot.waitUntil(lambda: rooms.window.places["case"].drawn == "live")
    rooms.actions.run(PALETTE)
    qtbot.keyClicks(rooms.palette.field, "run this")
    qtbot.keyClick(rooms.palette.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: fake.cases[case.case_id].prediction is not None)


def test_palette_when_nothing_fits_says_so(qtbot: QtBot, opened: Rooms) -> None:
    qtbot.keyClicks(opened.palette.field, "zzzz")
    assert opened.palette.shown() == []
    assert opened.palette._nothing.isVisible()
    qtbot.keyClick(opened.palette.field, Qt.Key.Key_Down)
    qtbot.keyClick(opened.palette.field, Qt.Key.Key_Return)
    assert opened.palette.isVisible()


def test_rows_when_read_aloud_say_their_keys(opened: Rooms) -> None:
    row = opened.palette.shown().index("case.new")
    said = opened.palette._model.index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == f"New case {QKeySequence('Ctrl+N').toString(QKeySequence.SequenceFormat.NativeText)}"


def test_actions_when_listed_have_a_title_in_each_language(qtbot: QtBot, rooms: Rooms) -> None:
    english = {action.action_id: action.title() for action in rooms.actions.every()}
    rooms.set_language("zh")
    chinese = {action.action_id: action.title() for action in rooms.actions.every()}
    assert all(english.values())
    assert [known for known, title in chinese.items() if not any(letter >= "\u4e00" for letter in title)] == []
    assert [known for known in english if english[known] == chinese[known]] == []
    rooms.actions.run(PALETTE)
    rooms.palette.field.setText("设置")
    assert rooms.palette.chosen() == "app.settings"


def test_shortcuts_when_listed_stand_for_one_action_each(rooms: Rooms) -> None:
    keys = [QKeySequence(action.shortcut).toString() for action in rooms.actions.every() if action.shortcut]
    assert all(keys)
    assert len(keys) == len(set(keys)) > 10


def test_loupe_when_clicked_opens_the_palette(qtbot: QtBot, rooms: Rooms) -> None:
    qtbot.mouseClick(rooms.window.top.search, Qt.MouseButton.LeftButton)
    assert rooms.palette.isVisible()
    qtbot.mouseClick(
        rooms.palette.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=rooms.palette.list.visualRect(rooms.palette._model.index(1, 0)).center(),
    )
    assert rooms.window.place_id == "cases"
