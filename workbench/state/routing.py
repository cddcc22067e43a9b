"""Who worked on what in one run: measurements of routing as they come, over a window, and back in time.

Shapes: L layers, E experts, M modalities.
"""

import dataclasses
from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.base import MODALITIES, Array, Modality
from engine.schema.event import Routing

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]
Source = Literal["training", "check"]

KEPT: Final = 600
"""Snapshots kept of one stage and source; the older half is thinned beyond that."""
KEPT_BYTES: Final = 32 << 20
DEAD_SHARE: Final = 0.1
"""A module is dead when it does less than this times its even share over a whole check (definitions 9)."""


def unpack(array: Array) -> Counts:
    """Return an array message of integers as numpy holds it."""
    return np.frombuffer(array.raw(), dtype=f"<{_NUMPY[array.dtype]}").reshape(array.shape).astype(np.int64)


_NUMPY: Final = {"int64": "i8", "int32": "i4", "uint8": "u1", "float32": "f4"}


def shares(counts_LE: Counts) -> Shares:
    """Return each expert's share of its layer's pieces; a layer without any gets zeros."""
    totals_L1 = counts_LE.sum(axis=1, keepdims=True)
    share_LE: Shares = counts_LE / np.maximum(totals_L1, 1)
    return share_LE


def entropy(counts_LE: Counts) -> Shares:
    """Return H(f) / ln E per layer: 1 is even, 0 is one expert doing everything."""
    share_LE = shares(counts_LE)
    logs_LE = np.log(np.where(share_LE > 0, share_LE, 1.0))
    experts = counts_LE.shape[1]
    return np.asarray(-(share_LE * logs_LE).sum(axis=1) / (np.log(experts) if experts > 1 else 1.0))


def max_violation(counts_LE: Counts) -> Shares:
    """Return MaxVio = max n / mean n - 1 per layer: 0 is even."""
    mean_L = np.maximum(counts_LE.mean(axis=1), 1e-12)
    return np.asarray(np.where(counts_LE.sum(axis=1) > 0, counts_LE.max(axis=1) / mean_L - 1, 0.0))


def lift(counts_LEM: Counts, modality: int | None) -> Shares:
    """Return how many times its usual share an expert takes of one modality, p(e|m)/p(e); of all, how many times the even share."""
    overall_LE = shares(counts_LEM.sum(axis=2))
    if modality is None:
        return np.asarray(overall_LE * counts_LEM.shape[1])
    of_modality_LE = shares(counts_LEM[:, :, modality])
    return np.where(overall_LE > 0, of_modality_LE / np.maximum(overall_LE, 1e-12), 1.0)


def dead(counts_LE: Counts) -> tuple[tuple[int, int], ...]:
    """Return the (layer, expert) pairs that did next to nothing, counted from 0."""
    idle_LE = shares(counts_LE) < DEAD_SHARE / counts_LE.shape[1]
    idle_LE &= counts_LE.sum(axis=1, keepdims=True) > 0
    return tuple((int(layer), int(expert)) for layer, expert in np.argwhere(idle_LE))


@dataclasses.dataclass(frozen=True, eq=False)
class Snapshot:
    """Counts over the steps up to `step`: int64 (layers, experts, modalities); `merged` events make it up."""

    step: int
    source: Source
    stage: str
    counts_LEM: Counts
    modalities: tuple[Modality, ...] = MODALITIES
    checkpoint: str = ""
    merged: int = 1

    @property
    def layers(self) -> int:
        """How many layers were counted."""
        return int(self.counts_LEM.shape[0])

    @property
    def experts(self) -> int:
        """How many experts a layer has."""
        return int(self.counts_LEM.shape[1])

    def of(self, modality: Modality | None) -> Counts:
        """Return the counts (layers, experts) of one modality, or of all together."""
        if modality is None:
            return np.asarray(self.counts_LEM.sum(axis=2))
        if modality not in self.modalities:
            return np.zeros(self.counts_LEM.shape[:2], np.int64)
        return self.counts_LEM[:, :, self.modalities.index(modality)]

    def plus(self, later: "Snapshot") -> "Snapshot":
        """Return both together, dated as the later one."""
        total = self.counts_LEM + later.counts_LEM
        return dataclasses.replace(later, counts_LEM=total, merged=self.merged + later.merged)


class RoutingState(QObject):
    """The routing of one run, as a fold of its events.

    Signals:
        changed: a new measurement arrived.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history: dict[tuple[str, Source], list[Snapshot]] = {}
        self._newest: Snapshot | None = None

    @Slot(object)
    def apply(self, body: Routing) -> None:
        """Take in one measurement. A step that is not after the last one of its stage means that the run went back."""
        snapshot = Snapshot(body.step, body.source, body.stage, unpack(body.counts), body.modalities, body.checkpoint)
        history = self._history.setdefault((body.stage, body.source), [])
        while history and (
            history[-1].step >= snapshot.step or history[-1].counts_LEM.shape != snapshot.counts_LEM.shape
        ):
            history.pop()
        history.append(snapshot)
        if len(history) > max(8, min(KEPT, KEPT_BYTES // max(1, snapshot.counts_LEM.nbytes))):
            self._thin(history)
        self._newest = snapshot
        self.changed.emit()

    def latest(self, source: Source | None = None, stage: str | None = None) -> Snapshot | None:
        """Return the newest snapshot, of one source and stage if they are named."""
        if source is None and stage is None:
            return self._newest
        found = [
            kept[-1]
            for (of_stage, of_source), kept in self._history.items()
            if kept and source in (None, of_source) and stage in (None, of_stage)
        ]
        return found[-1] if found else None

    def history(self, stage: str, source: Source) -> Sequence[Snapshot]:
        """Return what is kept of a stage, oldest first: what the scrubber goes through."""
        return tuple(self._history.get((stage, source), ()))

    def window(self, steps: int, stage: str | None = None) -> Snapshot | None:
        """Return the sum of the training counts over the last `steps` steps of a stage."""
        newest = self.latest("training", stage)
        if newest is None:
            return None
        kept = self._history[newest.stage, "training"]
        total = newest
        for snapshot in reversed(kept[:-1]):
            if snapshot.step <= newest.step - steps:
                break
            total = dataclasses.replace(
                total, counts_LEM=total.counts_LEM + snapshot.counts_LEM, merged=total.merged + snapshot.merged
            )
        return total

    @staticmethod
    def _thin(history: list[Snapshot]) -> None:
        """Halve the older half: training counts are added in pairs, so no piece is lost; of checks each second one goes."""
        half = len(history) // 2
        older, newer = history[:half], history[half:]
        if older[0].source == "training":
            pairs = [first.plus(second) for first, second in zip(older[::2], older[1::2], strict=False)]
            history[:] = pairs + ([older[-1]] if half % 2 else []) + newer
        else:
            history[:] = older[::2] + newer
