"""Dynamic k: each token takes as few experts as it needs to be sure enough (arXiv:2403.07652).

Shapes: T tokens, D width, E experts, K experts a token at most.
"""

from pydantic import Field
from torch import Tensor

from engine.model.trunk.routers.base import Routing, routers
from engine.model.trunk.routers.choice import Scored, TopKRouter
from engine.model.trunk.routers.gate import Gate, Scope
from engine.model.trunk.routers.nulls import real_shares
from engine.model.trunk.routers.token_choice import BiasConfig


class DynamicConfig(BiasConfig):
    """Settings of dynamic k."""

    experts_per_token: int = Field(4, ge=1, description="K, the most experts a token takes.")
    mass: float = Field(
        0.5,
        gt=0,
        le=1,
        description="A token takes its best experts until they hold this share of its router's probability.",
    )


@routers.register("dynamic-k", DynamicConfig, "Unsure tokens take more experts.", "不确定的片段会选用更多专家。")
class DynamicRouter(TopKRouter):
    """The smallest set of best experts whose probabilities reach `mass`, at least one and at most K; their weights sum to 1, but for one alone."""

    def __init__(
        self,
        width: int,
        experts: int,
        experts_per_token: int = 4,
        mass: float = 0.5,
        bias_step: float = 0.0,
        scope: Scope = "joint",
        bias_pooled: bool = False,
    ) -> None:
        super().__init__(Gate(width, experts, scope), experts_per_token, bias_step, bias_pooled)
        self.mass = mass

    def scored(self, x_TD: Tensor, modality_T: Tensor) -> Scored:
        """Return the scores, and their softmax."""
        logits_TE = self.gate(x_TD, modality_T)
        return Scored(logits_TE, logits_TE.softmax(-1), logits_TE)

    def kept(self, found: Scored, experts_TK: Tensor) -> Tensor:
        """Leave out the experts behind those that together hold enough."""
        own_TK = found.scores_TE.detach().gather(1, experts_TK)
        before_TK = own_TK.cumsum(1) - own_TK
        return experts_TK.masked_fill(before_TK >= self.mass, found.logits_TE.shape[1])

    def routed(self, found: Scored, experts_TK: Tensor) -> Routing:
        """Weigh the experts of each token against each other."""
        return Routing(real_shares(found.logits_TE, experts_TK), experts_TK, found.logits_TE, partial=True)
