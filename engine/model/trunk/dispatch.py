"""Tokens to experts and back: sorted once by expert, none dropped, all of a layer's experts in one node of the graph.

On a CPU an expert's rows are gathered, worked on and weighed while they are in the cache, by one thread an expert or a few small
ones (`crew`), and of all that happens between only the first product and the last are kept for the way back. On a GPU grouped products do it
(`grouped`), or one product an expert where there are none.
Shapes: T tokens, K places for experts a token, S assignments sorted by expert (places of nobody left out), E experts, D width,
H hidden width, P padded rows.
"""

import dataclasses
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from engine.model.trunk import grouped
from engine.model.trunk.crew import share_out
from engine.model.trunk.order import Order, each, in_order, room


@dataclasses.dataclass(frozen=True)
class Plan:
    """Which assignment goes where: `place_S` are the (token, place) pairs by expert, token by token and place by place."""

    place_S: Tensor
    counts_E: Tensor
    shape: tuple[int, int]

    @classmethod
    def of(cls, experts_TK: Tensor, num_experts: int, partial: bool = True) -> "Plan":
        """Return the plan for a routing; experts that nobody chose get no row, nor does the number E, which stands for nobody.

        With `partial` False no place is empty, which spares a GPU the question how many are.
        """
        flat = experts_TK.flatten()
        counts = torch.zeros(num_experts + 1, dtype=torch.int64, device=flat.device)
        counts_E = counts.scatter_add_(0, flat, torch.ones_like(flat))[:num_experts]
        order = flat.argsort(stable=True)
        filled = int(counts_E.sum()) if partial else len(order)
        return cls(order[:filled], counts_E, (experts_TK.shape[0], experts_TK.shape[1]))

    @property
    def token_S(self) -> Tensor:
        """The token of each assignment."""
        return torch.div(self.place_S, self.shape[1], rounding_mode="floor")

    def gather(self, x_TD: Tensor) -> Tensor:
        """Return each token once for each of its experts, sorted by expert."""
        tokens, places = self.shape
        x_PD = x_TD[:, None].expand(-1, places, -1).reshape(tokens * places, x_TD.shape[1])
        taken: Tensor = _Take.apply(x_PD, self.place_S)  # type: ignore[no-untyped-call]
        return taken

    def combine(self, y_SD: Tensor, weights_TK: Tensor) -> Tensor:
        """Return for each token the weighted sum of what its experts made of it."""
        y_PD: Tensor = _Put.apply(y_SD, self.place_S, weights_TK.numel())  # type: ignore[no-untyped-call]
        return torch.einsum("tkd,tk->td", y_PD.view(*weights_TK.shape, y_SD.shape[1]), weights_TK.to(y_SD.dtype))


