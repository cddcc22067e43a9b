"""Cases in which the truth is planted: one modality carries the answer alone, two carry it both, or only two together do.

Each modality shows one bit: a word of one of two colours, a bar that stands or lies, a low or a high tone. What the bits have to do
with the answer is the plant; some answers are then turned round (label noise) and some modalities left out, whatever the answer.
Where a case may have several labels, each bit is a label of its own.
"""

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.demo.dataset import encode_parts
from engine.demo.sound import RATE
from engine.schema.base import MODALITIES, Modality
from engine.schema.case import Case, Label, Part, Split
from engine.store.blobs import Blobs

Kind = Literal["unique", "redundant", "synergistic"]
Bits = Mapping[Modality, int]

LABELS = (Label(name="no", en="no", zh="否"), Label(name="yes", en="yes", zh="是"))
SEVERAL: Mapping[Modality, Label] = {
    "text": Label(name="cold", en="cold colour", zh="冷色"),
    "image": Label(name="lying", en="lying bar", zh="横条"),
    "audio": Label(name="high", en="high tone", zh="高音"),
}
"""Labels that may all hold at once, each by the modality that alone knows it."""
_CASES_A_PERSON = 4
_SIDE = 32
"""Pixels of a picture's side."""
_LENGTH = int(0.6 * RATE)
_COLOURS = (("amber", "copper", "ochre", "rust", "sand"), ("teal", "cobalt", "indigo", "azure", "navy"))
_FILLER = (
    "the",
    "box",
    "stood",
    "near",
    "a",
    "door",
    "today",
    "again",
    "and",
    "nobody",
    "moved",
    "it",
    "because",
    "of",
    "rain",
)
_HERTZ = (500.0, 1500.0)
_FILES: Mapping[Modality, str] = {"text": "note.txt", "image": "picture.png", "audio": "sound.wav"}
_MEDIA: Mapping[Modality, str] = {"text": "text/plain", "image": "image/png", "audio": "audio/wav"}


@dataclasses.dataclass(frozen=True)
class Plant:
    """What carries the answer. `noise` is the chance that an answer is turned round, `missing` that a modality is left out.

    A synergistic answer is the exclusive-or of two bits that are 1 with chance 0.5 - `hint`: alone a bit tells next to nothing
    (0.58 at a hint of 0.1), together they tell all. Without any hint it is a parity, of which no gradient tells a network that
    has yet to learn to see the bits (arXiv:1703.07950): that one is out of reach of every council that learns from nothing.
    """

    kind: Kind
    carriers: tuple[Modality, ...]
    noise: float = 0.1
    missing: float = 0.1
    hint: float = 0.1

    def __post_init__(self) -> None:
        if len(set(self.carriers)) != (1 if self.kind == "unique" else 2):
            raise ValueError(f"{self.kind} signal cannot be carried by {self.carriers}")

    @property
    def name(self) -> str:
        """Kind and carriers, such as `synergistic-text-audio`."""
        return "-".join((self.kind, *self.carriers))

    def answer(self, bits: Bits) -> int:
        """Return the answer that the bits of all carriers have, before any noise."""
        first = bits[self.carriers[0]]
        return first ^ bits[self.carriers[1]] if self.kind == "synergistic" else first

    def told(self, present: tuple[Modality, ...]) -> bool:
        """Whether these modalities tell the answer; where they do not, nobody can do better than guess."""
        there = [carrier in present for carrier in self.carriers]
        return all(there) if self.kind == "synergistic" else any(there)

    def ones(self, modality: Modality) -> float:
        """Return the chance that a modality's bit is 1."""
        return 0.5 - self.hint if self.kind == "synergistic" and modality in self.carriers else 0.5

    def chance(self, seen: Bits) -> float:
        """Return P(yes | the bits that were seen), exactly: the best that anybody can say."""
        yes = total = 0.0
        for values in itertools.product((0, 1), repeat=len(MODALITIES)):
            bits = dict(zip(MODALITIES, values, strict=True))
            if any(bits[modality] != bit for modality, bit in seen.items()):
                continue
            weight = self._weight(bits)
            total += weight
            yes += weight * (1 - self.noise if self.answer(bits) else self.noise)
        return yes / total

    def _weight(self, bits: Bits) -> float:
        """Return how likely these bits are together."""
        if self.kind == "redundant" and bits[self.carriers[0]] != bits[self.carriers[1]]:
            return 0.0
        free = [m for m in MODALITIES if not (self.kind == "redundant" and m == self.carriers[1])]
        return math.prod(self.ones(m) if bits[m] else 1 - self.ones(m) for m in free)

    def draw_bits(self, rng: np.random.Generator) -> dict[Modality, int]:
        """Draw the bit of each modality; no modality but the carriers knows anything of the answer."""
        bits: dict[Modality, int] = {modality: int(rng.random() < self.ones(modality)) for modality in MODALITIES}
        if self.kind == "redundant":
            bits[self.carriers[1]] = bits[self.carriers[0]]
        return bits


PLANTS: tuple[Plant, ...] = (
    *(Plant("unique", (modality,)) for modality in MODALITIES),
    *(Plant("redundant", pair) for pair in (("text", "image"), ("text", "audio"), ("image", "audio"))),
    *(Plant("synergistic", pair) for pair in (("text", "image"), ("text", "audio"), ("image", "audio"))),
)


