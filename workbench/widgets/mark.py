"""A small icon beside a word, painted anew when light becomes dark."""

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QWidget

from workbench.icons import icon
from workbench.theme import theme
from workbench.widgets.text import Text, Tone

SIDE = 16
_INK: dict[Tone, str] = {"": "ink1", "second": "ink2", "hint": "ink3"}


class Mark(Text):
    """An icon of the one family in a tone; the word it stands beside says the same."""

    def __init__(self, name: str = "", tone: Tone = "second", parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._name, self._tone = name, tone
        theme().changed.connect(self._draw)
        self._draw()

    def show_icon(self, name: str, tone: Tone) -> None:
        """Show another icon."""
        self._name, self._tone = name, tone
        self._draw()

    @Slot()
    def _draw(self) -> None:
        self.setMinimumHeight(theme().px(SIDE + 2))  # as high as the line it stands beside
        if self._name:
            self.setPixmap(icon(self._name, _INK.get(self._tone, self._tone)).pixmap(QSize(SIDE, SIDE)))
