"""Tokens to experts and back: sorted once by expert, none dropped, all of a layer's experts in one node of the graph.

On a CPU each expert's rows are gathered, worked on and added up while they are in its cache, and of all that happens between only
the first product is kept for the way back. On a GPU grouped products do it, or one product an expert where there are none.
Shapes: T tokens, K places for experts a token, S assignments sorted by expert (places of nobody left out), E experts, D width,
H hidden width, P padded rows.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

_ALIGNED = 16
"""Bytes the rows of a grouped product must be a multiple of on a GPU."""
_CROWDED, _SPREAD = 2048, 16
"""Rows of so many bytes all fall into the same few places of a CPU's cache; so many numbers more a row, and they spread out."""
_TILE = 32
"""Rows a half-precision product on a CPU is rounded up to: odd sizes would be prepared anew each time."""


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
        y_TD: Tensor = _Fused.apply(*given) if learns else _work(*given, False)[0]  # type: ignore[no-untyped-call]
        return y_TD
    plan = Plan.of(experts_TK, len(into_EDH2), partial)
    gate_SH, value_SH = grouped_linear(plan.gather(x_TD), into_EDH2, plan.counts_E).chunk(2, dim=1)
    y_SD = grouped_linear(functional.silu(gate_SH) * value_SH, back_EHD, plan.counts_E)
    return plan.combine(y_SD, weights_TK)


def grouped_linear(x_SD: Tensor, w_EDF: Tensor, counts_E: Tensor) -> Tensor:
    """Return each expert's rows of `x_SD` (sorted by expert, `counts_E` rows each) times its matrix."""
    if x_SD.device.type == "cuda" and _fits_grouped(x_SD, w_EDF):
        return functional.grouped_mm(x_SD, w_EDF, offs=counts_E.cumsum(0).int())
    parts = torch.split(x_SD, counts_E.tolist())
    return torch.cat([x_nD @ w_DF for x_nD, w_DF in zip(parts, w_EDF.unbind(), strict=True)])


def _fits_grouped(x_SD: Tensor, w_EDF: Tensor) -> bool:
    """Whether the GPU's grouped product takes these: bfloat16, rows of whole 16 bytes, and at least one of them."""
    rows = (w_EDF.shape[1] * x_SD.element_size(), w_EDF.shape[2] * x_SD.element_size())
    return x_SD.dtype == torch.bfloat16 and len(x_SD) > 0 and all(row % _ALIGNED == 0 for row in rows)


