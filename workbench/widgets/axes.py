"""Ranges and figures of live axes: ranges grow in steps, so a chart does not jump with every value."""

import math
from typing import Final

_NICE: Final = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def nice_above(value: float) -> float:
    """Return the least pleasant number that is not below `value` (> 0)."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in _NICE if power * step >= value * (1 - 1e-9))


def steps_range(first: float, last: float, kept_free: float) -> tuple[float, float]:
    """Return the shown steps for a curve from `first` to `last`; `kept_free` is the share behind its end, for the label."""
    span = max(last - first, 1.0) / (1 - min(kept_free, 0.5))
    return first, first + nice_above(span)


def value_range(low: float, high: float, parts: int = 4) -> tuple[float, float]:
    """Return the shown values for a curve between `low` and `high`, rounded outwards to whole ticks; 0 stays where it is near."""
    if low >= 0 and low < 0.4 * high:
        low = 0.0
    if high - low < 1e-12:
        high = low + max(abs(low) * 0.1, 1e-6)
    tick = nice_above((high - low) / parts)
    return math.floor(low / tick + 1e-9) * tick, math.ceil(high / tick - 1e-9) * tick


def decades(low: float, high: float) -> tuple[float, float]:
    """Return the shown range of a logarithmic axis in powers of ten, rounded outwards to halves."""
    bottom, top = math.floor(math.log10(low) * 2) / 2, math.ceil(math.log10(high) * 2) / 2
    return bottom, max(top, bottom + 0.5)


def ticks(first: float, last: float, wanted: int) -> list[float]:
    """Return about `wanted` round values between `first` and `last`."""
    span = max(last - first, 1e-12)
    power = 10.0 ** math.floor(math.log10(span / wanted))
    step = min((power * part for part in (1.0, 2.0, 5.0, 10.0)), key=lambda each: abs(span / each - wanted))
    start = math.ceil(first / step - 1e-9)
    return [round(number * step, 12) for number in range(start, math.floor(last / step + 1e-9) + 1)]


def decade_ticks(bottom: float, top: float) -> list[float]:
    """Return the values to mark on a logarithmic axis from 10^`bottom` to 10^`top`; 2 and 5 between where there is room."""
    parts = (1, 2, 5) if top - bottom <= 2.5 else (1,)
    marked = [part * 10.0**power for power in range(math.floor(bottom), math.ceil(top) + 1) for part in parts]
    return [value for value in marked if bottom - 1e-9 <= math.log10(value) <= top + 1e-9]


def number_text(value: float) -> str:
    """Return a value with three significant digits."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{digits}f}" if digits <= 5 else f"{value:.2e}"
