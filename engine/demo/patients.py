"""The people of a clinic: a note, a chest picture and a recording of breath show what each of them has."""

import dataclasses
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.demo.breath import make_breath
from engine.demo.chest import Body, draw_chest
from engine.demo.devices import Microphone, Scanner, microphones, scanners
from engine.demo.phrasebook import LANGUAGES, Language, Phrasebook, write_note
from engine.demo.voices import Voice, voices
from engine.demo.world import Findings
from engine.schema.case import Split


@dataclasses.dataclass(frozen=True)
class Patient:
    """One patient: body and voice, the language of the notes, and the devices of the practice."""

    book: Phrasebook
    split: Split
    language: Language
    body: Body
    scanner: Scanner
    voice: Voice
    microphone: Microphone

    @classmethod
    def draw(cls, book: Phrasebook, split: Split, rng: np.random.Generator) -> Self:
        """Draw a patient as a split may have one."""
        language = LANGUAGES[rng.integers(len(LANGUAGES))]
        scanner = scanners(split)[rng.integers(len(scanners(split)))]
        voice = voices(split)[rng.integers(len(voices(split)))].varied(rng)
        microphone = microphones(split)[rng.integers(len(microphones(split)))]
        return cls(book, split, language, Body.draw(rng), scanner, voice, microphone)

    def write(self, found: Findings, rng: np.random.Generator) -> str:
        """Return the note of a visit."""
        return write_note(self.book, found, self.language, self.split, rng)

    def draw_picture(self, found: Findings, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return the chest picture, (H, W)."""
        return draw_chest(found, self.body, self.scanner, rng)

    def make_sound(self, found: Findings, rng: np.random.Generator) -> NDArray[np.int16]:
        """Return the recording, (N,)."""
        return make_breath(found, self.voice, self.microphone, rng)