class _Sorted:
    """A routing in the order in which a CPU works through it: expert by expert, each one's rows rounded up to whole tiles if need be.

    `experts` are those with any row; everything else is cut at their borders once, as cutting costs as much as a small product.
    """

    def __init__(self, experts_TK: Tensor, num_experts: int, tile: int) -> None:
        plan = Plan.of(experts_TK, num_experts)
        self.place_S, self.shape, self._tile = plan.place_S, plan.shape, tile
        counts: list[int] = plan.counts_E.tolist()
        self.experts = [expert for expert, count in enumerate(counts) if count]
        self.idle = [expert for expert, count in enumerate(counts) if not count]
        self._counts = [counts[expert] for expert in self.experts]
        self.sizes = [-(-count // tile) * tile for count in self._counts]
        self.rows, self.longest = sum(self.sizes), max(self.sizes, default=0)
        self.token_n = self.cut(plan.token_S)

    def cut(self, values_S: Tensor) -> Sequence[Tensor]:
        """Return what belongs to each expert's assignments."""
        return torch.split(values_S, self._counts)

    def room(self, rows_PX: Tensor) -> Sequence[Tensor]:
        """Return each expert's part of padded rows."""
        return torch.split(rows_PX[: self.rows], self.sizes)

    def summed(self, y_PD: Tensor) -> Tensor:
        """Return for each token the sum of its rows; `y_PD` has one more row than there is room, which is nobody's."""
        tokens, places = self.shape
        if not tokens:
            return y_PD.new_zeros(0, y_PD.shape[1])
        at_S = torch.arange(self.rows)
        if self._tile > 1:
            at_S = torch.cat(
                [at_p[:count] for at_p, count in zip(self.room(at_S), self._counts, strict=True)] or [at_S]
            )
        at_P = torch.full((tokens * places,), self.rows)
        at_P[self.place_S] = at_S
        y_PD[-1] = 0
        if y_PD.dtype == torch.float64:  # of which the sum of rows below has no version
            return y_PD[at_P].view(tokens, places, -1).sum(1)
        return functional.embedding_bag(at_P.view(tokens, places), y_PD, mode="sum")


def _rows(source_TD: Tensor, token_n: Tensor, room_PD: Tensor, size: int) -> Tensor:
    """Return the rows of some tokens in `room_PD`, those beyond them 0, `size` in all."""
    count = len(token_n)
    torch.index_select(source_TD, 0, token_n, out=room_PD[:count])
    if size > count:
        room_PD[count:size] = 0
    return room_PD[:size]


def _room(like: Tensor, rows: int | torch.SymInt, columns: int) -> Tensor:
    """Return fresh rows that do not all begin in the same places of the cache, as they would where a row has 2^n bytes."""
    spread = _SPREAD if columns * like.element_size() % _CROWDED == 0 else 0
    return like.new_empty(rows, columns + spread)[:, :columns]


def _tile(dtype: torch.dtype) -> int:
    return _TILE if dtype == torch.bfloat16 else 1


def _work(
    x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor, keep: bool
) -> tuple[Tensor, Tensor]:
    """Return what all experts together make of each token, and the first product of all rows, if it is to be kept."""
    width, hidden = back_EHD.shape[2], back_EHD.shape[1]
    order = _Sorted(experts_TK, len(into_EDH2), _tile(x_TD.dtype))
    x_TD = x_TD.contiguous()
    into, back = into_EDH2.unbind(), back_EHD.unbind()
    both_PH2 = _room(x_TD, order.rows if keep else order.longest, 2 * hidden)
    room_PD, room_PH = _room(x_TD, order.longest, width), _room(x_TD, order.longest, hidden)
    y_PD = x_TD.new_empty(order.rows + 1, width)
    weight_n1 = order.cut(weights_TK.flatten()[order.place_S][:, None])
    kept = order.room(both_PH2) if keep else [both_PH2[:size] for size in order.sizes]
    cuts = zip(order.experts, order.sizes, order.token_n, weight_n1, kept, order.room(y_PD), strict=True)
    for expert, size, token_n, weights_n1, both_pH2, y_pD in cuts:
        gate_pH, value_pH = both_pH2.chunk(2, 1)
        h_pH = room_PH[:size]
        torch.mm(_rows(x_TD, token_n, room_PD, size), into[expert], out=both_pH2)
        torch.ops.aten.silu.out(gate_pH, out=h_pH)
        h_pH.mul_(value_pH)
        torch.mm(h_pH, back[expert], out=y_pD)
        y_pD[: len(token_n)].mul_(weights_n1)
    return order.summed(y_PD), both_PH2 if keep else x_TD.new_empty(0, 2 * hidden)


class _Fused(torch.autograd.Function):
    """All experts of a layer as one node of the graph."""

    @staticmethod
    def forward(
        ctx: Any, x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor
    ) -> Tensor:
        y_TD, both_PH2 = _work(x_TD, weights_TK, experts_TK, into_EDH2, back_EHD, True)
        ctx.save_for_backward(x_TD, weights_TK, experts_TK, into_EDH2, back_EHD, both_PH2)
        return y_TD

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        dx_TD, dweights_TK, dinto_EDH2, dback_EHD = _work_back(gradients[0], *ctx.saved_tensors)
        return dx_TD, dweights_TK, None, dinto_EDH2, dback_EHD


# The same as an operation that torch.compile takes as it is. Only then is it called: the first call of one imports the whole compiler.
_experts = torch.library.custom_op("consilium::experts", _work, mutates_args=())


@_experts.register_fake
def _(
    x_TD: Tensor, weights_TK: Tensor, experts_TK: Tensor, into_EDH2: Tensor, back_EHD: Tensor, keep: bool
) -> tuple[Tensor, Tensor]:
    rows = torch.library.get_ctx().new_dynamic_size() if keep else 0
    return torch.empty_like(x_TD), _room(x_TD, rows, into_EDH2.shape[2])


def _work_back(
    dy_TD: Tensor,
    x_TD: Tensor,
    weights_TK: Tensor,
    experts_TK: Tensor,
    into_EDH2: Tensor,
    back_EHD: Tensor,
    both_PH2: Tensor,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return the gradients of tokens, weights and both stacks of matrices; each expert's goes straight to its own place."""
    width, hidden = back_EHD.shape[2], back_EHD.shape[1]
    order = _Sorted(experts_TK, len(into_EDH2), _tile(x_TD.dtype))
    x_TD, dy_TD = x_TD.contiguous(), dy_TD.to(x_TD.dtype).contiguous()
    dinto_EDH2, dback_EHD = torch.empty_like(into_EDH2), torch.empty_like(back_EHD)
    into, back, dinto, dback = (stack.unbind() for stack in (into_EDH2, back_EHD, dinto_EDH2, dback_EHD))
    dx_PD = x_TD.new_empty(order.rows + 1, width)
    room_PD, room_dPD = _room(x_TD, order.longest, width), _room(x_TD, order.longest, width)
    room_PH, room_dPH, room_dPH2 = (_room(x_TD, order.longest, columns) for columns in (hidden, hidden, 2 * hidden))
    weight_S1 = weights_TK.flatten()[order.place_S][:, None]
    dweight_S = torch.empty_like(weight_S1[:, 0])
    cuts = zip(
        order.experts, order.sizes, order.token_n, order.cut(weight_S1), order.cut(dweight_S), order.room(both_PH2),
        order.room(dx_PD), strict=True,
    )  # fmt: skip
    for expert, size, token_n, weight_n1, dweight_n, both_pH2, dx_pD in cuts:
        count = len(token_n)
        gate_pH, value_pH = both_pH2.chunk(2, 1)
        silu_pH, dh_pH, dboth_pH2 = room_PH[:size], room_dPH[:size], room_dPH2[:size]
        dgate_pH, dvalue_pH = dboth_pH2.chunk(2, 1)
        own_pD, dy_pD = _rows(x_TD, token_n, room_PD, size), _rows(dy_TD, token_n, room_dPD, size)
        torch.mm(dy_pD, back[expert].t(), out=dh_pH)
        torch.ops.aten.silu.out(gate_pH, out=silu_pH)
        h_pH, product_pH = dgate_pH, dvalue_pH  # rooms that are free until the gradients need them
        torch.mul(silu_pH, value_pH, out=h_pH)
        torch.sum(torch.mul(h_pH, dh_pH, out=product_pH)[:count], 1, out=dweight_n)
        dy_pD[:count].mul_(weight_n1)
        torch.mm(h_pH.t(), dy_pD, out=dback[expert])
        dh_pH[:count].mul_(weight_n1)
        torch.mul(dh_pH, silu_pH, out=dvalue_pH)
        dh_pH.mul_(value_pH)
        torch.ops.aten.silu_backward.grad_input(dh_pH, gate_pH, grad_input=dgate_pH)
        torch.mm(own_pD.t(), dboth_pH2, out=dinto[expert])
        torch.mm(dboth_pH2, into[expert].t(), out=dx_pD)
    for expert in order.idle:
        dinto[expert].zero_()
        dback[expert].zero_()
    dweights_TK = torch.zeros_like(weights_TK)
    dweights_TK.view(-1)[order.place_S] = dweight_S
    return order.summed(dx_PD), dweights_TK, dinto_EDH2, dback_EHD


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
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    like = (x_TD, weights_TK, into_EDH2, back_EHD)
    dx_TD, dweights_TK, dinto_EDH2, dback_EHD = (torch.empty_like(tensor) for tensor in like)
    return dx_TD, dweights_TK, dinto_EDH2, dback_EHD


def _keep_for_backward(
    ctx: torch.autograd.function.FunctionCtx, inputs: tuple[Tensor, ...], output: tuple[Tensor, ...]
) -> None:
    ctx.save_for_backward(*inputs[:5], output[1])
    ctx.set_materialize_grads(
        False
    )  # nothing flows back into what is kept, and noughts of its size would cost a pass over it


def _backward(
    ctx: torch.autograd.function.FunctionCtx, dy_TD: Tensor | None, _: Tensor | None
) -> tuple[Tensor | None, ...]:
    if dy_TD is None:
        return None, None, None, None, None, None
    x_TD, weights_TK, experts_TK, into_EDH2, back_EHD, both_PH2 = ctx.saved_tensors  # type: ignore[attr-defined]
    dx_TD, dweights_TK, dinto_EDH2, dback_EHD = _experts_backward(
        dy_TD, x_TD, weights_TK, experts_TK, into_EDH2, back_EHD, both_PH2
    )
    return dx_TD, dweights_TK, None, dinto_EDH2, dback_EHD, None


_experts.register_autograd(_backward, setup_context=_keep_for_backward)
