"""Grey shapes of what is still being read."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from workbench.theme import BETWEEN, CORNER, theme


class MonitorSkeleton(QWidget):
    """A list on the left, a head and four charts on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumHeight(480)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the shapes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("surface2"))
        left = 248.0
        for number in range(4):
            painter.drawRoundedRect(QRectF(0, number * 60, left, 52), CORNER, CORNER)
        room = self.width() - left - BETWEEN
        painter.drawRoundedRect(QRectF(left + BETWEEN, 0, room, 104), CORNER, CORNER)
        half = (room - BETWEEN) / 2
        for number in range(4):
            x = left + BETWEEN + (number % 2) * (half + BETWEEN)
            painter.drawRoundedRect(QRectF(x, 120 + number // 2 * 196, half, 180), CORNER, CORNER)
