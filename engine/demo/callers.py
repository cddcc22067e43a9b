"""People who write, send a paper and call: what is on the paper is told by the domain's own folder, not by code."""

import dataclasses
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.demo.devices import Microphone, Scanner, microphones, scanners
from engine.demo.paper import Papers, draw_paper
from engine.demo.phrasebook import LANGUAGES, Language, Phrasebook, write_note
from engine.demo.speech import make_speech
from engine.demo.voices import Voice, voices
from engine.demo.world import Findings
from engine.schema.case import Split


@dataclasses.dataclass(frozen=True)
class Caller:
    """One caller: language and voice, the telephone, the scanner the paper went through, and what papers look like."""

    book: Phrasebook
    papers: Papers
    split: Split
    language: Language
    scanner: Scanner
    voice: Voice
    microphone: Microphone

    @classmethod
    def draw(cls, book: Phrasebook, papers: Papers, split: Split, rng: np.random.Generator) -> Self:
        """Draw a caller as a split may have one."""
        language = LANGUAGES[rng.integers(len(LANGUAGES))]
        scanner = scanners(split)[rng.integers(len(scanners(split)))]
        voice = voices(split)[rng.integers(len(voices(split)))].varied(rng)
        microphone = microphones(split)[rng.integers(len(microphones(split)))]
        return cls(book, papers, split, language, scanner, voice, microphone)

    def write(self, found: Findings, rng: np.random.Generator) -> str:
        """Return the letter."""
        return write_note(self.book, found, self.language, self.split, rng)

    def draw_picture(self, found: Findings, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return the scanned paper, (H, W, 3)."""
        return draw_paper(found, self.papers, self.scanner, rng)

    def make_sound(self, found: Findings, rng: np.random.Generator) -> NDArray[np.int16]:
        """Return the voice message, (N,)."""
        return make_speech(found, self.voice, self.microphone, rng)
