"""Where the keyboard is when what is shown of an answer changes: with the answer, if it was with what made way for it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from workbench.rooms import Rooms
from workbench.views.case_detail import CaseView


def test_answer_when_the_question_is_skipped_by_keyboard_then_the_keyboard_is_with_the_answer(
    qtbot: QtBot, view: CaseView, rooms: Rooms
) -> None:
    view.run()
    skip = view.result.question.skip
    qtbot.waitUntil(lambda: view.result.shown == "covered" and skip.isVisible())
    skip.setFocus()
    qtbot.waitUntil(lambda: rooms.window.focusWidget() is skip)
    qtbot.keyClick(skip, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    assert rooms.window.focusWidget() is view.result.answer.headline


def test_answer_when_run_again_by_its_own_button_then_the_keyboard_stays_with_the_answer(
    qtbot: QtBot, view: CaseView, rooms: Rooms
) -> None:
    view.preferences.own_view_first = False
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    (row,) = view.inputs.cards["image"].rows
    row.remove_wanted.emit(row.part.part_id)
    again = view.result.answer.again
    qtbot.waitUntil(lambda: view.result.answer.stale_banner.isVisible() and again.isVisible())
    again.setFocus()
    qtbot.waitUntil(lambda: rooms.window.focusWidget() is again)
    qtbot.keyClick(again, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not view.state.predicting and view.result.shown == "answer" and not again.isVisible())
    assert rooms.window.focusWidget() is view.result.answer.headline


def test_answer_when_the_keyboard_is_elsewhere_takes_it_from_nobody(qtbot: QtBot, view: CaseView, rooms: Rooms) -> None:
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "covered" and view.result.question.skip.isVisible())
    elsewhere = rooms.window.top.findChild(QAbstractButton)
    assert elsewhere is not None
    elsewhere.setFocus()
    qtbot.waitUntil(lambda: rooms.window.focusWidget() is elsewhere)
    view.preferences.own_view_first = False
    assert view.result.shown == "answer"
    assert rooms.window.focusWidget() is elsewhere
