"""Soft-edged shapes drawn with numpy alone, so a picture is the same on every machine: no fonts, no drawing library.

Shapes: H rows, W columns. Coordinates run from -1 to 1, x to the right and y down.
"""

import dataclasses

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]
"""One number a pixel, (H, W)."""


@dataclasses.dataclass(frozen=True)
class Grid:
    """The coordinates of every pixel, and how far apart two pixels are."""

    x_HW: Plane
    y_HW: Plane
    pixel: float


@dataclasses.dataclass(frozen=True)
class Pose:
    """How the thing shown lies in the picture: turned by `angle` (radians), enlarged, then moved."""

    angle: float = 0.0
    scale: float = 1.0
    dx: float = 0.0
    dy: float = 0.0


def grid(height: int, width: int, pose: Pose = Pose()) -> Grid:
    """Return the coordinates of a picture's pixels as the thing shown counts them; the longer side spans -1 to 1."""
    pixel = 2 / max(height, width)
    y_H = (np.arange(height) - (height - 1) / 2) * pixel - pose.dy
    x_W = (np.arange(width) - (width - 1) / 2) * pixel - pose.dx
    cos, sin = np.cos(pose.angle) / pose.scale, np.sin(pose.angle) / pose.scale
    return Grid(x_W * cos + y_H[:, None] * sin, y_H[:, None] * cos - x_W * sin, pixel / pose.scale)


def inside(distance_HW: Plane, soft: float) -> Plane:
    """Return 1 where a signed distance is below 0, 0 above, with a soft edge as wide as `soft`."""
    return np.clip(0.5 - distance_HW / soft, 0.0, 1.0)


def ellipse(on: Grid, centre: tuple[float, float], radii: tuple[float, float]) -> Plane:
    """Return an approximate signed distance to an ellipse, below 0 inside."""
    across, down = (on.x_HW - centre[0]) / radii[0], (on.y_HW - centre[1]) / radii[1]
    distance: Plane = (np.sqrt(across**2 + down**2) - 1) * min(radii)
    return distance


def box(on: Grid, left: float, top: float, right: float, bottom: float) -> Plane:
    """Return a signed distance to an upright rectangle, below 0 inside."""
    across = np.abs(on.x_HW - (left + right) / 2) - (right - left) / 2
    down = np.abs(on.y_HW - (top + bottom) / 2) - (bottom - top) / 2
    return np.maximum(across, down)


def stroke(on: Grid, start: tuple[float, float], stop: tuple[float, float], width: float) -> Plane:
    """Return a signed distance to a straight line with round ends, below 0 inside."""
    ax, ay = stop[0] - start[0], stop[1] - start[1]
    length = max(ax * ax + ay * ay, 1e-12)
    along = np.clip(((on.x_HW - start[0]) * ax + (on.y_HW - start[1]) * ay) / length, 0, 1)
    distance: Plane = np.hypot(on.x_HW - start[0] - along * ax, on.y_HW - start[1] - along * ay) - width / 2
    return distance


def triangle(on: Grid, centre: tuple[float, float], size: float) -> Plane:
    """Return a signed distance to a triangle that stands on its base, below 0 inside."""
    x, y = np.abs(on.x_HW - centre[0]), on.y_HW - centre[1]
    return np.maximum(0.87 * x - 0.5 * (y + size * 0.87), y - size * 0.75)


def clouds(rng: np.random.Generator, shape: tuple[int, ...], coarse: int) -> Plane:
    """Return smooth noise of mean 0 and deviation 1, with `coarse` bumps along each side."""
    knots = rng.standard_normal((coarse + 2, coarse + 2))
    rows, cols = (np.linspace(0.5, coarse + 0.5, length) for length in shape)
    down = _between(knots, rows)
    plane = _between(down.T, cols).T
    return np.asarray((plane - plane.mean()) / (plane.std() + 1e-9))


def _between(knots: Plane, at: Plane) -> Plane:
    """Interpolate the rows of `knots` smoothly at positions `at`."""
    low = np.minimum(at.astype(int), len(knots) - 2)
    share = at - low
    share = (share * share * (3 - 2 * share))[:, None]
    return np.asarray(knots[low] * (1 - share) + knots[low + 1] * share)


def blur(plane_HW: Plane, times: int) -> Plane:
    """Smooth a plane with a small kernel, `times` over."""
    for _ in range(times):
        padded = np.pad(plane_HW, 1, mode="edge")
        rows = padded[:-2] + 2 * padded[1:-1] + padded[2:]
        plane_HW = (rows[:, :-2] + 2 * rows[:, 1:-1] + rows[:, 2:]) / 16
    return plane_HW


def to_bytes(values: Plane) -> NDArray[np.uint8]:
    """Return values 0 to 1 as bytes."""
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)
