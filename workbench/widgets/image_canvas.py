"""A picture to look at closely: wheel zoom, drag, fit, 1:1, invert, and window and level by dragging with the right button."""

from typing import Final

import numpy as np
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.theme import theme

LARGEST_ZOOM: Final = 32.0
_WHEEL_STEP: Final = 1.0015
"""Zoom for one eighth of a degree of the wheel; a notch of 120 makes 1.2."""
FULL_WINDOW: Final = 255.0
FULL_LEVEL: Final = 127.5


class ImageCanvas(QWidget):
    """Shows one 8-bit picture.

    Signals:
        view_changed: zoom, window, level or inversion changed.
    """

    view_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixels: np.ndarray | None = None
        self._shown = QImage()
        self.zoom = 1.0
        """Screen pixels a picture pixel."""
        self.window_width = FULL_WINDOW
        self.level = FULL_LEVEL
        self.inverted = False
        self.marked: tuple[float, float, float, float] | None = None
        """A part of the picture to outline, as fractions `x0, y0, x1, y1`."""
        self._origin = QPointF()
        self._fits = True
        self._grip: tuple[Qt.MouseButton, QPoint] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(160)
        self.setMouseTracking(False)

    def show_image(self, data: bytes) -> bool:
        """Show an encoded picture as the engine decoded it; False where it is none."""
        image = QImage.fromData(data)
        if image.isNull():
            self._pixels = None
            self._shown = QImage()
            self.update()
            return False
        grey = image.isGrayscale()
        image = image.convertToFormat(QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888)
        channels = 1 if grey else 3
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        self._pixels = rows[:, : image.width() * channels].reshape(image.height(), image.width(), channels).copy()
        self.reset()
        return True

    @property
    def has_image(self) -> bool:
        """Whether there is a picture."""
        return self._pixels is not None

    def reset(self) -> None:
        """Show the picture as it is, whole."""
        self.window_width, self.level, self.inverted = FULL_WINDOW, FULL_LEVEL, False
        self._render()
        self.fit()

    def fit(self) -> None:
        """Show the whole picture as large as there is room."""
        self._fits = True
        if self._pixels is not None:
            height, width = self._pixels.shape[:2]
            self.zoom = min(self.width() / width, self.height() / height, LARGEST_ZOOM)
            self._origin = QPointF((self.width() - width * self.zoom) / 2, (self.height() - height * self.zoom) / 2)
        self._tell()

    def actual_size(self) -> None:
        """Show one picture pixel as one screen pixel, around the middle."""
        self.zoom_to(1.0 / self.devicePixelRatioF(), QPointF(self.rect().center()))

    def zoom_to(self, zoom: float, around: QPointF) -> None:
        """Zoom so that the picture stays where it is at `around`."""
        if self._pixels is None:
            return
        height, width = self._pixels.shape[:2]
        smallest = min(self.width() / width, self.height() / height, 1.0) / 4
        zoom = min(max(zoom, smallest), LARGEST_ZOOM)
        self._origin = around - (around - self._origin) * (zoom / self.zoom)
        self.zoom = zoom
        self._fits = False
        self._tell()

    def set_inverted(self, on: bool) -> None:
        """Swap dark and bright."""
        self.inverted = on
        self._render()

    def set_window(self, width: float, level: float) -> None:
        """Spread the grey values `level - width/2` to `level + width/2` over the whole range."""
        self.window_width = min(max(width, 2.0), 510.0)
        self.level = min(max(level, 0.0), 255.0)
        self._render()

    def mark(self, box: tuple[float, float, float, float] | None) -> None:
        """Outline a part of the picture, or nothing."""
        if box != self.marked:
            self.marked = box
            self.update()

    def shown_image(self) -> QImage:
        """Return the picture as it is drawn: windowed and perhaps inverted."""
        return self._shown

    def _render(self) -> None:
        if self._pixels is None:
            return
        ramp = (np.arange(256) - (self.level - self.window_width / 2)) / self.window_width * 255
        table = np.clip(np.rint(ramp), 0, 255).astype(np.uint8)
        pixels = np.ascontiguousarray((255 - table if self.inverted else table)[self._pixels])
        height, width, channels = pixels.shape
        kind = QImage.Format.Format_Grayscale8 if channels == 1 else QImage.Format.Format_RGB888
        self._shown = QImage(pixels.tobytes(), width, height, width * channels, kind).copy()
        self._tell()

    def _tell(self) -> None:
        self.update()
        self.view_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture, smooth when small and pixel by pixel when large."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("surface2"))
        if self._shown.isNull():
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom < 4)
        box = QRectF(
            self._origin.x(), self._origin.y(), self._shown.width() * self.zoom, self._shown.height() * self.zoom
        )
        painter.drawImage(box, self._shown)
        if self.marked is not None:
            x0, y0, x1, y1 = self.marked
            painter.setPen(theme().color("image"))
            outline = QRectF(0, 0, (x1 - x0) * box.width(), (y1 - y0) * box.height())
            painter.drawRect(outline.translated(box.x() + x0 * box.width(), box.y() + y0 * box.height()))
        if self.hasFocus():
            painter.setPen(theme().color("accent"))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep fitting while fitted."""
        super().resizeEvent(event)
        if self._fits:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        self.zoom_to(self.zoom * _WHEEL_STEP ** event.angleDelta().y(), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold: left moves the picture, right changes window and level."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._grip = (event.button(), event.position().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the picture, or change window (sideways) and level (up and down)."""
        if self._grip is None:
            return
        held, before = self._grip
        moved = event.position().toPoint() - before
        self._grip = (held, event.position().toPoint())
        if held == Qt.MouseButton.LeftButton:
            self._fits = False
            self._origin += QPointF(moved)
            self._tell()
        elif held == Qt.MouseButton.RightButton:
            self.set_window(self.window_width + moved.x(), self.level - moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grip = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole picture again."""
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with + - 0, invert with I, reset with R."""
        middle = QPointF(self.rect().center())
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_to(self.zoom * 1.25, middle)
            case Qt.Key.Key_Minus:
                self.zoom_to(self.zoom / 1.25, middle)
            case Qt.Key.Key_0:
                self.fit()
            case Qt.Key.Key_I:
                self.set_inverted(not self.inverted)
            case Qt.Key.Key_R:
                self.reset()
            case _:
                super().keyPressEvent(event)
