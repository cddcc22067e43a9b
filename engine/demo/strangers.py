"""Things that belong into no clinic and no support desk: what a council should say "not sure" to."""

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.demo.canvas import Grid, Plane, Pose, box, clouds, ellipse, grid, inside, stroke, to_bytes
from engine.demo.devices import HELD_OUT_MICROPHONES
from engine.demo.sound import LENGTH, SECONDS, Wave, bursts, record, tone

_LOREM = """
    lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore magna
    aliqua ut enim ad minim veniam quis nostrud exercitation ullamco laboris nisi ut aliquip ex ea commodo consequat
    duis aute irure dolor in reprehenderit in voluptate velit esse cillum dolore eu fugiat nulla pariatur excepteur
    sint occaecat cupidatat non proident sunt in culpa qui officia deserunt mollit anim id est laborum
"""
_SCALE = (262, 294, 330, 392, 440, 523, 587, 659)
"""Hz of two octaves of a pentatonic scale."""
_SKIN = ((0.93, 0.78, 0.68), (0.82, 0.62, 0.48), (0.62, 0.44, 0.32), (0.42, 0.29, 0.21))
_HAIR = ((0.12, 0.09, 0.07), (0.35, 0.22, 0.12), (0.75, 0.60, 0.32), (0.55, 0.55, 0.55))
_SHOE = ((0.80, 0.15, 0.15), (0.15, 0.25, 0.60), (0.15, 0.15, 0.17), (0.20, 0.50, 0.30), (0.85, 0.55, 0.20))


@dataclasses.dataclass(frozen=True)
class Stranger:
    """One such thing; what it does not have is None."""

    kind: str
    text: str | None = None
    picture: NDArray[np.uint8] | None = None
    sound: NDArray[np.int16] | None = None


def lorem(rng: np.random.Generator) -> str:
    """Return filler text of 15 to 45 words."""
    start, count = int(rng.integers(0, 24)), int(rng.integers(15, 46))
    return " ".join(_LOREM.split()[start : start + count]).capitalize() + "."


