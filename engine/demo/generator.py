"""From a seed to cases: label, findings, then words, pixels and samples that show them.

Every case and every person has a random stream of its own, so case 17 of a seed is the same whatever was drawn before it.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.demo.phrasebook import Language
from engine.demo.world import Findings, World
from engine.schema.base import MODALITIES, Modality
from engine.schema.case import Split
from engine.schema.domain import Domain, Words

CASES_A_PERSON = 4
_SPLITS: tuple[Split, ...] = ("train", "val", "test")


class Person(Protocol):
    """Who a case is of: what they are like and which devices they meet stays the same from case to case."""

    @property
    def language(self) -> Language:
        """The language of their texts."""
        ...

    def write(self, found: Findings, rng: np.random.Generator) -> str:
        """Return a text that says the findings."""
        ...

    def draw_picture(self, found: Findings, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return a picture that shows the findings, grey or RGB."""
        ...

    def make_sound(self, found: Findings, rng: np.random.Generator) -> NDArray[np.int16]:
        """Return a recording that sounds of the findings, 16 kHz."""
        ...


DrawPerson = Callable[[Split, np.random.Generator], Person]


@dataclasses.dataclass(frozen=True)
class Generated:
    """A domain whose cases can be generated: its world, its people, and what its files are called."""

    domain: Domain
    world: World
    draw_person: DrawPerson
    files: Mapping[Modality, str]

    @property
    def name(self) -> str:
        """The domain's id."""
        return self.domain.id

    @property
    def title(self) -> Words:
        """What people call it."""
        return self.domain.title


@dataclasses.dataclass(frozen=True)
class GeneratedCase:
    """One synthetic case; an absent modality is None, and `findings` holds only what is really shown."""

    domain: Generated
    split: Split
    index: int
    group: str
    label: str
    findings: Findings
    text: str | None
    picture: NDArray[np.uint8] | None
    sound: NDArray[np.int16] | None

    def labelled(self, modality: Modality) -> tuple[str, ...]:
        """Return what a part shows as a knowledge file calls it, `lungs-patch`; the findings of a text are for its phrases to tell."""
        shown = self.domain.world.of(modality)
        return tuple(f"{one.name}-{self.findings[one.name]}" for one in shown if one.name in self.findings)

    def posterior(self) -> dict[str, float]:
        """Return the exact p(label | the findings shown): nobody can do better."""
        world = self.domain.world
        return dict(zip(world.names(), map(float, world.posterior(self.findings)), strict=True))


def generate(domain: Generated, split: Split, count: int, seed: int, first: int = 0) -> Iterator[GeneratedCase]:
    """Yield `count` cases of a split, from case `first` on; the same seed gives the same cases, byte for byte."""
    for index in range(first, first + count):
        yield generate_one(domain, split, index, seed)


def generate_one(domain: Generated, split: Split, index: int, seed: int) -> GeneratedCase:
    """Return one case of a split."""
    outline = draw_outline(domain, split, index, seed)
    person, rng, present = outline.person, outline.rng, outline.present
    found = {m: {f.name: outline.everything[f.name] for f in domain.world.of(m)} for m in MODALITIES}
    return GeneratedCase(
        domain=domain,
        split=split,
        index=index,
        group=f"{domain.name}-{seed}-{split}-{index // CASES_A_PERSON:04d}",
        label=outline.label,
        findings=outline.shown(domain.world),
        text=person.write(found["text"], rng) if "text" in present else None,
        picture=person.draw_picture(found["image"], rng) if "image" in present else None,
        sound=person.make_sound(found["audio"], rng) if "audio" in present else None,
    )


@dataclasses.dataclass(frozen=True)
class Outline:
    """A case before it is rendered; `rng` stands where rendering begins."""

    person: Person
    label: str
    everything: Findings
    present: tuple[Modality, ...]
    rng: np.random.Generator

    def shown(self, world: World) -> Findings:
        """Return the findings of the modalities that are there."""
        return {f.name: self.everything[f.name] for f in world.findings if f.modality in self.present}


def draw_outline(domain: Generated, split: Split, index: int, seed: int) -> Outline:
    """Draw what a case will be, which is quick, without rendering it."""
    person = domain.draw_person(split, _stream(domain, split, seed, 0, index // CASES_A_PERSON))
    rng = _stream(domain, split, seed, 1, index)
    label = domain.world.draw_label(rng)
    return Outline(person, label, domain.world.draw_findings(label, rng), domain.world.draw_present(rng), rng)


def _stream(domain: Generated, split: Split, seed: int, kind: int, index: int) -> np.random.Generator:
    """Return the random stream of one person (`kind` 0) or one case (`kind` 1)."""
    name = int.from_bytes(domain.name.encode(), "big") % (1 << 31)
    return np.random.default_rng([seed, name, _SPLITS.index(split), kind, index])
