"""Sounds: 16-bit mono 16 kHz WAV to log-mel; the one door to torchaudio.

torchaudio's compiled extension is built for one CUDA version and fails to load beside any other torch, so a stand-in is registered
before the import; only the pure-PyTorch transforms are used.
Shapes: S samples, F mel bands, T frames.
"""

import functools
import io
import sys
import types
import wave

import numpy as np
import torch
from torch import Tensor

from engine.schema.errors import EngineFault

SAMPLE_RATE = 16_000
WINDOW = 400
"""Samples of one analysis window: 25 ms."""
HOP = 160
"""Samples from frame to frame: 10 ms."""
FRAMES_PER_SECOND = SAMPLE_RATE // HOP
FFT = 512
BANDS = 40
LOWEST = 40.0
"""Lower edge of the first band in Hz."""
FLOOR = 1e-6
"""Power added before the logarithm: below 16-bit noise."""


def _import_transforms() -> types.ModuleType:
    """Import torchaudio's transforms behind a stand-in for its compiled extension."""
    if "torchaudio" not in sys.modules:
        stand_in = types.ModuleType("torchaudio._extension")
        stand_in._IS_TORCHAUDIO_EXT_AVAILABLE = False  # type: ignore[attr-defined]
        stand_in.fail_if_no_align = lambda function: function  # type: ignore[attr-defined]
        sys.modules["torchaudio._extension"] = stand_in
    import torchaudio.transforms

    return torchaudio.transforms  # type: ignore[no-any-return]


transforms = _import_transforms()


@functools.cache
def _mel(highest: float) -> torch.nn.Module:
    """Return the transform for bands from `LOWEST` to `highest` Hz; its filters are made once."""
    made: torch.nn.Module = transforms.MelSpectrogram(
        SAMPLE_RATE, n_fft=FFT, win_length=WINDOW, hop_length=HOP, f_min=LOWEST, f_max=highest, n_mels=BANDS, power=2.0
    )
    return made


def read_wave(data: bytes) -> Tensor:
    """Return the samples of a decoded recording in [-1, 1); raises `EngineFault` where it is not as decoding leaves it."""
    with wave.open(io.BytesIO(data)) as file:
        if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (SAMPLE_RATE, 1, 2):
            raise EngineFault("internal", detail="a decoded recording is not 16-bit mono 16 kHz")
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return torch.from_numpy(samples.astype(np.float32) / 32768.0)


def resampled(wave_S: Tensor, rate: int) -> Tensor:
    """Return a 16 kHz recording at another sample rate (sinc interpolation); as it is where the rate is the same."""
    if rate == SAMPLE_RATE:
        return wave_S
    changed: Tensor = transforms.Resample(SAMPLE_RATE, rate)(wave_S)
    return changed


def log_mel(wave_S: Tensor, highest: float = SAMPLE_RATE / 2) -> Tensor:
    """Return the log-mel of a recording, (F, T); a recording shorter than one window is padded with silence."""
    missing = WINDOW - wave_S.shape[-1]
    if missing > 0:
        wave_S = torch.nn.functional.pad(wave_S, (0, missing))
    with torch.no_grad():
        power_FT: Tensor = _mel(highest)(wave_S)
    return (power_FT + FLOOR).log()


def loudest_stretch(mel_FT: Tensor, frames: int) -> tuple[Tensor, int]:
    """Return the `frames` frames with the most in them, and where they begin; a shorter sound is returned whole."""
    total = mel_FT.shape[1]
    if total <= frames:
        return mel_FT, 0
    summed = torch.nn.functional.pad(mel_FT.mean(0).cumsum(0), (1, 0))
    start = int((summed[frames:] - summed[:-frames]).argmax())
    return mel_FT[:, start : start + frames], start
