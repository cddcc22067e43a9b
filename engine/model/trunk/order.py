"""The order in which a CPU works through a routing, and rooms for the rows.

Shapes: T tokens, K places for experts a token, S assignments sorted by expert (places of nobody left out), P padded rows, X experts
with rows, D width.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

_CROWDED, _SPREAD = 2048, 16
"""Rows of so many bytes all fall into the same few places of a CPU's cache; so many numbers more a row, and they spread out."""
_FEW, _CACHED = 640, 8 << 20
"""Rows, and bytes of all that the way back holds of them, up to which neighbouring experts are worked through together."""
_TILES = ((256, 32), (128, 16), (0, 8))
"""Beyond so many rows, what a half-precision product on a CPU rounds its rows up to: each size that is new has to be prepared, and many
rows come in many sizes; of few rows the larger part would be waste."""


class Order:
    """A routing in the order in which a CPU works through it: expert by expert, each one's rows `rounded` up to whole tiles if need be.

    Rows beyond an expert's own repeat its last one and weigh nothing. Experts of few rows are worked through several at a time, as
    what is done to each number costs a call each time; their products stay their own. `experts` are those with any row.
    """

    def __init__(self, experts_TK: Tensor, num_experts: int, rounded: bool, at_once: int) -> None:
        flat = experts_TK.flatten()
        # Not by `Plan`, which asks nothing of a GPU: on a CPU what one case costs is the number of operations.
        counts: list[int] = flat.bincount(minlength=num_experts).tolist()[:num_experts]  # behind them is nobody
        self._place_S, self._tokens, self._places = _stable_order(flat, num_experts)[: sum(counts)], *experts_TK.shape
        self.experts = [expert for expert, count in enumerate(counts) if count]
        self.idle = [expert for expert, count in enumerate(counts) if not count]
        own = [counts[expert] for expert in self.experts]
        self.sizes = [_in_tiles(count) for count in own] if rounded else own
        self.rows = sum(self.sizes)
        self._place_P, self._spare_P1 = self._place_S, torch.empty(0, 1, dtype=torch.bool)
        self._row_S = self._padded(own) if rounded else torch.arange(self.rows)
        self.token_P = torch.div(self._place_P, self._places, rounding_mode="floor")
        self._at_P = torch.full((len(flat),), self.rows)
        self._at_P[self._place_S] = self._row_S
        self.groups = _groups(self.sizes, at_once)
        self.group_rows = [sum(self.sizes[group]) for group in self.groups]
        self.longest = max(self.group_rows, default=0)

    def _padded(self, own: Sequence[int]) -> Tensor:
        """Round each expert's rows up; return where each assignment's row then is."""
        own_X, size_X = (torch.tensor(counts, dtype=torch.int64) for counts in (own, self.sizes))
        first_X, from_X = size_X.cumsum(0) - size_X, own_X.cumsum(0) - own_X
        within_P = torch.arange(self.rows) - first_X.repeat_interleave(size_X)
        last_P = (own_X - 1).repeat_interleave(size_X)
        source_P = from_X.repeat_interleave(size_X) + within_P.minimum(last_P)
        self._place_P, self._spare_P1 = self._place_S[source_P], (within_P > last_P)[:, None]
        return (within_P <= last_P).nonzero()[:, 0]

    def cut(self, rows_PX: Tensor) -> Sequence[Tensor]:
        """Return the rows of each group."""
        return rows_PX[: self.rows].split_with_sizes(self.group_rows)

    def weights(self, weights_TK: Tensor) -> Tensor:
        """Return what each row weighs, (P, 1)."""
        weight_P1 = weights_TK.flatten()[self._place_P][:, None]
        return weight_P1.masked_fill_(self._spare_P1, 0) if len(self._spare_P1) else weight_P1

    def summed(self, y_PD: Tensor, weights_TK: Tensor | None = None) -> Tensor:
        """Return for each token the sum of its rows, weighed; `y_PD` has one more row than there is room, which is nobody's."""
        tokens, places = self._tokens, self._places
        if not tokens:
            return y_PD.new_zeros(0, y_PD.shape[1])
        y_PD[-1] = 0
        at_P = self._at_P
        if y_PD.dtype == torch.float64:  # of which the sum of rows below has no version
            y_TKD = y_PD[at_P].view(tokens, places, -1)
            return (y_TKD if weights_TK is None else y_TKD * weights_TK[..., None]).sum(1)
        return functional.embedding_bag(at_P.view(tokens, places), y_PD, mode="sum", per_sample_weights=weights_TK)

    def placed(self, values_P: Tensor, like_TK: Tensor) -> Tensor:
        """Return what each row came to at the place in the routing that it belongs to; 0 where nobody was chosen."""
        # Of its own strides: other ones, which the weights may have, cannot be written to as one row of places.
        placed_TK = torch.zeros_like(like_TK, memory_format=torch.contiguous_format)
        placed_TK.view(-1)[self._place_S] = values_P[self._row_S]
        return placed_TK


def _in_tiles(rows: int) -> int:
    """Return rows rounded up to whole tiles."""
    tile = next(tile for beyond, tile in _TILES if rows > beyond)
    return -(-rows // tile) * tile


def _groups(sizes: Sequence[int], at_once: int) -> list[slice]:
    """Return neighbours that have no more than `at_once` rows together, or one that has more by itself."""
    groups, begin, rows = [], 0, 0
    for index, size in enumerate(sizes):
        if index > begin and rows + size > at_once:
            groups.append(slice(begin, index))
            begin, rows = index, 0
        rows += size
    return [*groups, slice(begin, len(sizes))] if sizes else []


def _stable_order(experts_P: Tensor, most: int) -> Tensor:
    """Return the places sorted by expert. Numbers of one or two bytes numpy sorts by counting, several times as fast as torch."""
    numbers = experts_P.numpy().astype(np.min_scalar_type(most))
    return torch.from_numpy(numbers.argsort(kind="stable"))


def in_order(x_TD: Tensor, experts_TK: Tensor, back_EHD: Tensor) -> Order:
    """Return the order for a layer: as many rows at once as stay in the cache with all that the way back holds of them."""
    experts, hidden, width = back_EHD.shape
    at_once = min(_FEW, _CACHED // (x_TD.element_size() * (2 * width + 5 * hidden)))
    return Order(experts_TK, experts, x_TD.dtype == torch.bfloat16, at_once)


def each(rows_pX: Tensor, sizes: list[int]) -> Sequence[Tensor]:
    """Return each expert's rows of a group's; most groups are one expert, whose rows need no cutting."""
    return (rows_pX,) if len(sizes) == 1 else rows_pX.split_with_sizes(sizes)


def room(like: Tensor, rows: int | torch.SymInt, columns: int) -> Tensor:
    """Return fresh rows that do not all begin in the same places of the cache, as they would where a row has 2^n bytes."""
    spread = _SPREAD if columns * like.element_size() % _CROWDED == 0 else 0
    return like.new_empty(rows, columns + spread)[:, :columns]
