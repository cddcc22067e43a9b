"""An editor of plain text with line numbers, marked lines, and keys that keep the indentation."""

from collections.abc import Collection
from typing import Final

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QWidget

from workbench.theme import INSIDE, SMALL, TIGHT, theme

STEP: Final = 2
"""Spaces that Tab indents by: YAML knows no tabs."""


class _Gutter(QWidget):
    """The strip of numbers at the editor's left."""

    def __init__(self, editor: "LineEditor") -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        """Ask for the room of the largest number."""
        return QSize(self._editor.gutter_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the numbers."""
        self._editor.paint_gutter(event)


class LineEditor(QPlainTextEdit):
    """Plain text, by lines. Undo and redo are the document's own; `replace_text` can be undone too."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gutter = _Gutter(self)
        self._marked: frozenset[int] = frozenset()
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
        self._take_look()
        theme().changed.connect(self._take_look)
        self.blockCountChanged.connect(self._on_block_count_changed)
        self.updateRequest.connect(self._on_update_request)
        self.cursorPositionChanged.connect(self._show_lines)
        self._on_block_count_changed(0)

    @property
    def marked(self) -> frozenset[int]:
        """The numbers of the marked lines, from 1."""
        return self._marked

    @property
    def line(self) -> int:
        """The number of the line with the cursor, from 1."""
        return self.textCursor().blockNumber() + 1

    def mark(self, lines: Collection[int]) -> None:
        """Mark lines that have a fault."""
        self._marked = frozenset(lines)
        self._show_lines()
        self._gutter.update()

    def go_to(self, line: int) -> None:
        """Put the cursor at the beginning of a line's words, in sight."""
        block = self.document().findBlockByNumber(max(0, min(line, self.blockCount()) - 1))
        cursor = QTextCursor(block)
        text = block.text()
        cursor.setPosition(block.position() + len(text) - len(text.lstrip()))
        self.setTextCursor(cursor)
        self.centerCursor()
        self.setFocus()

    def replace_text(self, text: str) -> None:
        """Put another text in the place of all of it, as one step that can be undone."""
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text)
        cursor.setPosition(0)
        self.setTextCursor(cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Indent with Tab, go back with Shift+Tab, keep the indentation with Enter, and leave with Esc."""
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if event.key() == Qt.Key.Key_Tab and plain and not self.isReadOnly():
            self._indent(STEP)
        elif event.key() == Qt.Key.Key_Backtab and not self.isReadOnly():
            self._indent(-STEP)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain and not self.isReadOnly():
            self._break_line()
        elif event.key() == Qt.Key.Key_Escape:
            self.focusNextChild()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the numbers at the left."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self._gutter.setGeometry(QRect(area.left(), area.top(), self.gutter_width(), area.height()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll; the size of letters is the window's, not the wheel's."""
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().wheelEvent(event)

    def gutter_width(self) -> int:
        """Return the room of the largest number and of the mark beside it."""
        digits = "0" * max(3, len(str(self.blockCount())) + 1)
        return round(QFontMetricsF(theme().mono(SMALL)).horizontalAdvance(digits)) + 2 * INSIDE

    def paint_gutter(self, event: QPaintEvent) -> None:
        """Paint the numbers of the lines in sight; a marked one is bold, in colour, with an exclamation mark."""
        painter = QPainter(self._gutter)
        painter.fillRect(event.rect(), theme().color("surface2"))
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        height = self.fontMetrics().lineSpacing()
        while block.isValid() and top <= event.rect().bottom():
            number = block.blockNumber() + 1
            if block.isVisible():
                is_marked = number in self._marked
                painter.setFont(theme().mono(SMALL, bold=is_marked))
                painter.setPen(theme().color("stop" if is_marked else "ink1" if number == self.line else "ink3"))
                place = QRect(TIGHT, round(top), self._gutter.width() - TIGHT - INSIDE, height)
                painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(number))
                if is_marked:
                    painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "!")
            top += self.blockBoundingRect(block).height()
            block = block.next()

    def _indent(self, step: int) -> None:
        """Move the chosen lines in or out; Tab without a choice fills up to the next step."""
        cursor = self.textCursor()
        if step > 0 and not cursor.hasSelection():
            cursor.insertText(" " * (step - cursor.positionInBlock() % step))
            return
        first, last = (
            self.document().findBlock(cursor.selectionStart()),
            self.document().findBlock(cursor.selectionEnd()),
        )
        cursor.beginEditBlock()
        block = first
        while block.isValid() and block.blockNumber() <= last.blockNumber():
            edit = QTextCursor(block)
            if step > 0:
                edit.insertText(" " * step)
            else:
                spaces = len(block.text()) - len(block.text().lstrip(" "))
                edit.setPosition(block.position() + min(spaces, -step), QTextCursor.MoveMode.KeepAnchor)
                edit.removeSelectedText()
            block = block.next()
        cursor.endEditBlock()

    def _break_line(self) -> None:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        cursor.insertText("\n" + " " * (len(before) - len(before.lstrip(" "))))
        self.ensureCursorVisible()

    @Slot()
    def _take_look(self) -> None:
        self.setFont(theme().mono())
        self._gutter.updateGeometry()
        self._on_block_count_changed(0)
        self._show_lines()

    @Slot()
    def _show_lines(self) -> None:
        """Draw the ground of the marked lines and of the one with the cursor."""
        chosen = [self._ground(number, theme().color("stop_soft")) for number in sorted(self._marked)]
        if self.line not in self._marked and not self.isReadOnly():
            chosen.insert(0, self._ground(self.line, theme().color("surface0")))
        self.setExtraSelections(chosen)

    def _ground(self, number: int, color: QColor) -> QTextEdit.ExtraSelection:
        made = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document().findBlockByNumber(number - 1))
        made.cursor = cursor
        made.format.setBackground(color)
        made.format.setProperty(QTextFormat.Property.FullWidthSelection.value, True)
        return made

    @Slot(int)
    def _on_block_count_changed(self, _count: int) -> None:
        self.setViewportMargins(self.gutter_width(), 0, 0, 0)

    @Slot(QRect, int)
    def _on_update_request(self, area: QRect, down: int) -> None:
        if down:
            self._gutter.scroll(0, down)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())
