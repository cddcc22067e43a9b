"""How far a vector lies from the nearest training vectors, in a space made even first.

Shapes: N training vectors, Q queries, F facts or width.
"""

import dataclasses
from collections.abc import Mapping
from typing import Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Rows = NDArray[np.float32]
Number = TypeVar("Number", bound=np.generic)

NEIGHBOURS = 10
"""k of `definitions` 19."""
MOST_SEEN = 1500
"""Training vectors kept to compare with, evenly spread over all: more make the files larger and the answer no better."""

_TINY = 1e-6


def spread(rows: NDArray[Number], most: int) -> NDArray[Number]:
    """Return at most `most` rows, evenly spread from the first to the last, so that data ordered by label keep all of them."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def distances(query_QF: Rows, seen_NF: Rows, itself: bool = False) -> Rows:
    """Return each query's mean distance to its k nearest rows of `seen_NF`; `itself` leaves out the row of the same index."""
    query, seen = torch.from_numpy(np.ascontiguousarray(query_QF)), torch.from_numpy(np.ascontiguousarray(seen_NF))
    apart_QN = torch.cdist(query, seen, compute_mode="use_mm_for_euclid_dist")
    if itself:
        apart_QN.fill_diagonal_(float("inf"))
    nearest = min(NEIGHBOURS, apart_QN.shape[1] - int(itself))
    return np.asarray(apart_QN.topk(nearest, dim=1, largest=False).values.mean(dim=1).numpy())


@dataclasses.dataclass(frozen=True)
class Space:
    """Training rows in a space of their own: centred at `mean_F`, evened out by `turn_FF`.

    The unit is the rows' own mean size, so that spaces of several students, each with its own scale, give distances that can be
    put side by side. (The distance of training rows to each other would be no such unit: a student that has seen them more often
    draws them closer together, but not the cases to come.)
    """

    mean_F: Rows
    turn_FF: Rows
    seen_NF: Rows

    def measure(self, rows_QF: Rows) -> Rows:
        """Return how far rows lie from their nearest training rows."""
        return distances(self._place(rows_QF), self.seen_NF)

    def among_themselves(self) -> Rows:
        """Return how far each training row lies from its nearest other ones."""
        return distances(self.seen_NF, self.seen_NF, itself=True)

    def tensors(self, name: str) -> dict[str, Tensor]:
        """Return the space under `name.mean`, `name.turn` and `name.seen`; half precision is plenty for neighbours."""
        return {
            f"{name}.mean": torch.from_numpy(self.mean_F),
            f"{name}.turn": torch.from_numpy(self.turn_FF),
            f"{name}.seen": torch.from_numpy(self.seen_NF).half(),
        }

    @classmethod
    def from_tensors(cls, name: str, tensors: Mapping[str, Tensor]) -> Self:
        """Return the space that `tensors` holds under `name`."""
        return cls(*(tensors[f"{name}.{part}"].float().numpy() for part in ("mean", "turn", "seen")))

    def _place(self, rows_QF: Rows) -> Rows:
        return np.asarray((rows_QF - self.mean_F) @ self.turn_FF, dtype=np.float32)

    @classmethod
    def plain(cls, rows_NF: Rows) -> Self:
        """Return the space of a student's vectors: as they are, only the unit is chosen."""
        return cls._in_units(rows_NF.mean(axis=0), np.eye(rows_NF.shape[1]), rows_NF)

    @classmethod
    def even(cls, rows_NF: Rows, allowed_F: Rows) -> Self:
        """Return the space of facts in different units: every direction as wide as the training rows spread in it.

        `allowed_F` is a spread that each fact is given on top, independent of the others: what is the same in all training
        rows may still differ in a new one.
        """
        mean_F = rows_NF.mean(axis=0)
        whole_F = np.sqrt(rows_NF.var(axis=0) + allowed_F**2)
        covariance_FF = _shrunk(((rows_NF - mean_F) / whole_F).astype(np.float64)) + np.diag((allowed_F / whole_F) ** 2)
        values_F, vectors_FF = np.linalg.eigh(covariance_FF)
        turn_FF = vectors_FF / np.sqrt(values_F)
        return cls._in_units(mean_F, turn_FF / whole_F[:, None], rows_NF)

    @classmethod
    def _in_units(cls, mean_F: Rows, turn_FF: NDArray[np.float64], rows_NF: Rows) -> Self:
        kept_NF = spread(rows_NF, MOST_SEEN)
        placed_NF = np.asarray((kept_NF - mean_F) @ turn_FF, dtype=np.float32)
        unit = max(float(np.sqrt((placed_NF**2).sum(axis=1).mean())), _TINY)
        return cls(mean_F.astype(np.float32), (turn_FF / unit).astype(np.float32), placed_NF / np.float32(unit))


def _shrunk(centred_NF: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariance drawn to a round one by as much as Ledoit & Wolf 2004 find best."""
    n, width = centred_NF.shape
    plain_FF = centred_NF.T @ centred_NF / n
    round_FF = np.eye(width) * (np.trace(plain_FF) / width)
    wanted = ((plain_FF - round_FF) ** 2).sum()
    squared = (((centred_NF**2).T @ (centred_NF**2)) / n - plain_FF**2).sum() / n
    share = float(np.clip(squared / max(wanted, 1e-12), 0.0, 1.0))
    return np.asarray((1.0 - share) * plain_FF + share * round_FF)
