"""What a step is moved by: all parts of the error with their weights, and the adaptors that only training needs.

Shapes: B cases, C labels, M modalities, D width.
"""

import dataclasses
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.model.student import Outcome
from engine.model.trunk.routers.base import Routing
from engine.schema.base import MODALITIES
from engine.schema.config import LossConfig
from engine.teachers.lessons import Lessons
from engine.train import attending, balancing, losses, relations
from engine.train.schedule import weight_at

PARTS = ("hard", "distil", "hidden", "balance", "router_z", "auxiliary", "consistency")
"""Parts that are always measured, also where they move nothing."""
BALANCING = ("importance", "load", "local_entropy", "global_entropy", "modality_entropy")
"""Further parts of the balance of the experts."""
ON_REQUEST = (
    "ordinal", "relation_distance", "relation_angle", "attention", "contrast", "more_not_worse", *BALANCING,
)  # fmt: skip
"""Parts that are computed only where they have a weight."""
_HOTTEST = 100.0
"""Largest 1 / tau a learned temperature may reach, as in CLIP: beyond it training becomes unstable."""


@dataclasses.dataclass(frozen=True)
class Fewer:
    """What the student says of the same cases with a modality hidden; `known_B` says where one was."""

    logits_BC: Tensor
    known_B: Tensor


