"""Sentences that say a finding in Chinese or English, and the notes put together from them.

A phrasebook is plain text: `@ finding value` begins a list, each line of it is `en`, `zh`, `en*` or `zh*` and a sentence;
the starred ones are kept for the test half, `#` begins a remark. `{slots}` are filled with numbers that fit.
"""

import dataclasses
from collections.abc import Mapping
from typing import Literal

import numpy as np

from engine.demo.world import Findings
from engine.schema.case import Split

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, Language] = ("en", "zh")

_ASIDE = 0.6
"""Chance that a note holds a sentence that says nothing about the case."""

_SLOTS: Mapping[str, tuple[int, int, int, int]] = {
    "age": (20, 86, 5, 1),
    "hours": (2, 8, 1, 1),
    "days": (3, 9, 1, 1),
    "years": (5, 30, 5, 1),
    "packs": (20, 41, 10, 1),
    "normal": (362, 369, 2, 10),
    "slight": (374, 380, 2, 10),
    "high": (390, 403, 4, 10),
    "amount": (20, 91, 10, 1),
    "number": (3, 9, 1, 1),
    "weeks": (3, 9, 1, 1),
}
"""Slot -> lowest, one past the highest, step, and what it is divided by. Few numbers: each is a word a model could learn by heart."""


@dataclasses.dataclass(frozen=True)
class Phrasebook:
    """Sentences by (list, language, held out)."""

    sentences: Mapping[tuple[str, Language, bool], tuple[str, ...]]

    def of(self, key: str, language: Language, split: Split) -> tuple[str, ...]:
        """Return the sentences that a split may use for `finding value`."""
        return self.sentences[key, language, split != "train"]

    def say(self, key: str, language: Language, split: Split, rng: np.random.Generator) -> str:
        """Return one sentence with its slots filled."""
        choices = self.of(key, language, split)
        return _filled(choices[rng.integers(len(choices))], rng)


def read_phrasebook(text: str) -> Phrasebook:
    """Read a phrasebook; raises `ValueError` on a line that is none."""
    found: dict[tuple[str, Language, bool], list[str]] = {}
    key = ""
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#"):
            continue
        mark, _, sentence = line.partition(" ")
        if mark == "@":
            key = sentence.strip()
            continue
        language: Language = "zh" if mark.startswith("zh") else "en"
        if mark not in (language, f"{language}*") or not key:
            raise ValueError(f"not a line of a phrasebook: {line}")
        found.setdefault((key, language, mark.endswith("*")), []).append(sentence.strip())
    return Phrasebook({where: tuple(sentences) for where, sentences in found.items()})


def write_note(book: Phrasebook, found: Findings, language: Language, split: Split, rng: np.random.Generator) -> str:
    """Return a note that says these findings in any order; what is `unsaid` is not mentioned."""
    keys = [f"{name} {value}" for name, value in found.items() if value != "unsaid"]
    if rng.random() < _ASIDE or not keys:
        keys.append("aside")
    order = rng.permutation(len(keys))
    sentences = [book.say(key, language, split, rng) for key in ["opening", *(keys[k] for k in order)]]
    return (" " if language == "en" else "").join(sentences)


def _filled(sentence: str, rng: np.random.Generator) -> str:
    """Fill the slots of a sentence."""
    for slot, (low, high, step, over) in _SLOTS.items():
        if "{" + slot + "}" in sentence:
            number = int(rng.choice(np.arange(low, high, step)))
            sentence = sentence.replace("{" + slot + "}", str(number) if over == 1 else f"{number / over:.1f}")
    return sentence
