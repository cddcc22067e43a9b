"""A recording to see and hear: waveform and spectrogram on one time axis, a loop, a play-head, play and stop."""

from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPoint, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.i18n import Retranslated
from workbench.icons import icon
from workbench.theme import INSIDE, SHARE_SCALE, SMALL, theme
from workbench.widgets.boxes import column, icon_button, name_it, row
from workbench.widgets.sound_data import Sound
from workbench.widgets.sound_player import SoundPlayer
from workbench.widgets.text import ElidedText, Text
from workbench.words import Durations

_AXIS: Final = 20
"""Height of the time axis."""
_KILOHERTZ: Final = (1, 2, 4, 8)
"""Distances of the marks of frequency, the closest first."""
_SHORTEST: Final = 0.05
"""Seconds below which a drag counts as a click."""


def _color_table() -> list[int]:
    """Return 256 colours between the anchors of the share scale."""
    anchors = np.array([(color.red(), color.green(), color.blue()) for color in map(QColor, SHARE_SCALE)], np.float32)
    at = np.linspace(0, len(anchors) - 1, 256)
    low = np.minimum(at.astype(np.int64), len(anchors) - 2)
    mixed = anchors[low] + (anchors[low + 1] - anchors[low]) * (at - low)[:, None]
    return [QColor(int(r), int(g), int(b)).rgb() for r, g, b in mixed]


