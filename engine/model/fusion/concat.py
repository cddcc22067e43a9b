"""Concat: F = W concat(x_t, x_v, x_s) + b, with e_m in the place of an absent modality.

Shapes: B cases, M modalities, D width.
"""

from torch import Tensor, nn

from engine.model.fusion.base import Fusion, fusions
from engine.schema.base import MODALITIES, Config


class ConcatConfig(Config):
    """Concat has no settings."""


@fusions.register(
    "concat", ConcatConfig, "One linear map of all modalities side by side.", "将各模态并列后做一次线性变换。"
)
class ConcatFusion(Fusion):
    """One linear map of the modalities side by side."""

    def __init__(self, width: int) -> None:
        super().__init__(width)
        self.join = nn.Linear(len(MODALITIES) * width, width)

    def forward(self, pooled_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return F."""
        fused_BD: Tensor = self.join(self.stand_in(pooled_BMD, present_BM).flatten(1))
        return fused_BD
