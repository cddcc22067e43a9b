"""The student, the whole way on one screen: encoders, a shared sparse trunk, fusion, heads.

Shapes: B cases, T real tokens of the batch, D width, M modalities, C labels, E experts, K experts a token.
"""

import dataclasses
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engine.model.encoders.choices import build_encoder
from engine.model.encoders.pretrained import kept_inside
from engine.model.fusion import Fusion, fusions
from engine.model.heads import AuxiliaryHeads, Head, LinearHead
from engine.model.knowledge import Advice, KnowledgePrior
from engine.model.maps import Maps, looked_at
from engine.model.tokens import Layout, Tokens, join
from engine.model.trunk.block import Block, CaseAttention
from engine.model.trunk.experts import Experts, SharedExpert
from engine.model.trunk.routers import Reroute, Router, Routing, routers
from engine.preprocess.batch import Batch
from engine.preprocess.preparation import Preparation
from engine.schema.base import MODALITIES
from engine.schema.config import StudentConfig
from engine.schema.errors import UserError


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What the student makes of a batch.

    pooled_BMD: each modality's standardised pooled token after the trunk, 0 where absent. own_BMD: the same before the trunk,
    where no modality has seen another. auxiliary_BMC: the answer of each modality alone, from its own_BMD, without meaning
    where it is absent. routing: one a layer, in the order of `layout`. advice: what a knowledge file added to the logits, where the
    student was built with one. maps: where it looks, where that was asked for.
    """

    logits_BC: Tensor
    fused_BD: Tensor
    pooled_BMD: Tensor
    own_BMD: Tensor
    present_BM: Tensor
    auxiliary_BMC: Tensor
    routing: tuple[Routing, ...]
    layout: Layout
    advice: Advice | None = None
    maps: Maps | None = None

    @property
    def modality_T(self) -> Tensor:
        """Modality of each token, as an index into `MODALITIES`."""
        return self.layout.modality_T

    @property
    def owner_T(self) -> Tensor:
        """Case of each token, as a row of the batch."""
        return self.layout.owner_T


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the encoders made of a batch, before any modality has seen another; `tokens` in the order of the modalities."""

    batch: Batch
    tokens: tuple[Tokens, ...]
    x_TD: Tensor
    layout: Layout
    own_BMD: Tensor
    auxiliary_BMC: Tensor

    def sure_B(self, several: bool) -> Tensor:
        """Return how sure the modalities that are there are of their joint first impression sum_m z_m."""
        return sureness(self.auxiliary_BMC, self.batch.present_BM, several)


def sureness(auxiliary_BMC: Tensor, there_BM: Tensor, several: bool) -> Tensor:
    """Return the chance that z = sum_m z_m over the modalities that are there gives its own answer, (B,).

    max softmax(z); where a case may have several labels prod_c max(p_c, 1 - p_c) with p = sigmoid(z), each true or not by itself.
    """
    logits_BC = (auxiliary_BMC * there_BM[..., None]).sum(1)
    if several:
        chance_BC = logits_BC.sigmoid()
        return torch.maximum(chance_BC, 1 - chance_BC).prod(1)
    return logits_BC.softmax(1).amax(1)


class Student(nn.Module):
    """The small council. Make one with `build_student`."""

    def __init__(
        self,
        encoders: Sequence[nn.Module],
        blocks: Sequence[Block],
        fusion: Fusion,
        head: Head | LinearHead,
        alone: AuxiliaryHeads,
        knowledge: KnowledgePrior | None = None,
    ) -> None:
        super().__init__()
        self.encoders = nn.ModuleDict(dict(zip(MODALITIES, encoders, strict=True)))
        self.blocks = nn.ModuleList(blocks)
        width = fusion.absent_MD.shape[1]
        self.kinds_MD = nn.Parameter(torch.randn(len(MODALITIES), width) * 0.02)
        self.queries_MD = nn.Parameter(torch.randn(len(MODALITIES), width) * 0.02)
        self.own_queries_MD = nn.Parameter(torch.randn(len(MODALITIES), width) * 0.02)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in MODALITIES)
        self.own_norms = nn.ModuleList(nn.LayerNorm(width) for _ in MODALITIES)
        self.fusion, self.head, self.alone = fusion, head, alone
        self.knowledge = knowledge

    def forward(self, batch: Batch, reroute: Reroute | None = None, maps: bool = False) -> Outcome:
        """Answer for every case of the batch; `reroute` sends tokens elsewhere than their router would, as a trial.

        With `maps` the outcome says where the student looked.
        """
        return self.conclude(self.look(batch), reroute, maps)

    def look(self, batch: Batch, before: Seen | None = None) -> Seen:
        """Read the inputs, and let each modality answer alone; what was read `before`, of the same cases, is not read again."""
        items = (batch.texts, batch.images, batch.audios)
        tokens = tuple(
            before.tokens[m] if before is not None and len(before.tokens[m].owner_N) else encoder(items[m])
            for m, encoder in enumerate(self.encoders.values())
        )
        x_TD, layout = join(tokens, batch.size)
        own_BMD = _standardise(layout.pooled_BMD(x_TD, self.own_queries_MD), self.own_norms, batch.present_BM)
        return Seen(batch, tokens, x_TD, layout, own_BMD, self.alone(own_BMD))

    def conclude(self, seen: Seen, reroute: Reroute | None = None, maps: bool = False) -> Outcome:
        """Answer from what was read: the trunk, the fusion and the head."""
        batch, layout, own_BMD, alone_BMC = seen.batch, seen.layout, seen.own_BMD, seen.auxiliary_BMC
        x_TD = seen.x_TD + self.kinds_MD[layout.modality_T]
        routing = []
        scores_BMM = None
        for layer, block in enumerate(self.blocks):
            if maps and isinstance(block, Block):  # the last one is what stays
                scores_BMM = block.scores(x_TD, layout)
            x_TD, chosen = block(x_TD, layout, reroute.at(layer) if reroute else None)
            routing.append(chosen)
        pooled_BMD = _standardise(layout.pooled_BMD(x_TD, self.queries_MD), self.norms, batch.present_BM)
        fused_BD = self.fusion(pooled_BMD, batch.present_BM)
        logits_BC = self.head(fused_BD, pooled_BMD)
        advice = self.knowledge(batch.texts, own_BMD, batch.present_BM) if self.knowledge is not None else None
        if advice is not None:
            logits_BC = logits_BC + advice.prior_BC
        return Outcome(
            logits_BC,
            fused_BD,
            pooled_BMD,
            own_BMD,
            batch.present_BM,
            alone_BMC,
            tuple(routing),
            layout,
            advice,
            looked_at(seen.tokens, scores_BMM, batch.size) if maps else None,
        )

    def rebalance(self, counts_LEM: Tensor) -> None:
        """Let each layer's router move its balancing bias, after a training step with these counts."""
        routers_of_layers = (module for module in self.blocks.modules() if isinstance(module, Router))
        for router, counts_EM in zip(routers_of_layers, counts_LEM, strict=True):
            router.rebalance(counts_EM)


