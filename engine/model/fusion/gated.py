"""Gated: F = sum over observed m of a_m V_m x_m, a = softmax over the observed gates only.

Shapes: B cases, M modalities, D width.
"""

import torch
from torch import Tensor, nn

from engine.model.fusion.base import Fusion, fusions, observed_or_all
from engine.schema.base import MODALITIES, Config


class GatedConfig(Config):
    """Gated has no settings."""


@fusions.register("gated", GatedConfig, "Each case weighs the modalities it has.", "每个病例为其已有的模态分配权重。")
class GatedFusion(Fusion):
    """A gate for each modality, and a map of its own into the shared space."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.gate = nn.Linear(len(MODALITIES) * width, len(MODALITIES))
        self.maps_MDD = nn.Parameter(torch.empty(len(MODALITIES), width, width))
        nn.init.trunc_normal_(self.maps_MDD, std=width**-0.5)

    def weights(self, x_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return a_BM: 0 for an absent modality, and 1 in sum."""
        scores_BM: Tensor = self.gate(x_BMD.flatten(1)).float()
        return scores_BM.masked_fill(~observed_or_all(present_BM), -torch.inf).softmax(1)

    def forward(self, pooled_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return F."""
        x_BMD = self.stand_in(pooled_BMD, present_BM)
        mapped_BMD = torch.einsum("bmd,mde->bme", x_BMD, self.maps_MDD.to(x_BMD.dtype))
        return torch.einsum("bm,bmd->bd", self.weights(x_BMD, present_BM).to(mapped_BMD.dtype), mapped_BMD)
