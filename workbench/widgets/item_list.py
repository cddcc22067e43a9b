"""A short list of things to open: a mark, a name, a second line of words and a word at the end; used for recent things."""

import dataclasses
import itertools

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.icons import icon
from workbench.theme import INSIDE, theme
from workbench.widgets.boxes import Frame, column, row, widgets_of
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

    def __init__(self) -> None:
        super().__init__()
        self._item: Item | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._mark, self._name, self._detail = Text(), ElidedText(), ElidedText(size="small", tone="second")
        self._word = Text()
        words = column(self._name, self._detail, spacing=0)
        layout = row(self._mark, words, self._word, spacing=12, margins=(INSIDE, 4, INSIDE, 4))
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def show_item(self, item: Item) -> None:
        """Write the row; focus and a press under way stay where they are."""
        if item == self._item:
            return
        self._item = item
        self.setAccessibleName(" – ".join(part for part in (item.name, item.detail, item.word) if part))
        self._mark.setPixmap(icon(item.icon, "ink2").pixmap(QSize(16, 16)) if item.icon else QPixmap())
        self._name.setText(item.name)
        self._detail.setText(item.detail)
        self._word.set_tone(item.tone)
        self._word.setText(item.word)

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
            self._choose()

    def _choose(self) -> None:
        if self._item is not None:
            self.chosen.emit(self._item.item_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter or space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._choose()
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
        self._row_of: dict[str, _Row] = {}
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
        """Show these rows; those that stay are written anew in place, so that nobody's focus or click is lost."""
        self._none.setVisible(not items)
        if items == self._items:
            return
        self._items = items
        wanted = {item.item_id for item in items}
        for item_id in [known for known in self._row_of if known not in wanted]:
            gone = self._row_of.pop(item_id)
            self._rows.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, item in enumerate(items):
            shown = self._row_of.get(item.item_id)
            if shown is None:
                shown = self._row_of[item.item_id] = _Row()
                shown.chosen.connect(self.opened)
            if self._rows.indexOf(shown) != place:
                self._rows.insertWidget(place, shown)
            shown.show_item(item)
        for earlier, later in itertools.pairwise(widgets_of(self._rows)):
            QWidget.setTabOrder(earlier, later)  # a new row above others would come last
