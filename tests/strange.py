"""Things that do not belong into the clinic: photographs, pages, sounds and words, made up anew for each seed.

They are for testing alone: nothing is fitted or tuned on them. Shapes: H height, W width, N samples.
"""

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.demo.dataset import encode
from engine.demo.domains import DOMAINS
from engine.demo.generator import generate_one
from engine.ingest.decode import audio, image, text
from engine.schema.base import Modality
from engine.schema.case import Case, Part
from engine.store.blobs import Blobs

RATE = 16_000
Pixels = NDArray[np.uint8]
Samples = NDArray[np.float32]
Random = np.random.Generator


@dataclasses.dataclass(frozen=True)
class Strange:
    """One strange case: what it is, which modality is out of place (empty: all of it), and its parts."""

    kind: str
    modality: Modality | None
    parts: tuple[Part, ...]


def strange_cases(blobs: Blobs, genuine: Sequence[Case], count: int, seed: int) -> Iterator[Strange]:
    """Yield `count` cases, every kind as often; each second one hides its strange part among genuine ones of a case."""
    kinds = [*((name, "image", make) for name, make in PICTURES.items()), *((n, "audio", m) for n, m in SOUNDS.items()),
             *((n, "text", m) for n, m in TEXTS.items()), ("support ticket", None, None)]  # fmt: skip
    for number in range(count):
        name, modality, make = kinds[number % len(kinds)]
        rng = np.random.default_rng([seed, number])
        if make is None:
            yield Strange(name, None, tuple(_support_parts(blobs, number, seed)))
            continue
        part = _part(blobs, modality, make(rng), f"{modality}-strange")
        beside = genuine[number % len(genuine)].parts if (number // len(kinds)) % 2 else ()
        yield Strange(name, modality, (*(other for other in beside if other.modality != modality), part))


def _part(blobs: Blobs, modality: Modality, made: bytes, part_id: str) -> Part:
    """Return the part that dropping such a file makes: it goes through the decoders like any other."""
    decoded, facts, flags = {
        "image": lambda: image.decode(made, "dropped.png"),
        "audio": lambda: audio.decode(made, "dropped.wav", "wav"),
        "text": lambda: text.decode(made, "dropped.txt"),
    }[modality]()
    return Part(
        part_id=part_id,
        modality=modality,
        original=blobs.put(made),
        decoded=blobs.put(decoded),
        facts=facts,
        flags=flags,
    )


def _support_parts(blobs: Blobs, number: int, seed: int) -> Iterator[Part]:
    """Yield the parts of a case of the other demo domain, in the words, screens and voices of its test half."""
    for made in encode(generate_one(DOMAINS["support"], "test", number, seed)):
        yield _part(blobs, made.modality, made.data, f"support-{made.modality}")


# Pictures


def _plane(height: int, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    down_HW, across_HW = np.mgrid[0:height, 0:width]
    return down_HW / height, across_HW / width


def _soft(distance_HW: NDArray[np.float64], edge: float = 0.01) -> NDArray[np.float64]:
    """Return 1 inside, 0 outside, smooth at the edge; the distance is below 0 inside."""
    return np.clip(0.5 - distance_HW / edge, 0, 1)[..., None]


def _paint(canvas_HWC: NDArray[np.float64], mask_HW1: NDArray[np.float64], colour: Sequence[float]) -> None:
    canvas_HWC += mask_HW1 * (np.asarray(colour, dtype=float) - canvas_HWC)


def _oval(
    y: NDArray[np.float64], x: NDArray[np.float64], cy: float, cx: float, ry: float, rx: float
) -> NDArray[np.float64]:
    return (np.hypot((y - cy) / ry, (x - cx) / rx) - 1) * min(rx, ry)


def _photograph(canvas_HWC: NDArray[np.float64], rng: Random) -> bytes:
    """Return the canvas as a camera keeps it: uneven light, grain, JPEG-free PNG."""
    height, width, _ = canvas_HWC.shape
    y, x = _plane(height, width)
    light_HW1 = (1 + rng.uniform(-0.25, 0.25) * (x - 0.5) + rng.uniform(-0.25, 0.25) * (y - 0.5))[..., None]
    grain_HWC = rng.normal(0, rng.uniform(2, 7), canvas_HWC.shape)
    return image.encode_png(np.clip(canvas_HWC * light_HW1 + grain_HWC, 0, 255).astype(np.uint8))


def selfie(rng: Random) -> bytes:
    """Return a head and shoulders before a wall."""
    height, width = ((480, 360), (400, 400), (360, 480))[rng.integers(3)]
    y, x = _plane(height, width)
    canvas = np.ones((height, width, 3)) * rng.uniform(90, 220, 3)
    skin = np.asarray([224, 172, 134]) * rng.uniform(0.35, 1.05)
    hair, cy, cx = rng.uniform(10, 110, 3), rng.uniform(0.38, 0.48), rng.uniform(0.42, 0.58)
    _paint(canvas, _soft(_oval(y, x, 1.05, cx, 0.38, 0.42)), rng.uniform(20, 230, 3))
    _paint(canvas, _soft(_oval(y, x, cy - 0.06, cx, 0.29, 0.22)), hair)
    _paint(canvas, _soft(_oval(y, x, cy + 0.22, cx, 0.16, 0.08)), skin * 0.85)
    _paint(canvas, _soft(_oval(y, x, cy, cx, 0.23, 0.16)), skin)
    for side in (-1, 1):
        _paint(canvas, _soft(_oval(y, x, cy - 0.04, cx + 0.065 * side, 0.018, 0.03)), (240, 240, 240))
        _paint(canvas, _soft(_oval(y, x, cy - 0.04, cx + 0.065 * side, 0.014, 0.012)), rng.uniform(10, 90, 3))
        _paint(canvas, _soft(_oval(y, x, cy - 0.08, cx + 0.065 * side, 0.008, 0.04)), hair)
    _paint(canvas, _soft(_oval(y, x, cy + 0.04, cx, 0.04, 0.015)), skin * 0.9)
    _paint(canvas, _soft(_oval(y, x, cy + 0.12, cx, 0.018, 0.06)), (170, 60, 70))
    return _photograph(canvas, rng)


def shoe(rng: Random) -> bytes:
    """Return a shoe from the side on a plain ground, sometimes in grey as in a catalogue."""
    height, width = ((300, 400), (360, 360))[rng.integers(2)]
    y, x = _plane(height, width)
    canvas = np.ones((height, width, 3)) * (rng.uniform(200, 255) if rng.random() < 0.7 else rng.uniform(5, 60))
    colour, sole = rng.uniform(20, 220, 3), rng.uniform(20, 250, 3)
    toe, ankle = rng.uniform(0.52, 0.6), rng.uniform(0.25, 0.33)
    top_HW = np.interp(x, (0.12, 0.18, 0.38, 0.62, 0.88), (ankle, ankle + 0.02, ankle + 0.05, toe, 0.64))
    _paint(canvas, _soft(np.maximum.reduce([top_HW - y, y - 0.72, 0.12 - x, x - 0.9])), colour)
    _paint(canvas, _soft(np.maximum.reduce([0.70 - y, y - 0.78, 0.10 - x, x - 0.92])), sole)
    for lace in np.linspace(0.36, 0.58, 5):
        line = np.abs((y - 0.42) - (x - lace) * 0.6) - 0.006
        _paint(canvas, _soft(np.maximum(line, np.abs(x - lace) - 0.05)), (245, 245, 245))
    if rng.random() < 0.4:
        canvas = np.repeat(canvas.mean(axis=2, keepdims=True), 3, axis=2)
    return _photograph(canvas, rng)


def blank_page(rng: Random) -> bytes:
    """Return a sheet of paper with nothing on it."""
    grey = np.full((420, 300), rng.uniform(225, 255)) + rng.normal(0, rng.uniform(0, 2.5), (420, 300))
    return image.encode_png(np.clip(grey, 0, 255).astype(np.uint8))


def snow(rng: Random) -> bytes:
    """Return pixels without any order, grey or coloured."""
    shape = (256, 256) if rng.random() < 0.5 else (256, 256, 3)
    return image.encode_png(np.clip(rng.normal(128, rng.uniform(30, 70), shape), 0, 255).astype(np.uint8))


# Sounds


def _wave(samples_N: NDArray[np.float64]) -> bytes:
    return audio.encode(np.clip(samples_N, -1, 1).astype(np.float32), RATE, "WAV")


def _time(rng: Random) -> NDArray[np.float64]:
    return np.arange(int(RATE * rng.uniform(2.0, 6.0))) / RATE


def silence(rng: Random) -> bytes:
    """Return a recording in which nobody says anything: not even the same faint hiss each time."""
    return _wave(rng.uniform(0, 4e-4) * rng.standard_normal(len(_time(rng))))


def music(rng: Random) -> bytes:
    """Return a melody over chords, with overtones that die away."""
    time_N = _time(rng)
    wave_N, beat, root = np.zeros_like(time_N), rng.uniform(0.2, 0.45), rng.uniform(110, 260)
    for start in np.arange(0, time_N[-1], beat):
        here_N = np.clip(time_N - start, 0, None)
        fading_N = np.exp(-here_N / rng.uniform(0.2, 0.8)) * (time_N >= start)
        notes = rng.choice([0, 2, 4, 5, 7, 9, 11, 12, 16], size=3)
        for hertz in root * 2 ** (notes / 12):
            for k, strength in enumerate((1, 0.5, 0.3, 0.15), start=1):
                wave_N += strength * fading_N * np.sin(2 * np.pi * k * hertz * here_N)
    return _wave(0.6 * wave_N / np.abs(wave_N).max())


def babble(rng: Random) -> bytes:
    """Return something like speech: voiced syllables with moving resonances, and pauses."""
    time_N = _time(rng)
    pitch_N = rng.uniform(90, 230) * (1 + 0.12 * np.sin(2 * np.pi * rng.uniform(0.4, 1.2) * time_N + rng.uniform(0, 6)))
    turns_N = np.cumsum(pitch_N) / RATE
    wave_N, at = np.zeros_like(time_N), rng.uniform(0, 0.2)
    while at < time_N[-1] - 0.1:
        length = rng.uniform(0.1, 0.25)
        inside_N = (time_N >= at) & (time_N < at + length)
        shape_N = np.sin(np.pi * (time_N[inside_N] - at) / length) ** 0.7
        first, second = rng.uniform(280, 800), rng.uniform(900, 2400)
        for k in range(1, 24):
            hertz = k * pitch_N[inside_N].mean()
            strength = 1 / (1 + ((hertz - first) / 120) ** 2) + 0.5 / (1 + ((hertz - second) / 160) ** 2)
            wave_N[inside_N] += strength * shape_N * np.sin(2 * np.pi * k * turns_N[inside_N])
        at += length + (rng.uniform(0.2, 0.5) if rng.random() < 0.15 else rng.uniform(0, 0.06))
    return _wave(0.5 * wave_N / np.abs(wave_N).max() + rng.uniform(0.001, 0.01) * rng.standard_normal(len(time_N)))


def rush(rng: Random) -> bytes:
    """Return steady noise: a fan, a waterfall, a broken cable."""
    parts_F = np.fft.rfft(rng.standard_normal(len(_time(rng))))
    wave_N = np.fft.irfft(parts_F / np.maximum(np.arange(len(parts_F)), 1) ** rng.uniform(0, 1))
    return _wave(rng.uniform(0.1, 0.8) * wave_N / np.abs(wave_N).max())


# Texts

_LOREM = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna "
    "aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip ex ea commodo consequat duis aute "
    "irure in reprehenderit voluptate velit esse cillum eu fugiat nulla pariatur excepteur sint occaecat cupidatat non "
    "proident sunt culpa qui officia deserunt mollit anim id est laborum"
)


def lorem_ipsum(rng: Random) -> bytes:
    """Return what typesetters fill a page with."""
    sentences = [
        " ".join(rng.choice(_LOREM.split(), rng.integers(5, 12))).capitalize() + "." for _ in range(rng.integers(2, 5))
    ]
    return " ".join(sentences).encode()


PICTURES: dict[str, Callable[[Random], bytes]] = {
    "selfie": selfie,
    "shoe": shoe,
    "blank page": blank_page,
    "snow": snow,
}
SOUNDS: dict[str, Callable[[Random], bytes]] = {"silence": silence, "music": music, "babble": babble, "rush": rush}
TEXTS: dict[str, Callable[[Random], bytes]] = {"lorem ipsum": lorem_ipsum}
