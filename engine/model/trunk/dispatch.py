"""Tokens to experts and back: sorted once by expert, none dropped, one autograd node for all experts.

A loop that indexes a stacked parameter would give each expert a gradient as large as all of them together; here each expert's
gradient is written into its own place of one tensor.
Shapes: T tokens, K experts a token, S = T K assignments sorted by expert, E experts, D width in, F width out.
"""

import dataclasses
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

_ALIGNED = 16
"""Bytes the rows of a grouped product must be a multiple of on a GPU."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """Which assignment goes where: `order_S` sorts (token, slot) pairs by expert, `back_S` undoes it."""

    order_S: Tensor
    back_S: Tensor
    counts_E: Tensor
    slots: int

    @classmethod
    def of(cls, experts_TK: Tensor, num_experts: int) -> "Plan":
        """Return the plan for a routing; experts that nobody chose get no row."""
        flat_S = experts_TK.flatten()
        order_S = flat_S.argsort(stable=True)
        back_S = torch.empty_like(order_S).scatter_(0, order_S, torch.arange(len(order_S), device=order_S.device))
        return cls(order_S, back_S, flat_S.bincount(minlength=num_experts), experts_TK.shape[1])

    def gather(self, x_TD: Tensor) -> Tensor:
        """Return each token once for each of its experts, sorted by expert."""
        x_SD = x_TD[:, None].expand(-1, self.slots, -1).reshape(len(self.order_S), x_TD.shape[1])
        return _permute(x_SD, self.order_S, self.back_S)

    def combine(self, y_SD: Tensor, weights_TK: Tensor) -> Tensor:
        """Return for each token the weighted sum of what its experts made of it."""
        y_TKD = _permute(y_SD, self.back_S, self.order_S).view(*weights_TK.shape, y_SD.shape[1])
        return torch.einsum("tkd,tk->td", y_TKD, weights_TK.to(y_TKD.dtype))


class _Permute(torch.autograd.Function):
    """Reorder rows; the gradient goes back by the inverse order, which costs no scattered sum."""

    @staticmethod
    def forward(ctx: Any, x_SD: Tensor, order_S: Tensor, back_S: Tensor) -> Tensor:
        ctx.save_for_backward(back_S)
        return x_SD.index_select(0, order_S)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (back_S,) = ctx.saved_tensors
        return gradients[0].index_select(0, back_S), None, None


def _permute(x_SD: Tensor, order_S: Tensor, back_S: Tensor) -> Tensor:
    permuted: Tensor = _Permute.apply(x_SD, order_S, back_S)  # type: ignore[no-untyped-call]
    return permuted


class _Grouped(torch.autograd.Function):
    """Each expert's rows times its matrix."""

    @staticmethod
    def forward(ctx: Any, x_SD: Tensor, w_EDF: Tensor, counts: list[int]) -> Tensor:
        ctx.save_for_backward(x_SD, w_EDF)
        ctx.counts = counts
        y_SF = x_SD.new_empty(x_SD.shape[0], w_EDF.shape[2])
        for w_DF, x_nD, y_nF in zip(w_EDF, torch.split(x_SD, counts), torch.split(y_SF, counts), strict=True):
            torch.mm(x_nD, w_DF, out=y_nF)
        return y_SF

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        x_SD, w_EDF = ctx.saved_tensors
        counts: list[int] = ctx.counts
        gradient_SF = gradients[0].contiguous()
        dx_SD, dw_EDF = torch.empty_like(x_SD), torch.empty_like(w_EDF)
        rows = zip(*(torch.split(x, counts) for x in (x_SD, gradient_SF, dx_SD)), strict=True)
        for w_DF, dw_DF, (x_nD, g_nF, dx_nD) in zip(w_EDF, dw_EDF, rows, strict=True):
            torch.mm(g_nF, w_DF.t(), out=dx_nD)
            torch.mm(x_nD.t(), g_nF, out=dw_DF)
        return dx_SD, dw_EDF, None


def grouped_linear(x_SD: Tensor, w_EDF: Tensor, counts_E: Tensor) -> Tensor:
    """Return each expert's rows of `x_SD` (sorted by expert, `counts_E` rows each) times its matrix."""
    kind = x_SD.device.type
    if torch.is_autocast_enabled(kind):
        x_SD, w_EDF = (x.to(torch.get_autocast_dtype(kind)) for x in (x_SD, w_EDF))
    if kind == "cuda" and _fits_grouped(x_SD, w_EDF):
        return functional.grouped_mm(x_SD, w_EDF, offs=counts_E.cumsum(0).int())
    grouped: Tensor = _Grouped.apply(x_SD, w_EDF, counts_E.tolist())  # type: ignore[no-untyped-call]
    return grouped


def _fits_grouped(x_SD: Tensor, w_EDF: Tensor) -> bool:
    """Whether the GPU's grouped product takes these: bfloat16, rows of whole 16 bytes, and at least one of them."""
    rows = (w_EDF.shape[1] * x_SD.element_size(), w_EDF.shape[2] * x_SD.element_size())
    return x_SD.dtype == torch.bfloat16 and len(x_SD) > 0 and all(row % _ALIGNED == 0 for row in rows)
