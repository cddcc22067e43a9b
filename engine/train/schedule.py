"""What changes over a run: the learning rate of each step, and the weights of the parts of the error."""

import math

from engine.schema.config import Curve

_LEAST = 0.01
"""Share of the peak that is left at the end."""


def rate_at(step: int, total: int, warmup: float, steps: int = 0) -> float:
    """Return the share of the peak learning rate at a step counted from 0; `warmup` is the share of steps that rise.

    Where `steps` is given, so many rise instead. A linear rise, then half a cosine down (Loshchilov & Hutter 2017, arXiv:1608.03983).
    """
    rising = min(total, steps) if steps else max(1, round(total * warmup))
    if step < rising:
        return (step + 1) / rising
    done = (step - rising) / max(1, total - rising)
    return _LEAST + (1 - _LEAST) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def weight_at(curve: Curve, done: float) -> float:
    """Return the share of a weight that counts when `done` (0 to 1) of the run is over."""
    if curve == "linear-up":
        return done
    if curve == "linear-down":
        return 1.0 - done
    if curve == "cosine":
        return 0.5 * (1 + math.cos(math.pi * done))
    return 1.0
