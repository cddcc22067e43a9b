"""What happens on a GPU between the products of the experts: one pass over memory each, instead of one an operation.

Imported only where there is a GPU and Triton, the compiler that torch's own builds for GPUs bring along.
Shapes: T tokens, K places for experts a token, S assignments, D width, H hidden width.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

_BLOCK = 1024
"""Numbers that one program works on at a time; a row may have more."""


def bent(both_SH2: Tensor) -> Tensor:
    """Return silu(gate) * value, in float32 within; `both_SH2` holds the two side by side."""
    rows, hidden = both_SH2.shape[0], both_SH2.shape[1] // 2
    h_SH = both_SH2.new_empty(rows, hidden)
    block = _block(hidden)
    _bend[rows, triton.cdiv(hidden, block)](both_SH2, h_SH, hidden, block)
    return h_SH


def bent_back(both_SH2: Tensor, dh_SH: Tensor, weight_S: Tensor) -> tuple[Tensor, Tensor]:
    """Return the gradients of `both_SH2` and of `weight_S`, and leave weight * silu(gate) * value in `dh_SH`.

    `dh_SH` is the gradient of what was bent as if every row weighed 1; so its product with the row is what the weight learns from.
    """
    rows, hidden = dh_SH.shape
    dboth_SH2, dweight_S = torch.empty_like(both_SH2), weight_S.new_empty(rows)
    _bend_back[rows,](both_SH2, dh_SH, weight_S, dboth_SH2, dweight_S, hidden, _block(hidden))
    return dboth_SH2, dweight_S


def summed(y_SD: Tensor, row_TK: Tensor, weights_TK: Tensor | None) -> Tensor:
    """Return for each token the sum of its rows, weighed, in float32 within; a row below 0 is nobody's."""
    (tokens, places), width = row_TK.shape, y_SD.shape[1]
    y_TD = y_SD.new_empty(tokens, width)
    weighs, block = weights_TK is not None, _block(width)
    given = (y_SD, row_TK, weights_TK if weighs else row_TK, y_TD)
    _sum[tokens, triton.cdiv(width, block)](*given, width, places, weighs, block)
    return y_TD


def _block(columns: int) -> int:
    return min(_BLOCK, int(triton.next_power_of_2(columns)))


@triton.jit
def _bend(both, h, hidden: tl.constexpr, block: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * block + tl.arange(0, block)
    inside = at < hidden
    gate = tl.load(both + row * 2 * hidden + at, mask=inside, other=0.0).to(tl.float32)
    value = tl.load(both + row * 2 * hidden + hidden + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(h + row * hidden + at, (gate * tl.sigmoid(gate) * value).to(h.dtype.element_ty), mask=inside)


@triton.jit
def _bend_back(both, dh, weight, dboth, dweight, hidden: tl.constexpr, block: tl.constexpr):
    row = tl.program_id(0).to(tl.int64)
    weighs = tl.load(weight + row).to(tl.float32)
    learned = tl.zeros([block], dtype=tl.float32)
    for begin in range(0, hidden, block):
        at = begin + tl.arange(0, block)
        inside = at < hidden
        gate = tl.load(both + row * 2 * hidden + at, mask=inside, other=0.0).to(tl.float32)
        value = tl.load(both + row * 2 * hidden + hidden + at, mask=inside, other=0.0).to(tl.float32)
        came = tl.load(dh + row * hidden + at, mask=inside, other=0.0).to(tl.float32)
        opened = tl.sigmoid(gate)
        silu = gate * opened
        learned += silu * value * came
        came *= weighs
        dgate = came * value * opened * (1 + gate * (1 - opened))
        tl.store(dboth + row * 2 * hidden + at, dgate.to(dboth.dtype.element_ty), mask=inside)
        tl.store(dboth + row * 2 * hidden + hidden + at, (came * silu).to(dboth.dtype.element_ty), mask=inside)
        tl.store(dh + row * hidden + at, (weighs * silu * value).to(dh.dtype.element_ty), mask=inside)
    tl.store(dweight + row, tl.sum(learned).to(dweight.dtype.element_ty))


@triton.jit
def _sum(y, rows, weights, out, width: tl.constexpr, places: tl.constexpr, weighs: tl.constexpr, block: tl.constexpr):
    token = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * block + tl.arange(0, block)
    inside = at < width
    total = tl.zeros([block], dtype=tl.float32)
    for place in tl.static_range(places):
        row = tl.load(rows + token * places + place).to(tl.int64)
        part = tl.load(y + row * width + at, mask=inside & (row >= 0), other=0.0).to(tl.float32)
        if weighs:
            part *= tl.load(weights + token * places + place).to(tl.float32)
        total += part
    tl.store(out + token * width + at, total.to(out.dtype.element_ty), mask=inside)
