"""A moving picture of the window at work: one frame whenever something has changed, for the README."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QWidget

from workbench.theme import BODY, theme

_EVERY_MS: Final = 400
_POINTER: Final = ((0, 0), (0, 17), (4, 13), (7, 19), (10, 18), (7, 12), (12, 12))
"""The outline of a mouse pointer in pixels: a window that is grabbed has none."""


class Film:
    """Grabs a window at even steps of time into numbered pictures; frames that are alike are taken once.

    What is dragged is drawn by the desktop and not by the window, so `carry` has it drawn over the frames.
    """

    def __init__(self, window: QWidget, folder: Path) -> None:
        self._window, self._folder = window, folder
        self._last: QPixmap | None = None
        self._count = 0
        self.held = False
        self.carried: tuple[QPoint, str] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._timer = QTimer(window, interval=_EVERY_MS)
        self._timer.timeout.connect(lambda: self.take())
        self._timer.start()

    def take(self, dwell_ms: int = 0) -> None:
        """Take a frame, unless the film is held or nothing has changed; `dwell_ms` is how long it is to be looked at, 0 as others."""
        if self.held and not dwell_ms:
            return
        frame = self._window.grab()
        if self.carried is not None:
            self._draw(frame, *self.carried)
        if not dwell_ms and self._last is not None and frame.toImage() == self._last.toImage():
            return
        self._last = frame
        frame.save(str(self._folder / f"{self._count:05d}-{dwell_ms}.png"))
        self._count += 1

    @staticmethod
    def _draw(frame: QPixmap, place: QPoint, words: str) -> None:
        painter = QPainter(frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font(BODY))
        tag = QRectF(place.x() + 14, place.y() + 14, painter.fontMetrics().horizontalAdvance(words) + 24, 30)
        painter.setPen(theme().color("line"))
        painter.setBrush(theme().color("surface1"))
        painter.drawRoundedRect(tag, 6, 6)
        painter.setPen(theme().color("ink1"))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, words)
        painter.setBrush(theme().color("ink1"))
        painter.drawPolygon(QPolygonF([QPointF(place.x() + x, place.y() + y) for x, y in _POINTER]))
        painter.end()
