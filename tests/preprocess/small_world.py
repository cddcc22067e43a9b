"""A few real cases in real blobs: text in two languages, pictures and sounds as decoding leaves them."""

import io
import wave
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.ingest.decode.image import encode_png
from engine.preprocess.preparation import Preparation, PreparedAudio, PreparedCase, PreparedImage, PreparedText
from engine.schema.base import Modality
from engine.schema.case import Case, Part, PartFacts
from engine.schema.config import StudentConfig
from engine.store.blobs import Blobs

NOTES = (
    "My card has not arrived yet, why?",
    "发烧三天，咳嗽有痰。",
    "Why has the transfer not arrived?",
    "The card was charged twice; 发票在哪里",
)
SMALL = StudentConfig(width=16, heads=2, experts=4, hidden=8, dropout=0.0, text_tokens=12)
"""A student that answers in milliseconds."""


def wave_bytes(samples_S: NDArray[np.float64], rate: int = 16_000) -> bytes:
    """Return samples in [-1, 1] as the WAV that decoding leaves."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples_S, -1, 1) * 32767).astype("<i2").tobytes())
    return target.getvalue()


def tone(hertz: float, seconds: float) -> NDArray[np.float64]:
    """Return a tone at half of the full loudness."""
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 16_000)) / 16_000)


def picture(seed: int, side: int = 20, colour: bool = False) -> NDArray[np.uint8]:
    """Return a random picture, grey or coloured."""
    shape = (side, side, 3) if colour else (side, side)
    return np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)


class SmallWorld:
    """Cases and their blobs in a folder."""

    def __init__(self, folder: Path) -> None:
        self.blobs = Blobs(folder / "blobs")
        self.made = 0

    def part(self, modality: Modality, data: bytes, facts: PartFacts | None = None) -> Part:
        """Return a part whose decoded form is `data`."""
        self.made += 1
        sha256 = self.blobs.put(data)
        found = facts or PartFacts()
        return Part(part_id=f"part-{self.made}", modality=modality, original=sha256, decoded=sha256, facts=found)

    def text(self, text: str) -> Part:
        """Return a text part."""
        return self.part("text", text.encode())

    def image(self, pixels: NDArray[np.uint8]) -> Part:
        """Return a picture part."""
        return self.part("image", encode_png(pixels))

    def audio(self, samples_S: NDArray[np.float64], rate: int = 16_000) -> Part:
        """Return a sound part that was recorded at `rate`."""
        return self.part("audio", wave_bytes(samples_S), PartFacts(sample_rate=rate))

    def case(self, *parts: Part) -> Case:
        """Return a case of these parts."""
        self.made += 1
        return Case(case_id=f"case-{self.made}", parts=parts, created_at=datetime(2026, 1, 1, tzinfo=UTC))

    def cases(self) -> list[Case]:
        """Return four training cases; the last has two pictures and no sound."""
        whole = [
            self.case(self.text(NOTES[i]), self.image(picture(i)), self.audio(tone(300 + 400 * i, 0.3 + 0.1 * i)))
            for i in range(3)
        ]
        return [*whole, self.case(self.text(NOTES[3]), self.image(picture(3)), self.image(picture(4)))]


def preparation(side: int = 20, frames: int = 50) -> Preparation:
    """Return a preparation that fits `prepared` cases."""
    return Preparation(pieces=("card", "why", "发", "##s"), text_tokens=12, image_size=side, audio_frames=frames)


def prepared(
    texts: Sequence[int] = (5,), images: int = 1, audios: Sequence[int] = (40,), seed: int = 0
) -> PreparedCase:
    """Return a case of random numbers: texts and sounds of these lengths, so many pictures."""
    rng = np.random.default_rng(seed)
    return PreparedCase(
        tuple(_random_text(rng, length) for length in texts),
        tuple(PreparedImage(f"i{i}", rng.integers(0, 256, (20, 20, 1)).astype(np.uint8)) for i in range(images)),
        tuple(PreparedAudio("a", rng.normal(size=(40, frames)).astype(np.float16)) for frames in audios),
    )


def _random_text(rng: np.random.Generator, length: int) -> PreparedText:
    spans_L2 = np.stack([np.arange(length) * 2, np.arange(length) * 2 + 1], axis=1).astype(np.int32)
    return PreparedText("t", rng.integers(1, 262, length).astype(np.int32), spans_L2)
