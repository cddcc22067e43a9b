"""The check cases once through at every evaluation of a stage: who works on what, how sure of it, and what has changed since.

The cases are the same each time and come in the same order, so a token can be followed by its place. What is kept of a pass is whom
each token went to, in one or two bytes a choice; it goes into the resume point, so a stage that was cut off knows its past.
Shapes: L layers, E experts, K experts a token, M modalities, T tokens of the check cases, C earlier checkpoints.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine import utilisation
from engine.device import autocast, torch_device
from engine.model.gating import GateSums, choices, gate_sums
from engine.model.student import Student, routing_counts
from engine.schema.base import MODALITIES
from engine.schema.catalog import DeviceInfo
from engine.train.material import Material

KEPT_BYTES: Final = 8 << 20
"""Choices of earlier checkpoints that are kept; beyond that the oldest go."""
TOLD_BYTES: Final = 64 << 10
"""What fits into a message of counts of pairs of experts: beyond that they are told as rounded shares, and beyond that not at all."""
_BATCH: Final = 256


@dataclasses.dataclass(frozen=True)
class Checked:
    """What a pass found. Without an earlier pass of the stage nothing can have changed: None.

    `together` are the tokens that two experts both worked on, int32 (L, E, E); where those would be too many n_ij / min(n_i, n_j) of
    the pairs i < j in 255ths, uint8 (L, E(E-1)/2); None where these are too many as well.
    """

    counts_LEM: NDArray[np.int64]
    gate: GateSums | None = None
    changed_LM: NDArray[np.int64] | None = None
    together: NDArray[np.int32] | NDArray[np.uint8] | None = None


@dataclasses.dataclass(frozen=True)
class Settled:
    """How much of the last pass's routing the earlier ones had already, summed over tokens."""

    step: int
    steps: tuple[int, ...]
    kept_CLM: NDArray[np.float64]
    tokens_M: NDArray[np.int64]


