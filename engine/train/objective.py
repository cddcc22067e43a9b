"""What a step is moved by: all parts of the error with their weights, and the adaptors that only training needs.

Shapes: B cases, C labels, M modalities, D width.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.model.student import Outcome
from engine.schema.base import MODALITIES
from engine.schema.config import LossConfig
from engine.teachers.lessons import Lessons
from engine.train import losses

PARTS = ("hard", "distil", "hidden", "balance", "router_z", "auxiliary", "consistency")


class Objective(nn.Module):
    """The error of a batch, part by part; its parameters are dropped when the student is saved."""

    def __init__(self, config: LossConfig, smoothing: float, lessons: Sequence[Lessons], width: int) -> None:
        super().__init__()
        self._config, self._smoothing, self._lessons = config, smoothing, tuple(lessons)
        self.adaptors = nn.ModuleDict(
            {
                lesson.teacher: nn.Linear(width, lesson.hidden_NVD.shape[2])
                for lesson in lessons
                if lesson.hidden_NVD is not None
            }
        )
        bits = torch.tensor([1 << m for m in range(len(MODALITIES))])
        self.register_buffer("bits_M", bits, persistent=False)

    bits_M: Tensor

    def forward(self, outcome: Outcome, labels_B: Tensor, rows_B: Tensor, view_B: Tensor) -> dict[str, Tensor]:
        """Return each part unweighted, and `loss`, their weighted sum."""
        parts = {
            "hard": losses.hard(outcome.logits_BC, labels_B, self._smoothing),
            "auxiliary": losses.auxiliary(outcome.auxiliary_BMC, labels_B, outcome.present_BM, self._smoothing),
            "consistency": losses.consistency(outcome.auxiliary_BMC, outcome.present_BM),
            **self._routing(outcome),
            **self._lessons_of(outcome, rows_B, view_B),
        }
        weights = self._config.model_dump()
        total = sum(
            (weights[name] * parts[name] for name in PARTS if weights[name]), start=torch.zeros_like(parts["hard"])
        )
        return {"loss": total, **parts}

    def _routing(self, outcome: Outcome) -> dict[str, Tensor]:
        """Return the router's parts, mean over the layers."""
        balance = [
            losses.balance(layer.logits_TE, layer.experts_TK, outcome.modality_T, len(MODALITIES))
            for layer in outcome.routing
        ]
        z = [losses.router_z(layer.logits_TE) for layer in outcome.routing]
        return {"balance": torch.stack(balance).mean(), "router_z": torch.stack(z).mean()}

    def _lessons_of(self, outcome: Outcome, rows_B: Tensor, view_B: Tensor) -> dict[str, Tensor]:
        """Return what the teachers ask for, mean over the teachers that have something to say."""
        answered, matched = [], []
        for lesson in self._lessons:
            logits_BC, version_B, there_B, vector_BD = self._asked(lesson, outcome, view_B)
            known_B = lesson.known_NV[rows_B, version_B] & there_B
            taught_BC = lesson.answers_NVC[rows_B, version_B]
            told = losses.distil(logits_BC, taught_BC, known_B, self._config.temperature)
            answered.append(lesson.weight * told)
            if lesson.hidden_NVD is not None:
                adapted_BD = self.adaptors[lesson.teacher](vector_BD)
                matched.append(lesson.weight * losses.hidden(adapted_BD, lesson.hidden_NVD[rows_B, version_B], known_B))
        zero = outcome.logits_BC.sum() * 0.0
        return {"distil": sum(answered, start=zero), "hidden": sum(matched, start=zero)}

    def _asked(self, lesson: Lessons, outcome: Outcome, view_B: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return which of the student's answers a teacher corrects, which version it read, where, and the vector it matches."""
        if lesson.modality is None:
            subset_B = (outcome.present_BM * self.bits_M).sum(1)
            return outcome.logits_BC, subset_B, outcome.present_BM.any(1), outcome.fused_BD
        m = MODALITIES.index(lesson.modality)
        return outcome.auxiliary_BMC[:, m], view_B, outcome.present_BM[:, m], outcome.own_BMD[:, m]
