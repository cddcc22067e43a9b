"""From vectors to answers: the head on the fused vector, and one auxiliary head a modality.

Shapes: B cases, M modalities, D width, C labels.
"""

import torch
from torch import Tensor, nn

from engine.schema.base import MODALITIES


class Head(nn.Module):
    """y = g(F) + sum_m W_m x_m: norm, bend, dropout and a linear map of the fused vector, beside a linear map of each modality.

    Log-odds of independent findings add up, so a modality may speak straight to the labels; the fused vector corrects the sum.
    """

    def __init__(self, width: int, labels: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(width, labels)
        self.evidence = nn.Linear(len(MODALITIES) * width, labels, bias=False)

    def forward(self, fused_BD: Tensor, pooled_BMD: Tensor) -> Tensor:
        """Return logits_BC in float32; `pooled_BMD` is 0 where a modality is absent, which then adds nothing."""
        joint_BC: Tensor = self.out(self.dropout(nn.functional.gelu(self.norm(fused_BD))))
        evidence_BC: Tensor = self.evidence(pooled_BMD.flatten(1))
        return joint_BC.float() + evidence_BC.float()


class LinearHead(nn.Module):
    """y = W F + b: one linear map of the fused vector, as in the simplest multimodal classifiers."""

    def __init__(self, width: int, labels: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(width, labels)

    def forward(self, fused_BD: Tensor, _pooled_BMD: Tensor) -> Tensor:
        """Return logits_BC in float32."""
        joint_BC: Tensor = self.out(self.dropout(fused_BD))
        return joint_BC.float()


class AuxiliaryHeads(nn.Module):
    """The answer each modality would give alone."""

    def __init__(self, width: int, labels: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.maps = nn.ModuleList(nn.Linear(width, labels) for _ in MODALITIES)

    def forward(self, pooled_BMD: Tensor) -> Tensor:
        """Return logits_BMC in float32; without meaning where a modality is absent."""
        dropped_BMD = self.dropout(pooled_BMD)
        return torch.stack([head(dropped_BMD[:, m]) for m, head in enumerate(self.maps)], dim=1).float()
