"""How sure the routers were of a batch, and whom they chose: sums and indices that stay on the device until they are told.

Shapes: T tokens, L layers, E experts, K experts a token, M modalities.
"""

import dataclasses
import math

import torch
from torch import Tensor

from engine.model.student import Outcome
from engine.schema.base import MODALITIES

_LEAST = -1e4
"""Where a logarithm is held, so that what has no chance at all adds nothing to an entropy instead of not being a number."""


@dataclasses.dataclass(frozen=True)
class GateSums:
    """Sums over tokens of what p_t = softmax(h_t) says, by layer and modality.

    tokens_M: tokens. unserved_LM: those that no expert took. top_LM: max_e p. With one expert there is no choice, and `entropy_LM`,
    H(p) / ln E, is None; where every token goes to every expert there is no next one, and `margin_LM`, p_(K) - p_(K+1), is None.
    """

    tokens_M: Tensor
    unserved_LM: Tensor
    top_LM: Tensor
    entropy_LM: Tensor | None
    margin_LM: Tensor | None

    def plus(self, other: "GateSums") -> "GateSums":
        """Return the sums over both."""
        return GateSums(
            self.tokens_M + other.tokens_M,
            self.unserved_LM + other.unserved_LM,
            self.top_LM + other.top_LM,
            _added(self.entropy_LM, other.entropy_LM),
            _added(self.margin_LM, other.margin_LM),
        )


def _added(one: Tensor | None, other: Tensor | None) -> Tensor | None:
    return None if one is None or other is None else one + other


@torch.no_grad()
def gate_sums(outcome: Outcome) -> GateSums | None:
    """Return how sure the routers were of a batch; None for a student without experts."""
    if not outcome.routing:
        return None
    logits_LTE = torch.stack([layer.logits_TE.float() for layer in outcome.routing])
    experts_LTK = torch.stack([layer.experts_TK for layer in outcome.routing])
    experts, slots = logits_LTE.shape[2], experts_LTK.shape[2]
    logs_LTE = logits_LTE.log_softmax(2)
    p_LTE = logs_LTE.exp()
    best_LTR = p_LTE.topk(min(slots + 1, experts), dim=2).values
    told = [best_LTR[:, :, 0], (experts_LTK == experts).all(2).float()]
    if experts > 1:
        told.append(-(p_LTE * logs_LTE.clamp(min=_LEAST)).sum(2) / math.log(experts))
    if slots < experts:
        told.append(best_LTR[:, :, slots - 1] - best_LTR[:, :, slots])
    member_TM = torch.nn.functional.one_hot(outcome.modality_T, len(MODALITIES))
    # A product instead of a scattered sum: the same bits in every run, also on a GPU.
    sums_SLM = torch.stack(told) @ member_TM.to(torch.float32)
    rest = list(sums_SLM[2:])
    entropy_LM = rest.pop(0) if experts > 1 else None
    margin_LM = rest.pop(0) if slots < experts else None
    return GateSums(member_TM.sum(0), sums_SLM[1].long(), sums_SLM[0], entropy_LM, margin_LM)


@torch.no_grad()
def choices(outcome: Outcome) -> Tensor:
    """Return whom each token went to, best first, (layers, tokens, K); uint8 where that holds E, which stands for nobody."""
    if not outcome.routing:
        return torch.zeros(0, len(outcome.modality_T), 0, dtype=torch.uint8, device=outcome.modality_T.device)
    experts = outcome.routing[0].logits_TE.shape[1]
    kind = torch.uint8 if experts <= torch.iinfo(torch.uint8).max else torch.int16
    return torch.stack([layer.experts_TK for layer in outcome.routing]).to(kind)
