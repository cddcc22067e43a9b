"""What a run tells while it runs: metrics, who worked on what, resources, and what a person should look at.

Counts, and what the gates say, are summed on the device and read at most four times a second, so that telling costs next to nothing.
Shapes: layers L, experts E, modalities M, cases B.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import utilisation
from engine.device import memory_in_use
from engine.model.gating import GateSums, gate_sums
from engine.model.student import Outcome
from engine.schema.base import Array
from engine.schema.catalog import DeviceInfo
from engine.schema.event import Alert, EventBody, Gate, Metrics, Resource, Routing, Saturation
from engine.train.check_pass import Checked, Settled

Sink = Callable[[EventBody], None]

ROUTING_EVERY, RESOURCE_EVERY = 0.25, 1.0
"""Seconds between two events of a kind."""
_COLLAPSED = 3.0
_MOST_BYTES = 64 << 10
"""Of one array on its way; the counts of a large council take half of it in smaller numbers."""


def routing_event(found: Checked, step: int, source: str, stage: str, checkpoint: str = "") -> Routing:
    """Return what was counted with its measures by layer, and what the gates said beside it."""
    loads_LE = found.counts_LEM.sum(2)
    gate = found.gate
    return Routing.model_validate(
        {
            "step": step,
            "source": source,
            "stage": stage,
            "counts": _packed(found.counts_LEM, "int64" if 8 * found.counts_LEM.size <= _MOST_BYTES else "int32"),
            "entropy": tuple(utilisation.entropy(loads_LE).tolist()),
            "max_violation": tuple(utilisation.max_violation(loads_LE).tolist()),
            "checkpoint": checkpoint,
            "dropped": int(gate.unserved_LM.sum()) if gate is not None else 0,
            "gate": _gate(gate) if gate is not None else None,
            "changed": _packed(found.changed_LM) if found.changed_LM is not None else None,
            "together": _packed(found.together, found.together.dtype.name) if found.together is not None else None,
        }
    )


def _gate(sums: GateSums) -> Gate:
    parts = {"top": sums.top_LM, "entropy": sums.entropy_LM, "margin": sums.margin_LM}
    told = {name: _packed(sum_LM.cpu().numpy(), "float32") for name, sum_LM in parts.items() if sum_LM is not None}
    return Gate(tokens=_packed(sums.tokens_M.cpu().numpy()), unserved=_packed(sums.unserved_LM.cpu().numpy()), **told)


def _packed(values: NDArray[Any], dtype: str = "int64") -> Array:
    return Array.pack(values.flatten().tolist(), values.shape, dtype)


def routing_alerts(counts_LEM: NDArray[np.int64], stage: str) -> list[Alert]:
    """Return what a person should look at, judged on a whole pass over the check cases and never on one batch."""
    found = []
    for layer, load_E in enumerate(counts_LEM.sum(2)):
        even = load_E.sum() / len(load_E)
        if not even or len(load_E) < 2:
            continue
        for expert in np.flatnonzero(load_E < utilisation.DEAD_SHARE * even):
            parameters: dict[str, str | int | float] = {"layer": layer + 1, "expert": int(expert) + 1, "stage": stage}
            found.append(Alert(code="dead-expert", parameters=parameters))
        if load_E.max() > _COLLAPSED * even and utilisation.entropy(load_E[None])[0] < 0.5:
            found.append(Alert(code="collapse", parameters={"layer": layer + 1, "stage": stage}))
    return found


class Telemetry:
    """Gathers what happens in the steps of one stage and tells it at a bounded rate."""

    def __init__(self, sink: Sink, stage: str, device: DeviceInfo, clock: Callable[[], float] = time.monotonic) -> None:
        self._sink, self._stage, self._device, self._clock = sink, stage, device, clock
        self._counts_LEM: Tensor | None = None
        self._gate: GateSums | None = None
        self._sums: dict[str, Tensor] = {}
        self._steps = 0
        self._told = self._measured = clock()
        self._alerted: set[str] = set()
        self._process = psutil.Process()
        self._process.cpu_percent()

    def step(
        self, step: int, epoch: float, parts: Mapping[str, Tensor], counts_LEM: Tensor, outcome: Outcome | None = None
    ) -> None:
        """Take in one step; tells what has gathered when it is time."""
        self._counts_LEM = counts_LEM if self._counts_LEM is None else self._counts_LEM + counts_LEM
        gate = gate_sums(outcome) if outcome is not None else None
        self._gate = gate if self._gate is None or gate is None else self._gate.plus(gate)
        for name, value in parts.items():
            value = value.detach()
            self._sums[name] = self._sums[name] + value if name in self._sums else value
        self._steps += 1
        now = self._clock()
        if now - self._told >= ROUTING_EVERY:
            self.flush(step, epoch)
            self._told = now
        if now - self._measured >= RESOURCE_EVERY:
            self._sink(self._resource())
            self._measured = now

    def flush(self, step: int, epoch: float) -> None:
        """Tell the routing and the mean metrics of the steps since the last telling."""
        if self._counts_LEM is None or not self._steps:
            return
        found = Checked(self._counts_LEM.cpu().numpy(), self._gate)
        self._sink(routing_event(found, step, "training", self._stage))
        means = torch.stack([value.float() for value in self._sums.values()]) / self._steps
        values = dict(zip(self._sums, means.tolist(), strict=True))
        self._sink(Metrics(step=step, epoch=epoch, split="train", values=values, stage=self._stage))
        self._counts_LEM, self._gate, self._sums, self._steps = None, None, {}, 0

    def check(self, found: Checked, step: int, checkpoint: str) -> None:
        """Tell the routing of the check cases with a checkpoint's weights; each alert is told once a stage."""
        self._sink(routing_event(found, step, "check", self._stage, checkpoint))
        self.alert(routing_alerts(found.counts_LEM, self._stage))

    def alert(self, found: Sequence[Alert]) -> None:
        """Tell what a person should look at, each thing once."""
        for alert in found:
            if (key := alert.model_dump_json()) not in self._alerted:
                self._alerted.add(key)
                self._sink(alert)

    def settle(self, found: Settled | None) -> None:
        """Tell how early the routing of the stage had settled, now that it has ended; nothing where it had but one checkpoint."""
        if found is not None:
            kept, tokens = _packed(found.kept_CLM, "float32"), _packed(found.tokens_M)
            self._sink(Saturation(step=found.step, stage=self._stage, steps=found.steps, kept=kept, tokens=tokens))

    def _resource(self) -> Resource:
        total = self._device.memory
        return Resource(
            device=self._device.name,
            threads=self._device.threads,
            cpu=self._process.cpu_percent() / 100,
            memory=self._process.memory_info().rss,
            gpu_memory=memory_in_use(self._device),
            gpu_total=total,
        )


@dataclasses.dataclass(frozen=True)
class Pinned:
    """The cases that are predicted live, by row, with what is shown of them."""

    rows: tuple[int, ...]
    case_ids: tuple[str, ...]
    titles: tuple[str, ...]
    truths: tuple[tuple[str, ...], ...]
