"""What single experts are worth, as a cause: the loss when an expert's tokens go to their next choice instead.

Re-routed, not zeroed: a zeroed expert would only show that something was taken away. Paired by case, because the same cases are
answered both ways, so their difference has a narrow interval. Shapes: N cases, E experts, L layers.
"""

import dataclasses
from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cross_entropy

from engine.evaluate.measures import Z95
from engine.model.student import Student
from engine.model.trunk.routers import Reroute
from engine.preprocess.batch import Batch
from engine.schema.base import MODALITIES, Modality


@dataclasses.dataclass(frozen=True)
class Effect:
    """Mean change of the loss with its 95 % interval; above 0, the expert (or the routing) did good."""

    layer: int
    expert: int
    change: float
    low: float
    high: float

    @property
    def matters(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low > 0 or self.high < 0


@dataclasses.dataclass(frozen=True)
class Shuffled:
    """What dealing all choices out at random does: mean change of the loss with its interval, and both accuracies."""

    effect: Effect
    accuracy: float
    accuracy_shuffled: float


def expert_effects(student: Student, batches: Iterable[Batch]) -> tuple[Effect, ...]:
    """Return the effect of every expert of every layer on labelled cases."""
    kept = list(batches)
    before_N = _losses(student, kept, None)[0]
    effects = []
    for layer, block in enumerate(student.blocks):
        experts = int(block.experts.number)  # type: ignore[union-attr, arg-type]
        for expert in range(experts):
            after_N = _losses(student, kept, Reroute(layer, expert))[0]
            effects.append(_effect(layer, expert, after_N - before_N))
    return tuple(effects)


def shuffled_effect(
    student: Student, batches: Iterable[Batch], seed: int = 0, modality: Modality | None = None
) -> Shuffled:
    """Return what happens when each token, or each of one modality, goes where some other token would have gone."""
    kept = list(batches)
    before_N, right_N = _losses(student, kept, None)
    only = None if modality is None else MODALITIES.index(modality)
    trial = Reroute.shuffled(torch.Generator().manual_seed(seed), modality=only)
    after_N, wrong_N = _losses(student, kept, trial)
    return Shuffled(_effect(-1, -1, after_N - before_N), float(right_N.mean()), float(wrong_N.mean()))


def _effect(layer: int, expert: int, change_N: NDArray[np.float64]) -> Effect:
    mean = float(change_N.mean())
    half = Z95 * float(change_N.std(ddof=1)) / len(change_N) ** 0.5 if len(change_N) > 1 else float("inf")
    return Effect(layer, expert, mean, mean - half, mean + half)


@torch.inference_mode()
def _losses(
    student: Student, batches: Iterable[Batch], reroute: Reroute | None
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the loss of each case and whether its answer was right."""
    student.eval()
    losses, right = [], []
    for batch in batches:
        logits_BC = student(batch, reroute).logits_BC.double()
        losses.append(cross_entropy(logits_BC, batch.labels_B, reduction="none"))
        right.append(logits_BC.argmax(1) == batch.labels_B)
    return torch.cat(losses).numpy(), torch.cat(right).numpy()
