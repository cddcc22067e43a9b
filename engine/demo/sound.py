"""The parts sounds are made of: shaped noise, clicks, envelopes, and the microphone that records them.

Shapes: N samples, F frequencies.
"""

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
_HERTZ_F: Wave = np.fft.rfftfreq(LENGTH, 1 / RATE)


def band(low: float, high: float) -> Wave:
    """Return the response (F,) of a filter that passes `low` to `high` Hz with gentle slopes."""
    below = (_HERTZ_F / low) ** 4
    response: Wave = (below / (1 + below)) / (1 + (_HERTZ_F / high) ** 4)
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
    wave = shape(rng.standard_normal(LENGTH), response_F)
    return wave / (wave.std() + 1e-12)


def hump(start: float, stop: float) -> Wave:
    """Return an envelope that rises and falls smoothly between two moments (seconds)."""
    place = np.clip((TIME_N - start) / (stop - start), 0, 1)
    envelope: Wave = np.sin(np.pi * place) ** 2
    return envelope


def burst(start: float, attack: float, decay: float) -> Wave:
    """Return an envelope that jumps up at `start` and dies away (seconds)."""
    since = TIME_N - start
    envelope: Wave = np.clip(since / attack, 0, 1) * np.exp(-np.clip(since - attack, 0, None) / decay)
    return envelope


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
    ringing = np.exp(-TIME_N / 0.003) * np.sin(2 * np.pi * hertz * TIME_N)
    return np.fft.irfft(np.fft.rfft(train) * np.fft.rfft(ringing), LENGTH)


def record(wave_N: Wave, microphone: Microphone, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return a sound as a microphone keeps it: 16 bits, with its band, resonance, hiss and hum."""
    passed = band(microphone.low, microphone.high) * (1 + (microphone.boost - 1) * bell(microphone.peak, 500))
    wave_N = shape(wave_N, passed)
    wave_N = wave_N / (np.abs(wave_N).max() + 1e-9) * microphone.gain
    hum = microphone.hum * np.sin(2 * np.pi * 50 * TIME_N + rng.uniform(0, 6))
    wave_N = wave_N + microphone.hiss * rng.standard_normal(LENGTH) + hum
    return np.rint(np.clip(wave_N, -1, 1) * 32767).astype(np.int16)
