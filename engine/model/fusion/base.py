"""What a fusion is: one vector a modality in, one vector a case out; a learned token stands for an absent modality.

Shapes: B cases, M modalities, D width.
"""

import abc

import torch
from torch import Tensor, nn

from engine.registry import Registry
from engine.schema.base import MODALITIES


class Fusion(nn.Module, abc.ABC):
    """Base of all fusions; holds e_m, the learned token of each absent modality (definitions 14 and 17)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.absent_MD = nn.Parameter(torch.randn(len(MODALITIES), width) * 0.02)

    def stand_in(self, pooled_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return x_m where modality m was observed and e_m where not."""
        return torch.where(present_BM[..., None], pooled_BMD, self.absent_MD.to(pooled_BMD.dtype))

    @abc.abstractmethod
    def forward(self, pooled_BMD: Tensor, present_BM: Tensor) -> Tensor:
        """Return the fused vector of each case, (B, D)."""


def observed_or_all(present_BM: Tensor) -> Tensor:
    """Return the modalities a softmax runs over: the observed ones, or all stand-ins where a case has nothing at all."""
    return present_BM | ~present_BM.any(1, keepdim=True)


fusions: Registry[Fusion] = Registry("fusion")
