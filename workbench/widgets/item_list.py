"""A short list of things to open: a mark, a name, a second line of words and a word at the end; used for recent things."""

import dataclasses

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.icons import icon
from workbench.theme import INSIDE, theme
from workbench.widgets.boxes import Frame, clear, column, row
from workbench.widgets.text import ElidedText, Text, Tone


@dataclasses.dataclass(frozen=True)
class Item:
    """One row; `item_id` is handed back when it is opened."""

    item_id: str
    name: str
    detail: str
    word: str = ""
    icon: str = ""
    tone: Tone = "second"


class _Row(QWidget):
    """A row that opens by click, Enter or space."""

    chosen = Signal(str)

    def __init__(self, item: Item) -> None:
        super().__init__()
        self._item = item
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(" – ".join(part for part in (item.name, item.detail, item.word) if part))
        mark = Text()
        if item.icon:
            mark.setPixmap(icon(item.icon, "ink2").pixmap(QSize(16, 16)))
        words = column(ElidedText(item.name), ElidedText(item.detail, size="small", tone="second"), spacing=0)
        layout = row(mark, words, Text(item.word, tone=item.tone), spacing=12, margins=(INSIDE, 4, INSIDE, 4))
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self._over = False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show pointer and focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("surface2") if self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)

    def enterEvent(self, event: object) -> None:
        """Light up."""
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Go back to rest."""
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open."""
        if self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._item.item_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter or space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._item.item_id)
        else:
            super().keyPressEvent(event)


class ItemList(Frame):
    """A card with a head and rows; says one sentence while it holds none. `said` stands between head and rows.

    Signals:
        opened: the person opened a row; carries its id.
    """

    opened = Signal(str)

    def __init__(self, said: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__("card", None, parent)
        self._head = Text(strong=True)
        self._none = Text(tone="hint", wrap=True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        self._items: list[Item] = []
        told = (said,) if said is not None else ()
        self.setLayout(column(self._head, *told, self._none, self._rows, None, margins=12))

    @property
    def items(self) -> list[Item]:
        """The rows that are shown."""
        return list(self._items)

    def say(self, head: str, none: str) -> None:
        """Set the head and the sentence for an empty list."""
        self._head.setText(head)
        self._none.setText(none)

    def show_items(self, items: list[Item]) -> None:
        """Show these rows."""
        self._none.setVisible(not items)
        if items == self._items:
            return
        self._items = items
        clear(self._rows)
        for item in items:
            made = _Row(item)
            made.chosen.connect(self.opened)
            self._rows.addWidget(made)
