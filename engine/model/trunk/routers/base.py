"""What a router is: tokens in, the experts each goes to out.

Shapes: T tokens, D width, E experts, K places for experts a token, R >= K ranked experts a token, M modalities, N null experts.
"""

import abc
import dataclasses

import torch
from torch import Tensor, distributed, nn

from engine.registry import Registry


@dataclasses.dataclass(frozen=True)
class Routing:
    """Who works on which token.

    experts_TK: up to K different experts a token; the number E stands for nobody, with weight 0. Every token that a router sees
    counts: none is dropped, though a router may find that a token needs fewer than K experts.
    weights_TK: what each one's work counts for. logits_TE: the router's raw scores in float32, without bias and noise.
    null_TN: the scores of the null experts, where a router has them. chance_TE: how likely each expert is chosen under fresh noise,
    where a router is noisy. partial: whether some places may be empty; where it is False, none is.
    """

    weights_TK: Tensor
    experts_TK: Tensor
    logits_TE: Tensor
    null_TN: Tensor | None = None
    chance_TE: Tensor | None = None
    partial: bool = False

    @property
    def chosen_TE(self) -> Tensor:
        """1.0 where an expert works on a token, else 0."""
        tokens, experts = self.logits_TE.shape
        room_TE1 = self.logits_TE.new_zeros(tokens, experts + 1)  # the last column is nobody's
        return room_TE1.scatter_(1, self.experts_TK, 1.0)[:, :experts]


NO_NEXT = -1
"""Stands for the next choice of a token that has none."""


@dataclasses.dataclass(frozen=True)
class Reroute:
    """A trial: send tokens elsewhere than their router would, to see what an expert is worth.

    With `expert`: its tokens in `layer` go to their next choice, the best expert they did not take; a token that has none stays. The
    next choice works with the weight that the router has for it, which is smaller where weights do not sum to 1. With `generator`:
    each token goes where some other token of the batch would have gone, so every expert keeps its load and loses its tokens. `layer`
    None means all; with `modality` (an index into `MODALITIES`) only tokens of that one are sent elsewhere, and dealt out among themselves.
    """

    layer: int | None
    expert: int | None = None
    generator: torch.Generator | None = None
    modality: int | None = None

    @classmethod
    def shuffled(cls, generator: torch.Generator, layer: int | None = None, modality: int | None = None) -> "Reroute":
        """Return the trial that deals the choices out at random."""
        return cls(layer, generator=generator, modality=modality)

    def at(self, layer: int) -> "Reroute | None":
        """Return the trial where it touches this layer."""
        return self if self.layer in (None, layer) else None

    def choose(self, experts_TK: Tensor, next_T: Tensor, modality_T: Tensor) -> Tensor:
        """Return the experts each token goes to instead of its own, given which one would be its next; `NO_NEXT` for none."""
        meant_T = (
            torch.ones_like(modality_T, dtype=torch.bool) if self.modality is None else modality_T == self.modality
        )
        if self.generator is None:
            gone_TK = torch.eq(experts_TK, -1 if self.expert is None else self.expert)
            return torch.where(gone_TK & (meant_T & (next_T != NO_NEXT))[:, None], next_T[:, None], experts_TK)
        own_n = meant_T.nonzero().flatten()
        dealt_n = own_n[torch.randperm(len(own_n), generator=self.generator).to(own_n.device)]
        return experts_TK.index_copy(0, own_n, experts_TK[dealt_n])


def next_choice(ranked_TR: Tensor, experts_TK: Tensor, out_of_reach_TE: Tensor | None, experts: int) -> Tensor:
    """Return the best expert each token did not take, from its ranked ones; `NO_NEXT` where there is none within its reach."""
    taken_T = (experts_TK < experts).sum(1)
    next_T = ranked_TR.gather(1, taken_T.clamp(max=ranked_TR.shape[1] - 1)[:, None]).squeeze(1)
    none_T = taken_T >= ranked_TR.shape[1]
    if out_of_reach_TE is not None:
        none_T = none_T | out_of_reach_TE.gather(1, next_T[:, None]).squeeze(1)
    return next_T.masked_fill(none_T, NO_NEXT)


def is_shared() -> bool:
    """Return whether several processes train together."""
    return distributed.is_available() and distributed.is_initialized()


def summed(values: Tensor) -> Tensor:
    """Return the sum over the processes that train together, each of which must ask; the values as they are where there is one."""
    if not is_shared():
        return values
    total = values.clone()
    distributed.all_reduce(total)
    return total


class Router(nn.Module, abc.ABC):
    """Base of all routers."""

    slots: int
    """K: how many experts a token has at most, or on average where the experts choose."""

    @abc.abstractmethod
    def forward(self, x_TD: Tensor, modality_T: Tensor, reroute: Reroute | None = None) -> Routing:
        """Return where each token goes."""

    def seed(self, directions_SD: Tensor) -> None:
        """Let the first S experts begin with tokens that point in these directions; a router without such rows has no use for it."""

    def rebalance(self, counts_EM: Tensor) -> None:
        """Move whatever steers the choice without a gradient, after a step with these counts; most routers have nothing."""


routers: Registry[Router] = Registry("router")
