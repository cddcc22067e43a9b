"""Chest pictures: a drawn front view in which the findings can be pointed at.

    lungs      clear; patch (a cloudy white patch inside one lung); fluid (white from the bottom of one lung up, with a
               curved upper border); edge (one lung has fallen in: a fine line, and beyond it black without vessels)
    heart      normal; large (wider than half the chest)
    inflation  usual; stretched (long dark lungs, flat diaphragms, low ribs)

Body, pose and the scanner differ from patient to patient; none of them says anything about the disease.
"""

import dataclasses
import itertools

import numpy as np
from numpy.typing import NDArray

from engine.demo.canvas import Grid, Plane, Pose, blur, box, clouds, ellipse, grid, inside, stroke, to_bytes
from engine.demo.devices import Scanner
from engine.demo.world import Findings

SIDE = 96
"""Pixels along each side."""


@dataclasses.dataclass(frozen=True)
class Body:
    """One patient's build; the same in each of the patient's pictures."""

    wide: float
    tall: float
    heart: float
    ribs: float
    fat: float
    vessels: float

    @classmethod
    def draw(cls, rng: np.random.Generator) -> "Body":
        """Draw a patient."""
        wide, tall, heart = rng.uniform(0.9, 1.06), rng.uniform(0.92, 1.06), rng.uniform(0.92, 1.08)
        return cls(wide, tall, heart, rng.uniform(0.05, 0.12), rng.uniform(0.52, 0.66), rng.uniform(0, 6))


