"""The learning rate of each step: a linear rise, then half a cosine down (Loshchilov & Hutter 2017, arXiv:1608.03983)."""

import math

_LEAST = 0.01
"""Share of the peak that is left at the end."""


def rate_at(step: int, total: int, warmup: float) -> float:
    """Return the share of the peak learning rate at a step counted from 0; `warmup` is the share of steps that rise."""
    rising = max(1, round(total * warmup))
    if step < rising:
        return (step + 1) / rising
    done = (step - rising) / max(1, total - rising)
    return _LEAST + (1 - _LEAST) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
