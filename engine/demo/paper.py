"""Scanned papers drawn from what a domain's folder says of them: a head, a layout, an emblem, a stamp.

    head    words at the top, in capitals (two are alike to a reader of pixels only if they are as long)
    layout  letter (lines of text), table (rows with figures), form (labelled boxes), receipt (a narrow slip with a total)
    emblem  none, house, shield, ring, wheel or scales, in a corner
    stamp   a word in a tilted frame, red, blue or green

How the paper lies, its grain and the scanner's black and white differ; none of them says anything about the answer.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from engine.demo.canvas import Grid, Plane, Pose, box, ellipse, grid, inside, stroke, to_bytes, triangle
from engine.demo.devices import Scanner
from engine.demo.lettering import LETTERS, lettering
from engine.demo.world import Findings
from engine.schema.base import Message

SIDE = 96
"""Pixels along each side."""
Layout = Literal["letter", "table", "form", "receipt"]
Emblem = Literal["none", "house", "shield", "ring", "wheel", "scales"]
Ink = Literal["red", "blue", "green"]
_INKS = {"red": (0.80, 0.14, 0.14), "blue": (0.14, 0.28, 0.72), "green": (0.10, 0.52, 0.26)}
_BLACK = (0.14, 0.14, 0.17)
_LONGEST = 12


class Look(Message):
    """What one value of a finding puts on the paper; what is left out leaves the paper as it is."""

    heads: tuple[str, ...] = Field((), description="Words for the head; one of them is drawn.")
    layout: Layout | None = None
    emblem: Emblem | None = None
    stamp: str = ""
    ink: Ink = "red"

    @field_validator("heads", "stamp")
    @classmethod
    def _can_be_drawn(cls, value: Any) -> Any:
        """Refuse what the pixel alphabet cannot write."""
        for word in (value,) if isinstance(value, str) else value:
            strange = sorted(set(word) - LETTERS)
            if strange or len(word) > _LONGEST or (not word and value != ""):
                raise ValueError(f"{word!r} cannot be drawn: up to {_LONGEST} of {''.join(sorted(LETTERS))}")
        return value


Papers = dict[str, dict[str, Look]]
"""Finding -> value -> what it looks like."""


def draw_paper(found: Findings, papers: Papers, scanner: Scanner, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one paper (H, W, 3) that shows these findings, as this scanner reads it."""
    looks = [papers[name][value] for name, value in found.items() if value in papers.get(name, {})]
    tone = rng.uniform(0.90, 0.99)
    page = np.tile(np.asarray((tone, tone, tone * rng.uniform(0.94, 1.0))), (SIDE, SIDE, 1))
    layout: Layout = next((look.layout for look in looks if look.layout), "letter")
    left = int(rng.integers(6, 14))
    for look in looks:
        if look.heads:
            _write(page, left, int(rng.integers(6, 12)), str(rng.choice(look.heads)), _BLACK, 2)
    {"letter": _letter, "table": _table, "form": _form, "receipt": _receipt}[layout](page, left, rng)
    for look in looks:
        if look.emblem not in (None, "none"):
            _emblem(page, str(look.emblem), rng)
    for look in looks:
        if look.stamp:
            _stamp(page, look.stamp, _INKS[look.ink], rng)
    return to_bytes(_scan(page, scanner, rng))


def _write(page: NDArray[np.float64], left: int, top: int, words: str, ink: tuple[float, ...], size: int = 1) -> None:
    mask = lettering(words, size)
    spot = page[top : top + mask.shape[0], left : left + mask.shape[1]]
    spot[mask[: spot.shape[0], : spot.shape[1]]] = ink


def _fill(page: NDArray[np.float64], left: int, top: int, width: int, height: int, grey: float) -> None:
    page[max(top, 0) : top + height, max(left, 0) : left + width] = grey


def _letter(page: NDArray[np.float64], left: int, rng: np.random.Generator) -> None:
    """Draw paragraphs of ragged lines and a signature."""
    top = 28
    while top < 76:
        for _ in range(int(rng.integers(3, 5))):
            _fill(page, left, top, int(rng.integers(52, 74)), 1, 0.35)
            top += 4
        top += 4
    flat = grid(SIDE, SIDE)
    start = _at(left + 4, 88)
    for k in range(3):
        stop = _at(left + 12 + 8 * k, 88 + int(rng.integers(-5, 5)))
        _paint(page, inside(stroke(flat, start, stop, 0.03), 0.02), (0.16, 0.20, 0.45))
        start = stop


