"""Tokens that choose: what every router has in common whose tokens take their K best experts, whatever scores and weighs them.

The balancing bias is that of arXiv:2408.15664: it steers the choice and never the weight.
Shapes: T tokens, D width, E experts, K experts a token, R >= K ranked experts, M modalities.
"""

import abc
import dataclasses

import torch
from torch import Tensor, nn

from engine.model.trunk.routers.base import Reroute, Router, Routing, next_choice, summed
from engine.model.trunk.routers.gate import Gate
from engine.schema.base import MODALITIES

_TINY = 1e-9


@dataclasses.dataclass(frozen=True)
class Scored:
    """A batch of tokens as a router scores it.

    logits_TE: what is told and balanced. scores_TE: what the weights are made of, and what a bias is added to. order_TE: what orders
    the experts where no bias does, in the same order as the scores and also where those have come too near to their bounds to differ.
    """

    logits_TE: Tensor
    scores_TE: Tensor
    order_TE: Tensor
    chance_TE: Tensor | None = None


class TopKRouter(Router, abc.ABC):
    """Each token takes its K best experts; `bias_step` of 0 leaves the bias where it is."""

    bias_ME: Tensor

    def __init__(self, gate: Gate, experts_per_token: int, bias_step: float = 0.0, pooled: bool = False) -> None:
        super().__init__()
        self.slots, self.bias_step, self.pooled = gate.slots(experts_per_token), bias_step, pooled
        self.gate = gate
        self.register_buffer("bias_ME", torch.zeros(len(MODALITIES), gate.experts))
        self.is_steered = bias_step > 0
        self.register_load_state_dict_post_hook(_see_bias)  # type: ignore[no-untyped-call]

    def forward(self, x_TD: Tensor, modality_T: Tensor, reroute: Reroute | None = None) -> Routing:
        """Return the K best experts of each token and what their work counts for."""
        found, far_TE = self.scored(x_TD, modality_T), self.gate.out_of_reach(modality_T)
        steered_TE = found.order_TE.detach()
        if self.is_steered:
            steered_TE = found.scores_TE.detach() + self.bias_ME[modality_T]
        if far_TE is not None:  # or a bias could lift another modality's expert above a token's own
            steered_TE = steered_TE.masked_fill(far_TE, -torch.inf)
        ranked_TR = steered_TE.topk(min(self.slots + (reroute is not None), self.gate.experts)).indices
        experts_TK = self.kept(found, ranked_TR[:, : self.slots])
        if reroute is not None:
            next_T = next_choice(ranked_TR, experts_TK, far_TE, self.gate.experts)
            experts_TK = reroute.choose(experts_TK, next_T, modality_T)
        return self.routed(found, experts_TK)

    def kept(self, found: Scored, experts_TK: Tensor) -> Tensor:
        """Return which of its K best experts a token takes; all of them, unless a router knows better."""
        return experts_TK

    @abc.abstractmethod
    def scored(self, x_TD: Tensor, modality_T: Tensor) -> Scored:
        """Return how the tokens score the experts."""

    @abc.abstractmethod
    def routed(self, found: Scored, experts_TK: Tensor) -> Routing:
        """Return the routing for a choice of experts."""

    @torch.no_grad()
    def seed(self, directions_SD: Tensor) -> None:
        """Replace the rows of the first S experts by these directions."""
        self.gate.seed(directions_SD)

    @torch.no_grad()
    def rebalance(self, counts_EM: Tensor) -> None:
        """Raise the bias of experts with less than their share of a modality's tokens (of all tokens, if pooled), lower others'.

        Where several processes train together their counts are summed, so that all of them must come here after a step.
        """
        if not self.bias_step:
            return
        counts_ME = summed(counts_EM.t().to(self.bias_ME))
        if self.pooled:
            counts_ME = counts_ME.sum(0, keepdim=True)
        reach_ME = (
            self.gate.pool_ME if self.gate.pool_ME is not None else torch.ones_like(self.bias_ME, dtype=torch.bool)
        )
        mean_M1 = (counts_ME * reach_ME).sum(1, keepdim=True) / reach_ME.sum(1, keepdim=True)
        self.bias_ME += self.bias_step * (mean_M1 - counts_ME).sign() * reach_ME


def _see_bias(router: nn.Module, _: object) -> None:
    """Tell a router whether its bias is worth adding: one that moved in an earlier run steers on, though it moves no more."""
    assert isinstance(router, TopKRouter)
    router.is_steered = router.bias_step > 0 or bool(router.bias_ME.any())


def straight(weights_TK: Tensor) -> Tensor:
    """Return 1 for each weight, with the gradient of the weight."""
    ones_TK = torch.ones_like(weights_TK)
    return ones_TK + (weights_TK - weights_TK.detach()) if weights_TK.requires_grad else ones_TK


def normalised(weights_TK: Tensor) -> Tensor:
    """Return weights that sum to 1 for each token; a single one stays as it is, so that its gate keeps learning."""
    return weights_TK / (weights_TK.sum(1, keepdim=True) + _TINY) if weights_TK.shape[1] > 1 else weights_TK
