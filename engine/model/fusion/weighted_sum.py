"""Weighted sum: F = sum over observed m of a_m x_m, a = softmax over the observed of one learned weight a modality.

The weights are the same for every case that has the same modalities, so they can be read off as how far each is trusted.
Shapes: B cases, M modalities, D width.
"""

import torch
from torch import Tensor, nn

from engine.model.fusion.base import Fusion, fusions, observed_or_all
from engine.schema.base import MODALITIES, Config


class WeightedSumConfig(Config):
    """The weighted sum has no settings."""


@fusions.register(
    "weighted-sum",
    WeightedSumConfig,
    "One learned weight a modality, shared among those a case has.",
    "每种模态一个可学习的权重，在病例已有的模态间分配。",
)
class WeightedSumFusion(Fusion):
    """One score a modality; all are equal at the start."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.scores_M = nn.Parameter(torch.zeros(len(MODALITIES)))

    def weights(self, present_BM: Tensor) -> Tensor:
        """Return a_BM: 0 for an absent modality, and 1 in sum."""
        scores_BM = self.scores_M.float().expand(present_BM.shape)
        return scores_BM.masked_fill(~observed_or_all(present_BM), -torch.inf).softmax(1)

    def forward(self, pooled_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return F."""
        x_BMD = self.stand_in(pooled_BMD, present_BM)
        return torch.einsum("bm,bmd->bd", self.weights(present_BM).to(x_BMD.dtype), x_BMD)
