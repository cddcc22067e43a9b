"""Voice messages without words: vowels in a row, in which the findings can be named by ear.

Findings and their values:
    mood    calm (even, unhurried); angry (loud hammering syllables, a harsh voice that jumps up); anxious (fast, high,
            trembling, with gasps); tired (slow, sinking, breathy, with long pauses)
    ending  rising (the last syllables climb, as in a question); falling (they drop and fade)
    place   quiet; street (engines rumble, a horn); beeps (a machine beeps again and again)
"""

import dataclasses
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.demo.devices import Microphone
from engine.demo.sound import LENGTH, RATE, SECONDS, TIME_N, Wave, band, bell, humps, noise, record, shape, tone
from engine.demo.voices import Voice
from engine.demo.world import Findings

_VOWELS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))
"""Resonances in Hz of a, i, u and e in a middle-sized tract."""


@dataclasses.dataclass(frozen=True)
class Manner:
    """How a mood speaks: syllables a second, pitch as a multiple of the speaker's own, and what colours it."""

    pace: tuple[float, float]
    pitch: tuple[float, float]
    accent: float
    drift: float
    tremor: float
    air: float
    drive: float
    pause: float
    fill: float
    bright: float


MANNERS = {
    "calm": Manner((3.6, 4.2), (0.95, 1.05), 0.04, -0.04, 0.0, 0.03, 0.0, 0.08, 0.85, 1400),
    "angry": Manner((4.6, 5.4), (1.20, 1.40), 0.30, 0.00, 0.0, 0.05, 4.0, 0.00, 0.60, 4500),
    "anxious": Manner((6.4, 7.4), (1.50, 1.75), 0.06, 0.10, 0.05, 0.06, 0.0, 0.22, 0.80, 1800),
    "tired": Manner((1.9, 2.3), (0.72, 0.84), 0.02, -0.22, 0.0, 0.22, 0.0, 0.30, 0.90, 1000),
}


@dataclasses.dataclass(frozen=True)
class _Syllable:
    start: float
    stop: float
    vowel: int
    accent: float
    loud: float


def make_speech(found: Findings, voice: Voice, microphone: Microphone, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return one recording (N,) of a speaker with these findings."""
    manner = MANNERS[found["mood"]]
    syllables, gasps = _plan(manner, rng)
    if found["ending"] == "falling":
        syllables[-1] = dataclasses.replace(syllables[-1], loud=0.45)
    pitch_N = _melody(manner, syllables, found["ending"], voice, rng)
    wave_N = _voiced(pitch_N, syllables, manner, voice, rng)
    if manner.drive:
        wave_N = np.tanh(manner.drive * wave_N) * 0.8
    if found["mood"] == "anxious":
        wave_N = wave_N + 0.30 * noise(rng, band(1200, 4000)) * humps((at, at + 0.14) for at in gasps)
    return record(wave_N + _place(found["place"], rng), microphone, rng)


def _plan(manner: Manner, rng: np.random.Generator) -> tuple[list[_Syllable], list[float]]:
    """Return the syllables, and the moments where the speaker pauses."""
    at, length = rng.uniform(0.05, 0.15), 1 / rng.uniform(*manner.pace)
    syllables, pauses = [], []
    while at + length < SECONDS - 0.05:
        long = length * rng.uniform(0.9, 1.1)
        strong = rng.random() < 0.5
        syllables.append(
            _Syllable(
                at, at + long * manner.fill, int(rng.integers(4)), manner.accent * strong, 1.0 if strong else 0.75
            )
        )
        at += long
        if rng.random() < manner.pause and at < SECONDS - 0.8:
            pauses.append(at)
            at += 0.18
    return syllables, pauses or [SECONDS / 2]


def _melody(manner: Manner, syllables: list[_Syllable], ending: str, voice: Voice, rng: np.random.Generator) -> Wave:
    """Return the pitch (N,) in Hz: the speaker's own, moved by mood, accents and the ending."""
    base = voice.pitch * rng.uniform(*manner.pitch)
    factor = 1 + manner.drift * (TIME_N / SECONDS - 0.5)
    factor = factor + humps([(s.start - 0.02, s.stop + 0.02) for s in syllables], [s.accent for s in syllables])
    factor = factor * (1 + manner.tremor * np.sin(2 * np.pi * rng.uniform(7, 9) * TIME_N))
    last = np.clip((TIME_N - (syllables[-1].stop - 0.55)) / 0.5, 0, 1)
    step = 0.75 if ending == "rising" else -0.32
    return base * factor * (1 + step * last)


def _voiced(pitch_N: Wave, syllables: list[_Syllable], manner: Manner, voice: Voice, rng: np.random.Generator) -> Wave:
    """Return vowels: pulses at the pitch, coloured by the tract, swelling with the syllables."""
    source_N = _pulses(pitch_N, manner.bright) + (voice.breathy + manner.air) * 0.35 * noise(rng, band(500, 6000))
    spectrum_F = np.fft.rfft(source_N)
    total = np.zeros(LENGTH)
    for vowel, envelope_N in _by_vowel(syllables):
        tract_F = sum(
            strength * bell(hertz * voice.tract, 70 + 0.03 * hertz)
            for hertz, strength in zip(_VOWELS[vowel], (1.0, 0.6, 0.3), strict=True)
        )
        total += np.fft.irfft(spectrum_F * tract_F, LENGTH) * envelope_N
    return np.asarray(total / (np.abs(total).max() + 1e-9))


def _by_vowel(syllables: list[_Syllable]) -> Iterator[tuple[int, Wave]]:
    """Yield each vowel that occurs with the envelope of its syllables."""
    for vowel in sorted({syllable.vowel for syllable in syllables}):
        spoken = [s for s in syllables if s.vowel == vowel]
        yield vowel, np.sqrt(humps([(s.start, s.stop) for s in spoken], [s.loud**2 for s in spoken]))


def _pulses(pitch_N: Wave, bright: float) -> Wave:
    """Return a pulse of the vocal cords for every turn of the pitch, softened above `bright` Hz."""
    turns = np.cumsum(pitch_N) / RATE
    starts = np.flatnonzero(np.diff(np.floor(turns)) > 0)
    early = (turns[starts + 1] % 1) / (pitch_N[starts + 1] / RATE)  # the pulse lies this share of a sample before
    train = np.zeros(LENGTH)
    train[starts + 1] += 1 - early
    train[starts] += early
    return shape(train, band(60, bright)) * 4


def _place(place: str, rng: np.random.Generator) -> Wave:
    """Return what is heard around the speaker."""
    if place == "street":
        rumble = 0.16 * noise(rng, band(70, 260)) * (1 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.3, 0.6) * TIME_N))
        at = rng.uniform(0.2, SECONDS - 0.7)
        horn = tone(rng.uniform(400, 440), (1, 0.5, 0.4)) + tone(rng.uniform(500, 540), (1, 0.5, 0.4))
        return np.asarray(rumble + 0.14 * horn * np.clip(humps([(at, at + 0.45)]) * 3, 0, 1))
    if place == "beeps":
        gap, start = rng.uniform(0.38, 0.50), rng.uniform(0.05, 0.3)
        moments = np.arange(start, SECONDS - 0.1, gap)
        beeps = np.clip(humps([(at, at + 0.10) for at in moments]) * 4, 0, 1)
        return np.asarray(0.22 * tone(rng.uniform(1900, 2500)) * beeps)
    return np.zeros(LENGTH)