class Contrast(nn.Module):
    """A linear map a modality into a space where the inputs of one case meet, and the temperature there."""

    def __init__(self, width: int, temperature: float, learned: bool) -> None:
        super().__init__()
        self.maps = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in MODALITIES)
        self.log_heat = nn.Parameter(torch.tensor(-math.log(temperature)), requires_grad=learned)

    def forward(self, own_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return the contrast of the modalities' own vectors, which have not seen one another yet."""
        mapped_BMD = torch.stack([one(own_BMD[:, m]) for m, one in enumerate(self.maps)], dim=1)
        return relations.contrast(mapped_BMD, present_BM, 1 / self.log_heat.exp().clamp(max=_HOTTEST))


class Objective(nn.Module):
    """The error of a batch, part by part; its parameters are dropped when the student is saved.

    `counts_C` are the cases of each label; with `several` labels a case (2, C), those that bear it and those that do not.
    """

    def __init__(
        self,
        config: LossConfig,
        smoothing: float,
        lessons: Sequence[Lessons],
        width: int,
        counts_C: Tensor | None = None,
        several: bool = False,
    ) -> None:
        super().__init__()
        weigh = losses.positive_weights if several else losses.class_weights
        weight_C = weigh(counts_C, config.class_weight) if counts_C is not None else None
        self._several = several
        self.register_buffer("weight_C", weight_C if config.class_weight else None, persistent=False)
        self._config, self._smoothing, self._lessons = config, smoothing, tuple(lessons)
        self.adaptors = nn.ModuleDict(
            {
                lesson.teacher: nn.Linear(width, lesson.hidden_NVD.shape[2])
                for lesson in lessons
                if lesson.hidden_NVD is not None
            }
        )
        weighed = [name for name in (*PARTS, *ON_REQUEST) if getattr(config, name)]
        self._weighed = tuple(weighed)
        self._hard = losses.binary if config.binary or several else losses.hard
        curves = {name: getattr(config.over_time, name) for name in weighed}
        self._moving = {name: curve for name, curve in curves.items() if curve != "constant"}
        heat = (config.contrast_temperature, config.contrast_learned)
        self.contrast = Contrast(width, *heat) if config.contrast else None
        bits = torch.tensor([1 << m for m in range(len(MODALITIES))])
        self.register_buffer("bits_M", bits, persistent=False)

    bits_M: Tensor
    weight_C: Tensor | None

    def forward(
        self,
        outcome: Outcome,
        labels_B: Tensor,
        rows_B: Tensor,
        view_B: Tensor,
        done: float = 0.0,
        fewer: Fewer | None = None,
    ) -> dict[str, Tensor]:
        """Return each part unweighted, and `loss`, their weighted sum, when `done` (0 to 1) of the run is over.

        With them the weights that change over the run, as `weight_<part>`.
        """
        parts = {
            "hard": self._hard(outcome.logits_BC, labels_B, self._smoothing, self.weight_C),
            "auxiliary": losses.auxiliary(outcome.auxiliary_BMC, labels_B, outcome.present_BM, self._smoothing),
            "consistency": losses.consistency(outcome.auxiliary_BMC, outcome.present_BM, self._several),
            **self._routing(outcome),
            **self._lessons_of(outcome, rows_B, view_B),
        }
        if self._config.ordinal:
            parts["ordinal"] = losses.ordinal(outcome.logits_BC, labels_B)
        if self.contrast is not None:
            parts["contrast"] = self.contrast(outcome.own_BMD, outcome.present_BM)
        if fewer is not None:
            parts["more_not_worse"] = losses.more_not_worse(outcome.logits_BC, fewer.logits_BC, labels_B, fewer.known_B)
        weights = self.weights(done)
        total = sum((weights[name] * parts[name] for name in self._weighed), start=torch.zeros_like(parts["hard"]))
        told = {f"weight_{name}": torch.tensor(weights[name], device=total.device) for name in self._moving}
        return {"loss": total, **parts, **told}

    def weights(self, done: float) -> dict[str, float]:
        """Return the weight of each part that has one, when `done` of the run is over."""
        weights = {name: float(getattr(self._config, name)) for name in self._weighed}
        moved = {name: weights[name] * weight_at(curve, done) for name, curve in self._moving.items()}
        return weights | moved

    def _routing(self, outcome: Outcome) -> dict[str, Tensor]:
        """Return the router's parts, mean over the layers; 0 for a student without any."""
        asked = [name for name in BALANCING if name in self._weighed]
        if not outcome.routing:
            return dict.fromkeys(("balance", "router_z", *asked), outcome.logits_BC.sum() * 0.0)
        with torch.autocast(
            outcome.logits_BC.device.type, enabled=False
        ):  # shares in half precision no longer sum to 1
            of_layers = [self._routing_of(layer, outcome.modality_T, asked) for layer in outcome.routing]
        return {name: torch.stack([layer[name] for layer in of_layers]).mean() for name in of_layers[0]}

    def _routing_of(self, layer: Routing, modality_T: Tensor, asked: Sequence[str]) -> dict[str, Tensor]:
        """Return the router's parts in one layer."""
        tokens, pooled = (layer, modality_T, len(MODALITIES)), self._config.balance_pooled
        parts = {"balance": balancing.balance(*tokens, pooled), "router_z": balancing.router_z(layer)}
        for name in asked:
            match name:
                case "importance":
                    parts[name] = balancing.importance(*tokens, pooled)
                case "load":
                    parts[name] = balancing.load(*tokens, pooled)
                case "local_entropy":
                    parts[name] = balancing.local_entropy(*tokens)
                case "global_entropy":
                    parts[name] = balancing.global_entropy(*tokens, self._config.global_experts)
                case "modality_entropy":
                    parts[name] = balancing.modality_entropy(*tokens)
        return parts

    def _lessons_of(self, outcome: Outcome, rows_B: Tensor, view_B: Tensor) -> dict[str, Tensor]:
        """Return what the teachers ask for, summed over the teachers; each is a mean over the cases it knows."""
        zero = outcome.logits_BC.sum() * 0.0
        related = [name for name in ("relation_distance", "relation_angle") if name in self._weighed]
        attended = ["attention"] if "attention" in self._weighed else []
        parts = dict.fromkeys(("distil", "hidden", *related, *attended), zero)
        for lesson in self._lessons:
            logits_BC, version_B, there_B, vector_BD = self._asked(lesson, outcome, view_B)
            known_B = lesson.known_NV[rows_B, version_B] & there_B
            taught_BC = lesson.answers_NVC[rows_B, version_B]
            told = losses.distil(logits_BC, taught_BC, known_B, self._config.temperature, self._several)
            parts["distil"] = parts["distil"] + lesson.weight * told
            if lesson.hidden_NVD is not None:
                hidden_BD = lesson.hidden_NVD[rows_B, version_B]
                adapted_BD = self.adaptors[lesson.teacher](vector_BD)
                parts["hidden"] = parts["hidden"] + lesson.weight * losses.hidden(adapted_BD, hidden_BD, known_B)
                for name in related:
                    compared = getattr(relations, name)(vector_BD, hidden_BD, known_B)
                    parts[name] = parts[name] + lesson.weight * compared
            for part in attended:
                parts[part] = parts[part] + lesson.weight * attending.beside(
                    lesson, outcome, rows_B, version_B, known_B
                )
        return parts

    def _asked(self, lesson: Lessons, outcome: Outcome, view_B: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return which of the student's answers a teacher corrects, which version it read, where, and the vector it matches."""
        if lesson.modality is None:
            subset_B = (outcome.present_BM * self.bits_M).sum(1)
            return outcome.logits_BC, subset_B, outcome.present_BM.any(1), outcome.fused_BD
        m = MODALITIES.index(lesson.modality)
        return outcome.auxiliary_BMC[:, m], view_B, outcome.present_BM[:, m], outcome.own_BMD[:, m]
