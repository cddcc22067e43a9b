"""A recording as numbers: the samples the engine decoded, their envelope for drawing, and their spectrogram."""

import dataclasses
import io
import wave
from typing import Final

import numpy as np

_FRAME: Final = 512
"""Samples a spectrum is taken over; 32 ms at 16 kHz."""
_MOST_COLUMNS: Final = 1200
_FLOOR_DB: Final = -60.0


@dataclasses.dataclass(frozen=True)
class Sound:
    """16-bit mono samples at `rate` a second."""

    samples: np.ndarray
    rate: int

    @classmethod
    def read(cls, data: bytes) -> "Sound":
        """Read a 16-bit mono WAV file as the engine writes it; raises `ValueError` where it is none."""
        try:
            with wave.open(io.BytesIO(data)) as file:
                if file.getsampwidth() != 2 or file.getnchannels() != 1:
                    raise ValueError("the decoded recording is not 16-bit mono")
                return cls(np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate())
        except (wave.Error, EOFError) as error:
            raise ValueError("the decoded recording is no WAV file") from error

    @property
    def seconds(self) -> float:
        """Length of the recording."""
        return len(self.samples) / self.rate

    def envelope(self, columns: int) -> np.ndarray:
        """Return the lowest and highest sample (-1 to 1) of each of `columns` slices, as an array (columns, 2)."""
        if not len(self.samples) or columns < 1:
            return np.zeros((max(columns, 0), 2), np.float32)
        edges = np.linspace(0, len(self.samples), columns + 1).astype(np.int64)[:-1]
        low = np.minimum.reduceat(self.samples, edges) / 32768.0
        high = np.maximum.reduceat(self.samples, edges) / 32768.0
        return np.stack([low, high], axis=1).astype(np.float32)

    def spectrogram(self) -> np.ndarray:
        """Return levels 0 (60 dB under the loudest) to 1, as an array (frequencies from low to high, columns)."""
        samples = self.samples.astype(np.float32) / 32768.0
        if len(samples) < _FRAME:
            samples = np.pad(samples, (0, _FRAME - len(samples)))
        starts = np.linspace(0, len(samples) - _FRAME, min(_MOST_COLUMNS, max(2, len(samples) // 160))).astype(np.int64)
        frames = samples[starts[:, None] + np.arange(_FRAME)] * np.hanning(_FRAME).astype(np.float32)
        power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
        decibels = 10 * np.log10(power / max(float(power.max()), 1e-12) + 1e-12)
        return np.clip(1 - decibels / _FLOOR_DB, 0, 1).T.astype(np.float32)
