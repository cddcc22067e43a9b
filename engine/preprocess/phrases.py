"""Finding phrases in a text, in Chinese and English, unless the text denies them.

Words are those of the tokenizer: case and width folded away, each Chinese character a word of its own; English words match with or
without a plural s. `...` in a phrase stands for up to four words of the same sentence. A match is denied where a negation stands before it in the same clause,
at most six words away (after NegEx, Chapman et al. 2001): "no fever", "denies chest pain", "没有发烧", "否认胸痛".
"""

import dataclasses
from collections.abc import Iterator, Sequence

from engine.preprocess.text import words

_GAP = "..."
_LONGEST_GAP = 4
_SENTENCE_ENDS = frozenset(".!?;。！？；")
_REACH = 6
"""Words over which a negation reaches forward."""
_ENDS = frozenset(("but", "however", "although", "except", "但", *".;:!?。；：！？，"))
"""Where the reach of a negation ends; an English comma ends it unless a list goes on, a Chinese 、 never does."""
Words = tuple[str, ...]


def spoken(text: str) -> Words:
    """Return the words of a text, without their plural."""
    return tuple(_stem(word) for word, _, _ in words(text.replace("’", "'")))


def _stem(word: str) -> str:
    """Return an English word without its plural; words that end in ss, us or is have none."""
    plural = len(word) > 3 and word.isascii() and word.endswith("s") and word[-2:] not in ("ss", "us", "is")
    return word[:-1] if plural else word


_DENIALS = tuple(
    spoken(cue)
    for cue in (
        "no", "not", "without", "denies", "denied", "denying", "never", "nor", "neither", "absent", "negative for", "free of",
        "isn't", "wasn't", "doesn't", "didn't", "hasn't", "没有", "没", "无", "未", "否认", "并非", "不是", "不伴", "排除",
    )
)  # fmt: skip
_NEXT_DENIED = "不"
"""Denies what follows it at once, as in 不发烧; further on it belongs to a word of its own, as in 不舒服."""
_NO_DENIALS = tuple(
    spoken(cue)
    for cue in (
        "not only", "not just", "no longer than", "no change", "no doubt", "never stopped",
        "无力", "无法", "不仅", "没完", "未来", "无论", "无数", "无疑", "从未停",
    )
)  # fmt: skip
"""Words that look like a negation and are none."""


@dataclasses.dataclass(frozen=True)
class Phrase:
    """A phrase as runs of words, between which a few others may stand."""

    runs: tuple[Words, ...]

    @classmethod
    def read(cls, phrase: str) -> "Phrase":
        """Return the phrase that a person wrote."""
        runs = (spoken(part) for part in phrase.replace("…", _GAP).split(_GAP))
        return cls(tuple(run for run in runs if run))

    def places(self, text: Words) -> Iterator[int]:
        """Yield the place of each match's first word."""
        if self.runs:
            for start in _run_at(text, self.runs[0], 0, len(text)):
                if self._goes_on(text, start + len(self.runs[0])):
                    yield start

    def _goes_on(self, text: Words, at: int) -> bool:
        for run in self.runs[1:]:
            later = next(_run_at(text, run, at, at + _LONGEST_GAP + 1), None)
            if later is None or not _SENTENCE_ENDS.isdisjoint(text[at:later]):
                return False
            at = later + len(run)
        return True


def found(text: Words, phrases: Sequence[Phrase], denied: Sequence[bool]) -> bool:
    """Whether one of the phrases stands in the text and is not denied; `denied` as `denials` returns it."""
    return any(not denied[start] for phrase in phrases for start in phrase.places(text))


def denials(text: Words) -> list[bool]:
    """Return for each word whether a negation before it reaches it."""
    denied = [False] * len(text)
    for start in range(len(text)):
        length = _denial(text, start)
        if not length and text[start : start + 1] == (_NEXT_DENIED,):
            denied[start + 1 : start + 2] = [True] * len(denied[start + 1 : start + 2])
        if length:
            for place in _reached(text, start + length):
                denied[place] = True
    return denied


def affirmed(text: str) -> Words:
    """Return the words of a text that it does not deny."""
    said = spoken(text)
    return tuple(word for word, out in zip(said, denials(said), strict=True) if not out)


def _reached(text: Words, after: int) -> Iterator[int]:
    for place in range(after, min(after + _REACH, len(text))):
        if text[place] in _ENDS or (text[place] == "," and not _list_goes_on(text, place)):
            return
        yield place


def _list_goes_on(text: Words, comma: int) -> bool:
    """Whether an `or` follows a comma closely: "no fever, chills or cough" denies all three."""
    return any(word in ("or", "nor", "和", "或", "及") for word in text[comma + 1 : comma + 5])


def _denial(text: Words, start: int) -> int:
    """Return how many words of negation begin here."""
    if any(text[start : start + len(cue)] == cue for cue in _NO_DENIALS):
        return 0
    return max((len(cue) for cue in _DENIALS if text[start : start + len(cue)] == cue), default=0)


def _run_at(text: Words, run: Words, first: int, last: int) -> Iterator[int]:
    for start in range(first, min(last, len(text) - len(run) + 1)):
        if text[start : start + len(run)] == run:
            yield start
