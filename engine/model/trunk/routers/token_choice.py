"""Token choice: each token takes the K experts that score it highest; none is dropped.

Shapes: T tokens, D width, E experts, K experts a token.
"""

from typing import Literal

from pydantic import Field
from torch import Tensor

from engine.model.trunk.routers.base import Routing, routers
from engine.model.trunk.routers.choice import Scored, TopKRouter, normalised, straight
from engine.model.trunk.routers.gate import Gate, GateConfig, Scope


class BiasConfig(GateConfig):
    """Settings of routers that the balancing bias can steer."""

    bias_step: float = Field(0.0, ge=0, description="How far the balancing bias moves after a step; 0 turns it off.")
    bias_pooled: bool = Field(
        False, description="Whether the bias evens out all tokens together instead of those of each kind of input."
    )


class TokenChoiceConfig(BiasConfig):
    """Settings of token choice."""

    gate: Literal["softmax", "sigmoid"] = Field("softmax", description="How scores become weights.")
    single: Literal["scored", "whole"] = Field(
        "scored",
        description="What the work of a token's expert counts for where it has only one: `scored`, as the gate is sure of it; `whole`, "
        "all of it, and the gate still learns.",
    )


@routers.register(
    "token-choice", TokenChoiceConfig, "Each token takes its best experts.", "每个片段选择得分最高的专家。"
)
class TokenChoiceRouter(TopKRouter):
    """A linear gate and its K best; their weights sum to 1 where K > 1.

    A single expert's weight is its score p (Switch, arXiv:2101.03961), or 1 with the gradient of p (straight through,
    arXiv:1308.3432). Where nothing goes around the experts, p makes a token fainter beside the others of its case for no better
    reason than that several experts would do.
    """

    def __init__(
        self,
        width: int,
        experts: int,
        experts_per_token: int = 2,
        gate: str = "softmax",
        bias_step: float = 0.0,
        scope: Scope = "joint",
        bias_pooled: bool = False,
        single: str = "scored",
    ) -> None:
        super().__init__(Gate(width, experts, scope), experts_per_token, bias_step, bias_pooled)
        self.kind, self.is_whole = gate, single == "whole" and experts_per_token == 1

    def scored(self, x_TD: Tensor, modality_T: Tensor) -> Scored:
        """Return the logits, and softmax or sigmoid of them."""
        logits_TE = self.gate(x_TD, modality_T)
        scores_TE = logits_TE.softmax(-1) if self.kind == "softmax" else logits_TE.sigmoid()
        return Scored(logits_TE, scores_TE, logits_TE)

    def routed(self, found: Scored, experts_TK: Tensor) -> Routing:
        """Weigh each expert by its score, without the bias."""
        weights_TK = found.scores_TE.gather(1, experts_TK)
        weights_TK = straight(weights_TK) if self.is_whole else normalised(weights_TK)
        return Routing(weights_TK, experts_TK, found.logits_TE)
