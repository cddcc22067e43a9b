"""Null experts: beside the experts stand some that do nothing, so that an easy token takes fewer of the real ones (AdaMoE, arXiv:2406.13233).

Shapes: T tokens, D width, E experts, N null experts, K places a token.
"""

import torch
from pydantic import Field
from torch import Tensor

from engine.model.trunk.routers.base import Reroute, Router, Routing, next_choice, routers
from engine.model.trunk.routers.gate import Gate, GateConfig, Scope


class NullsConfig(GateConfig):
    """Settings of null experts."""

    experts_per_token: int = Field(3, ge=1, description="K, the places a token fills with real experts or null ones.")
    null_experts: int = Field(4, ge=1, le=256, description="N. More of them save more work, and answers get worse.")


@routers.register("null-experts", NullsConfig, "Easy tokens may take fewer experts.", "简单的片段可以选用较少的专家。")
class NullsRouter(Router):
    """K places of E + N; the first is always a real expert's, so that no token is left without one.

    The weights of the real ones sum to 1, but for one alone. What makes tokens take null experts is the balance, which counts them too: it asks for
    N / (E + N) of the places.
    """

    def __init__(
        self,
        width: int,
        experts: int,
        experts_per_token: int = 3,
        null_experts: int = 4,
        scope: Scope = "joint",
    ) -> None:
        super().__init__()
        self.gate = Gate(width, experts, scope)
        self.slots = self.gate.slots(experts_per_token)
        self.nobody = Gate(width, null_experts, "joint" if scope == "joint" else "per-modality")

    def forward(self, x_TD: Tensor, modality_T: Tensor, reroute: Reroute | None = None) -> Routing:
        """Return the best real expert of each token, and the best of the rest that are not null ones."""
        logits_TE, null_TN = self.gate(x_TD, modality_T), self.nobody(x_TD, modality_T)
        experts = self.gate.experts
        ranked_TR = logits_TE.detach().topk(min(self.slots + 1, experts)).indices
        # A real expert of rank r is taken if it is among the K best of all: if fewer than K - r null ones score higher.
        own_TK = logits_TE.detach().gather(1, ranked_TR[:, : self.slots])
        above_TK = (null_TN.detach()[:, None] > own_TK[..., None]).sum(2)
        places_K = self.slots - torch.arange(self.slots, device=x_TD.device)
        taken_TK = above_TK < places_K
        taken_TK[:, 0] = True
        experts_TK = ranked_TR[:, : self.slots].masked_fill(~taken_TK, experts)
        if reroute is not None:
            next_T = next_choice(ranked_TR, experts_TK, self.gate.out_of_reach(modality_T), experts)
            experts_TK = reroute.choose(experts_TK, next_T, modality_T)
        weights_TK = real_shares(logits_TE, experts_TK)
        if self.training:
            # Without a balance nothing asks for these rows, and training in several processes waits for every gradient.
            weights_TK = weights_TK + 0.0 * self.nobody.weight.sum()
        return Routing(weights_TK, experts_TK, logits_TE, null_TN=null_TN, partial=True)

    @torch.no_grad()
    def seed(self, directions_SD: Tensor) -> None:
        """Replace the rows of the first S experts by these directions."""
        self.gate.seed(directions_SD)


def real_shares(logits_TE: Tensor, experts_TK: Tensor) -> Tensor:
    """Return softmax over the real experts of each token, 0 for nobody; for one alone its share among all, so that its gate learns."""
    experts = logits_TE.shape[1]
    nobody_TK = experts_TK == experts
    real_TK = experts_TK.clamp(max=experts - 1)
    own_TK = logits_TE.gather(1, real_TK).masked_fill(nobody_TK, -torch.inf).softmax(1)
    share_TK = logits_TE.softmax(1).gather(1, real_TK).masked_fill(nobody_TK, 0.0)
    alone_T1 = (~nobody_TK).sum(1, keepdim=True) == 1
    return torch.where(alone_T1, share_TK, own_TK)
