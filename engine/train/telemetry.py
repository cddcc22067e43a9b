"""What a run tells while it runs: metrics, who worked on what, resources, and what a person should look at.

Counts are summed on the device and read at most four times a second, so that telling costs next to nothing.
Shapes: layers L, experts E, modalities M, cases B.
"""

import dataclasses
import time
from collections.abc import Callable, Mapping

import numpy as np
import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.device import memory_in_use
from engine.schema.base import Array
from engine.schema.catalog import DeviceInfo
from engine.schema.event import Alert, EventBody, Metrics, Resource, Routing

Sink = Callable[[EventBody], None]

ROUTING_EVERY, RESOURCE_EVERY = 0.25, 1.0
"""Seconds between two events of a kind."""
DEAD_SHARE = 0.1
"""An expert is dead below this share of an even load (definitions of the project, 9)."""
_COLLAPSED = 3.0


def routing_event(counts_LEM: NDArray[np.int64], step: int, source: str, stage: str, checkpoint: str = "") -> Routing:
    """Return counts with their measures: normalised entropy H(f)/ln E and MaxVio = max n / mean n - 1, by layer."""
    loads_LE = counts_LEM.sum(2)
    return Routing.model_validate(
        {
            "step": step,
            "source": source,
            "stage": stage,
            "counts": Array.pack(counts_LEM.flatten().tolist(), counts_LEM.shape),
            "entropy": tuple(_entropy(load_E) for load_E in loads_LE),
            "max_violation": tuple(_max_violation(load_E) for load_E in loads_LE),
            "checkpoint": checkpoint,
        }
    )


def _entropy(load_E: NDArray[np.int64]) -> float:
    total, experts = load_E.sum(), len(load_E)
    if not total or experts < 2:
        return 1.0
    share_E = load_E[load_E > 0] / total
    return float(-(share_E * np.log(share_E)).sum() / np.log(experts))


def _max_violation(load_E: NDArray[np.int64]) -> float:
    return float(load_E.max() / load_E.mean() - 1) if load_E.sum() else 0.0


def routing_alerts(counts_LEM: NDArray[np.int64], stage: str) -> list[Alert]:
    """Return what a person should look at, judged on a whole pass over the check cases and never on one batch."""
    found = []
    for layer, load_E in enumerate(counts_LEM.sum(2)):
        even = load_E.sum() / len(load_E)
        if not even or len(load_E) < 2:
            continue
        for expert in np.flatnonzero(load_E < DEAD_SHARE * even):
            parameters: dict[str, str | int | float] = {"layer": layer + 1, "expert": int(expert) + 1, "stage": stage}
            found.append(Alert(code="dead-expert", parameters=parameters))
        if load_E.max() > _COLLAPSED * even and _entropy(load_E) < 0.5:
            found.append(Alert(code="collapse", parameters={"layer": layer + 1, "stage": stage}))
    return found


class Telemetry:
    """Gathers what happens in the steps of one stage and tells it at a bounded rate."""

    def __init__(self, sink: Sink, stage: str, device: DeviceInfo, clock: Callable[[], float] = time.monotonic) -> None:
        self._sink, self._stage, self._device, self._clock = sink, stage, device, clock
        self._counts_LEM: Tensor | None = None
        self._sums: dict[str, Tensor] = {}
        self._steps = 0
        self._told = self._measured = clock()
        self._alerted: set[str] = set()
        self._process = psutil.Process()
        self._process.cpu_percent()

    def step(self, step: int, epoch: float, parts: Mapping[str, Tensor], counts_LEM: Tensor) -> None:
        """Take in one step; tells what has gathered when it is time."""
        self._counts_LEM = counts_LEM if self._counts_LEM is None else self._counts_LEM + counts_LEM
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
        self._sink(routing_event(self._counts_LEM.cpu().numpy(), step, "training", self._stage))
        means = torch.stack([value.float() for value in self._sums.values()]) / self._steps
        values = dict(zip(self._sums, means.tolist(), strict=True))
        self._sink(Metrics(step=step, epoch=epoch, split="train", values=values, stage=self._stage))
        self._counts_LEM, self._sums, self._steps = None, {}, 0

    def check(self, counts_LEM: NDArray[np.int64], step: int, checkpoint: str) -> None:
        """Tell the routing of the check cases with a checkpoint's weights; each alert is told once a stage."""
        self._sink(routing_event(counts_LEM, step, "check", self._stage, checkpoint))
        for alert in routing_alerts(counts_LEM, self._stage):
            if (key := alert.model_dump_json()) not in self._alerted:
                self._alerted.add(key)
                self._sink(alert)

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
