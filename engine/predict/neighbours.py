"""How far a vector lies from the nearest training vectors, in a space made even first.

Shapes: N training vectors, Q queries, F facts or width.
"""

import dataclasses
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

Rows = NDArray[np.float32]

NEIGHBOURS = 10
"""k of `definitions` 19."""
_STEADY = 0.02
"""Least standard deviation of a fact: below it lies the noise of rounding, and dividing by it would blow that up."""
_FLOOR = 0.02
"""Least variance of a direction after evening out, where the average direction has 1."""


def distances(query_QF: Rows, seen_NF: Rows, itself: bool = False) -> Rows:
    """Return each query's mean distance to its k nearest rows of `seen_NF`; `itself` leaves the row of the same index out."""
    query, seen = torch.from_numpy(np.ascontiguousarray(query_QF)), torch.from_numpy(np.ascontiguousarray(seen_NF))
    apart_QN = torch.cdist(query, seen, compute_mode="donot_use_mm_for_euclid_dist")
    if itself:
        apart_QN.fill_diagonal_(float("inf"))
    nearest = min(NEIGHBOURS, apart_QN.shape[1] - int(itself))
    return np.asarray(apart_QN.topk(nearest, dim=1, largest=False).values.mean(dim=1).numpy())


@dataclasses.dataclass(frozen=True)
class Space:
    """Training rows in a space of their own: centred, evened out by `turn_FF`, distances in units of the usual one."""

    mean_F: Rows
    turn_FF: Rows
    seen_NF: Rows

    def measure(self, rows_QF: Rows) -> Rows:
        """Return how far rows lie from their nearest training rows; about 1 for the training rows among themselves."""
        return distances(self.place(rows_QF), self.seen_NF)

    def place(self, rows_QF: Rows) -> Rows:
        """Return rows in this space."""
        return np.asarray((rows_QF - self.mean_F) @ self.turn_FF, dtype=np.float32)

    @classmethod
    def plain(cls, rows_NF: Rows) -> Self:
        """Return the space of a student's vectors: as they are, only the unit is chosen."""
        return cls._in_units(rows_NF.mean(axis=0), np.eye(rows_NF.shape[1], dtype=np.float32), rows_NF)

    @classmethod
    def even(cls, rows_NF: Rows) -> Self:
        """Return the space of facts in different units: every direction as wide as the training rows spread in it."""
        mean_F = rows_NF.mean(axis=0)
        spread_F = np.maximum(rows_NF.std(axis=0), _STEADY)
        scaled_NF = ((rows_NF - mean_F) / spread_F).astype(np.float64)
        values_F, vectors_FF = np.linalg.eigh(_shrunk(scaled_NF))
        turn_FF = vectors_FF / np.sqrt(np.maximum(values_F, _FLOOR))
        return cls._in_units(mean_F, (turn_FF / spread_F[:, None]).astype(np.float32), rows_NF)

    @classmethod
    def _in_units(cls, mean_F: Rows, turn_FF: Rows, rows_NF: Rows) -> Self:
        """Choose the unit: the median distance of the training rows among themselves."""
        seen_NF = np.asarray((rows_NF - mean_F) @ turn_FF, dtype=np.float32)
        unit = float(np.median(distances(seen_NF, seen_NF, itself=True))) if len(seen_NF) > 1 else 1.0
        unit = max(unit, 1e-6)
        return cls(mean_F.astype(np.float32), turn_FF / np.float32(unit), seen_NF / np.float32(unit))


def _shrunk(centred_NF: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariance drawn to a round one by as much as Ledoit & Wolf 2004 find best."""
    n, width = centred_NF.shape
    plain_FF = centred_NF.T @ centred_NF / n
    round_FF = np.eye(width) * (np.trace(plain_FF) / width)
    wanted = ((plain_FF - round_FF) ** 2).sum()
    squared = (((centred_NF**2).T @ (centred_NF**2)) / n - plain_FF**2).sum() / n
    share = float(np.clip(squared / max(wanted, 1e-12), 0.0, 1.0))
    return np.asarray((1.0 - share) * plain_FF + share * round_FF)
