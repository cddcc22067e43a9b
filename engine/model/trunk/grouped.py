"""All experts of a layer by grouped products: for a GPU, and for the answer to one case on a CPU.

Of a GPU nothing is asked on the way, so it is never waited for. Rows of nobody stay at the end, behind those that the products work on;
nothing reads them. Of all that happens between only the first product is kept for the way back.
Shapes: T tokens, K places for experts a token, S = T K assignments sorted by expert, E experts, D width, H hidden width.
"""

import functools
from types import ModuleType
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

_FEW = 640
"""Rows up to which what a CPU takes is counted in calls: beyond them its caches count, which the products by groups pay no heed to."""
_ALIGNED = 16
"""Bytes the rows of a product by groups must be a multiple of."""


def takes(x_SD: Tensor, *stacks_EXX: Tensor) -> bool:
    """Whether a GPU multiplies these by groups: bfloat16, rows of whole 16 bytes, and at least one of them."""
    alike = all(tensor.dtype == torch.bfloat16 for tensor in (x_SD, *stacks_EXX))
    return x_SD.device.type == "cuda" and alike and len(x_SD) > 0 and _are_aligned(*stacks_EXX)


def are_few(experts_TK: Tensor, *stacks_EXX: Tensor) -> bool:
    """Whether the answer to these tokens is had sooner by `answer`: float32, rows of whole 16 bytes, a few of them, at least one."""
    alike = all(stack.dtype == torch.float32 for stack in stacks_EXX)
    return alike and 0 < experts_TK.numel() <= _FEW and _are_aligned(*stacks_EXX)


def _are_aligned(*stacks_EXX: Tensor) -> bool:
    return all(size * stack.element_size() % _ALIGNED == 0 for stack in stacks_EXX for size in stack.shape[1:])


def feed_forward(x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor) -> Tensor:
    """Return sum_k w_tk (silu(x A_e) * x B_e) C_e with e = e_tk; the number E stands for nobody, who adds nothing."""
    y_TD: Tensor = _Grouped.apply(x_TD, weights_TK, experts_TK, into_EDH2, back_EHD)  # type: ignore[no-untyped-call]
    return y_TD


