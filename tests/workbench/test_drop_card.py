"""The card of a kind of input: its rows stay while they say the same, and speak the language of the moment."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.schema.case import Part
from engine.schema.errors import ErrorBody
from tests.workbench.fakes.engine import FakeEngine
from workbench.i18n import Languages
from workbench.widgets.boxes import widgets_of
from workbench.widgets.drop_card import DropCard, ReadingRow, RefusalRow
from workbench.widgets.notice_line import NoticeLine

EMPTY = ErrorBody(code="file-empty", parameters={"name": "e.txt"})


@pytest.fixture
def parts(tmp_path: Path) -> tuple[Part, ...]:
    """Return two notes."""
    return FakeEngine(tmp_path).add_case("a", ("a.txt", b"one"), ("b.txt", b"two words")).parts


@pytest.fixture
def card(qtbot: QtBot) -> DropCard:
    made = DropCard("text")
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def test_row_when_the_case_changes_elsewhere_keeps_the_focus(card: DropCard, parts: tuple[Part, ...]) -> None:
    card.show_parts(parts, (), {})
    first, second = card.rows
    second._replace.setFocus()
    card.show_parts(parts, ("c.txt",), {})
    assert QApplication.focusWidget() is second._replace
    card.show_parts(parts[1:], (), {"e.txt": EMPTY})
    assert QApplication.focusWidget() is second._replace
    card.show_parts((*reversed(parts),), (), {"e.txt": EMPTY})
    assert QApplication.focusWidget() is second._replace
    assert [row.part for row in card.rows] == [parts[1], parts[0]]
    assert first not in card.rows


def test_row_when_its_part_or_its_refusal_changes_says_so(card: DropCard, parts: tuple[Part, ...]) -> None:
    card.show_parts(parts, ("c.txt",), {"e.txt": EMPTY})
    damaged = parts[0].model_copy(update={"problem": ErrorBody(code="damaged-text", parameters={"name": "a.txt"})})
    missing = ErrorBody(code="file-unreadable", parameters={"name": "e.txt"})
    card.show_parts((damaged, parts[1]), (), {"e.txt": missing})
    assert card.rows[0]._doubt.text().startswith("a.txt")
    shown = widgets_of(card._rows)
    assert len(shown) == 3
    assert isinstance(shown[2], RefusalRow)
    assert shown[2].said.text().startswith("e.txt cannot be opened.")


def test_sentences_when_the_language_changes_are_said_in_it(qtbot: QtBot, card: DropCard, qapp: QApplication) -> None:
    notice = NoticeLine()
    qtbot.addWidget(notice)
    languages = Languages(qapp)
    card.show_parts((), ("c.txt",), {"e.txt": EMPTY})
    notice.say(lambda: EMPTY.text(languages.current))
    reading, refused = widgets_of(card._rows)
    assert isinstance(reading, ReadingRow)
    assert isinstance(refused, RefusalRow)
    english = reading.text()
    try:
        languages.switch("zh")
        qtbot.waitUntil(lambda: refused.said.text().startswith("e.txt 是空的。"))
        qtbot.waitUntil(lambda: notice.sentence.startswith("e.txt 是空的。"))
    finally:
        languages.switch("en")
    qtbot.waitUntil(lambda: refused.said.text().startswith("e.txt is empty."))
    qtbot.waitUntil(lambda: notice.sentence.startswith("e.txt is empty."))
    assert reading.text() == english


def test_refusal_when_closed_tells_which_file_it_was_about(qtbot: QtBot, card: DropCard) -> None:
    card.show_parts((), (), {"e.txt": EMPTY})
    (refused,) = widgets_of(card._rows)
    assert isinstance(refused, RefusalRow)
    with qtbot.waitSignal(card.refusal_closed) as closed:
        refused.close_button.click()
    assert closed.args == ["e.txt"]
