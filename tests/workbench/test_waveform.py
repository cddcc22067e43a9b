"""A recording as numbers, on the screen, and out of the loudspeaker where there is one."""

import io
import wave

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from pytestqt.qtbot import QtBot

from workbench.widgets.sound_data import Sound
from workbench.widgets.sound_player import SoundPlayer
from workbench.widgets.waveform import SoundView

RATE = 16_000


def wav(samples: np.ndarray, channels: int = 1) -> bytes:
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2").tobytes())
    return held.getvalue()


def _tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return 20_000 * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)


@pytest.fixture
def view(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> SoundView:
    """Return a view of 2 s of sound on a computer without a sound device."""
    monkeypatch.setattr(SoundPlayer, "has_device", staticmethod(lambda: False))
    made = SoundView()
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.show()
    assert made.show_sound(wav(_tone(440, 2.0)))
    return made


def test_spectrogram_when_a_tone_sounds_peaks_at_its_frequency() -> None:
    levels = Sound.read(wav(_tone(2000))).spectrogram()
    assert abs(int(levels.mean(axis=1).argmax()) * RATE / 512 - 2000) <= RATE / 512
    assert levels.min() >= 0
    assert levels.max() == pytest.approx(1.0)


def test_envelope_when_drawn_narrow_keeps_the_loudest_sample() -> None:
    samples = np.zeros(RATE)
    samples[12_345] = 32_000
    envelope = Sound.read(wav(samples)).envelope(100)
    assert envelope.shape == (100, 2)
    assert envelope[77, 1] == pytest.approx(32_000 / 32_768, abs=1e-4)
    assert np.count_nonzero(envelope) == 1


@pytest.mark.parametrize("length", [0, 1, 100, 600])
def test_sound_when_very_short_can_still_be_drawn(length: int) -> None:
    sound = Sound.read(wav(np.ones(length)))
    assert np.isfinite(sound.spectrogram()).all()
    assert sound.envelope(50).shape == (50, 2)


@pytest.mark.parametrize("data", [b"", b"RIFF....", wav(np.zeros(64), channels=2)])
def test_sound_when_not_as_decoded_raises_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="recording"):
        Sound.read(data)


def test_view_when_there_is_no_device_says_so_and_keeps_the_waveform(qtbot: QtBot, view: SoundView) -> None:
    qtbot.mouseClick(view.play, Qt.MouseButton.LeftButton)
    assert view.note == "No sound device found"
    image = view.plot.grab().toImage()
    assert len({image.pixelColor(x, 40).rgb() for x in range(image.width())}) > 1


def test_plot_when_dragged_chooses_a_stretch_and_a_click_gives_it_up(qtbot: QtBot, view: SoundView) -> None:
    width = view.plot.width()
    qtbot.mousePress(view.plot, Qt.MouseButton.LeftButton, pos=QPoint(width // 4, 20))
    qtbot.mouseMove(view.plot, QPoint(width // 2, 20))
    qtbot.mouseRelease(view.plot, Qt.MouseButton.LeftButton, pos=QPoint(width // 2, 20))
    assert view.plot.stretch == pytest.approx((0.5, 1.0), abs=0.02)
    qtbot.mouseClick(view.plot, Qt.MouseButton.LeftButton, pos=QPoint(width // 2, 20))
    assert view.plot.stretch == (0.0, 0.0)


def test_space_when_pressed_asks_the_player_for_the_stretch(
    qtbot: QtBot, view: SoundView, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[float, float]] = []

    def play(_player: SoundPlayer, start: float, stop: float) -> bool:
        asked.append((start, stop))
        return True

    monkeypatch.setattr(SoundPlayer, "play", play)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    view.plot.stretch = (0.5, 1.5)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert asked == [(0.0, 2.0), (0.5, 1.5)]


def test_view_when_the_bytes_are_no_sound_refuses_them(view: SoundView) -> None:
    assert not view.show_sound(b"nothing")


def test_spectrogram_when_drawn_marks_kilohertz_from_below(view: SoundView) -> None:
    area = QRectF(0, 100, 400, 160)
    marks = view.plot.frequencies(area, 16)
    assert [label for _y, label in marks] == ["2 kHz", "4 kHz", "6 kHz"]
    assert [y for y, _label in marks] == [220, 180, 140]
    assert view.plot.frequencies(QRectF(0, 0, 400, 10), 16) == []
