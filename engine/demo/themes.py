"""How a customer's screen is dressed: colours, title bar, sharpness. Training never sees the themes of the test half."""

import dataclasses

from engine.schema.case import Split

Colour = tuple[float, float, float]
"""Red, green and blue, 0 to 1."""


@dataclasses.dataclass(frozen=True)
class Theme:
    """One system's look: desk behind the windows, paper, ink, title bar and accent; `grain` is the capture's noise."""

    name: str
    desk: Colour
    paper: Colour
    ink: Colour
    bar: Colour
    accent: Colour
    buttons_left: bool
    grain: float


# fmt: off
THEMES = (
    Theme("day", (0.55, 0.65, 0.78), (0.98, 0.98, 0.98), (0.15, 0.17, 0.20), (0.86, 0.88, 0.91), (0.15, 0.40, 0.80), False, 0.01),
    Theme("night", (0.08, 0.09, 0.12), (0.17, 0.19, 0.22), (0.88, 0.90, 0.93), (0.11, 0.12, 0.15), (0.40, 0.62, 0.95), False, 0.01),
    Theme("sand", (0.78, 0.72, 0.62), (0.97, 0.95, 0.90), (0.25, 0.20, 0.15), (0.62, 0.54, 0.44), (0.45, 0.35, 0.60), True, 0.02),
    Theme("plum", (0.28, 0.20, 0.32), (0.95, 0.94, 0.97), (0.18, 0.14, 0.22), (0.42, 0.30, 0.48), (0.45, 0.28, 0.62), True, 0.02),
    Theme("slate", (0.35, 0.38, 0.42), (0.90, 0.91, 0.92), (0.12, 0.13, 0.14), (0.25, 0.28, 0.32), (0.20, 0.45, 0.60), False, 0.03),
    Theme("ocean", (0.10, 0.26, 0.36), (0.96, 0.98, 0.99), (0.10, 0.18, 0.22), (0.14, 0.40, 0.52), (0.05, 0.45, 0.65), False, 0.01),
    Theme("coal", (0.18, 0.18, 0.18), (0.26, 0.26, 0.27), (0.85, 0.85, 0.83), (0.12, 0.12, 0.12), (0.55, 0.55, 0.85), True, 0.02),
    Theme("paper", (0.92, 0.92, 0.90), (1.00, 1.00, 0.99), (0.05, 0.05, 0.08), (0.80, 0.80, 0.78), (0.30, 0.30, 0.70), True, 0.01),
    Theme("dusk", (0.45, 0.38, 0.50), (0.24, 0.22, 0.30), (0.92, 0.88, 0.95), (0.32, 0.28, 0.40), (0.65, 0.55, 0.92), False, 0.03),
    Theme("steel", (0.64, 0.66, 0.68), (0.94, 0.95, 0.96), (0.20, 0.22, 0.26), (0.50, 0.54, 0.60), (0.25, 0.35, 0.65), False, 0.02),
)
HELD_OUT_THEMES = (
    Theme("fog", (0.72, 0.76, 0.80), (0.96, 0.97, 0.97), (0.16, 0.20, 0.24), (0.70, 0.74, 0.80), (0.20, 0.42, 0.70), True, 0.02),
    Theme("ink", (0.12, 0.13, 0.20), (0.20, 0.21, 0.26), (0.90, 0.90, 0.92), (0.16, 0.17, 0.24), (0.48, 0.58, 0.90), True, 0.02),
    Theme("linen", (0.84, 0.80, 0.74), (0.98, 0.97, 0.94), (0.22, 0.18, 0.18), (0.72, 0.66, 0.58), (0.38, 0.36, 0.66), False, 0.01),
    Theme("harbour", (0.24, 0.34, 0.44), (0.93, 0.95, 0.97), (0.14, 0.18, 0.22), (0.22, 0.36, 0.50), (0.12, 0.42, 0.62), False, 0.03),
)
# fmt: on


def themes(split: Split) -> tuple[Theme, ...]:
    """Return the themes of a split."""
    return THEMES if split == "train" else HELD_OUT_THEMES
