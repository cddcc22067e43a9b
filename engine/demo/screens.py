"""Screenshots: a drawn window in which the findings can be pointed at.

    window  login (a head, two fields, a button); invoice (a sheet with rows of prices and a total); crash (a box that
            says ERROR over a torn window); loading (a ring with a gap and a bar half full)
    icon    none; warning (yellow triangle); lock (padlock); nosignal (struck-out radio waves)
    stripe  none; red; green: a coloured banner across the window

Theme, place and size of the window and the words in it differ; none of them says anything about the answer.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

from engine.demo.canvas import Grid, Plane, box, ellipse, grid, inside, stroke, to_bytes, triangle
from engine.demo.lettering import lettering
from engine.demo.themes import Colour, Theme
from engine.demo.world import Findings

SIDE = 96
"""Pixels along each side."""
_RED, _GREEN, _YELLOW = (0.86, 0.16, 0.14), (0.13, 0.62, 0.28), (0.98, 0.78, 0.10)
_TITLES = {
    "login": ("SIGN IN", "LOG IN", "ACCOUNT"),
    "invoice": ("INVOICE", "BILL", "PAYMENT"),
    "crash": ("APP", "EDITOR", "PLAYER"),
    "loading": ("HOME", "START", "MAIL"),
}


class Screen:
    """A picture to paint on, in whole pixels from the upper left."""

    def __init__(self, colour: Colour) -> None:
        self.pixels_HWC: NDArray[np.float64] = np.tile(np.asarray(colour, dtype=np.float64), (SIDE, SIDE, 1))

    def fill(self, left: int, top: int, width: int, height: int, colour: Colour) -> None:
        """Paint a rectangle."""
        self.pixels_HWC[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = colour

    def frame(self, left: int, top: int, width: int, height: int, colour: Colour, paper: Colour) -> None:
        """Paint a rectangle with a border of one pixel."""
        self.fill(left, top, width, height, colour)
        self.fill(left + 1, top + 1, width - 2, height - 2, paper)

    def write(self, left: int, top: int, words: str, colour: Colour, size: int = 1) -> None:
        """Write words."""
        mask = lettering(words, size)
        spot = self.pixels_HWC[top : top + mask.shape[0], left : left + mask.shape[1]]
        spot[mask[: spot.shape[0], : spot.shape[1]]] = colour

    def paint(self, mask_HW: Plane, colour: Colour) -> None:
        """Paint where a soft mask says so."""
        self.pixels_HWC += (np.asarray(colour) - self.pixels_HWC) * mask_HW[:, :, None]


@dataclasses.dataclass(frozen=True)
class Area:
    """A rectangle in whole pixels."""

    left: int
    top: int
    width: int
    height: int


def draw_screen(found: Findings, theme: Theme, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one screenshot (H, W, 3) with these findings on a screen dressed like this."""
    screen = Screen(theme.desk)
    _desk(screen, theme, rng)
    window = _window(screen, found["window"], theme, rng)
    inner = _stripe(screen, window, found["stripe"], rng)
    contents = {"login": _login, "invoice": _invoice, "crash": _crash, "loading": _loading}[found["window"]]
    contents(screen, inner, theme, rng)
    _icon(screen, window, found["icon"], theme, rng)
    noisy = screen.pixels_HWC + theme.grain * rng.standard_normal((SIDE, SIDE, 1))
    return to_bytes(noisy)


def _desk(screen: Screen, theme: Theme, rng: np.random.Generator) -> None:
    """Paint a task bar and a few symbols behind the window."""
    screen.fill(0, SIDE - 5, SIDE, 5, theme.bar)
    for k in range(int(rng.integers(0, 4))):
        screen.fill(2, 4 + 11 * k, 6, 6, theme.accent)


