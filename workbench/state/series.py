"""A curve that only grows at its end, and the envelope that lets a million steps be drawn as fast as ten thousand.

Nothing is computed when a value arrives. When the curve is about to be drawn, whole buckets that are new are folded into a
pyramid of minima and maxima, so a redraw costs the same however long the run has been.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_FIRST_BUCKET: Final = 16
_TINY_WEIGHT: Final = 1e-12


class _Buffer:
    """Floats that grow at the end; doubles its room, so appending is cheap on average."""

    def __init__(self) -> None:
        self._data: Floats = np.empty(1024)
        self.count = 0

    def append(self, value: float) -> None:
        if self.count == len(self._data):
            self._room(self.count + 1)
        self._data[self.count] = value
        self.count += 1

    def extend(self, values: Floats) -> None:
        self._room(self.count + len(values))
        self._data[self.count : self.count + len(values)] = values
        self.count += len(values)

    def view(self) -> Floats:
        return self._data[: self.count]

    def cut(self, count: int) -> None:
        self.count = min(self.count, count)

    def _room(self, needed: int) -> None:
        if needed > len(self._data):
            grown = np.empty(max(needed, 2 * len(self._data)))
            grown[: self.count] = self.view()
            self._data = grown


class _Level:
    """Minimum and maximum of every whole bucket of one size."""

    def __init__(self, bucket: int) -> None:
        self.bucket = bucket
        self.low = _Buffer()
        self.high = _Buffer()

    @property
    def count(self) -> int:
        return self.low.count

    def fold(self, lows: Floats, highs: Floats, group: int) -> None:
        """Fold what is new in the finer level; `group` finer values make one bucket."""
        start, stop = self.count * group, len(lows) // group * group
        if stop > start:
            self.low.extend(np.fmin.reduce(lows[start:stop].reshape(-1, group), axis=1))
            self.high.extend(np.fmax.reduce(highs[start:stop].reshape(-1, group), axis=1))

    def cut(self, points: int) -> None:
        self.low.cut(points // self.bucket)
        self.high.cut(points // self.bucket)


class Series:
    """Values over steps. A value that is not finite is kept as a gap."""

    def __init__(self) -> None:
        self.cuts = 0  # whoever keeps something computed from the curve sees by it that the past has changed
        self._x = _Buffer()
        self._y = _Buffer()
        self._levels: list[_Level] = []
        self._gaps = 0

    def __len__(self) -> int:
        return self._x.count

    @property
    def x(self) -> Floats:
        """The steps; a view, valid until the next change."""
        return self._x.view()

    @property
    def y(self) -> Floats:
        """The values; a view, valid until the next change."""
        return self._y.view()

    @property
    def has_gaps(self) -> bool:
        """Whether a value was not finite."""
        return self._gaps > 0

    def append(self, x: float, y: float) -> None:
        """Add a value. A step that is not after the last one means that the run went back: the curve is cut there first."""
        if self._x.count and x <= self._x.view()[-1]:
            self.cut(x)
        finite = math.isfinite(y)
        self._gaps += not finite
        self._x.append(x)
        self._y.append(y if finite else math.nan)

    def extend(self, x: Floats, y: Floats) -> None:
        """Add many values at once; `x` must grow and lie after the last step."""
        self._gaps += int(np.count_nonzero(~np.isfinite(y)))
        self._x.extend(x)
        self._y.extend(np.where(np.isfinite(y), y, np.nan))

    def cut(self, x: float) -> None:
        """Drop every value at step `x` and after."""
        keep = int(np.searchsorted(self.x, x, side="left"))
        self.cuts += 1
        self._x.cut(keep)
        self._y.cut(keep)
        for level in self._levels:
            level.cut(keep)
        self._gaps = int(np.count_nonzero(np.isnan(self.y))) if self._gaps else 0

    def last(self) -> tuple[float, float] | None:
        """Return the newest step and its value, or None for an empty curve."""
        return (float(self.x[-1]), float(self.y[-1])) if len(self) else None

    def extent(self, positive: bool = False) -> tuple[float, float] | None:
        """Return the least and greatest value, of those above 0 if `positive`; None where there is none."""
        lows, highs = self._coarse()
        if positive:
            lows = self.y if lows[np.isfinite(lows)].min(initial=1.0) <= 0 else lows
            lows, highs = lows[lows > 0], highs[highs > 0]
        lows, highs = lows[np.isfinite(lows)], highs[np.isfinite(highs)]
        return (float(lows.min()), float(highs.max())) if len(lows) and len(highs) else None

    def drawn(self, first: float, last: float, columns: int) -> tuple[Floats, Floats]:
        """Return the points of a polyline for steps `first` to `last`: all of them, or about `columns` strokes from min to max."""
        start = max(0, int(np.searchsorted(self.x, first, side="left")) - 1)
        stop = min(len(self), int(np.searchsorted(self.x, last, side="right")) + 1)
        if stop - start <= 2 * columns:
            return self.x[start:stop].copy(), self.y[start:stop].copy()
        self._catch_up()
        bucket, lows, highs = self._finest_for(stop - start, columns)
        begin, end = start // bucket, min(stop // bucket, len(lows))
        edges = np.linspace(begin, end, columns, endpoint=False).astype(np.intp)
        low = np.fmin.reduceat(lows[:end], edges)
        high = np.fmax.reduceat(highs[:end], edges)
        x = self.x[edges * bucket]
        return self._with_tail(x, low, high, end * bucket, stop)

    def _with_tail(self, x: Floats, low: Floats, high: Floats, start: int, stop: int) -> tuple[Floats, Floats]:
        """Weave minima and maxima into one polyline that ends at the newest value."""
        tail = self.y[start:stop]
        woven_x, woven_y = np.repeat(x, 2), np.empty(2 * len(x))
        woven_y[0::4], woven_y[1::4] = low[0::2], high[0::2]
        woven_y[2::4], woven_y[3::4] = (
            high[1::2],
            low[1::2],
        )  # up and down in turn: half the ink of going back each time
        if not len(tail):
            start, tail = stop - 1, self.y[stop - 1 : stop]
        ends_x = [self.x[start], self.x[start], self.x[stop - 1]]
        return np.append(woven_x, ends_x), np.append(woven_y, [np.fmin.reduce(tail), np.fmax.reduce(tail), tail[-1]])

    def _finest_for(self, points: int, columns: int) -> tuple[int, Floats, Floats]:
        """Return the coarsest level that still has a bucket for every column."""
        for level in reversed(self._levels):
            if points // level.bucket >= columns:
                return level.bucket, level.low.view(), level.high.view()
        return 1, self.y, self.y

    def _coarse(self) -> tuple[Floats, Floats]:
        """Return few values with the same extremes as all of them."""
        self._catch_up()
        covered = 0
        lows, highs = [], []
        for level in reversed(self._levels):
            start = covered // level.bucket
            lows.append(level.low.view()[start:])
            highs.append(level.high.view()[start:])
            covered = level.count * level.bucket
        rest = self.y[covered:]
        return np.concatenate([*lows, rest]), np.concatenate([*highs, rest])

    def _catch_up(self) -> None:
        if not self._levels:
            self._levels.append(_Level(_FIRST_BUCKET))
        self._levels[0].fold(self.y, self.y, _FIRST_BUCKET)
        for finer, level in zip(self._levels, self._levels[1:], strict=False):
            level.fold(finer.low.view(), finer.high.view(), 2)
        while self._levels[-1].count >= 4:
            finer = self._levels[-1]
            level = _Level(2 * finer.bucket)
            level.fold(finer.low.view(), finer.high.view(), 2)
            self._levels.append(level)


class Smoothed:
    """The running mean of a series that forgets by `weight` a value (0 = the series itself, 0.99 = very smooth).

    The mean is corrected for its start, as Adam's are: the first value is the first value, not a share of it.
    """

    def __init__(self, source: Series, weight: float) -> None:
        self._source = source
        self._weight = weight
        self._cuts = source.cuts
        self._seen = 0
        self._sum = 0.0
        self._mass = 0.0
        self.series = Series()

    def catch_up(self) -> Series:
        """Take in what the source has gained and return the smooth curve."""
        source = self._source
        if source.cuts != self._cuts:
            self._restart()
        if len(source) > self._seen:
            self._take(source.x[self._seen :], source.y[self._seen :])
            self._seen = len(source)
        return self.series

    def _restart(self) -> None:
        self._cuts, self._seen, self._sum, self._mass = self._source.cuts, 0, 0.0, 0.0
        self.series = Series()

    def _take(self, x: Floats, y: Floats) -> None:
        known = np.isfinite(y)
        scan = self._scan(1 - self._weight)
        sums = scan(np.where(known, y, 0.0), self._sum)
        masses = scan(known.astype(float), self._mass)
        self._sum, self._mass = float(sums[-1]), float(masses[-1])
        with np.errstate(invalid="ignore"):
            self.series.extend(x, sums / masses)

    def _scan(self, gain: float) -> Callable[[Floats, float], Floats]:
        """Return the recurrence s_t = weight s_(t-1) + gain v_t as a scan that doubles its reach, so numpy does the loop."""

        def scan(values: Floats, carried: float) -> Floats:
            sums = gain * values
            sums[0] += self._weight * carried
            reach, factor = 1, self._weight
            while reach < len(sums) and factor > _TINY_WEIGHT:
                sums[reach:] = sums[reach:] + factor * sums[:-reach]
                reach, factor = 2 * reach, factor * factor
            return sums

        return scan
