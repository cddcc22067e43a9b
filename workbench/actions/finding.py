"""Finding an action by a few of its letters: what fits, and how well."""

import unicodedata
from collections.abc import Sequence
from typing import Final, TypeVar

WHOLE: Final = 1000
"""Points for a title that begins with what was typed; the other grades lie below it in steps."""
_WORD: Final = 800
_INSIDE: Final = 600
_INITIALS: Final = 500
_SCATTERED: Final = 300
_GAP: Final = 8
_LONGEST_GAP: Final = 12

T = TypeVar("T")


def plain(text: str) -> str:
    """Return `text` as it is compared: small letters, no accents, full-width forms as plain ones."""
    spread = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


def fit(typed: str, title: str) -> int:
    """Return how well `title` fits what was typed, 0 where it does not: beginnings first, then words, inside, initials, letters.

    Several words may stand in any order; each has to fit. Among equals the shorter title wins.
    """
    words, said = plain(typed).split(), plain(title)
    if not words:
        return 1
    points = [_fit_word(word, said) for word in words]
    if not all(points):
        return 0
    return max(1, sum(points) // len(points) - min(len(said), 60))


def ranked(typed: str, things: Sequence[tuple[T, Sequence[str]]]) -> list[T]:
    """Return the things of which one of their names fits, best first; equals, and all where nothing was typed, stay in order."""
    found = [(max(fit(typed, name) for name in names), thing) for thing, names in things]
    return [thing for points, thing in sorted(found, key=lambda pair: -pair[0]) if points]


def _fit_word(word: str, said: str) -> int:
    if said.startswith(word):
        return WHOLE
    parts = said.split()
    if any(part.startswith(word) for part in parts):
        return _WORD
    if word in said:
        return _INSIDE
    if "".join(part[0] for part in parts).startswith(word) and len(word) > 1:
        return _INITIALS
    return _scattered(word, said)


def _scattered(word: str, said: str) -> int:
    """Return the points of letters that follow in order with gaps; a gap longer than a word is no fit but chance."""
    at, gaps = said.find(word[0]), 0
    for letter in word[1:]:
        found = said.find(letter, at + 1) if at >= 0 else -1
        if found < 0 or found - at > _LONGEST_GAP:
            return 0
        gaps += found - at - 1
        at = found
    return max(1, _SCATTERED - _GAP * gaps) if at >= 0 and len(word) > 1 else 0
