"""Recordings of breathing and coughing, in which the findings can be named by ear.

Findings and their values:
    cough   none; dry (short, sharp, hissing barks); wet (longer, low, gurgling)
    breath  plain; wheeze (a whistle while breathing out); crackles (a rustle of clicks while breathing in)
    pace    calm (about two breaths in the recording); fast (about five)
"""

import itertools

import numpy as np
from numpy.typing import NDArray

from engine.demo.devices import Microphone
from engine.demo.sound import LENGTH, SECONDS, TIME_N, Wave, band, bursts, clicks, humps, noise, record, tone
from engine.demo.voices import Voice
from engine.demo.world import Findings

_PERIOD = {"calm": (1.05, 1.25), "fast": (0.44, 0.52)}
"""Seconds from breath to breath."""


def make_breath(found: Findings, voice: Voice, microphone: Microphone, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return one recording (N,) of a patient with these findings."""
    ins, outs = _rhythm(found["pace"], rng)
    wave_N = _air(ins, outs, voice, rng)
    if found["breath"] == "wheeze":
        wave_N = wave_N + _wheeze(outs, voice, rng)
    if found["breath"] == "crackles":
        wave_N = wave_N + _crackles(ins, voice, rng)
    if found["cough"] != "none":
        cough_N, busy_N = _coughs(found["cough"], voice, rng)
        wave_N = wave_N * (1 - 0.8 * busy_N) + cough_N
    return record(wave_N, microphone, rng)


Spans = list[tuple[float, float]]


def _rhythm(pace: str, rng: np.random.Generator) -> tuple[Spans, Spans]:
    """Return when the patient breathes in and out."""
    period = rng.uniform(*_PERIOD[pace])
    start = -rng.uniform(0, period)
    ins, outs = [], []
    while start < SECONDS:
        length = period * rng.uniform(0.95, 1.05)
        ins.append((start, start + 0.42 * length))
        outs.append((start + 0.46 * length, start + 0.94 * length))
        start += length
    return ins, outs


def _air(ins: Spans, outs: Spans, voice: Voice, rng: np.random.Generator) -> Wave:
    """Return the rush of air, brighter while breathing in."""
    drawn = noise(rng, band(450 * voice.tract, 1900 * voice.tract)) * humps(ins)
    blown = noise(rng, band(180 * voice.tract, 900 * voice.tract)) * humps(outs)
    return 0.10 * drawn + 0.08 * blown


def _wheeze(outs: Spans, voice: Voice, rng: np.random.Generator) -> Wave:
    """Return a whistle that glides a little while the patient breathes out."""
    hertz = voice.tract * rng.uniform(380, 640)
    glide = 1 + 0.06 * np.sin(2 * np.pi * rng.uniform(0.6, 1.2) * TIME_N + rng.uniform(0, 6))
    return 0.30 * tone(hertz * glide, (1.0, 0.35, 0.12)) * humps(outs)


def _crackles(ins: Spans, voice: Voice, rng: np.random.Generator) -> Wave:
    """Return clicks at random moments while the patient breathes in."""
    moments = [rng.uniform(start + 0.1 * (stop - start), stop, max(6, int(34 * (stop - start)))) for start, stop in ins]
    return 1.1 * clicks(rng, np.concatenate(moments), voice.tract * rng.uniform(900, 1300))


def _coughs(kind: str, voice: Voice, rng: np.random.Generator) -> tuple[Wave, Wave]:
    """Return a fit of two or three coughs, and where it drowns the breath."""
    count = int(rng.integers(2, 4))
    gap = rng.uniform(0.30, 0.36)
    start = rng.uniform(0.1, SECONDS - count * gap - 0.25)
    moments = [start + k * gap * rng.uniform(0.95, 1.05) for k in range(count)]
    bark = _dry(moments, voice, rng) if kind == "dry" else _wet(moments, voice, rng)
    return bark, np.clip(bursts(moments, itertools.repeat(1.0), 0.01, 0.12), 0, 1)


def _dry(moments: list[float], voice: Voice, rng: np.random.Generator) -> Wave:
    """Return sharp bursts of bright noise."""
    envelope = bursts(moments, rng.uniform(0.8, 1.0, len(moments)), 0.004, 0.038)
    return np.asarray(0.9 * noise(rng, band(1500 * voice.tract, 4800 * voice.tract)) * envelope)


def _wet(moments: list[float], voice: Voice, rng: np.random.Generator) -> Wave:
    """Return longer, low bursts that gurgle."""
    envelope = bursts(moments, rng.uniform(0.8, 1.0, len(moments)), 0.015, 0.10)
    rattle = 0.25 + 0.75 * np.maximum(np.sin(2 * np.pi * rng.uniform(24, 32) * TIME_N + rng.uniform(0, 6)), 0)
    body = noise(rng, band(180 * voice.tract, 1000 * voice.tract))
    voiced = 0.4 * tone(np.full(LENGTH, voice.pitch), (1.0, 0.6, 0.4, 0.3))
    return np.asarray(0.9 * (body + voiced) * rattle * envelope)