def _window(screen: Screen, kind: str, theme: Theme, rng: np.random.Generator) -> Area:
    """Paint an empty window and return the space inside."""
    width, height = int(rng.integers(74, 85)), int(rng.integers(70, 79))
    left, top = int(rng.integers(3, SIDE - width - 1)), int(rng.integers(2, SIDE - 5 - height))
    screen.frame(left, top, width, height, theme.ink, theme.paper)
    screen.fill(left + 1, top + 1, width - 2, 8, theme.bar)
    ink = theme.paper if sum(theme.bar) < 1.5 and sum(theme.paper) > 1.5 else theme.ink
    title = _TITLES[kind][int(rng.integers(3))]
    screen.write(left + (14 if theme.buttons_left else 3), top + 3, title, ink)
    for k in range(3):
        screen.fill(left + 3 + 4 * k if theme.buttons_left else left + width - 6 - 4 * k, top + 4, 2, 2, ink)
    return Area(left + 1, top + 9, width - 2, height - 10)


def _stripe(screen: Screen, window: Area, stripe: str, rng: np.random.Generator) -> Area:
    """Paint the banner, at the top or at the bottom, and return the space that is left; without one, leave as much out."""
    thick = int(rng.integers(9, 12))
    at_top = rng.random() < 0.5
    if stripe != "none":
        top = window.top if at_top else window.top + window.height - thick
        screen.fill(window.left, top, window.width, thick, _RED if stripe == "red" else _GREEN)
        words = "OVERDUE" if stripe == "red" else "PAID"
        if rng.random() < 0.6:
            words = "ALERT" if stripe == "red" else "OK"
        screen.write(window.left + 4, top + thick // 2 - 2, words, (1.0, 1.0, 1.0))
    return Area(window.left, window.top + (thick if at_top else 0), window.width, window.height - thick)


def _login(screen: Screen, area: Area, theme: Theme, rng: np.random.Generator) -> None:
    """Paint a head, two fields and a button."""
    flat = _grid()
    middle = area.left + area.width // 2 + int(rng.integers(-8, 5))
    top = area.top + 1
    screen.paint(inside(ellipse(flat, _at(middle, top + 5), (0.085, 0.085)), 0.02), theme.accent)
    shoulders = inside(ellipse(flat, _at(middle, top + 17), (0.17, 0.14)), 0.02) * inside(
        flat.y_HW - _at(0, top + 16)[1], 0.02
    )
    screen.paint(shoulders, theme.accent)
    wide = int(rng.integers(40, 48))
    for k, words in enumerate(("NAME", "*****")):
        screen.frame(middle - wide // 2, top + 19 + 10 * k, wide, 9, theme.ink, theme.paper)
        screen.write(middle - wide // 2 + 3, top + 21 + 10 * k, words, theme.ink)
    screen.fill(middle - wide // 2, top + 40, int(wide * rng.uniform(0.5, 1.0)), 8, theme.accent)


def _invoice(screen: Screen, area: Area, theme: Theme, rng: np.random.Generator) -> None:
    """Paint a sheet with rows of prices and a total."""
    left, top = area.left + int(rng.integers(3, 8)), area.top + 3
    wide = area.width - 26
    rows = int(rng.integers(3, 5))
    sheet, ink = (1.0, 1.0, 1.0), (0.12, 0.12, 0.14)
    screen.frame(left, top, wide, 20 + 6 * rows, (0.55, 0.55, 0.55), sheet)
    screen.write(left + 3, top + 3, "INVOICE", ink)
    for k in range(rows):
        y = top + 12 + 6 * k
        screen.fill(left + 3, y + 1, int(rng.integers(14, 24)), 2, (0.60, 0.62, 0.66))
        screen.write(left + wide - 14, y - 1, f"{int(rng.integers(10, 99))}", ink)
    screen.fill(left + 3, top + 11 + 6 * rows, wide - 6, 1, ink)
    screen.write(left + 3, top + 13 + 6 * rows, "SUM", ink)
    screen.write(left + wide - 18, top + 13 + 6 * rows, f"{int(rng.integers(100, 999))}", ink)


def _crash(screen: Screen, area: Area, theme: Theme, rng: np.random.Generator) -> None:
    """Paint half-drawn contents, torn in the middle, and a box that says ERROR over them."""
    for k in range(6):
        screen.fill(area.left + 3 + 3 * (k % 2), area.top + 4 + 8 * k, int(rng.integers(20, 50)), 3, theme.bar)
    left, top = area.left + int(rng.integers(3, 16)), area.top + int(rng.integers(3, area.height - 34))
    screen.fill(left + 2, top + 2, 52, 32, (0.05, 0.05, 0.05))
    screen.frame(left, top, 52, 32, theme.ink, (0.88, 0.88, 0.90))
    screen.write(left + 6, top + 5, "ERROR", (0.10, 0.10, 0.12), 2)
    screen.write(left + 6, top + 19, f"0X{int(rng.integers(10, 99))}F{int(rng.integers(10, 99))}", (0.35, 0.35, 0.38))
    screen.frame(left + 34, top + 22, 14, 8, (0.25, 0.25, 0.28), (0.75, 0.75, 0.78))
    screen.write(left + 37, top + 24, "OK", (0.10, 0.10, 0.12))


def _loading(screen: Screen, area: Area, theme: Theme, rng: np.random.Generator) -> None:
    """Paint a ring with a gap, and a bar that is partly full."""
    flat = _grid()
    x, y = area.left + area.width // 2 + int(rng.integers(-12, 7)), area.top + int(rng.integers(15, 19))
    away = ellipse(flat, _at(x, y), (0.25, 0.25))
    turn = np.arctan2(flat.y_HW - _at(x, y)[1], flat.x_HW - _at(x, y)[0]) - rng.uniform(-np.pi, np.pi)
    gap = np.cos(turn) > 0.6
    screen.paint(inside(np.abs(away) - 0.045, 0.02) * (1 - gap), theme.accent)
    wide = int(rng.integers(44, 54))
    screen.frame(x - wide // 2, y + 15, wide, 7, theme.ink, theme.paper)
    screen.fill(x - wide // 2 + 1, y + 16, int(wide * rng.uniform(0.2, 0.7)), 5, theme.accent)
    screen.write(x - 12, y + 25, "WAIT..", theme.ink)


def _icon(screen: Screen, window: Area, icon: str, theme: Theme, rng: np.random.Generator) -> None:
    """Paint a sign into one of the corners on the right."""
    x = window.left + window.width - int(rng.integers(10, 13))
    y = window.top + int(rng.choice((window.height // 2, window.height - 22)))
    flat = _grid()
    if icon == "warning":
        screen.paint(inside(triangle(flat, _at(x, y), 0.19), 0.02), (0.10, 0.08, 0.02))
        screen.paint(inside(triangle(flat, _at(x, y), 0.15), 0.02), _YELLOW)
        screen.write(x - 1, y - 2, "!", (0.05, 0.05, 0.05))
    if icon == "lock":
        shackle = ellipse(flat, _at(x, y - 3), (0.085, 0.11))
        screen.paint(inside(np.abs(shackle) - 0.022, 0.02), theme.ink)
        screen.paint(inside(_box(flat, x - 7, y - 2, x + 7, y + 8), 0.02), theme.ink)
        screen.paint(inside(ellipse(flat, _at(x, y + 3), (0.04, 0.04)), 0.02), theme.paper)
    if icon == "nosignal":
        _nosignal(screen, flat, x, y, theme)


def _nosignal(screen: Screen, flat: Grid, x: int, y: int, theme: Theme) -> None:
    """Paint three radio waves, struck out."""
    above = inside(np.abs(flat.x_HW - _at(x, y)[0]) * 0.8 + flat.y_HW - _at(x, y + 5)[1], 0.03)
    for radius in (0.06, 0.15, 0.24):
        wave = inside(np.abs(ellipse(flat, _at(x, y + 6), (radius, radius))) - 0.024, 0.02)
        screen.paint(wave * above, theme.ink)
    slash = stroke(flat, _at(x - 8, y - 7), _at(x + 8, y + 8), 0.05)
    screen.paint(inside(slash, 0.02), _RED)


def _grid() -> Grid:
    return grid(SIDE, SIDE)


def _at(x: float, y: float) -> tuple[float, float]:
    """Return a pixel's place in the coordinates of the shapes."""
    half = (SIDE - 1) / 2
    return (x - half) * 2 / SIDE, (y - half) * 2 / SIDE


def _box(flat: Grid, left: int, top: int, right: int, bottom: int) -> Plane:
    return box(flat, *_at(left, top), *_at(right, bottom))
