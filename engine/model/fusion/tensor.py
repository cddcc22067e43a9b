"""Tensor: F = sum_r prod_m W_m^r [1; x_m], low-rank multimodal fusion (arXiv:1806.00064), the outer product never formed.

An absent modality enters with its learned token e_m, through the same factors. Left out instead, its factor would be a bare 1:
a product of two where training mostly saw three, and no way to learn how far the others should be believed without it.
Shapes: B cases, M modalities, D width, R rank.
"""

import torch
from pydantic import Field
from torch import Tensor, nn

from engine.model.fusion.base import Fusion, fusions
from engine.schema.base import MODALITIES, Config


class TensorConfig(Config):
    """Settings of the tensor fusion."""

    rank: int = Field(8, ge=1, le=128, description="R, the terms of the sum. More say more about how inputs combine.")


@fusions.register(
    "tensor",
    TensorConfig,
    "Products of all modalities: what only their combination tells.",
    "各模态逐项相乘：表达仅在组合中才出现的信息。",
)
class TensorFusion(Fusion):
    """One stack of R maps a modality; the row for the constant 1 keeps single modalities and pairs in the product."""

    def __init__(self, width: int, rank: int = 8) -> None:
        super().__init__(width)
        # At the start each of the R terms is 1/R times a product of (1 + noise): all orders are there, none explodes.
        scale = rank ** (-1 / len(MODALITIES))
        self.maps_MRDD = nn.Parameter(torch.empty(len(MODALITIES), rank, width, width))
        nn.init.trunc_normal_(self.maps_MRDD, std=scale * width**-0.5)
        self.ones_MRD = nn.Parameter(torch.full((len(MODALITIES), rank, width), scale))

    def forward(self, pooled_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return F."""
        x_BMD = self.stand_in(pooled_BMD, present_BM)
        factors_BMRD = torch.einsum("bmd,mrde->bmre", x_BMD, self.maps_MRDD.to(x_BMD.dtype))
        # Products of half-precision numbers lose what little they have: from here on in float32.
        return (factors_BMRD.float() + self.ones_MRD.float()).prod(1).sum(1).to(x_BMD.dtype)
