"""Our own offline tokenizer for Chinese and English: whole words, word pieces, single characters, and bytes as the last resort.

It is learned on the texts of the training cases. Case and width are folded away (`Ａ` and `a` are one character); every Chinese
character is a word of its own. A token carries the characters of the original text it stands for.
"""

import collections
import dataclasses
import functools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

PADDING, NEW_WORD, FIRST_BYTE, FIRST_PIECE = 0, 1, 2, 258
"""Ids: padding, the mark before a word that begins with bytes, the 256 bytes, then the learned pieces."""
_INNER = "##"
"""Marks a piece that goes on a word."""
_CJK = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"[{_CJK}]|\d+|[^\W\d_{_CJK}]+|_|[^\w\s]")
_LONGEST_PIECE = 8


class Token(NamedTuple):
    """An id and the characters `start` to `stop` of the text it stands for."""

    id: int
    start: int
    stop: int


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word, its case and width folded away, with its place in `text`."""
    for match in _WORD.finditer(text):
        folded = "".join(unicodedata.normalize("NFKC", match.group()).casefold().split())
        if folded:
            yield folded, match.start(), match.end()


def learn_pieces(texts: Iterable[str], size: int = 8000, least: int = 2) -> tuple[str, ...]:
    """Return every letter, and the words and pieces of words seen at least `least` times, the most frequent first."""
    seen = collections.Counter(word for text in texts for word, _, _ in words(text))
    letters = sorted({letter for word in seen for letter in word})
    known = [*letters, *(_INNER + letter for letter in letters)]
    frequent = [word for word, n in _ranked(seen) if n >= least]
    parts = [part for part, n in _ranked(_parts(seen)) if n >= least]
    return tuple(dict.fromkeys([*known, *(frequent + parts)[: max(0, size - len(known))]]))


def _ranked(counts: collections.Counter[str]) -> list[tuple[str, int]]:
    """Order by count; equal ones by spelling, so that the same texts in any order give the same vocabulary."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _parts(seen: collections.Counter[str]) -> collections.Counter[str]:
    """Count in how many different words a beginning or an ending occurs; that is what makes it worth keeping."""
    counts: collections.Counter[str] = collections.Counter()
    for word in seen:
        for cut in range(2, min(len(word), _LONGEST_PIECE + 1)):
            counts[word[:cut]] += 1
            counts[_INNER + word[-cut:]] += 1
    return counts


@dataclasses.dataclass(frozen=True)
class Tokenizer:
    """A learned vocabulary; `pieces[i]` has the id `FIRST_PIECE + i`, pieces that go on a word begin with `##`."""

    pieces: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many ids there are."""
        return FIRST_PIECE + len(self.pieces)

    @functools.cached_property
    def _ids(self) -> dict[str, int]:
        return {piece: FIRST_PIECE + i for i, piece in enumerate(self.pieces)}

    def encode(self, text: str) -> list[Token]:
        """Return the tokens of a text; nothing but white space is ever lost."""
        return [token for word, start, stop in words(text) for token in self._encode_word(word, start, stop)]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the folded words the ids stand for, one space between words."""
        out = bytearray()
        for token in ids:
            if token == NEW_WORD:
                out += b" "
            elif FIRST_BYTE <= token < FIRST_PIECE:
                out.append(token - FIRST_BYTE)
            elif token >= FIRST_PIECE:
                piece = self.pieces[token - FIRST_PIECE]
                inner = piece.startswith(_INNER) and piece != _INNER
                out += piece.removeprefix(_INNER).encode() if inner else b" " + piece.encode()
        return out.decode("utf-8", errors="replace").strip()

    def _encode_word(self, word: str, start: int, stop: int) -> Iterator[Token]:
        """Yield the word whole where it is known, else its longest known pieces from the left, else bytes."""
        at = 0
        while at < len(word):
            length = self._longest(word, at)
            # Folding may change a word's length; a piece then stands for the nearest characters that are there.
            first, last = min(start + at, stop - 1), min(start + at + max(length, 1), stop)
            if at + length == len(word):
                last = stop
            if length:
                yield Token(self._ids[(_INNER if at else "") + word[at : at + length]], first, last)
            else:
                if at == 0:
                    yield Token(NEW_WORD, first, last)
                for byte in word[at].encode("utf-8", errors="replace"):
                    yield Token(FIRST_BYTE + byte, first, last)
            at += max(length, 1)

    def _longest(self, word: str, at: int) -> int:
        """Return the length of the longest known piece at `at`; 0 where not even the character is known."""
        mark = _INNER if at else ""
        whole = len(word) - at
        if mark + word[at:] in self._ids:
            return whole
        for length in range(min(_LONGEST_PIECE, whole), 0, -1):
            if mark + word[at : at + length] in self._ids:
                return length
        return 0
