"""The plain editor: keys that keep the indentation, lines that are marked, colours from the theme."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from workbench.theme import theme
from workbench.widgets.line_editor import LineEditor
from workbench.widgets.yaml_colors import YamlColors, spans


@pytest.fixture
def editor(qtbot: QtBot) -> LineEditor:
    made = LineEditor()
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_enter_when_pressed_keeps_the_indentation(qtbot: QtBot, editor: LineEditor) -> None:
    qtbot.keyClicks(editor, "  a:")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "b")
    assert editor.toPlainText() == "  a:\n  b"


def test_tab_when_pressed_indents_with_spaces_and_goes_back_with_shift(qtbot: QtBot, editor: LineEditor) -> None:
    qtbot.keyClicks(editor, "a")
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText() == "a "
    editor.setPlainText("a\nb")
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText() == "  a\n  b"
    qtbot.keyClick(editor, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert editor.toPlainText() == "a\nb"
    editor.undo()
    assert editor.toPlainText() == "  a\n  b"


def test_text_when_replaced_can_be_undone_and_redone(editor: LineEditor) -> None:
    editor.setPlainText("one")
    editor.replace_text("two")
    editor.undo()
    assert editor.toPlainText() == "one"
    editor.redo()
    assert editor.toPlainText() == "two"


def test_line_when_gone_to_has_the_cursor_before_its_first_word(editor: LineEditor) -> None:
    editor.setPlainText("a\n    b\nc")
    editor.go_to(2)
    assert (editor.line, editor.textCursor().positionInBlock()) == (2, 4)
    editor.go_to(99)
    assert editor.line == 3


def test_line_when_marked_has_a_ground_over_its_whole_width(editor: LineEditor) -> None:
    editor.setPlainText("a\nb\nc")
    editor.mark({2})
    grounds = [chosen.format.background().color() for chosen in editor.extraSelections()]
    assert theme().color("stop_soft") in grounds
    editor.mark(())
    assert theme().color("stop_soft") not in [chosen.format.background().color() for chosen in editor.extraSelections()]


def test_gutter_when_the_text_grows_has_room_for_its_numbers(editor: LineEditor) -> None:
    before = editor.gutter_width()
    editor.setPlainText("\n" * 20_000)
    assert editor.gutter_width() > before


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("labels:", [("labels", "top")]),
        ("  asthma:  # a note: {x}", [("asthma", "key"), ("# a note: {x}", "note")]),
        ("  - {finding: high-fever, strength: 0.7}", [("finding", "key"), ("strength", "key")]),
        (
            "  patch: {modality: image, title: {en: A: b}}",
            [("patch", "key"), ("modality", "key"), ("image", "image"), ("title", "key"), ("en", "key"), ("A", "key")],
        ),
        ("    typical: {text: [high-fever], audio: []}", [("typical", "key"), ("text", "text"), ("audio", "audio")]),
        ('  "odd: name": "a # b"', [('"odd: name"', "key"), ('"a # b"', "quoted")]),
        ("", []),
    ],
)
def test_line_when_coloured_tells_names_notes_and_quoted_words_apart(line: str, found: list[tuple[str, str]]) -> None:
    assert [(line[start : start + length], kind) for start, length, kind in spans(line)] == found


def test_colours_when_light_becomes_dark_are_those_of_the_theme(editor: LineEditor) -> None:
    theme().set_mode("light")
    colors = YamlColors(editor.document())
    editor.setPlainText("labels:")

    def ink() -> str:
        (found,) = editor.document().firstBlock().layout().formats()
        return found.format.foreground().color().name()  # type: ignore[attr-defined]

    before = ink()
    theme().set_mode("dark")
    colors.rehighlight()
    assert ink() == theme().color("accent").name() != before
    theme().set_mode("light")
