"""Expert choice: each expert takes the tokens that score it highest, an even share of them (arXiv:2202.09368).

Shapes: T tokens, D width, E experts, K places a token.
"""

import torch
from pydantic import Field
from torch import Tensor

from engine.model.trunk.routers.base import NO_NEXT, Reroute, Router, Routing, is_shared, routers, summed
from engine.model.trunk.routers.gate import Gate, GateConfig, Scope

_MOST = 4
"""How many times the experts it has on average a token has at most."""


class ExpertChoiceConfig(GateConfig):
    """Settings of expert choice."""

    experts_per_token: int = Field(2, ge=1, description="Experts a token has on average.")
    memory: float = Field(
        0.99, ge=0, lt=1, description="How slowly the bars follow that decide who works on a token outside of training."
    )


@routers.register(
    "expert-choice", ExpertChoiceConfig, "Each expert takes an even share of the tokens.", "每位专家选取等量的片段。"
)
class ExpertChoiceRouter(Router):
    """S = softmax over the experts; each expert takes its k = c T / E best tokens, and each chosen one weighs S.

    That depends on the batch, so an answer would depend on who else asks. Outside of training an expert takes a token whose S
    reaches its bar, which follows the lowest S the expert took in the steps before. A token that nobody takes goes to the expert
    it scores highest, in both ways: no part of a case is left unread. One that many take keeps the best 4 K of them. Where several
    processes train together, each expert takes its share of each one's tokens, and its bar follows the mean of the lowest S.
    """

    bar_E: Tensor
    steps: Tensor

    def __init__(
        self,
        width: int,
        experts: int,
        experts_per_token: int = 2,
        memory: float = 0.99,
        scope: Scope = "joint",
    ) -> None:
        super().__init__()
        self.gate = Gate(width, experts, scope)
        self.slots, self.memory = self.gate.slots(experts_per_token), memory
        self.places = min(experts, _MOST * experts_per_token)
        self.register_buffer("bar_E", torch.full((experts,), experts_per_token / experts))
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, x_TD: Tensor, modality_T: Tensor, reroute: Reroute | None = None) -> Routing:
        """Return who takes which token: by rank among the batch while learning, by the bars afterwards."""
        logits_TE = self.gate(x_TD, modality_T)
        scores_TE = logits_TE.softmax(1)
        taken_TE = self._ranked(scores_TE.detach()) if self.training else scores_TE.detach() >= self.bar_E
        if self.gate.pool_ME is not None:
            taken_TE = taken_TE & self.gate.pool_ME[modality_T]
        alone_T = ~taken_TE.any(1)
        best_TE = torch.zeros_like(taken_TE).scatter_(1, logits_TE.detach().argmax(1, keepdim=True), True)
        taken_TE = taken_TE | (best_TE & alone_T[:, None])
        experts_TK = self._listed(logits_TE.detach(), taken_TE)
        if reroute is not None:
            far_TE = self.gate.out_of_reach(modality_T)
            busy_TE = taken_TE if far_TE is None else taken_TE | far_TE
            free_T = logits_TE.detach().masked_fill(busy_TE, -torch.inf).argmax(1)
            next_T = free_T.masked_fill(busy_TE.all(1), NO_NEXT)
            experts_TK = reroute.choose(experts_TK, next_T, modality_T)
        experts = self.gate.experts
        weights_TK = scores_TE.gather(1, experts_TK.clamp(max=experts - 1)).masked_fill(experts_TK == experts, 0.0)
        return Routing(weights_TK, experts_TK, logits_TE, partial=True)

    @torch.no_grad()
    def seed(self, directions_SD: Tensor) -> None:
        """Replace the rows of the first S experts by these directions."""
        self.gate.seed(directions_SD)

    def _ranked(self, scores_TE: Tensor) -> Tensor:
        """Return each expert's best tokens, and let its bar follow the last of them."""
        tokens, experts = scores_TE.shape
        share = min(tokens, max(1, round(self.slots * tokens / experts)))
        best = scores_TE.topk(share, dim=0)
        if torch.is_grad_enabled():  # else it is a look aside, from which nothing is learned
            self._follow(best.values[-1:])
        return torch.zeros_like(scores_TE, dtype=torch.bool).scatter_(0, best.indices, True)

    @torch.no_grad()
    def _follow(self, lowest_1E: Tensor) -> None:
        """Let the bars follow the lowest scores that were taken; no row where this process had no token."""
        lowest_1E = lowest_1E.to(self.bar_E)
        if is_shared():
            sums_F = summed(torch.cat([lowest_1E.sum(0), self.bar_E.new_full((1,), len(lowest_1E))]))
            lowest_1E = torch.where(sums_F[-1] > 0, sums_F[:-1] / sums_F[-1], self.bar_E)[None]
        if not len(lowest_1E):
            return
        # The first steps weigh in as a mean, or the bar would creep up from where it happened to begin.
        self.steps += 1
        keep = 1 - torch.maximum(1 / self.steps, torch.tensor(1 - self.memory, device=self.bar_E.device))
        self.bar_E.copy_(keep * self.bar_E + (1 - keep) * lowest_1E[0])

    def _listed(self, logits_TE: Tensor, taken_TE: Tensor) -> Tensor:
        """Return the takers of each token, best first, then nobody."""
        best = logits_TE.masked_fill(~taken_TE, -torch.inf).topk(self.places)
        return best.indices.masked_fill(best.values == -torch.inf, self.gate.experts)
