"""What a knowledge file adds to the answer: z' = z + alpha log q(x) + beta R(x), alpha and beta learned and never below 0.

q_c(x) = softmax_c(cos(e(x_t), e(d_c)) / tau) with the frozen encoder of `engine.preprocess.knowledge`; R_c(x) = sum_r s_r phi_f(x), phi_f
in [0, 1] by phrases in texts and by a small head, trained where findings are labelled, in pictures and sounds. log q is told around its
mean over the labels: a softmax does not see the difference, and a case without a text gets exactly 0; where a case may have several
labels, a description moves the log-odds of its own by how much better it fits than the others do.
Shapes: B cases, N texts, F findings, C labels, K = F + C numbers told of a text, D width, M modalities.
"""

import dataclasses
import math

import torch
from torch import Tensor, nn

from engine.preprocess.batch import TextItems
from engine.preprocess.knowledge import CaseKnowledge
from engine.schema.base import MODALITIES

TAU = 0.1
"""Temperature of the similarities; alpha scales what comes out."""
SHARPNESS = 10.0
"""A step of the optimiser moves a trust by so much more than another weight: a run has few steps, and trust goes from 0 to about 5."""
_RARE = -2.0
"""Log-odds of a finding before anything was learned."""
TEXT = MODALITIES.index("text")


@dataclasses.dataclass(frozen=True)
class Advice:
    """What the file says of a batch, before and after it was weighed; `seen_BF` are log-odds of findings of pictures and sounds."""

    prior_BC: Tensor
    like_BC: Tensor
    rules_BC: Tensor
    phi_BF: Tensor
    seen_BF: Tensor


class KnowledgePrior(nn.Module):
    """The two learned weights, and a head for each kind of input whose findings cases are labelled with."""

    strengths_FC: Tensor
    kind_F: Tensor

    def __init__(self, knowledge: CaseKnowledge, labels: int, width: int) -> None:
        super().__init__()
        findings = knowledge.findings
        self.width = width
        self.described = bool(knowledge.descriptions)
        self.trust_2 = nn.Parameter(torch.zeros(2))
        self.set_trust(1.0, 1.0)
        strengths_FC = torch.tensor(knowledge.strengths).reshape(len(findings), labels)
        kind_F = torch.tensor([MODALITIES.index(one.modality) for one in findings], dtype=torch.int64)
        self.register_buffer("strengths_FC", strengths_FC, persistent=False)
        self.register_buffer("kind_F", kind_F, persistent=False)
        kinds = sorted(set(kind_F.tolist()) - {TEXT})
        self.finders = nn.ModuleDict(
            {MODALITIES[m]: nn.Linear(width, int((kind_F == m).sum())) for m in kinds if len(findings)}
        )
        for finder in self.finders.values():
            nn.init.constant_(finder.bias, _RARE)  # type: ignore[arg-type]

    @property
    def alpha(self) -> Tensor:
        """The weight of the descriptions."""
        return nn.functional.softplus(SHARPNESS * self.trust_2[0])

    @property
    def beta(self) -> Tensor:
        """The weight of the rules."""
        return nn.functional.softplus(SHARPNESS * self.trust_2[1])

    @torch.no_grad()
    def set_trust(self, alpha: float, beta: float) -> None:
        """Start from these weights; 0 becomes next to nothing, from which a gradient still leads away."""
        for place, value in enumerate((alpha, beta)):
            # softplus^-1, as log(e^v - 1) that does not overflow.
            self.trust_2[place] = (value + math.log(-math.expm1(-max(value, 1e-2)))) / SHARPNESS

    def forward(self, texts: TextItems, own_BMD: Tensor, present_BM: Tensor) -> Advice:
        """Return the file's advice on a batch; `own_BMD` are the modalities' pooled vectors before the trunk."""
        told_BK = _of_cases(texts, len(present_BM), len(self.kind_F) + self.described * self.strengths_FC.shape[1])
        findings = len(self.kind_F)
        seen_BF = self._seen(own_BMD)
        there_BF = present_BM[:, self.kind_F]
        # Detached: a finding is what it was labelled, not what would suit the answer.
        looked_BF = torch.where(there_BF, seen_BF.sigmoid(), torch.zeros_like(seen_BF)).detach()
        phi_BF = torch.where(self.kind_F == TEXT, told_BK[:, :findings], looked_BF)
        rules_BC = phi_BF @ self.strengths_FC
        like_BC = torch.zeros_like(rules_BC)
        if self.described:
            log_q_BC = (told_BK[:, findings:] / TAU).log_softmax(1)
            like_BC = log_q_BC - log_q_BC.mean(1, keepdim=True)
        return Advice(self.alpha * like_BC + self.beta * rules_BC, like_BC, rules_BC, phi_BF, seen_BF)

    def _seen(self, own_BMD: Tensor) -> Tensor:
        """Return the log-odds of each finding of a picture or a sound, 0 for those of texts; (B, F) in float32."""
        seen_BF = own_BMD.new_zeros(len(own_BMD), len(self.kind_F), dtype=torch.float32)
        for name, finder in self.finders.items():
            m = MODALITIES.index(name)
            seen_BF = seen_BF.index_copy(1, (self.kind_F == m).nonzero()[:, 0], finder(own_BMD[:, m]).float())
        return seen_BF


def _of_cases(texts: TextItems, cases: int, width: int) -> Tensor:
    """Return the most that any text of a case tells, (B, K); zeros for a case without a text."""
    told_BK = torch.zeros(cases, width, device=texts.owner_N.device)
    if texts.told_NK is None or not len(texts.owner_N):
        return told_BK
    owner_NK = texts.owner_N[:, None].expand(-1, width)
    return told_BK.scatter_reduce(0, owner_NK, texts.told_NK, "amax", include_self=True)
