"""How sure the routers were of a batch, and whom they chose: sums and indices that stay on the device until they are told.

Shapes: T tokens, L layers, E experts, K experts a token, M modalities.
"""

import dataclasses
import math

import torch
from torch import Tensor

from engine.model.student import Outcome
from engine.schema.base import MODALITIES


@dataclasses.dataclass(frozen=True)
class GateSums:
    """Sums over tokens of what p_t = softmax(h_t) says, by layer and modality, in one tensor: a step adds two of them, not ten."""

    tokens_M: Tensor
    sums_SLM: Tensor
    experts: int
    slots: int

    def plus(self, other: "GateSums") -> "GateSums":
        """Return the sums over both."""
        return dataclasses.replace(
            self, tokens_M=self.tokens_M + other.tokens_M, sums_SLM=self.sums_SLM + other.sums_SLM
        )

    @property
    def top_LM(self) -> Tensor:
        """Sums of max_e p."""
        return self.sums_SLM[0]

    @property
    def unserved_LM(self) -> Tensor:
        """How many tokens no expert took."""
        return self.sums_SLM[1].round().long()

    @property
    def entropy_LM(self) -> Tensor | None:
        """Sums of H(p) / ln E; None with one expert, where there is no choice."""
        return self.sums_SLM[2] if self.experts > 1 else None

    @property
    def margin_LM(self) -> Tensor | None:
        """Sums of p_(K) - p_(K+1); None where every token goes to every expert, so that there is no next one."""
        return self.sums_SLM[3] if self.slots < self.experts else None


@torch.no_grad()
def gate_sums(outcome: Outcome) -> GateSums | None:
    """Return how sure the routers were of a batch; None for a student without experts."""
    if not outcome.routing:
        return None
    # Tokens lie beside each other: a softmax over few experts, one token after another, takes a CPU ten times as long.
    logits_LTE = torch.stack([layer.logits_TE.float() for layer in outcome.routing])
    p_LET = logits_LTE.transpose(1, 2).contiguous().softmax(1)
    experts_LTK = torch.stack([layer.experts_TK for layer in outcome.routing])
    experts, slots = p_LET.shape[1], experts_LTK.shape[2]
    best_LRT = p_LET.topk(min(slots + 1, experts), dim=1).values
    told = [best_LRT[:, 0], (experts_LTK == experts).all(2).float()]
    if experts > 1:
        told.append(torch.special.entr(p_LET).sum(1) / math.log(experts))
    if slots < experts:
        told.append(best_LRT[:, slots - 1] - best_LRT[:, slots])
    member_TM = torch.nn.functional.one_hot(outcome.modality_T, len(MODALITIES))
    # A product instead of a scattered sum: the same bits in every run, also on a GPU.
    return GateSums(member_TM.sum(0), torch.stack(told) @ member_TM.float(), experts, slots)


@torch.no_grad()
def choices(outcome: Outcome) -> Tensor:
    """Return whom each token went to, best first, (layers, tokens, K); uint8 where that holds E, which stands for nobody."""
    if not outcome.routing:
        return torch.zeros(0, len(outcome.modality_T), 0, dtype=torch.uint8, device=outcome.modality_T.device)
    experts = outcome.routing[0].logits_TE.shape[1]
    kind = torch.uint8 if experts <= torch.iinfo(torch.uint8).max else torch.int16
    return torch.stack([layer.experts_TK for layer in outcome.routing]).to(kind)
