"""The parts sounds are made of: shaped noise, clicks, envelopes, and the microphone that records them.

Shapes: N samples, F frequencies.
"""

import itertools
import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from engine.demo.devices import Microphone

RATE = 16_000
"""Samples a second."""
SECONDS = 2.4
LENGTH = int(RATE * SECONDS)

Wave = NDArray[np.float64]
"""One number a sample, (N,)."""

TIME_N: Wave = np.arange(LENGTH) / RATE
_HERTZ_F: Wave = np.linspace(0, RATE / 2, LENGTH // 2 + 1)


def band(low: float, high: float) -> Wave:
    """Return the response (F,) of a filter that passes `low` to `high` Hz with gentle slopes."""
    below = np.square(np.square(_HERTZ_F / low))
    response: Wave = below / ((1 + below) * (1 + np.square(np.square(_HERTZ_F / high))))
    return response


def bell(centre: float, width: float) -> Wave:
    """Return the response (F,) of a resonance at `centre` Hz."""
    response: Wave = 1 / np.sqrt(1 + ((_HERTZ_F - centre) / width) ** 2)
    return response


def shape(wave_N: Wave, response_F: Wave) -> Wave:
    """Filter a sound."""
    return np.fft.irfft(np.fft.rfft(wave_N) * response_F, LENGTH)


def noise(rng: np.random.Generator, response_F: Wave) -> Wave:
    """Return filtered noise of deviation 1."""
    parts = rng.standard_normal((2, len(_HERTZ_F)))  # white noise has a white spectrum: one transform is saved
    wave = np.fft.irfft((parts[0] + 1j * parts[1]) * response_F, LENGTH)
    return np.asarray(wave / (wave.std() + 1e-12))


def humps(spans: Iterable[tuple[float, float]], heights: Iterable[float] = itertools.repeat(1.0)) -> Wave:
    """Return an envelope that rises and falls smoothly in each span (seconds)."""
    envelope = np.zeros(LENGTH)
    for (start, stop), height in zip(spans, heights, strict=False):
        here = _samples(start, stop)
        envelope[here] += height * np.sin(np.pi * (TIME_N[here] - start) / (stop - start)) ** 2
    return envelope


def bursts(moments: Iterable[float], heights: Iterable[float], attack: float, decay: float) -> Wave:
    """Return an envelope that jumps up at each moment and dies away (seconds)."""
    envelope = np.zeros(LENGTH)
    for moment, height in zip(moments, heights, strict=False):
        here = _samples(moment, moment + attack + 7 * decay)
        since = TIME_N[here] - moment
        envelope[here] += height * np.clip(since / attack, 0, 1) * np.exp(-np.clip(since - attack, 0, None) / decay)
    return envelope


def _samples(start: float, stop: float) -> slice:
    """Return the samples between two moments."""
    return slice(max(0, math.ceil(start * RATE)), max(0, math.floor(stop * RATE) + 1))


def tone(hertz_N: Wave | float, harmonics: tuple[float, ...] = (1.0,)) -> Wave:
    """Return a tone whose pitch may move; `harmonics` are the strengths of its overtones."""
    turns = np.cumsum(np.broadcast_to(hertz_N, (LENGTH,))) / RATE
    waves = [strength * np.sin(2 * np.pi * (k + 1) * turns) for k, strength in enumerate(harmonics)]
    return np.asarray(sum(waves), dtype=np.float64)


def clicks(rng: np.random.Generator, moments: NDArray[np.float64], hertz: float) -> Wave:
    """Return a short ringing click of about `hertz` at each moment."""
    train = np.zeros(LENGTH)
    at = (moments * RATE).astype(int)
    at = at[(at >= 0) & (at < LENGTH)]
    np.add.at(train, at, rng.uniform(0.5, 1.0, len(at)) * rng.choice((-1.0, 1.0), len(at)))
    ringing = np.exp(-TIME_N / 0.002) * np.sin(2 * np.pi * hertz * TIME_N)
    return np.fft.irfft(np.fft.rfft(train) * np.fft.rfft(ringing), LENGTH)


def record(wave_N: Wave, microphone: Microphone, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return a sound as a microphone keeps it: 16 bits, with its band, resonance, hiss and hum."""
    passed = band(microphone.low, microphone.high) * (1 + (microphone.boost - 1) * bell(microphone.peak, 500))
    wave_N = shape(wave_N, passed)
    wave_N = wave_N / (np.abs(wave_N).max() + 1e-9) * microphone.gain
    hum = microphone.hum * np.sin(2 * np.pi * 50 * TIME_N + rng.uniform(0, 6))
    wave_N = wave_N + microphone.hiss * rng.standard_normal(LENGTH) + hum
    return np.rint(np.clip(wave_N, -1, 1) * 32767).astype(np.int16)
