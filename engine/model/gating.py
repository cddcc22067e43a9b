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
    """Sums over tokens of what p_t = softmax(h_t) says, by layer and modality, in one tensor: a step adds two of them, not ten.

    A token has a boundary where k_t, the experts it went to, is neither 0 nor E: its margin is p_(k_t) - p_(k_t + 1).
    """

    tokens_M: Tensor
    sums_SLM: Tensor
    experts: int

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
        """Mean margin of the tokens with a boundary, times all tokens: divided by `tokens_M` it is that mean.

        Not a number where there are tokens and none has a boundary; None where no token of any layer has one.
        """
        if self.experts == 1 or not self.bounded_LM.any():
            return None
        # The ratio is exactly 1 where every token has a boundary, as it has wherever K < E places are all taken.
        share_LM = self.tokens_M / self.bounded_LM
        return torch.where(self.tokens_M > 0, self.sums_SLM[3] * share_LM, 0.0)

    @property
    def bounded_LM(self) -> Tensor:
        """How many tokens have a boundary; 0 with one expert."""
        last_LM = self.sums_SLM[-1]
        return last_LM.round().long() if self.experts > 1 else torch.zeros_like(last_LM, dtype=torch.int64)


@torch.no_grad()
def gate_sums(outcome: Outcome) -> GateSums | None:
    """Return how sure the routers were of a batch; None for a student without experts."""
    if not outcome.routing:
        return None
    # Tokens lie beside each other: a softmax over few experts, one token after another, takes a CPU ten times as long.
    logits_LTE = torch.stack([layer.logits_TE.float() for layer in outcome.routing])
    p_LET = logits_LTE.transpose(1, 2).contiguous().softmax(1)
    experts_LTK = torch.stack([layer.experts_TK for layer in outcome.routing])
    experts, places = p_LET.shape[1], experts_LTK.shape[2]
    best_LRT = p_LET.topk(min(places + 1, experts), dim=1).values
    taken_LT = (experts_LTK < experts).sum(2)
    told = [best_LRT[:, 0], (taken_LT == 0).float()]
    if experts > 1:
        told.append(torch.special.entr(p_LET).sum(1) / math.log(experts))
        next_L1T = taken_LT.clamp(1, experts - 1)[:, None]
        margin_L1T = best_LRT.gather(1, next_L1T - 1) - best_LRT.gather(1, next_L1T)
        bounded_LT = (taken_LT > 0) & (taken_LT < experts)
        told += [margin_L1T.squeeze(1) * bounded_LT, bounded_LT.float()]
    member_TM = torch.nn.functional.one_hot(outcome.modality_T, len(MODALITIES))
    # A product instead of a scattered sum: the same bits in every run, also on a GPU.
    return GateSums(member_TM.sum(0), torch.stack(told) @ member_TM.float(), experts)


@torch.no_grad()
def choices(outcome: Outcome) -> Tensor:
    """Return whom each token went to, best first, (layers, tokens, K); uint8 where that holds E, which stands for nobody."""
    if not outcome.routing:
        return torch.zeros(0, len(outcome.modality_T), 0, dtype=torch.uint8, device=outcome.modality_T.device)
    experts = outcome.routing[0].logits_TE.shape[1]
    kind = torch.uint8 if experts <= torch.iinfo(torch.uint8).max else torch.int16
    return torch.stack([layer.experts_TK for layer in outcome.routing]).to(kind)
