"""Token choice: each token takes the K experts that score it highest; none is dropped.

The balancing bias is that of arXiv:2408.15664, one a modality: it steers the choice and never the weight.
Shapes: T tokens, D width, E experts, K experts a token, R ranked experts, M modalities.
"""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from engine.model.trunk.routers.base import Reroute, Router, Routing, routers
from engine.schema.base import MODALITIES, Config
from engine.schema.errors import UserError


class TokenChoiceConfig(Config):
    """Settings of token choice."""

    experts_per_token: int = Field(2, ge=1, description="K. More experts a token cost more time and forget less.")
    gate: Literal["softmax", "sigmoid"] = Field("softmax", description="How scores become weights.")
    bias_step: float = Field(0.0, ge=0, description="How far the balancing bias moves after a step; 0 turns it off.")


@routers.register(
    "token-choice", TokenChoiceConfig, "Each token takes its best experts.", "每个词元选择得分最高的专家。"
)
class TokenChoiceRouter(Router):
    """A linear gate, its K best, and a bias that keeps the load even."""

    bias_ME: Tensor

    def __init__(
        self, width: int, experts: int, experts_per_token: int = 2, gate: str = "softmax", bias_step: float = 0.0
    ) -> None:
        super().__init__()
        if experts_per_token > experts:
            key, detail = "router.experts_per_token", f"there are only {experts} experts"
            raise UserError("bad-setting", key=key, value=experts_per_token, detail=detail)
        self.slots = experts_per_token
        self.kind, self.bias_step = gate, bias_step
        self.gate = nn.Linear(width, experts, bias=False)
        nn.init.normal_(self.gate.weight, std=width**-0.5)
        self.register_buffer("bias_ME", torch.zeros(len(MODALITIES), experts))

    def forward(self, x_TD: Tensor, modality_T: Tensor, reroute: Reroute | None = None) -> Routing:
        """Return the K best experts of each token; their weights sum to 1 where K > 1."""
        with torch.autocast(x_TD.device.type, enabled=False):  # half precision makes routing flicker
            logits_TE = nn.functional.linear(x_TD.float(), self.gate.weight.float())
        scores_TE = logits_TE.softmax(-1) if self.kind == "softmax" else logits_TE.sigmoid()
        ranked = min(self.slots + (reroute is not None), scores_TE.shape[1])
        _, ranked_TR = (scores_TE.detach() + self.bias_ME[modality_T]).topk(ranked)
        experts_TK = reroute.choose(ranked_TR, self.slots, modality_T) if reroute else ranked_TR
        weights_TK = scores_TE.gather(1, experts_TK)
        if self.slots > 1:
            weights_TK = weights_TK / (weights_TK.sum(1, keepdim=True) + 1e-9)
        return Routing(weights_TK, experts_TK, logits_TE)

    @torch.no_grad()
    def seed(self, directions_SD: Tensor) -> None:
        """Replace the rows of the first S experts by these directions, as long as the rows were."""
        length = self.gate.weight.norm(dim=1).mean()
        self.gate.weight[: len(directions_SD)] = length * nn.functional.normalize(directions_SD, dim=1)

    @torch.no_grad()
    def rebalance(self, counts_EM: Tensor) -> None:
        """Raise the bias of experts with less than their share of a modality's tokens, lower that of the others."""
        if self.bias_step:
            counts_ME = counts_EM.t().to(self.bias_ME)
            self.bias_ME += self.bias_step * (counts_ME.mean(1, keepdim=True) - counts_ME).sign()
