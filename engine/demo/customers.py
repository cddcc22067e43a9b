"""The people of a support desk: a question, a screenshot and a voice message show what each of them needs."""

import dataclasses
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.demo.devices import Microphone, microphones
from engine.demo.phrasebook import LANGUAGES, Language, Phrasebook, write_note
from engine.demo.screens import draw_screen
from engine.demo.speech import make_speech
from engine.demo.themes import Theme, themes
from engine.demo.voices import Voice, voices
from engine.demo.world import Findings
from engine.schema.case import Split


@dataclasses.dataclass(frozen=True)
class Customer:
    """One customer: language and voice, the telephone, and how the computer's screen is dressed."""

    book: Phrasebook
    split: Split
    language: Language
    theme: Theme
    voice: Voice
    microphone: Microphone

    @classmethod
    def draw(cls, book: Phrasebook, split: Split, rng: np.random.Generator) -> Self:
        """Draw a customer as a split may have one."""
        language = LANGUAGES[rng.integers(len(LANGUAGES))]
        theme = themes(split)[rng.integers(len(themes(split)))]
        voice = voices(split)[rng.integers(len(voices(split)))].varied(rng)
        return cls(book, split, language, theme, voice, microphones(split)[rng.integers(len(microphones(split)))])

    def write(self, found: Findings, rng: np.random.Generator) -> str:
        """Return the question."""
        return write_note(self.book, found, self.language, self.split, rng)

    def draw_picture(self, found: Findings, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return the screenshot, (H, W, 3)."""
        return draw_screen(found, self.theme, rng)

    def make_sound(self, found: Findings, rng: np.random.Generator) -> NDArray[np.int16]:
        """Return the voice message, (N,)."""
        return make_speech(found, self.voice, self.microphone, rng)