class _Take(torch.autograd.Function):
    """Some rows in another order; the gradient goes back by placing, which costs no scattered sum."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x_PD: Tensor, place_S: Tensor) -> Tensor:
        ctx.save_for_backward(place_S)
        ctx.rows = len(x_PD)  # type: ignore[attr-defined]
        return x_PD.index_select(0, place_S)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> tuple[Tensor, None]:
        (place_S,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return _placed(gradients[0], place_S, ctx.rows), None  # type: ignore[attr-defined]


class _Put(torch.autograd.Function):
    """Rows to their places; what is at no place is 0."""

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, y_SD: Tensor, place_S: Tensor, rows: int) -> Tensor:
        ctx.save_for_backward(place_S)
        return _placed(y_SD, place_S, rows)

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (place_S,) = ctx.saved_tensors  # type: ignore[attr-defined]
        return gradients[0].index_select(0, place_S), None, None


def _placed(y_SD: Tensor, place_S: Tensor, rows: int) -> Tensor:
    make = torch.empty if rows == len(place_S) else torch.zeros
    return make(rows, y_SD.shape[1], dtype=y_SD.dtype, device=y_SD.device).index_copy_(0, place_S, y_SD)


def feed_forward(
    x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor, partial: bool = True
) -> Tensor:
    """Return sum_k w_tk (silu(x A_e) * x B_e) C_e with e = e_tk, A and B side by side in `into_EDH2`; nobody adds nothing.

    Under autocast the products are made in its precision.
    """
    kind = x_TD.device.type
    if torch.is_autocast_enabled(kind):
        x_TD, into_EDH2, back_EHD = (x.to(torch.get_autocast_dtype(kind)) for x in (x_TD, into_EDH2, back_EHD))
    if kind == "cpu":
        learns = torch.is_grad_enabled() and any(x.requires_grad for x in (x_TD, weights_TK, into_EDH2, back_EHD))
        given = (x_TD, weights_TK.to(x_TD.dtype), experts_TK, into_EDH2, back_EHD)
        if torch.compiler.is_compiling():
            compiled_TD: Tensor = _experts(*given, learns)[0]
            return compiled_TD
        if learns:
            y_TD: Tensor = _Fused.apply(*given)  # type: ignore[no-untyped-call]
            return y_TD
        few = not partial and grouped.are_few(experts_TK, into_EDH2, back_EHD)
        return grouped.answer(*given) if few else _work(*given, False)[0]
    if grouped.takes(x_TD, into_EDH2, back_EHD) and not torch.compiler.is_compiling():
        return grouped.feed_forward(x_TD, weights_TK, experts_TK, into_EDH2, back_EHD)
    plan = Plan.of(experts_TK, len(into_EDH2), partial)
    gate_SH, value_SH = grouped_linear(plan.gather(x_TD), into_EDH2, plan.counts_E).chunk(2, dim=1)
    y_SD = grouped_linear(functional.silu(gate_SH) * value_SH, back_EHD, plan.counts_E)
    return plan.combine(y_SD, weights_TK)


def grouped_linear(x_SD: Tensor, w_EDF: Tensor, counts_E: Tensor) -> Tensor:
    """Return each expert's rows of `x_SD` (sorted by expert, `counts_E` rows each) times its matrix."""
    if grouped.takes(x_SD, w_EDF):
        return functional.grouped_mm(x_SD, w_EDF, offs=counts_E.cumsum(0).int())
    parts = torch.split(x_SD, counts_E.tolist())
    return torch.cat([x_nD @ w_DF for x_nD, w_DF in zip(parts, w_EDF.unbind(), strict=True)])


_Cut = tuple[slice, Tensor, Tensor | None, Tensor]
_CutBack = tuple[slice, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor]
"""What belongs to one group of experts, forward and backward, as the loops below name it."""


def _work(
    x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor, keep: bool
) -> tuple[Tensor, Tensor, Tensor]:
    return _forward(in_order(x_TD, experts_TK, back_EHD), x_TD, weights_TK, into_EDH2, back_EHD, keep)


