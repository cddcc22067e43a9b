"""Our own offline tokenizer for Chinese and English: whole words, word pieces, single characters, and bytes as the last resort.

It is learned on the texts of the training cases. Case and width are folded away (`Ａ` and `a` are one character), and so is whether an
accent is a character of its own, as in the names of files on a Mac; every Chinese character is a word of its own. A token carries the
characters of the original text it stands for.
"""

import collections
import dataclasses
import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import NamedTuple

PADDING, NEW_WORD, FIRST_BYTE, FIRST_PIECE = 0, 1, 2, 258
"""Ids: padding, the mark before a word that begins with bytes, the 256 bytes, then the learned pieces."""
_INNER = "##"
"""Marks a piece that goes on a word."""
_CJK = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = rf"[^\W\d_{_CJK}]"
_MARK = "[" + "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code))[0] == "M") + "]"
"""Combining marks; beyond it only those that choose between forms of one Chinese character. `re` knows no class of them."""
_WORD = re.compile(rf"[{_CJK}]|\d+|{_LETTER}+(?:{_MARK}+{_LETTER}*)*|_|[^\w\s]")
_LATER_JAMO = range(0x1160, 0x1200)
"""Vowels and endings of a Korean syllable that is written in its parts: letters, but they fold together with what stands before."""
_LONGEST_PIECE = 8


class Token(NamedTuple):
    """An id and the characters `start` to `stop` of the text it stands for."""

    id: int
    start: int
    stop: int


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each word, its case and width folded away, with its place in `text`."""
    for match in _WORD.finditer(text):
        folded = _folded(match.group())
        if folded:
            yield folded, match.start(), match.end()


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _places(written: str, folded: str) -> list[tuple[int, int]]:
    """Return for each character of a folded word where in the written one it comes from.

    Folding may change a word's length; where it cannot be followed character by character, the nearest that is there stands for it.
    """
    if len(written) > 1 and not written.isascii():
        starts = [at for at, letter in enumerate(written) if not at or not _joins(letter)]
        parts = list(itertools.pairwise([*starts, len(written)]))
        made = [_folded(written[start:stop]) for start, stop in parts]
        if "".join(made) == folded:
            return [part for part, own in zip(parts, made, strict=True) for _ in own]
    last = len(written) - 1
    return [(min(at, last), min(at, last) + 1) for at in range(len(folded))]


def _joins(letter: str) -> bool:
    """Whether a character belongs to the one before it."""
    return unicodedata.category(letter)[0] == "M" or ord(letter) in _LATER_JAMO


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
        return [
            token for word, start, stop in words(text) for token in self._encode_word(word, text[start:stop], start)
        ]

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

    def _encode_word(self, word: str, written: str, start: int) -> Iterator[Token]:
        """Yield the word whole where it is known, else its longest known pieces from the left, else bytes."""
        at, places = 0, _places(written, word)
        while at < len(word):
            length = self._longest(word, at)
            end = at + max(length, 1)
            first, last = start + places[at][0], start + (places[end - 1][1] if end < len(word) else len(written))
            if length:
                yield Token(self._ids[(_INNER if at else "") + word[at:end]], first, last)
            else:
                if at == 0:
                    yield Token(NEW_WORD, first, last)
                for byte in word[at].encode("utf-8", errors="replace"):
                    yield Token(FIRST_BYTE + byte, first, last)
            at = end

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
