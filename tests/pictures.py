"""Renews the pictures of README and manual from a tour: `python -m workbench.tour build/demo build/tour --film`, then
`python -m tests.pictures build/tour`.
"""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from engine.schema.places import assets

_SHOWN = ("home", "case-answered", "training-live", "models")
_SIZE = (960, 600)
_MOST = 45
"""Frames of one stretch, between two that stay."""
_FRAME_MS = 300
_COLOURS = 128


def film(frames: Sequence[Path], target: Path) -> None:
    """Write a moving picture: frames that are to be looked at stay as long as they say, of those between them some are chosen evenly."""
    chosen: list[Path] = []
    between: list[Path] = []
    for frame in frames:
        if _dwell(frame):
            chosen += [*_evenly(between), frame]
            between = []
        else:
            between.append(frame)
    chosen += _evenly(between)
    pictures = [
        Image.open(path)
        .convert("RGB")
        .resize(_SIZE, Image.Resampling.LANCZOS)
        .quantize(_COLOURS, dither=Image.Dither.NONE)
        for path in chosen
    ]
    times = [_dwell(path) or _FRAME_MS for path in chosen]
    pictures[0].save(target, save_all=True, append_images=pictures[1:], duration=times, loop=0, optimize=True)


def _dwell(frame: Path) -> int:
    """Return the milliseconds that a frame's name asks for, 0 where it is like the others."""
    return int(frame.stem.partition("-")[2])


def _evenly(frames: Sequence[Path]) -> list[Path]:
    step = max(1.0, len(frames) / _MOST)
    return [frames[int(k * step)] for k in range(int(len(frames) / step))]


def renew(tour: Path) -> None:
    """Take the stills of a tour, and the film where it left frames."""
    pictures = assets() / "manual" / "pictures"
    for name in _SHOWN:
        for variant in ("en-light", "en-dark", "zh-light", "zh-dark"):
            shutil.copyfile(tour / f"{name}-{variant}.png", pictures / f"{name}-{variant}.png")
    frames = sorted((tour / "film").glob("*.png"))
    if frames:
        film(frames, pictures / "tour.gif")


if __name__ == "__main__":
    renew(Path(sys.argv[1]))
