"""What a router is: tokens in, the experts each goes to out.

Shapes: T tokens, D width, E experts, K experts a token, R >= K ranked experts a token, M modalities.
"""

import abc
import dataclasses

import torch
from torch import Tensor, nn

from engine.registry import Registry


@dataclasses.dataclass(frozen=True)
class Routing:
    """Who works on which token: K experts each, with weights; `logits_TE` are the router's raw scores in float32."""

    weights_TK: Tensor
    experts_TK: Tensor
    logits_TE: Tensor


@dataclasses.dataclass(frozen=True)
class Reroute:
    """A trial: send tokens elsewhere than their router would, to see what an expert is worth.

    With `expert`: its tokens in `layer` go to their next choice (rank K + 1). With `generator`: each token goes where some
    other token of the batch would have gone, so every expert keeps its load and loses its tokens. `layer` None means all; with
    `modality` (an index into `MODALITIES`) the tokens of the others stay where they are.
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

    def choose(self, ranked_TR: Tensor, slots: int, modality_T: Tensor) -> Tensor:
        """Return the K experts each token goes to, given its ranked ones and its modality."""
        experts_TK = ranked_TR[:, :slots]
        if self.generator is not None:
            sent_TK = experts_TK[torch.randperm(len(experts_TK), generator=self.generator).to(experts_TK.device)]
        elif ranked_TR.shape[1] == slots:
            raise ValueError("where every token already goes to every expert there is no next choice")
        else:
            meant_TK = torch.eq(experts_TK, -1 if self.expert is None else self.expert)
            sent_TK = torch.where(meant_TK, ranked_TR[:, slots:], experts_TK)
        return (
            sent_TK if self.modality is None else torch.where(modality_T[:, None] == self.modality, sent_TK, experts_TK)
        )


class Router(nn.Module, abc.ABC):
    """Base of all routers."""

    slots: int
    """K."""

    @abc.abstractmethod
    def forward(self, x_TD: Tensor, modality_T: Tensor, reroute: Reroute | None = None) -> Routing:
        """Return where each token goes."""

    def seed(self, directions_SD: Tensor) -> None:
        """Let the first S experts begin with tokens that point in these directions; a router without such rows has no use for it."""

    def rebalance(self, counts_EM: Tensor) -> None:
        """Move whatever steers the choice without a gradient, after a step with these counts; most routers have nothing."""


routers: Registry[Router] = Registry("router")
