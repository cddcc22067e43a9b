"""From vectors to answers: the head on the fused vector, and one auxiliary head a modality.

Shapes: B cases, M modalities, D width, C labels.
"""

import torch
from torch import Tensor, nn

from engine.schema.base import MODALITIES


class Head(nn.Module):
    """y = g(F): norm, bend, dropout, one linear map to the labels."""

    def __init__(self, width: int, labels: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(width, labels)

    def forward(self, fused_BD: Tensor) -> Tensor:
        """Return logits_BC in float32."""
        logits_BC: Tensor = self.out(self.dropout(nn.functional.gelu(self.norm(fused_BD))))
        return logits_BC.float()


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
