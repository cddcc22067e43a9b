"""Distance: each token takes the K experts whose rows it lies nearest to (the Laplace gate of FuseMoE, arXiv:2402.03226).

Shapes: T tokens, D width, E experts, K experts a token.
"""

from torch import Tensor

from engine.model.trunk.routers.base import Routing, routers
from engine.model.trunk.routers.choice import Scored, TopKRouter
from engine.model.trunk.routers.gate import DistanceGate, Scope
from engine.model.trunk.routers.token_choice import BiasConfig


class DistanceConfig(BiasConfig):
    """Settings of the distance gate."""


@routers.register("distance", DistanceConfig, "Each token takes its nearest experts.", "每个片段选择距离最近的专家。")
class DistanceRouter(TopKRouter):
    """Weights are the softmax over the K nearest of -||W_e - x||_2: bounded scores that a token far from all does not sharpen."""

    def __init__(
        self,
        width: int,
        experts: int,
        experts_per_token: int = 2,
        bias_step: float = 0.0,
        scope: Scope = "joint",
        bias_pooled: bool = False,
    ) -> None:
        super().__init__(DistanceGate(width, experts, scope), experts_per_token, bias_step, bias_pooled)

    def scored(self, x_TD: Tensor, modality_T: Tensor) -> Scored:
        """Return minus the distances, and their softmax."""
        logits_TE = self.gate(x_TD, modality_T)
        return Scored(logits_TE, logits_TE.softmax(-1), logits_TE)

    def routed(self, found: Scored, experts_TK: Tensor) -> Routing:
        """Weigh the chosen experts against each other; one alone by its share among all, so that its gate keeps learning."""
        if experts_TK.shape[1] == 1:
            return Routing(found.scores_TE.gather(1, experts_TK), experts_TK, found.logits_TE)
        return Routing(found.logits_TE.gather(1, experts_TK).softmax(1), experts_TK, found.logits_TE)