class CheckPass:
    """Runs the check cases of one stage and keeps whom their tokens went to."""

    def __init__(self, material: Material, rows: Sequence[int], device: DeviceInfo) -> None:
        self._material, self._rows, self._device = material, rows, device
        self._modality_T: NDArray[np.uint8] | None = None
        self._experts = 0
        self._steps: list[int] = []
        self._choices: list[utilisation.Choices] = []
        self._is_own = True  # whether what is kept was seen by this process

    @torch.inference_mode()
    def run(self, student: Student, step: int) -> Checked:
        """Return what a student in evaluation mode does with the check cases at a step."""
        student.eval()
        counts: list[Tensor] = []
        gates: list[GateSums] = []
        chosen: list[Tensor] = []
        modalities: list[Tensor] = []
        for start in range(0, len(self._rows), _BATCH):
            batch = self._material.batch(self._rows[start : start + _BATCH]).to(torch_device(self._device))
            with autocast(self._device):
                outcome = student(batch)
            counts.append(routing_counts(outcome))
            chosen.append(choices(outcome))
            modalities.append(outcome.modality_T.to(torch.uint8))
            if (sums := gate_sums(outcome)) is not None:
                gates.append(sums)
        counts_LEM = np.asarray(torch.stack(counts).sum(0).cpu().numpy())
        self._experts = counts_LEM.shape[1]
        gate = gates[0] if gates else None
        for more in gates[1:]:
            gate = gate.plus(more) if gate is not None else None
        choices_LTK = torch.cat(chosen, 1).cpu().numpy()
        self._follow(torch.cat(modalities).cpu().numpy())
        changed_LM = self._changed(choices_LTK, step)
        self._keep(choices_LTK, step)
        return Checked(counts_LEM, gate, changed_LM, self._together(choices_LTK))

    def settled(self) -> Settled | None:
        """Return how far the routing had settled at each earlier pass, once the last one is known; None where there is none."""
        if len(self._steps) < 2 or self._modality_T is None or not self._experts:
            return None
        kept = [
            self._by_modality(utilisation.kept_choices(then, self._choices[-1], self._experts))
            for then in self._choices[:-1]
        ]
        tokens_M = np.bincount(self._modality_T, minlength=len(MODALITIES))
        return Settled(self._steps[-1], tuple(self._steps[:-1]), np.stack(kept), tokens_M)

    def forget_last(self) -> None:
        """Forget the last pass: it was made out of turn."""
        if self._steps:
            self._steps.pop()
            self._choices.pop()

    def pack(self) -> dict[str, Tensor]:
        """Return what a resume point keeps."""
        if self._modality_T is None or not self._steps:
            return {}
        return {
            "steps": torch.tensor(self._steps),
            "choices": torch.from_numpy(np.stack(self._choices)),
            "modality": torch.from_numpy(self._modality_T),
            "experts": torch.tensor(self._experts),
        }

    def unpack(self, kept: Mapping[str, Tensor]) -> None:
        """Take up what a resume point kept; one without has no past."""
        if "steps" in kept:
            self._steps = kept["steps"].tolist()
            self._choices = list(kept["choices"].numpy())
            self._modality_T = kept["modality"].numpy()
            self._experts = int(kept["experts"])
            self._is_own = False

    def _follow(self, modality_T: NDArray[np.uint8]) -> None:
        """Make sure that these are the tokens of the earlier passes; of a past that another process saw, let it go if not."""
        same = self._modality_T is None or np.array_equal(self._modality_T, modality_T)
        if not same and not self._is_own:
            self._steps, self._choices = [], []
            same = True
        assert same, f"the check cases gave {len(modality_T)} tokens that are not those of the pass before"
        self._modality_T, self._is_own = modality_T, True

    def _changed(self, choices_LTK: utilisation.Choices, step: int) -> NDArray[np.int64] | None:
        while self._steps and self._steps[-1] >= step:  # the same step once more, because the run was ending
            self.forget_last()
        if not self._steps or not self._experts:
            return None
        changed_LT = utilisation.changed_first_choices(self._choices[-1], choices_LTK)
        return self._by_modality(changed_LT).astype(np.int64)

    def _keep(self, choices_LTK: utilisation.Choices, step: int) -> None:
        self._steps.append(step)
        self._choices.append(choices_LTK)
        while len(self._steps) > 2 and sum(choice.nbytes for choice in self._choices) > KEPT_BYTES:
            del self._steps[0], self._choices[0]

    def _together(self, choices_LTK: utilisation.Choices) -> NDArray[np.int32] | NDArray[np.uint8] | None:
        layers, experts = len(choices_LTK), self._experts
        rounded = layers * experts * (experts - 1) // 2
        if not layers * experts or rounded > TOLD_BYTES:
            return None
        both_LEE = utilisation.together(choices_LTK, experts)
        return both_LEE if both_LEE.nbytes <= TOLD_BYTES else _rounded(both_LEE)

    def _by_modality(self, values_LT: NDArray[np.bool_] | NDArray[np.float64]) -> NDArray[np.float64]:
        assert self._modality_T is not None
        member_TM = self._modality_T[:, None] == np.arange(len(MODALITIES))
        return np.asarray(values_LT.astype(np.float64) @ member_TM)


def _rounded(together_LEE: NDArray[np.int32]) -> NDArray[np.uint8]:
    """Return n_ij / min(n_i, n_j) of the pairs i < j in 255ths, (L, E(E-1)/2); the n_i are among the counts."""
    first_P, second_P = np.triu_indices(together_LEE.shape[1], 1)
    own_LE = np.diagonal(together_LEE, axis1=1, axis2=2)
    less_LP = np.maximum(np.minimum(own_LE[:, first_P], own_LE[:, second_P]), 1)
    return np.asarray(np.round(255 * (together_LEE[:, first_P, second_P] / less_LP)), np.uint8)