class SoundPlot(QWidget):
    """The drawing: waveform above, spectrogram below, one time axis; dragging chooses a stretch.

    Signals:
        stretch_chosen: the person chose from where to where; both 0 when the whole is meant.
        played_from: the person clicked at a time; carries seconds.
    """

    stretch_chosen = Signal(float, float)
    played_from = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sound: Sound | None = None
        self._levels = QImage()
        self._wave: list[QLineF] = []
        self._wave_size = QSize()
        self.head = 0.0
        self.stretch = (0.0, 0.0)
        self.marked: tuple[float, float] | None = None
        self._pressed: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(160)

    def show_sound(self, sound: Sound) -> None:
        """Draw a recording."""
        self._sound = sound
        levels = np.ascontiguousarray((sound.spectrogram()[::-1] * 255).astype(np.uint8))
        height, width = levels.shape
        image = QImage(levels.tobytes(), width, height, width, QImage.Format.Format_Indexed8)
        image.setColorTable(_color_table())
        self._levels = image.copy()
        self._wave_size = QSize()
        self.head, self.stretch = 0.0, (0.0, 0.0)
        self.update()

    def set_head(self, seconds: float) -> None:
        """Move the play-head."""
        self.head = seconds
        self.update()

    def mark(self, stretch: tuple[float, float] | None) -> None:
        """Outline a stretch of time, or nothing."""
        if stretch != self.marked:
            self.marked = stretch
            self.update()

    def _x_of(self, seconds: float) -> float:
        return seconds / self._sound.seconds * self.width() if self._sound is not None and self._sound.seconds else 0.0

    def _seconds_at(self, x: float) -> float:
        if self._sound is None:
            return 0.0
        return min(max(x / max(1, self.width()), 0.0), 1.0) * self._sound.seconds

    def _lines(self, height: float) -> list[QLineF]:
        """Return the waveform's strokes for the present size; kept until the size changes."""
        assert self._sound is not None
        if self._wave_size != self.size():
            middle, half = height / 2, height / 2 - 2
            pairs = self._sound.envelope(self.width())
            self._wave = [
                QLineF(x + 0.5, middle - high * half - 0.5, x + 0.5, middle - low * half + 0.5)
                for x, (low, high) in enumerate(pairs.tolist())
            ]
            self._wave_size = self.size()
        return self._wave

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw waveform, spectrogram, stretch, axis and play-head."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().color("surface2"))
        if self._sound is None:
            return
        upper = (self.height() - theme().px(_AXIS)) * 0.4
        lower = QRectF(0, upper, self.width(), self.height() - theme().px(_AXIS) - upper)
        painter.setPen(theme().color("audio"))
        painter.drawLines(self._lines(upper))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(lower, self._levels)
        self._draw_axis(painter)
        self._draw_frequencies(painter, lower)
        for stretch, token in ((self.stretch, "accent"), (self.marked, "audio")):
            if stretch is not None and stretch[1] > stretch[0]:
                self._draw_stretch(painter, stretch, token)
        painter.setPen(theme().color("accent"))
        x = self._x_of(self.head)
        painter.drawLine(QLineF(x, 0, x, self.height() - theme().px(_AXIS)))

    def _draw_stretch(self, painter: QPainter, stretch: tuple[float, float], token: str) -> None:
        left, right = self._x_of(stretch[0]), self._x_of(stretch[1])
        tint = theme().color(token)
        tint.setAlpha(60)
        box = QRectF(left, 0, max(1.0, right - left), self.height() - theme().px(_AXIS))
        painter.fillRect(box, tint)
        painter.setPen(theme().color(token))
        painter.drawRect(box)

    def _draw_axis(self, painter: QPainter) -> None:
        assert self._sound is not None
        painter.setPen(theme().color("ink3"))
        painter.setFont(theme().font(SMALL))
        steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60)
        step = next((s for s in steps if self._x_of(s) >= 56), 60.0)
        top = self.height() - theme().px(_AXIS)
        for number in range(int(self._sound.seconds / step) + 1):
            x = self._x_of(number * step)
            painter.drawLine(QLineF(x, top, x, top + 4))
            label = f"{number * step:g} s"
            if x + 4 + painter.fontMetrics().horizontalAdvance(label) < self.width():
                painter.drawText(QPoint(int(x) + 4, self.height() - 5), label)

    def _draw_frequencies(self, painter: QPainter, area: QRectF) -> None:
        """Mark thousands of hertz at the spectrogram's left edge, as close as the letters allow."""
        assert self._sound is not None
        painter.setFont(theme().font(SMALL))
        line = painter.fontMetrics().height()
        for y, label in self.frequencies(area, line):
            box = QRectF(6, y - line / 2, painter.fontMetrics().horizontalAdvance(label) + 8, line)
            ground = theme().color("surface1")
            ground.setAlpha(200)
            painter.fillRect(box, ground)
            painter.setPen(theme().color("ink1"))
            painter.drawLine(QLineF(0, y, 6, y))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, label)

    def frequencies(self, area: QRectF, line: float) -> list[tuple[float, str]]:
        """Return where `area` shows which frequency: height and words, with room for a `line` at each."""
        assert self._sound is not None
        highest = self._sound.rate / 2000
        step = next((s for s in _KILOHERTZ if s / highest * area.height() >= 2 * line), highest)
        marks = (number * step for number in range(1, int(highest / step) + 1))
        at = ((area.bottom() - mark / highest * area.height(), f"{mark:g} kHz") for mark in marks)
        return [(y, label) for y, label in at if y >= area.top() + line / 2]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a stretch."""
        self._pressed = self._seconds_at(event.position().x())
        self.stretch = (0.0, 0.0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Spread the stretch."""
        if self._pressed is not None:
            now = self._seconds_at(event.position().x())
            self.stretch = (min(self._pressed, now), max(self._pressed, now))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the stretch; a click chooses the whole again and says where to play from."""
        if self._pressed is None:
            return
        pressed, self._pressed = self._pressed, None
        if self.stretch[1] - self.stretch[0] < _SHORTEST:
            self.stretch = (0.0, 0.0)
            self.played_from.emit(pressed)
        self.stretch_chosen.emit(*self.stretch)
        self.update()


class SoundView(Retranslated, QWidget):
    """The plot with its transport: play, stop, loop and the time; space plays."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plot = SoundPlot()
        self.player = SoundPlayer(self)
        self.play = icon_button("play")
        self.loop = icon_button("repeat")
        self.loop.setCheckable(True)
        self._time = Text(tone="second")
        self._note = ElidedText(tone="hint", size="small")
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._sound: Sound | None = None
        self._from = 0.0
        self._silent = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        transport = row(self.play, self.loop, self._time, self._note)
        layout = column(self.plot, transport, spacing=INSIDE)
        layout.setStretch(0, 1)
        transport.setStretch(3, 1)
        self.setLayout(layout)
        self.play.clicked.connect(self.toggle)
        self.loop.toggled.connect(self._on_loop_toggled)
        self.plot.played_from.connect(self._on_plot_played_from)
        self.plot.stretch_chosen.connect(self._on_plot_stretch_chosen)
        self.player.moved.connect(self._on_player_moved)
        self.player.state_changed.connect(self.retranslate)
        self.retranslate()

    def show_sound(self, data: bytes) -> bool:
        """Show a decoded recording; False where the bytes are none."""
        try:
            sound = Sound.read(data)
        except ValueError:
            return False
        self._sound = sound
        self._from = 0.0
        self.plot.show_sound(sound)
        self.player.load(sound)
        self.retranslate()
        return True

    @property
    def note(self) -> str:
        """What is said beside the transport, such as that there is no sound device."""
        return self._note.text()

    @Slot()
    def toggle(self) -> None:
        """Play the chosen stretch or the rest from the play-head; stop where it plays."""
        if self.player.is_playing:
            self.player.stop()
            return
        if self._sound is None:
            return
        start, stop = self.plot.stretch
        if stop <= start:
            start, stop = self._from, self._sound.seconds
        self._silent = not self.player.play(start, stop)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words and the time anew."""
        playing = self.player.is_playing
        self.play.setIcon(icon("stop" if playing else "play"))
        name_it(self.play, self.tr("Stop") if playing else self.tr("Play (space)"))
        name_it(self.loop, self.tr("Play over and over"))
        length = self._sound.seconds if self._sound is not None else 0.0
        self._time.setText(f"{Durations.clock(self.plot.head)} / {Durations.clock(length)}")
        self._note.setText(self.tr("No sound device found") if self._silent else self.tr("Drag to choose a stretch"))
        self.setAccessibleName(self.tr("Recording of {seconds} s").format(seconds=f"{length:.1f}"))

    @Slot(float)
    def _on_player_moved(self, seconds: float) -> None:
        self.plot.set_head(seconds)
        length = self._sound.seconds if self._sound is not None else 0.0
        self._time.setText(f"{Durations.clock(seconds)} / {Durations.clock(length)}")

    @Slot(bool)
    def _on_loop_toggled(self, on: bool) -> None:
        self.player.loops = on

    @Slot(float)
    def _on_plot_played_from(self, seconds: float) -> None:
        self._from = seconds
        self._on_player_moved(seconds)

    @Slot(float, float)
    def _on_plot_stretch_chosen(self, start: float, stop: float) -> None:
        self.player.stop()
        if stop > start:
            self._on_player_moved(start)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Play and stop with space."""
        if event.key() == Qt.Key.Key_Space:
            self.toggle()
        else:
            super().keyPressEvent(event)