def _table(page: NDArray[np.float64], left: int, rng: np.random.Generator) -> None:
    """Draw a grid of rows with figures in the last column and a total below."""
    wide, rows = int(rng.integers(62, 74)), int(rng.integers(5, 8))
    for k in range(rows + 1):
        _fill(page, left, 28 + 8 * k, wide, 1, 0.45)
        if k < rows:
            _fill(page, left + 3, 31 + 8 * k, int(rng.integers(14, 30)), 2, 0.55)
            _write(page, left + wide - 14, 30 + 8 * k, str(int(rng.integers(100, 999))), _BLACK)
    for across in (0, wide // 2, wide):
        _fill(page, left + across, 28, 1, 8 * rows + 1, 0.45)


def _form(page: NDArray[np.float64], left: int, rng: np.random.Generator) -> None:
    """Draw boxes with short labels before them, some ticked."""
    for k in range(5):
        top = 29 + 12 * k
        _fill(page, left, top + 2, int(rng.integers(12, 20)), 2, 0.40)
        wide = int(rng.integers(34, 48))
        _fill(page, left + 24, top - 2, wide, 9, 0.30)
        page[top - 1 : top + 6, left + 25 : left + 23 + wide] = 1.0
        if rng.random() < 0.6:
            _write(page, left + 27, top, "XX" if rng.random() < 0.5 else str(int(rng.integers(10, 99))), _BLACK)


def _receipt(page: NDArray[np.float64], left: int, rng: np.random.Generator) -> None:
    """Draw a narrow white slip on a darker ground, with prices and a broad total."""
    slip = int(rng.integers(44, 52))
    page[26:94, :] *= 0.62
    page[26:94, left : left + slip] = 0.98
    for k in range(6):
        _fill(page, left + 3, 31 + 7 * k, int(rng.integers(8, 20)), 2, 0.5)
        _write(page, left + slip - 12, 30 + 7 * k, str(int(rng.integers(10, 99))), _BLACK)
    _fill(page, left + 3, 74, slip - 6, 2, 0.1)
    _write(page, left + 4, 80, f"SUM {int(rng.integers(10, 99))}", _BLACK, 1)


def _emblem(page: NDArray[np.float64], emblem: str, rng: np.random.Generator) -> None:
    """Draw a sign into the upper right corner."""
    flat, x, y = grid(SIDE, SIDE), int(rng.integers(78, 84)), int(rng.integers(12, 17))
    for mask in _shapes(flat, emblem, x, y):
        _paint(page, mask, (0.20, 0.24, 0.40))


def _shapes(flat: Grid, emblem: str, x: int, y: int) -> list[Plane]:
    """Return the soft masks that make a sign of about 16 pixels around a place."""
    if emblem == "house":
        walls = box(flat, *_at(x - 6, y - 1), *_at(x + 6, y + 7))
        return [inside(triangle(flat, _at(x, y - 4), 0.20), 0.02), inside(walls, 0.02)]
    if emblem == "shield":
        body = box(flat, *_at(x - 6, y - 7), *_at(x + 6, y + 1))
        return [inside(body, 0.02), inside(ellipse(flat, _at(x, y + 1), (0.13, 0.18)), 0.02)]
    if emblem == "ring":
        rings = (ellipse(flat, _at(x - 4, y), (0.11, 0.11)), ellipse(flat, _at(x + 4, y), (0.11, 0.11)))
        return [inside(np.abs(ring) - 0.022, 0.02) for ring in rings]
    if emblem == "wheel":
        spokes = [stroke(flat, _at(x - 7, y), _at(x + 7, y), 0.03), stroke(flat, _at(x, y - 7), _at(x, y + 7), 0.03)]
        rim = np.abs(ellipse(flat, _at(x, y), (0.17, 0.17))) - 0.03
        return [inside(shape, 0.02) for shape in (*spokes, rim)]
    beam = stroke(flat, _at(x - 7, y - 4), _at(x + 7, y - 4), 0.03)
    pole = stroke(flat, _at(x, y - 7), _at(x, y + 7), 0.03)
    pans = [ellipse(flat, _at(x + side, y + 2), (0.09, 0.05)) for side in (-7, 7)]
    return [inside(shape, 0.02) for shape in (beam, pole, *pans)]


def _stamp(page: NDArray[np.float64], word: str, ink: tuple[float, ...], rng: np.random.Generator) -> None:
    """Press a framed word on the paper, a little faint, where the text is."""
    left, top = int(rng.integers(12, 30)), int(rng.integers(48, 70))
    mask = lettering(word, 2)
    high, wide = mask.shape[0] + 8, min(mask.shape[1] + 8, SIDE - left)
    frame = np.zeros((high, wide), dtype=bool)
    frame[[0, 1, -1, -2], :] = frame[:, [0, 1, -1, -2]] = True
    frame[4 : 4 + mask.shape[0], 4 : 4 + mask.shape[1]] |= mask[:, : max(0, wide - 4)]
    spot = page[top : top + high, left : left + wide]
    strength = rng.uniform(0.7, 0.95)
    kept = frame[: spot.shape[0], : spot.shape[1]]
    spot[kept] += strength * (np.asarray(ink) - spot[kept])


def _scan(page: NDArray[np.float64], scanner: Scanner, rng: np.random.Generator) -> NDArray[np.float64]:
    """Shift the paper a little and read it with the scanner's levels, uneven light and grain."""
    moved = np.roll(page, (int(rng.integers(-2, 3)), int(rng.integers(-2, 3))), axis=(0, 1))
    lit = np.clip(moved, 0, 1) ** scanner.gamma * (scanner.white - scanner.black) + scanner.black
    light_HW = grid(SIDE, SIDE, Pose()).x_HW * scanner.tilt
    return np.asarray(lit + light_HW[..., None] + scanner.grain * rng.standard_normal((SIDE, SIDE, 1)))


def _paint(page: NDArray[np.float64], mask_HW: Plane, ink: tuple[float, ...]) -> None:
    page += (np.asarray(ink) - page) * mask_HW[..., None]


def _at(x: float, y: float) -> tuple[float, float]:
    """Return a pixel's place in the coordinates of the shapes."""
    half = (SIDE - 1) / 2
    return (x - half) * 2 / SIDE, (y - half) * 2 / SIDE
