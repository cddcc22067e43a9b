"""Who worked on what in one run: measurements of routing as they come, over a window, and back in time.

Shapes: L layers, E experts, M modalities.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.base import MODALITIES, Array, Modality
from engine.schema.event import Gate, Routing, Saturation
from engine.utilisation import Counts, Shares

Source = Literal["training", "check"]

KEPT: Final = 600
"""Snapshots kept of one stage and source; the older half is thinned beyond that."""
KEPT_BYTES: Final = 32 << 20
_NUMPY: Final = {"int64": "i8", "int32": "i4", "uint8": "u1", "float32": "f4"}


def _numbers(array: Array) -> NDArray[Any]:
    return np.frombuffer(array.raw(), dtype=f"<{_NUMPY[array.dtype]}").reshape(array.shape)


def unpack(array: Array) -> Counts:
    """Return an array message of integers as numpy holds it."""
    return _numbers(array).astype(np.int64)


@dataclasses.dataclass(frozen=True, eq=False)
class GateSums:
    """What the gates said, summed over tokens, by layer and modality; see `engine.schema.event.Gate`."""

    tokens_M: Counts
    unserved_LM: Counts
    top_LM: Shares
    entropy_LM: Shares | None
    margin_LM: Shares | None

    @classmethod
    def told(cls, body: Gate) -> "GateSums":
        """Return what an event told."""
        entropy_LM, margin_LM = (
            None if sums is None else _numbers(sums).astype(np.float64) for sums in (body.entropy, body.margin)
        )
        top_LM = _numbers(body.top).astype(np.float64)
        return cls(unpack(body.tokens), unpack(body.unserved), top_LM, entropy_LM, margin_LM)

    def plus(self, other: "GateSums") -> "GateSums":
        """Return the sums over both; what one of them lacks is not known of both."""
        return GateSums(
            self.tokens_M + other.tokens_M,
            self.unserved_LM + other.unserved_LM,
            self.top_LM + other.top_LM,
            _both(self.entropy_LM, other.entropy_LM),
            _both(self.margin_LM, other.margin_LM),
        )


def _both(one: Shares | None, other: Shares | None) -> Shares | None:
    return None if one is None or other is None else one + other


@dataclasses.dataclass(frozen=True, eq=False)
class Snapshot:
    """Counts over the steps up to `step`: int64 (layers, experts, modalities); `merged` events make it up.

    `gate`, and of a check `changed_LM` and `together`, are None where the event did not tell them; see `engine.schema.event.Routing`.
    """

    step: int
    source: Source
    stage: str
    counts_LEM: Counts
    modalities: tuple[Modality, ...] = MODALITIES
    checkpoint: str = ""
    merged: int = 1
    gate: GateSums | None = None
    changed_LM: Counts | None = None
    together: NDArray[Any] | None = None

    @classmethod
    def told(cls, body: Routing) -> "Snapshot":
        """Return what an event told."""
        return cls(
            body.step,
            body.source,
            body.stage,
            unpack(body.counts),
            body.modalities,
            body.checkpoint,
            gate=GateSums.told(body.gate) if body.gate is not None else None,
            changed_LM=unpack(body.changed) if body.changed is not None else None,
            together=_numbers(body.together) if body.together is not None else None,
        )

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return self.counts_LEM.nbytes + (self.together.nbytes if self.together is not None else 0)

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
        gate = self.gate.plus(later.gate) if self.gate is not None and later.gate is not None else None
        return dataclasses.replace(later, counts_LEM=total, merged=self.merged + later.merged, gate=gate)

    @property
    def is_rounded(self) -> bool:
        """Whether pairs of experts were too many to be counted out, and came as rounded shares."""
        return self.together is not None and self.together.ndim == 2

    def both(self, layer: int) -> NDArray[np.int32] | None:
        """Return the pieces that two experts of a layer both worked on, (experts, experts), each one's own on the diagonal."""
        if self.together is None or not self.is_rounded:
            return self.together[layer] if self.together is not None else None
        own_E = self.counts_LEM[layer].sum(axis=1)
        first_P, second_P = np.triu_indices(self.experts, 1)
        share_P = self.together[layer] / 255
        both_EE = np.diag(own_E).astype(np.int32)
        both_EE[first_P, second_P] = np.round(share_P * np.minimum(own_E[first_P], own_E[second_P]))
        both_EE[second_P, first_P] = both_EE[first_P, second_P]
        return both_EE

    def churn(self) -> Shares | None:
        """Return the share of the check tokens whose first choice changed since the checkpoint before, by layer."""
        if self.changed_LM is None or self.gate is None or not self.gate.tokens_M.sum():
            return None
        return np.asarray(self.changed_LM.sum(axis=1) / self.gate.tokens_M.sum())


@dataclasses.dataclass(frozen=True, eq=False)
class Settling:
    """How far the routing of a stage that has ended was settled at its earlier checkpoints: from 0 to 1, (checkpoints, layers)."""

    step: int
    steps: tuple[int, ...]
    kept_CL: Shares


class RoutingState(QObject):
    """The routing of one run, as a fold of its events.

    Signals:
        changed: a new measurement arrived.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history: dict[tuple[str, Source], list[Snapshot]] = {}
        self._settling: dict[str, Settling] = {}
        self._newest: Snapshot | None = None

    @Slot(object)
    def apply(self, body: Routing) -> None:
        """Take in one measurement. A step that is not after the last one of its stage means that the run went back."""
        snapshot = Snapshot.told(body)
        history = self._history.setdefault((body.stage, body.source), [])
        while history and (
            history[-1].step >= snapshot.step or history[-1].counts_LEM.shape != snapshot.counts_LEM.shape
        ):
            history.pop()
        history.append(snapshot)
        if len(history) > max(8, min(KEPT, KEPT_BYTES // max(1, snapshot.nbytes))):
            self._thin(history)
        settling = self._settling.get(snapshot.stage)
        if settling is not None and snapshot.step > settling.step:
            del self._settling[snapshot.stage]  # the stage had been stopped and goes on
        self._newest = snapshot
        self.changed.emit()

    @Slot(object)
    def settle(self, body: Saturation) -> None:
        """Take in how the routing of a stage had settled, now that it has ended."""
        tokens = max(1, int(unpack(body.tokens).sum()))
        kept_CL = _numbers(body.kept).astype(np.float64).sum(axis=2) / tokens
        self._settling[body.stage] = Settling(body.step, body.steps, kept_CL)
        self.changed.emit()

    def settling(self, stage: str) -> Settling | None:
        """Return how the routing of a stage had settled; None until it has ended."""
        return self._settling.get(stage)

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
            total = snapshot.plus(total)
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