def draw_chest(found: Findings, body: Body, scanner: Scanner, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Draw one picture (H, W) of a patient with these findings as this scanner shows it."""
    pose = Pose(rng.uniform(-0.09, 0.09), rng.uniform(0.92, 1.04), rng.uniform(-0.07, 0.07), rng.uniform(-0.06, 0.06))
    on = grid(SIDE, SIDE, pose)
    stretched = found["inflation"] == "stretched"
    lungs = [_Lung(side, stretched, body) for side in (-1.0, 1.0)]
    picture = _soft_tissue(on, body)
    for lung in lungs:
        picture = _mix(picture, lung.air(on, body, rng), lung.mask(on))
    sick = lungs[int(rng.integers(2))]
    if found["lungs"] == "edge":
        picture = _edge(picture, on, sick, rng)
    picture = _middle(picture, on, body, found["heart"] == "large", stretched)
    if found["lungs"] == "patch":
        picture = _patch(picture, on, sick, rng)
    if found["lungs"] == "fluid":
        picture = _fluid(picture, on, sick, rng)
    picture = _bones(picture, on, body, stretched)
    return to_bytes(_scan(picture, scanner, rng))


def _mix(below: Plane, above: Plane | float, mask: Plane) -> Plane:
    """Lay one plane over another where the mask says so."""
    return below + (above - below) * mask


def _soft_tissue(on: Grid, body: Body) -> Plane:
    """Draw the trunk with shoulders on black."""
    trunk = inside(np.abs(on.x_HW) - 0.93 * body.wide - 0.05 * np.sin(3 * on.y_HW), 0.06)
    shoulders = inside(-(on.y_HW + 0.95 - 0.35 * np.abs(on.x_HW) ** 2), 0.06)
    return np.asarray(0.03 + body.fat * trunk * shoulders)


@dataclasses.dataclass(frozen=True)
class _Lung:
    """One lung's outline: `side` -1 lies on the left of the picture."""

    side: float
    stretched: bool
    body: Body

    def top_base(self) -> tuple[float, float]:
        """Return the height of the apex and of the base."""
        tall = self.body.tall
        return (
            (-0.80 * tall, 0.78 * tall) if self.stretched else (-0.72 * tall, (0.40 if self.side < 0 else 0.46) * tall)
        )

    def across(self, on: Grid) -> Plane:
        """Return the place between the middle of the chest (0) and the chest wall (1)."""
        top, base = self.top_base()
        down = np.clip((on.y_HW - top) / (base - top), 0, 1)
        wall = (0.40 + 0.42 * np.sqrt(down * (1.25 - 0.35 * down))) * self.body.wide
        return (on.x_HW * self.side - 0.10) / (wall - 0.10)

    def mask(self, on: Grid) -> Plane:
        """Return where the lung is."""
        top, base = self.top_base()
        place = self.across(on)
        dome = 0.03 if self.stretched else 0.17
        floor = base + 0.16 - dome * (1.2 - 3.4 * (place - 0.42) ** 2)
        roof = top + 0.30 * (place - 0.45) ** 2
        return (
            inside(-place * 0.5, 0.05)
            * inside((place - 1) * 0.6, 0.05)
            * inside(on.y_HW - floor, 0.05)
            * inside(roof - on.y_HW, 0.06)
        )

    def air(self, on: Grid, body: Body, rng: np.random.Generator) -> Plane:
        """Return the look of healthy lung: dark, with vessels that fan out from the middle."""
        fan = np.arctan2(on.y_HW - 0.02, np.abs(on.x_HW) - 0.02)
        far = np.hypot(on.y_HW - 0.02, np.abs(on.x_HW) - 0.02)
        shift = body.vessels + self.side
        lines = np.maximum(np.cos(13 * fan + 5 * far + shift), 0) ** 6 * np.clip(0.75 - far, 0, 1)
        dark = 0.11 if self.stretched else 0.17
        return np.asarray(dark + 0.22 * lines + 0.012 * clouds(rng, on.x_HW.shape, 14))


def _middle(picture: Plane, on: Grid, body: Body, large: bool, stretched: bool) -> Plane:
    """Draw heart, great vessels and spine."""
    width = (0.47 if large else 0.285 if not stretched else 0.25) * body.heart
    height = (0.37 if large else 0.29 if not stretched else 0.34) * body.heart
    base = 0.52 * body.tall if stretched else 0.30 * body.tall
    heart = inside(ellipse(on, (0.13 if large else 0.10, base - 0.06), (width, height)), 0.05)
    vessels = inside(np.abs(on.x_HW + 0.01) - 0.13 - 0.04 * np.cos(4 * on.y_HW), 0.05) * inside(on.y_HW - base, 0.2)
    picture = _mix(picture, 0.63, np.maximum(heart, 0.9 * vessels))
    spine = inside(np.abs(on.x_HW) - 0.075, 0.04) * (0.8 + 0.2 * np.cos(26 * on.y_HW))
    windpipe = inside(np.abs(on.x_HW) - 0.035, 0.03) * inside(on.y_HW + 0.35, 0.1)
    return picture + 0.13 * spine - 0.20 * windpipe * (picture > 0.2)


def _patch(picture: Plane, on: Grid, lung: _Lung, rng: np.random.Generator) -> Plane:
    """Draw a cloudy white patch inside one lung."""
    top, base = lung.top_base()
    centre = (lung.side * rng.uniform(0.38, 0.58), rng.uniform(top + 0.42, base - 0.28))
    radii = (rng.uniform(0.17, 0.24), rng.uniform(0.17, 0.26))
    ragged: Plane = ellipse(on, centre, radii) + 0.035 * clouds(rng, on.x_HW.shape, 12)
    texture = 0.60 + 0.04 * clouds(rng, on.x_HW.shape, 16)
    return _mix(picture, np.maximum(texture, picture), inside(ragged, 0.12) * lung.mask(on))


def _fluid(picture: Plane, on: Grid, lung: _Lung, rng: np.random.Generator) -> Plane:
    """Fill one lung from the bottom; the border climbs along the chest wall."""
    _, base = lung.top_base()
    place = np.clip(lung.across(on), 0, 1)
    level = base - rng.uniform(0.16, 0.42) - 0.34 * place**2.5 + 0.04
    whole = (
        inside(level - on.y_HW, 0.05) * inside(-lung.across(on) * 0.5, 0.05) * inside((lung.across(on) - 1) * 0.6, 0.05)
    )
    return _mix(picture, np.maximum(0.68, picture), whole * inside(on.y_HW - base - 0.3, 0.1))


def _edge(picture: Plane, on: Grid, lung: _Lung, rng: np.random.Generator) -> Plane:
    """Let one lung fall in: black air around it, and a fine line where it ends."""
    top, base = lung.top_base()
    shrunk = rng.uniform(0.52, 0.68)
    middle = (top + base) / 2 + 0.1
    rim = np.hypot(np.maximum(lung.across(on), 0) / shrunk, (on.y_HW - middle) / (0.80 * (base - top) * shrunk)) - 1
    mask = lung.mask(on)
    picture = _mix(picture, 0.035, mask * inside(-rim, 0.08))
    fallen = inside(rim, 0.08) * mask
    picture = _mix(picture, np.maximum(picture, 0.33), fallen)
    return picture + 0.30 * inside(np.abs(rim) - 0.05, 0.06) * mask


def _bones(picture: Plane, on: Grid, body: Body, stretched: bool) -> Plane:
    """Draw ribs and collar bones over everything."""
    away = np.abs(on.x_HW)
    gap = 0.235 if stretched else 0.20
    slope = on.y_HW + 0.75 - 0.55 * (away - 0.35) ** 2 + (0.06 if stretched else 0.16) * away
    ribs = np.maximum(np.cos(2 * np.pi * slope / gap), 0) ** 4 * inside(away - 0.86 * body.wide, 0.05)
    ribs *= inside(0.1 - away, 0.08) * inside(on.y_HW - 0.62, 0.2) * inside(-0.82 - on.y_HW, 0.05)
    picture = picture + body.ribs * ribs
    for side in (-1.0, 1.0):
        bone = inside(stroke(on, (0.10 * side, -0.60), (0.80 * side, -0.80), 0.06), 0.03)
        picture = picture + 0.14 * bone
    return picture


def _scan(picture: Plane, scanner: Scanner, rng: np.random.Generator) -> Plane:
    """Return the picture as the scanner shows it: exposure, sharpness, grain, frame and marker."""
    flat = grid(*picture.shape)
    picture = blur(picture, scanner.blur)
    picture = np.clip(picture, 0, 1) ** (scanner.gamma * rng.uniform(0.93, 1.07))
    picture = scanner.black + (scanner.white - scanner.black) * picture + scanner.tilt * flat.x_HW
    picture = picture + scanner.grain * rng.standard_normal(picture.shape)
    if scanner.frame > 0:
        picture = _mix(
            picture,
            scanner.rim,
            1 - inside(box(flat, -1 + scanner.frame, -1 + scanner.frame, 1 - scanner.frame, 1 - scanner.frame), 0.02),
        )
    return _mark(picture, flat, scanner)


def _mark(picture: Plane, flat: Grid, scanner: Scanner) -> Plane:
    """Add the side marker that the scanner's staff puts into a corner: R on the left of the picture, L on the right."""
    x, y = scanner.marker
    lines = [((x, y), (x, y + 0.14))]
    if x > 0:
        lines.append(((x, y + 0.14), (x + 0.08, y + 0.14)))
    else:
        corners = ((x, y), (x + 0.08, y + 0.01), (x + 0.08, y + 0.06), (x, y + 0.07), (x + 0.08, y + 0.14))
        lines.extend(itertools.pairwise(corners))
    for start, stop in lines:
        picture = np.maximum(picture, 0.95 * inside(stroke(flat, start, stop, 0.035), 0.03))
    return picture