@dataclasses.dataclass(frozen=True)
class PlantedCase:
    """A case with its truth: `answer` is what the bits say; `case.label` may have been turned round."""

    case: Case
    answer: str
    present: tuple[Modality, ...]
    chance: float
    """P(yes | the bits of what is present)."""


def plant_cases(plant: Plant, split: Split, count: int, seed: int, blobs: Blobs) -> Iterator[PlantedCase]:
    """Yield `count` cases of a split, their parts in `blobs`; the same seed gives the same cases, byte for byte."""
    place = PLANTS.index(plant) if plant in PLANTS else len(PLANTS)
    for index in range(count):
        rng = np.random.default_rng((seed, place, ("train", "val", "test").index(split), index))
        yield _plant_one(plant, split, index, rng, blobs)


@dataclasses.dataclass(frozen=True)
class ManyPlanted:
    """A case whose labels each lie in one modality: `bits` is what all three would say, `case.labels` may have some turned round."""

    case: Case
    bits: Bits
    present: tuple[Modality, ...]


def plant_many(
    split: Split, count: int, seed: int, blobs: Blobs, noise: float = 0.05, missing: float = 0.2
) -> Iterator[ManyPlanted]:
    """Yield cases that bear any number of `SEVERAL`: each modality's bit is a label of its own, and no other modality knows it."""
    for index in range(count):
        rng = np.random.default_rng((seed, len(PLANTS) + 1, ("train", "val", "test").index(split), index))
        bits: dict[Modality, int] = {modality: int(rng.integers(2)) for modality in MODALITIES}
        present = _draw_present(missing, rng)
        marks = {modality: bits[modality] ^ int(rng.random() < noise) for modality in MODALITIES}
        labels = tuple(SEVERAL[modality].name for modality in MODALITIES if marks[modality])
        case = _shown("several", split, index, bits, present, rng, blobs)
        yield ManyPlanted(case.model_copy(update={"labels": labels}), bits, present)


def _plant_one(plant: Plant, split: Split, index: int, rng: np.random.Generator, blobs: Blobs) -> PlantedCase:
    bits, present = plant.draw_bits(rng), _draw_present(plant.missing, rng)
    answer = plant.answer(bits)
    label = answer ^ int(rng.random() < plant.noise)
    case = _shown(plant.name, split, index, bits, present, rng, blobs)
    seen = {modality: bits[modality] for modality in present}
    turned = case.model_copy(update={"label": LABELS[label].name})
    return PlantedCase(turned, LABELS[answer].name, present, plant.chance(seen))


def _shown(
    name: str,
    split: Split,
    index: int,
    bits: Bits,
    present: tuple[Modality, ...],
    rng: np.random.Generator,
    blobs: Blobs,
) -> Case:
    """Return a case without an answer that shows the bits of the modalities that are there."""
    parts = encode_parts(
        _write(bits["text"], rng) if "text" in present else None,
        _draw(bits["image"], rng) if "image" in present else None,
        _sound(bits["audio"], rng) if "audio" in present else None,
    )
    case_id = f"{name}-{split}-{index:05d}"
    return Case(
        case_id=case_id,
        title=f"{name} {index + 1}",
        dataset=name,
        group=f"{name}-{split}-{index // _CASES_A_PERSON}",
        split=split,
        source="demo",
        synthetic=True,
        parts=tuple(
            Part(
                part_id=f"{case_id}-{part.modality}",
                modality=part.modality,
                original=(sha256 := blobs.put(part.data)),
                decoded=sha256,
                name=_FILES[part.modality],
                media_type=_MEDIA[part.modality],
                size=len(part.data),
                facts=part.facts,
            )
            for part in parts
        ),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def _draw_present(missing: float, rng: np.random.Generator) -> tuple[Modality, ...]:
    while True:
        present = tuple(modality for modality in MODALITIES if rng.random() >= missing)
        if present:
            return present


def _write(bit: int, rng: np.random.Generator) -> str:
    """Return words in any order; one of them is a colour, warm for 0 and cold for 1."""
    words = [*rng.choice(_FILLER, size=int(rng.integers(5, 10))), str(rng.choice(_COLOURS[bit]))]
    return " ".join(str(word) for word in rng.permutation(words)) + "."


def _draw(bit: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a noisy grey picture (32, 32) with a bar that stands for 0 and lies for 1."""
    pixels = rng.normal(90, 18, (_SIDE, _SIDE))
    across, along, length = rng.integers(4, _SIDE - 7), rng.integers(2, 10), rng.integers(16, 20)
    height = rng.uniform(60, 130)
    pixels[along : along + length, across : across + 3] += height
    picture = pixels if bit == 0 else pixels.T
    return np.rint(np.clip(picture, 0, 255)).astype(np.uint8)


def _sound(bit: int, rng: np.random.Generator) -> NDArray[np.int16]:
    """Return a noisy tone of 0.6 s, low for 0 and high for 1."""
    hertz = _HERTZ[bit] * rng.uniform(0.9, 1.1)
    time_N = np.arange(_LENGTH) / RATE
    wave_N = rng.uniform(0.1, 0.3) * np.sin(2 * np.pi * hertz * time_N + rng.uniform(0, 6))
    wave_N = wave_N + rng.uniform(0.01, 0.04) * rng.standard_normal(_LENGTH)
    return np.rint(np.clip(wave_N, -1, 1) * 32767).astype(np.int16)
