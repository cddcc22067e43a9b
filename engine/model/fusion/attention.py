"""Attention: each modality asks the observed ones, softmax(Q K^T / sqrt(d) + mask) V, and all answers are joined.

An absent modality asks with its learned token e_m and is never asked itself.
Shapes: B cases, M modalities, D width.
"""

import torch
from torch import Tensor, nn

from engine.model.fusion.base import Fusion, fusions, observed_or_all
from engine.schema.base import MODALITIES, Config


class AttentionConfig(Config):
    """Attention has no settings."""


@fusions.register(
    "attention", AttentionConfig, "Modalities look at one another before they are joined.", "各模态先相互参照，再合并。"
)
class AttentionFusion(Fusion):
    """One head of attention between modalities, a way around it, and a linear map of all of them."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.join = nn.Linear(len(MODALITIES) * width, width)

    def attend(self, x_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return softmax(Q K^T / sqrt(d) + mask) V for each modality's question."""
        scores_BMM = self.query(x_BMD) @ self.key(x_BMD).transpose(1, 2) / x_BMD.shape[2] ** 0.5
        masked_BMM = scores_BMM.float().masked_fill(~observed_or_all(present_BM)[:, None], -torch.inf)
        attended_BMD: Tensor = masked_BMM.softmax(2).to(x_BMD.dtype) @ self.value(x_BMD)
        return attended_BMD

    def forward(self, pooled_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return the joined vector."""
        x_BMD = self.stand_in(pooled_BMD, present_BM)
        fused_BD: Tensor = self.join((x_BMD + self.attend(x_BMD, present_BM)).flatten(1))
        return fused_BD