def _forward(
    order: Order, x_TD: Tensor, weights_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor, keep: bool
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what all experts together make of each token; with it the first and the last product of all rows, if they are to be kept."""
    width, hidden = back_EHD.shape[2], back_EHD.shape[1]
    x_TD = x_TD.contiguous()
    into, back = into_EDH2.unbind(), back_EHD.unbind()
    both_PH2 = room(x_TD, order.rows if keep else 0, 2 * hidden)
    y_PD = x_TD.new_empty(order.rows + 1, width)
    kept = order.cut(both_PH2) if keep else [None] * len(order.groups)
    cuts = zip(order.groups, order.cut(order.token_P), kept, order.cut(y_PD), strict=True)

    def through(cuts: Iterator[_Cut]) -> None:
        room_PD, room_PH = room(x_TD, order.longest, width), room(x_TD, order.longest, hidden)
        room_PH2 = room(x_TD, 0 if keep else order.longest, 2 * hidden)
        for group, token_p, kept_pH2, y_pD in cuts:
            rows, experts, sizes = len(token_p), order.experts[group], order.sizes[group]
            x_pD, h_pH = room_PD[:rows], room_PH[:rows]
            both_pH2 = room_PH2[:rows] if kept_pH2 is None else kept_pH2
            gate_pH, value_pH = both_pH2.chunk(2, 1)
            torch.index_select(x_TD, 0, token_p, out=x_pD)
            for expert, x_nD, both_nH2 in zip(experts, each(x_pD, sizes), each(both_pH2, sizes), strict=True):
                torch.mm(x_nD, into[expert], out=both_nH2)
            torch.ops.aten.silu.out(gate_pH, out=h_pH)
            h_pH.mul_(value_pH)
            for expert, h_nH, y_nD in zip(experts, each(h_pH, sizes), each(y_pD, sizes), strict=True):
                torch.mm(h_nH, back[expert], out=y_nD)

    share_out(through, list(cuts), order.group_rows, 3 * width * hidden)
    return order.summed(y_PD, weights_TK), both_PH2, y_PD if keep else x_TD.new_empty(0, width)


class _Fused(torch.autograd.Function):
    """All experts of a layer as one node of the graph, which keeps the order of its rows for the way back."""

    @staticmethod
    def forward(
        ctx: Any, x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor
    ) -> Tensor:
        ctx.order = in_order(x_TD, experts_TK, back_EHD)
        y_TD, *kept = _forward(ctx.order, x_TD, weights_TK, into_EDH2, back_EHD, True)
        ctx.save_for_backward(x_TD, weights_TK, into_EDH2, back_EHD, *kept)
        return y_TD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        dx_TD, dweights_TK, dinto_EDH2, dback_EHD = _back(ctx.order, gradients[0], *ctx.saved_tensors)
        return dx_TD, dweights_TK, None, dinto_EDH2, dback_EHD


# The same as an operation that torch.compile takes as it is. Only then is it called: the first call of one imports the whole compiler.
_experts = torch.library.custom_op("consilium::experts", _work, mutates_args=())


@_experts.register_fake
def _(
    x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor, keep: bool
) -> tuple[Tensor, Tensor, Tensor]:
    rows = torch.library.get_ctx().new_dynamic_size() if keep else 0
    y_PD = x_TD.new_empty(rows + 1 if keep else 0, back_EHD.shape[2])
    return _contiguous_like(x_TD), room(x_TD, rows, into_EDH2.shape[2]), y_PD


def _contiguous_like(tensor: Tensor) -> Tensor:
    """Return what has the shape of a tensor and not its strides, as what the operations return for tokens and weights."""
    return torch.empty_like(tensor, memory_format=torch.contiguous_format)


def _back(
    order: Order,
    dy_TD: Tensor,
    x_TD: Tensor,
    weights_TK: Tensor,
    into_EDH2: Tensor,
    back_EHD: Tensor,
    both_PH2: Tensor,
    y_PD: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the gradients of tokens, weights and both stacks of matrices; each expert's goes straight to its own place."""
    width, hidden = back_EHD.shape[2], back_EHD.shape[1]
    x_TD, dy_TD = x_TD.contiguous(), dy_TD.to(x_TD.dtype).contiguous()
    dinto_EDH2, dback_EHD = torch.empty_like(into_EDH2), torch.empty_like(back_EHD)
    into, back, dinto, dback = (stack.unbind() for stack in (into_EDH2, back_EHD, dinto_EDH2, dback_EHD))
    dx_PD, dweight_P = x_TD.new_empty(order.rows + 1, width), weights_TK.new_empty(order.rows)
    by_row = (order.token_P, order.weights(weights_TK), dweight_P, both_PH2, y_PD, dx_PD)
    cuts = zip(order.groups, *(order.cut(rows_PX) for rows_PX in by_row), strict=True)

    def back_through(cuts: Iterator[_CutBack]) -> None:
        room_PD, room_dPD = room(x_TD, order.longest, width), room(x_TD, order.longest, width)
        room_PH, room_dPH, room_dPH2 = (room(x_TD, order.longest, columns) for columns in (hidden, hidden, 2 * hidden))
        for group, token_p, weight_p1, dweight_p, both_pH2, y_pD, dx_pD in cuts:
            rows, experts, sizes = len(token_p), order.experts[group], order.sizes[group]
            gate_pH, value_pH = both_pH2.chunk(2, 1)
            x_pD, dy_pD, silu_pH, dh_pH = room_PD[:rows], room_dPD[:rows], room_PH[:rows], room_dPH[:rows]
            dboth_pH2 = room_dPH2[:rows]
            dgate_pH, dvalue_pH = dboth_pH2.chunk(2, 1)
            torch.index_select(x_TD, 0, token_p, out=x_pD)
            torch.index_select(dy_TD, 0, token_p, out=dy_pD)
            torch.sum(torch.mul(dy_pD, y_pD, out=dx_pD), 1, out=dweight_p)  # dx has room that is free until the end
            dy_pD.mul_(weight_p1)
            dy, dh = each(dy_pD, sizes), each(dh_pH, sizes)
            for expert, dy_nD, dh_nH in zip(experts, dy, dh, strict=True):
                torch.mm(dy_nD, back[expert].t(), out=dh_nH)
            torch.ops.aten.silu.out(gate_pH, out=silu_pH)
            h_pH = dgate_pH  # a room that is free until the gradient needs it
            torch.mul(silu_pH, value_pH, out=h_pH)
            for expert, h_nH, dy_nD in zip(experts, each(h_pH, sizes), dy, strict=True):
                torch.mm(h_nH.t(), dy_nD, out=dback[expert])
            torch.mul(dh_pH, silu_pH, out=dvalue_pH)
            dh_pH.mul_(value_pH)
            torch.ops.aten.silu_backward.grad_input(dh_pH, gate_pH, grad_input=dgate_pH)
            dboth, dx = each(dboth_pH2, sizes), each(dx_pD, sizes)
            for expert, x_nD, dboth_nH2, dx_nD in zip(experts, each(x_pD, sizes), dboth, dx, strict=True):
                torch.mm(x_nD.t(), dboth_nH2, out=dinto[expert])
                torch.mm(dboth_nH2, into[expert].t(), out=dx_nD)

    share_out(back_through, list(cuts), order.group_rows, 6 * width * hidden)
    for expert in order.idle:
        dinto[expert].zero_()
        dback[expert].zero_()
    return order.summed(dx_PD), order.placed(dweight_P, weights_TK), dinto_EDH2, dback_EHD


def _work_back(
    dy_TD: Tensor,
    x_TD: Tensor,
    weights_TK: Tensor,
    experts_TK: Tensor,
    into_EDH2: Tensor,
    back_EHD: Tensor,
    both_PH2: Tensor,
    y_PD: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    order = in_order(x_TD, experts_TK, back_EHD)
    return _back(order, dy_TD, x_TD, weights_TK, into_EDH2, back_EHD, both_PH2, y_PD)


_experts_backward = torch.library.custom_op("consilium::experts_backward", _work_back, mutates_args=())


@_experts_backward.register_fake
def _(
    dy_TD: Tensor,
    x_TD: Tensor,
    weights_TK: Tensor,
    experts_TK: Tensor,
    into_EDH2: Tensor,
    back_EHD: Tensor,
    both_PH2: Tensor,
    y_PD: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    stacks = torch.empty_like(into_EDH2), torch.empty_like(back_EHD)
    return _contiguous_like(x_TD), _contiguous_like(weights_TK), *stacks


def _keep_for_backward(
    ctx: torch.autograd.function.FunctionCtx, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]
) -> None:
    ctx.save_for_backward(*inputs[:5], *output[1:])
    ctx.set_materialize_grads(
        False
    )  # nothing flows back into what is kept, and noughts of its size would cost a pass over it


def _backward(
    ctx: torch.autograd.function.FunctionCtx, dy_TD: Tensor | None, *_: Tensor | None
) -> tuple[Tensor | None, ...]:
    if dy_TD is None:
        return None, None, None, None, None, None
    saved = ctx.saved_tensors  # type: ignore[attr-defined]
    dx_TD, dweights_TK, dinto_EDH2, dback_EHD = _experts_backward(dy_TD, *saved)
    return dx_TD, dweights_TK, None, dinto_EDH2, dback_EHD, None


_experts.register_autograd(_backward, setup_context=_keep_for_backward)
