"""Drawing, throttled: what changed a hundred times is drawn once, and only while somebody can see it."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

CURVE_MS: Final = 50
HEATMAP_MS: Final = 100


class Redraw(QObject):
    """Calls `draw` after changes of what `widget` shows: at most every `interval` ms, never while it is hidden."""

    def __init__(self, widget: QWidget, draw: Callable[[], None], interval: int = CURVE_MS) -> None:
        super().__init__(widget)
        self._widget = widget
        self._draw = draw
        self._pending = False
        self._timer = QTimer(self, singleShot=True, interval=interval)
        self._timer.timeout.connect(self._on_timer_timeout)
        widget.installEventFilter(self)

    def mark(self) -> None:
        """Remember that something changed; the first change after a quiet time is drawn at the next turn of the loop."""
        self._pending = True
        if not self._timer.isActive() and self._widget.isVisible():
            QTimer.singleShot(0, self, self._draw_if_pending)
            self._timer.start()

    def flush(self) -> None:
        """Draw now what has changed, seen or not."""
        if self._pending:
            self._pending = False
            self._draw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Draw what was missed when the widget comes to sight."""
        if event.type() == QEvent.Type.Show and self._pending:
            self.flush()
        return False

    def _draw_if_pending(self) -> None:
        if self._widget.isVisible():
            self.flush()

    def _on_timer_timeout(self) -> None:
        if self._pending and self._widget.isVisible():
            self.flush()
            self._timer.start()
