"""Grey bars in the shape of what is being read."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from workbench.theme import INSIDE, theme


class Skeleton(QWidget):
    """Grey bars in the shape of what is being read."""

    def __init__(self, rows: int = 6, row_height: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._row_height = row_height
        self.setMinimumHeight(rows * (row_height + INSIDE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars, each a little shorter than a real row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("surface2"))
        for number in range(self._rows):
            width = self.width() * (0.92, 0.74, 0.83, 0.66)[number % 4]
            painter.drawRoundedRect(0, number * (self._row_height + INSIDE), int(width), self._row_height, 6, 6)
