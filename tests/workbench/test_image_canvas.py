"""A picture to look at closely."""

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QIODevice, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.widgets.image_canvas import ImageCanvas


def png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageCanvas:
    """Return a canvas of 400 x 300 with a grey ramp of 256 x 100."""
    made = ImageCanvas()
    qtbot.addWidget(made)
    made.resize(400, 300)
    ramp = np.tile(np.arange(256, dtype=np.uint8), (100, 1))
    made.show_image(png(QImage(ramp.tobytes(), 256, 100, 256, QImage.Format.Format_Grayscale8)))
    made.show()
    return made


def _grey(canvas: ImageCanvas, x: int) -> int:
    return canvas.shown_image().pixelColor(x, 50).red()


def test_picture_when_shown_fits_and_stays_as_it_is(canvas: ImageCanvas) -> None:
    assert canvas.zoom == pytest.approx(400 / 256)
    assert [_grey(canvas, x) for x in (0, 100, 255)] == [0, 100, 255]


def test_window_when_narrowed_spreads_its_greys(canvas: ImageCanvas) -> None:
    canvas.set_window(100, 100)
    assert [_grey(canvas, x) for x in (50, 100, 150)] == pytest.approx([0, 128, 255], abs=1)


def test_picture_when_inverted_swaps_dark_and_bright(canvas: ImageCanvas) -> None:
    canvas.set_inverted(True)
    assert [_grey(canvas, x) for x in (0, 255)] == [255, 0]
    canvas.reset()
    assert [_grey(canvas, x) for x in (0, 255)] == [0, 255]


def test_wheel_when_turned_zooms_around_the_pointer(canvas: ImageCanvas) -> None:
    before = canvas.zoom
    at = QPointF(120, 150)
    under = (at.x() - canvas._origin.x()) / canvas.zoom
    none, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    event = QWheelEvent(at, at, QPoint(), QPoint(0, 120), buttons, none, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(canvas, event)
    assert canvas.zoom == pytest.approx(before * 1.2, rel=0.01)
    assert (at.x() - canvas._origin.x()) / canvas.zoom == pytest.approx(under)


def test_right_drag_when_moved_changes_window_and_level(qtbot: QtBot, canvas: ImageCanvas) -> None:
    qtbot.mousePress(canvas, Qt.MouseButton.RightButton, pos=QPoint(100, 100))
    qtbot.mouseMove(canvas, QPoint(60, 80))
    qtbot.mouseRelease(canvas, Qt.MouseButton.RightButton, pos=QPoint(60, 80))
    assert canvas.window_width == pytest.approx(215)
    assert canvas.level == pytest.approx(147.5)


def test_keys_when_pressed_zoom_fit_and_invert(qtbot: QtBot, canvas: ImageCanvas) -> None:
    fitted = canvas.zoom
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.zoom > fitted
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.zoom == pytest.approx(fitted)
    qtbot.keyClick(canvas, Qt.Key.Key_I)
    assert canvas.inverted


def test_bytes_when_no_picture_are_refused(canvas: ImageCanvas) -> None:
    assert not canvas.show_image(b"not a picture")
    assert not canvas.has_image


def test_colour_picture_when_inverted_keeps_its_channels_apart(qtbot: QtBot) -> None:
    canvas = ImageCanvas()
    qtbot.addWidget(canvas)
    image = QImage(7, 5, QImage.Format.Format_RGB888)
    image.fill(0xFF2040C0)
    canvas.show_image(png(image))
    canvas.set_inverted(True)
    color = canvas.shown_image().pixelColor(6, 4)
    assert (color.red(), color.green(), color.blue()) == (255 - 0x20, 255 - 0x40, 255 - 0xC0)