def answer(x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor) -> Tensor:
    """Return the same as `feed_forward`, to the bit what a CPU's other way gives, where nothing is learned and no place is empty."""
    place_S, row_TK, ends_E = _sorted(experts_TK, len(back_EHD))
    x_SD = x_TD.index_select(0, place_S // experts_TK.shape[1])
    y_SD = functional.grouped_mm(_bent(functional.grouped_mm(x_SD, into_EDH2, offs=ends_E)), back_EHD, offs=ends_E)
    if experts_TK.shape[1] == 1:  # nothing to add up
        return y_SD.index_select(0, row_TK[:, 0]).mul_(weights_TK)
    return functional.embedding_bag(row_TK, y_SD, mode="sum", per_sample_weights=weights_TK)


class _Grouped(torch.autograd.Function):
    """All experts of a layer as one node of the graph."""

    @staticmethod
    def forward(
        ctx: Any, x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor
    ) -> Tensor:
        x_TD = x_TD.contiguous()
        place_S, row_TK, ends_E = _sorted(experts_TK, len(back_EHD))
        token_S = place_S // experts_TK.shape[1]
        both_SH2 = functional.grouped_mm(x_TD.index_select(0, token_S), into_EDH2, offs=ends_E)
        y_SD = functional.grouped_mm(_bent(both_SH2), back_EHD, offs=ends_E)
        ctx.save_for_backward(x_TD, weights_TK, into_EDH2, back_EHD, both_SH2, place_S, row_TK, ends_E)
        return _summed(y_SD, row_TK, weights_TK)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        x_TD, weights_TK, into_EDH2, back_EHD, both_SH2, place_S, row_TK, ends_E = ctx.saved_tensors
        token_S, weight_S = place_S // weights_TK.shape[1], weights_TK.flatten()[place_S]
        dy_SD = gradients[0].to(x_TD.dtype).contiguous().index_select(0, token_S)
        dh_SH = functional.grouped_mm(dy_SD, back_EHD.transpose(1, 2), offs=ends_E)
        dboth_SH2, dweight_S = _bent_back(both_SH2, dh_SH, weight_S)  # dh_SH is now what was bent, weighed
        dback_EHD = functional.grouped_mm(dh_SH.t(), dy_SD, offs=ends_E)
        del dy_SD, dh_SH
        # Turned, as the layer keeps it: its own gradient then is no copy.
        dinto_EH2D = functional.grouped_mm(dboth_SH2.t(), x_TD.index_select(0, token_S), offs=ends_E)
        dx_SD = functional.grouped_mm(dboth_SH2, into_EDH2.transpose(1, 2), offs=ends_E)
        dweights_P = torch.empty_like(dweight_S).scatter_(0, place_S, dweight_S)
        dweights_TK = dweights_P.view_as(weights_TK).masked_fill_(row_TK < 0, 0)
        return _summed(dx_SD, row_TK, None), dweights_TK, None, dinto_EH2D.transpose(1, 2), dback_EHD


def _sorted(experts_TK: Tensor, experts: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return the (token, place) pairs by expert, the row of each pair (below 0: nobody's), and where each expert's rows end."""
    by_expert_S, place_S = experts_TK.flatten().sort(stable=True)
    edges_E = torch.arange(experts, device=experts_TK.device, dtype=by_expert_S.dtype)
    ends_E = torch.searchsorted(by_expert_S, edges_E, right=True, out_int32=True)
    row_S = torch.arange(len(place_S), device=place_S.device)
    row_P = torch.empty_like(place_S).scatter_(0, place_S, row_S.masked_fill_(by_expert_S >= experts, -1))
    return place_S, row_P.view_as(experts_TK), ends_E


@functools.cache
def compiled() -> ModuleType | None:
    """Return what makes one pass of several operations, tried once; None where it cannot be had, and the operations do it.

    Triton comes with torch's builds for GPUs on Linux, but what it compiles it starts through a C compiler, which not everybody has.
    """
    try:
        from engine.model.trunk import kernels

        kernels.bent(torch.zeros(1, 2, dtype=torch.bfloat16, device="cuda"))
    except Exception:  # nothing that is missing there is missed but speed
        return None
    return kernels


def _of(x: Tensor) -> ModuleType | None:
    return compiled() if x.device.type == "cuda" else None


def _bent(both_SH2: Tensor) -> Tensor:
    """Return silu(gate) * value."""
    if (kernels := _of(both_SH2)) is not None:
        fused_SH: Tensor = kernels.bent(both_SH2)
        return fused_SH
    gate_SH, value_SH = both_SH2.chunk(2, 1)
    return functional.silu(gate_SH) * value_SH


def _bent_back(both_SH2: Tensor, dh_SH: Tensor, weight_S: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of `both_SH2` and of `weight_S`, and leave weight * silu(gate) * value in `dh_SH`."""
    if (kernels := _of(both_SH2)) is not None:
        fused: tuple[Tensor, Tensor] = kernels.bent_back(both_SH2, dh_SH, weight_S)
        return fused
    gate_SH, value_SH = both_SH2.chunk(2, 1)
    silu_SH, weight_S1 = functional.silu(gate_SH), weight_S[:, None].to(dh_SH.dtype)
    h_SH = silu_SH * value_SH
    dweight_S = (h_SH * dh_SH).sum(1, dtype=weight_S.dtype)
    dh_SH.mul_(weight_S1)
    dgate_SH = torch.ops.aten.silu_backward(dh_SH * value_SH, gate_SH)
    dboth_SH2 = torch.cat([dgate_SH, dh_SH * silu_SH], 1)
    torch.mul(h_SH, weight_S1, out=dh_SH)
    return dboth_SH2, dweight_S


def _summed(y_SD: Tensor, row_TK: Tensor, weights_TK: Tensor | None) -> Tensor:
    """Return for each token the sum of its rows, weighed; a row below 0 is nobody's."""
    if (kernels := _of(y_SD)) is not None:
        fused_TD: Tensor = kernels.summed(y_SD, row_TK, weights_TK)
        return fused_TD
    y_TKD = y_SD[row_TK.clamp(min=0)].masked_fill_((row_TK < 0)[..., None], 0)
    if weights_TK is not None:
        y_TKD *= weights_TK[..., None].to(y_TKD.dtype)
    return y_TKD.sum(1)
