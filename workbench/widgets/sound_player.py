"""Playing a recording: the very samples that the model got, through `QAudioSink`, where this computer has a sound device."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QTimer, Signal, Slot

from workbench.widgets.sound_data import Sound

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioSink

_TICK_MS = 30


class SoundPlayer(QObject):
    """Plays a stretch of a sound, once or over and over.

    Signals:
        moved: the play-head moved; carries seconds.
        state_changed: playing began or ended.
    """

    moved = Signal(float)
    state_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sound: Sound | None = None
        self._sink: QAudioSink | None = None
        self._buffer: QBuffer | None = None
        self._start = 0.0
        self._stop = 0.0
        self.loops = False
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(self._on_tick_timeout)

    def load(self, sound: Sound) -> None:
        """Take another recording."""
        self.stop()
        self._sound = sound

    @property
    def is_playing(self) -> bool:
        """Whether sound comes out."""
        return self._sink is not None

    @staticmethod
    def has_device() -> bool:
        """Tell whether this computer can play sound; without libpulse QtMultimedia cannot even be imported."""
        try:
            from PySide6.QtMultimedia import QMediaDevices
        except ImportError:
            return False
        return bool(QMediaDevices.audioOutputs())

    def play(self, start: float, stop: float) -> bool:
        """Play from `start` to `stop` seconds; False where there is no sound device."""
        self.stop()
        sound = self._sound
        if sound is None or not self.has_device():
            return False
        from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices, QtAudio

        wanted = QAudioFormat()
        wanted.setSampleRate(sound.rate)
        wanted.setChannelCount(1)
        wanted.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        sink = QAudioSink(QMediaDevices.defaultAudioOutput(), wanted, self)
        piece = sound.samples[int(start * sound.rate) : int(stop * sound.rate)]
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(piece.tobytes()))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        sink.start(self._buffer)
        if sink.state() == QtAudio.State.StoppedState:
            sink.deleteLater()
            return False
        self._start, self._stop, self._sink = start, stop, sink
        self._tick.start()
        self.state_changed.emit()
        return True

    @Slot()
    def stop(self) -> None:
        """Stop playing."""
        self._tick.stop()
        sink, self._sink = self._sink, None
        if sink is not None:
            sink.stop()
            sink.deleteLater()
            self.state_changed.emit()

    @Slot()
    def _on_tick_timeout(self) -> None:
        if self._sink is None:
            return
        now = self._start + self._sink.processedUSecs() / 1e6
        self.moved.emit(min(now, self._stop))
        if now >= self._stop:
            if self.loops:
                self.play(self._start, self._stop)
            else:
                self.stop()
                self.moved.emit(self._start)