def _standardise(pooled_BMD: Tensor, norms: nn.ModuleList, present_BM: Tensor) -> Tensor:
    """Return each modality with mean 0 and deviation 1 over its width: none outweighs another by its scale alone."""
    normed_BMD = torch.stack([norm(pooled_BMD[:, m]) for m, norm in enumerate(norms)], dim=1)
    return normed_BMD * present_BM[..., None]


@torch.no_grad()
def routing_counts(outcome: Outcome) -> Tensor:
    """Return how many tokens of each modality each expert worked on, int64 (layers, E, M), on the outcome's device.

    A student without a trunk has no experts: (0, 0, M).
    """
    modalities = len(MODALITIES)
    counts = []
    for routing in outcome.routing:
        experts = routing.logits_TE.shape[1]
        cell_TK = routing.experts_TK * modalities + outcome.modality_T[:, None]
        counted = cell_TK.flatten().bincount(minlength=(experts + 1) * modalities)
        counts.append(counted.view(experts + 1, modalities)[:experts])  # the last row is nobody's
    return torch.stack(counts) if counts else torch.zeros(0, 0, modalities, dtype=torch.int64)


def count_parameters(student: nn.Module) -> tuple[int, int]:
    """Return all parameters, those of encoders kept inside too, and those that work on one token: all but E - K of E experts."""
    total = sum(parameter.numel() for parameter in student.parameters())
    total += sum(tensor.numel() for tensor in kept_inside(student) if isinstance(tensor, nn.Parameter))
    idle = 0
    for block in (module for module in student.modules() if isinstance(module, Block)):
        each = sum(parameter.numel() for parameter in block.experts.parameters()) // block.experts.number
        idle += each * (block.experts.number - block.router.slots)
    return total, total - idle


def build_student(config: StudentConfig, preparation: Preparation, num_labels: int) -> Student:
    """Return a student with fresh weights, drawn from torch's global generator."""
    width, dropout = config.width, config.dropout
    if width % config.heads:
        detail = f"the width {width} must be a multiple of it"
        raise UserError("bad-setting", key="student.heads", value=config.heads, detail=detail)
    encoders = [build_encoder(modality, config, preparation) for modality in MODALITIES]
    fusion = fusions[config.fusion.name].build(width, **fusions.settings(config.fusion).model_dump())
    kind = Head if config.head == "joint" else LinearHead
    head, alone = kind(width, num_labels, dropout), AuxiliaryHeads(width, num_labels, dropout)
    blocks = [_build_block(config, layer) for layer in range(config.layers)]
    told = preparation.knowledge  # last of all: what is drawn before it must not depend on whether there is any
    return Student(
        encoders, blocks, fusion, head, alone, KnowledgePrior(told, num_labels, width) if told is not None else None
    )


def _build_block(config: StudentConfig, layer: int) -> Block:
    settings = routers.settings(config.router).model_dump()
    router: Router = routers[config.router.name].build(config.width, config.experts, **settings)
    attention = CaseAttention(config.width, config.heads)
    experts = Experts(config.experts, config.width, config.hidden)
    bypass = config.bypass if layer == config.layers - 1 else 1.0
    shared = SharedExpert(config.width, config.shared) if config.shared else None
    return Block(attention, router, experts, config.width, config.dropout, bypass, shared)