def selfie(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a portrait (H, W, 3): head, hair, eyes and mouth before a blurred wall."""
    on = grid(
        240, 180, Pose(rng.uniform(-0.15, 0.15), rng.uniform(0.9, 1.2), rng.uniform(-0.1, 0.1), rng.uniform(-0.1, 0.1))
    )
    skin, hair = np.array(_SKIN[rng.integers(4)]), np.array(_HAIR[rng.integers(4)])
    wall = rng.uniform(0.25, 0.85, 3) + 0.06 * clouds(rng, on.x_HW.shape, 3)[:, :, None] * rng.uniform(-1, 1, 3)
    picture = _over(wall, hair, ellipse(on, (0, -0.22), (0.40, 0.50)))
    picture = _over(picture, rng.uniform(0.1, 0.9, 3), ellipse(on, (0, 0.98), (0.70, 0.50)))
    picture = _over(picture, skin * 0.92, box(on, -0.12, 0.2, 0.12, 0.62))
    picture = _over(picture, skin, ellipse(on, (0, -0.10), (0.32, 0.42)))
    for side in (-1, 1):
        picture = _over(picture, np.ones(3), ellipse(on, (0.13 * side, -0.16), (0.065, 0.035)))
        picture = _over(picture, hair * 0.6, ellipse(on, (0.13 * side, -0.16), (0.03, 0.034)))
        picture = _over(picture, hair, stroke(on, (0.07 * side, -0.25), (0.20 * side, -0.24), 0.025))
    picture = _over(picture, skin * 0.85, stroke(on, (0.0, -0.12), (0.03, 0.02), 0.02))
    picture = _over(picture, np.array((0.72, 0.30, 0.30)), ellipse(on, (0, 0.13), (0.12, 0.035)))
    shade = 1 - 0.25 * np.clip(on.x_HW * rng.choice((-1, 1)), 0, 1)
    return to_bytes(picture * shade[:, :, None] + 0.02 * rng.standard_normal(picture.shape))


def shoe(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a sports shoe from the side (H, W, 3) on a pale ground."""
    on = grid(160, 200, Pose(rng.uniform(-0.15, 0.15), rng.uniform(0.85, 1.05), rng.uniform(-0.05, 0.05), 0.0))
    if rng.random() < 0.5:
        on = Grid(-on.x_HW, on.y_HW, on.pixel)
    leather = np.array(_SHOE[rng.integers(len(_SHOE))])
    picture = np.ones((*on.x_HW.shape, 3)) * rng.uniform(0.85, 0.97)
    upper = 0.30 - 0.75 / (1 + np.exp((on.x_HW - 0.05) * 7))
    body = np.maximum(np.maximum(upper - on.y_HW, on.y_HW - 0.38), np.abs(on.x_HW) - 0.82)
    picture = _over(picture, leather, np.maximum(body, ellipse(on, (0.05, 0.30), (0.92, 0.85))))
    picture = _over(picture, np.full(3, 0.95), box(on, -0.84, 0.36, 0.88, 0.48))
    picture = _over(picture, np.full(3, 0.30), box(on, -0.84, 0.46, 0.88, 0.50))
    for k in range(4):
        lace = stroke(on, (-0.16 + 0.11 * k, -0.20 + 0.10 * k), (0.0 + 0.10 * k, -0.28 + 0.12 * k), 0.035)
        picture = _over(picture, np.full(3, 0.98), lace)
    picture = _over(picture, np.full(3, 0.92), stroke(on, (-0.45, 0.20), (0.15, 0.05), 0.06))
    return to_bytes(picture + 0.015 * rng.standard_normal(picture.shape))


def blank(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return an empty page (H, W)."""
    return to_bytes(np.full((220, 160), rng.uniform(0.93, 1.0)) + 0.004 * rng.standard_normal((220, 160)))


def music(rng: np.random.Generator) -> NDArray[np.int16]:
    """Return a little melody over a bass note, 16 kHz."""
    beat = rng.uniform(0.18, 0.30)
    total: Wave = np.zeros(LENGTH)
    for k, at in enumerate(np.arange(0.02, SECONDS - beat, beat)):
        note = tone(float(_SCALE[rng.integers(len(_SCALE))]), (1, 0.5, 0.3, 0.15))
        total += note * bursts([at], [0.6], 0.01, 0.6 * beat)
        if k % 4 == 0:
            total += tone(_SCALE[int(rng.integers(4))] / 2, (1, 0.4, 0.2)) * bursts([at], [0.5], 0.02, 2 * beat)
    return record(total, HELD_OUT_MICROPHONES[int(rng.integers(4))], rng)


def silence(rng: np.random.Generator) -> NDArray[np.int16]:
    """Return a recording in which nothing is heard, 16 kHz."""
    return np.rint(rng.normal(0, 8, LENGTH)).astype(np.int16)


def _over(below: NDArray[np.float64], colour: NDArray[np.float64], distance_HW: Plane) -> NDArray[np.float64]:
    """Paint a colour where a distance is below 0."""
    mask = inside(distance_HW, 0.02)[:, :, None]
    return below + (colour - below) * mask


STRANGERS: Mapping[str, Callable[[np.random.Generator], Stranger]] = {
    "selfie": lambda rng: Stranger("selfie", picture=selfie(rng)),
    "blank-page": lambda rng: Stranger("blank-page", picture=blank(rng)),
    "shoe": lambda rng: Stranger("shoe", picture=shoe(rng)),
    "silence": lambda rng: Stranger("silence", sound=silence(rng)),
    "music": lambda rng: Stranger("music", sound=music(rng)),
    "lorem": lambda rng: Stranger("lorem", text=lorem(rng)),
    "everything": lambda rng: Stranger("everything", lorem(rng), shoe(rng), music(rng)),
}
"""Kind -> how one is drawn. A case of the other demo is out of place as well; `generate_one` makes those."""
