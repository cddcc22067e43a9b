"""Noisy top-k: while it learns, each token's scores are shaken before its K best are taken (arXiv:1701.06538).

Shapes: T tokens, D width, E experts, K experts a token.
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from engine.model.trunk.routers.base import Routing, routers
from engine.model.trunk.routers.choice import Scored, TopKRouter
from engine.model.trunk.routers.gate import Gate, GateConfig, Scope

_LEAST_NOISE = 1e-2


class NoisyConfig(GateConfig):
    """Settings of noisy top-k."""


@routers.register(
    "noisy-top-k", NoisyConfig, "Token choice with learned noise while training.", "训练时带可学习噪声的片段选择。"
)
class NoisyRouter(TopKRouter):
    """H = x W_g + eps softplus(x W_n), G = softmax(KeepTopK(H)); without noise once it has learned, so that answers stay the same.

    The noise is of one width a token and expert, learned; `chance_TE` is what the load loss of the same paper needs.
    """

    def __init__(self, width: int, experts: int, experts_per_token: int = 2, scope: Scope = "joint") -> None:
        super().__init__(Gate(width, experts, scope), experts_per_token)
        self.noise = Gate(width, experts, "joint" if scope == "joint" else "per-modality")
        nn.init.zeros_(self.noise.weight)

    def scored(self, x_TD: Tensor, modality_T: Tensor) -> Scored:
        """Return the clean scores, the shaken ones to rank by, and the chance of each expert to be among the K best."""
        logits_TE = self.gate(x_TD, modality_T)
        if not self.training:
            return Scored(logits_TE, logits_TE, logits_TE)
        wide_TE = softplus(self.noise(x_TD, modality_T)) + _LEAST_NOISE
        shaken_TE = logits_TE + torch.randn_like(logits_TE) * wide_TE
        return Scored(logits_TE, shaken_TE, shaken_TE, self._chance(logits_TE, shaken_TE, wide_TE))

    def routed(self, found: Scored, experts_TK: Tensor) -> Routing:
        """Weigh the chosen experts by the softmax over them; one alone by its share among all."""
        scores_TE = found.scores_TE
        weights_TK = (
            scores_TE.softmax(1).gather(1, experts_TK)
            if experts_TK.shape[1] == 1
            else scores_TE.gather(1, experts_TK).softmax(1)
        )
        return Routing(weights_TK, experts_TK, found.logits_TE, chance_TE=found.chance_TE)

    def _chance(self, logits_TE: Tensor, shaken_TE: Tensor, wide_TE: Tensor) -> Tensor:
        """Return Pr(x, e) = Phi((x W_g)_e - kth_excl(H, K, e)) / softplus((x W_n)_e)): it is among the K best if its noise is drawn anew."""
        if self.slots >= self.gate.experts:
            return torch.ones_like(logits_TE)
        best_TR = shaken_TE.topk(self.slots + 1).values
        kth_T1, next_T1 = best_TR[:, self.slots - 1, None], best_TR[:, self.slots, None]
        bar_TE = torch.where(shaken_TE >= kth_T1, next_T1, kth_T1)  # the K-th best of the others
        chance_TE: Tensor = torch.special.ndtr((logits_TE - bar_TE) / wide_TE)
        return chance_TE
