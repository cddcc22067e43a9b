"""A tiny pixel alphabet, so that drawn windows can carry words without a font file."""

import numpy as np
from numpy.typing import NDArray

_ROWS = 5
# fmt: off
_GLYPHS = {
    "A": "010 101 111 101 101", "B": "110 101 110 101 110", "C": "011 100 100 100 011", "D": "110 101 101 101 110",
    "E": "111 100 110 100 111", "F": "111 100 110 100 100", "G": "011 100 101 101 011", "H": "101 101 111 101 101",
    "I": "111 010 010 010 111", "J": "001 001 001 101 010", "K": "101 101 110 101 101", "L": "100 100 100 100 111",
    "M": "101 111 111 101 101", "N": "110 101 101 101 101", "O": "010 101 101 101 010", "P": "110 101 110 100 100",
    "R": "110 101 110 101 101", "S": "011 100 010 001 110", "T": "111 010 010 010 010", "U": "101 101 101 101 111",
    "V": "101 101 101 101 010", "W": "101 101 111 111 101", "X": "101 101 010 101 101", "Y": "101 101 010 010 010",
    "0": "111 101 101 101 111", "1": "010 110 010 010 111", "2": "110 001 010 100 111", "3": "110 001 010 001 110",
    "4": "101 101 111 001 001", "5": "111 100 110 001 110", "6": "011 100 111 101 111", "7": "111 001 010 010 010",
    "8": "111 101 111 101 111", "9": "111 101 111 001 110", ".": "000 000 000 000 010", "!": "010 010 010 000 010",
    "*": "000 010 111 010 000", " ": "000 000 000 000 000",
}
# fmt: on
LETTERS = frozenset(_GLYPHS)
"""What can be written."""


def lettering(words: str, size: int = 1) -> NDArray[np.bool_]:
    """Return words as a mask (rows, columns) of pixels, each `size` pixels wide; capitals, digits and `.!*` only."""
    columns = [np.array([[cell == "1" for cell in row] for row in _GLYPHS[letter].split()]) for letter in words]
    gap = np.zeros((_ROWS, 1), dtype=np.bool_)
    mask = np.hstack([piece for column in columns for piece in (column, gap)][:-1])
    return mask.repeat(size, axis=0).repeat(size, axis=1)
