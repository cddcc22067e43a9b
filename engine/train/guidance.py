"""How a knowledge file guides a stage: the trust it starts with, its silences, its own part of the error, its specialists.

Shapes: N training cases, B cases of a batch, F findings, C labels, S specialists, T tokens, D width, L layers.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.device import derived_seed, generator
from engine.model.knowledge import KnowledgePrior
from engine.model.student import Outcome, Student
from engine.model.trunk.block import Block
from engine.model.trunk.routers import Router
from engine.predict.answers import true
from engine.preprocess.batch import Batch, collate
from engine.preprocess.knowledge import CaseKnowledge
from engine.preprocess.phrases import Phrase, denials, found, spoken
from engine.preprocess.preparation import Preparation, PreparedCase, PreparedText
from engine.preprocess.truth import is_several
from engine.schema.base import MODALITIES, Modality
from engine.schema.case import Case, Part
from engine.schema.config import KnowledgeConfig, StudentConfig
from engine.schema.errors import UserError
from engine.schema.knowledge import Knowledge, plain_spelling
from engine.train.material import Material
from engine.train.stage import Stage
from engine.train.trust import base_rates, fit_trust

_EXAMPLES = 32
"""Cases that stand for a specialist's labels, and for everything, when router rows are made."""


@dataclasses.dataclass(frozen=True)
class Guide:
    """What a run takes from its knowledge file. `seen_NF` are labelled findings of pictures and sounds, NaN where nobody looked.

    `tags_NS` says which training cases are a specialist's; `examples_NS` those of them that were named one by one. `unknown` are findings
    that cases are labelled with and the file does not have.
    """

    knowledge: Knowledge
    config: KnowledgeConfig
    seen_NF: NDArray[np.float32]
    tags_NS: NDArray[np.bool_]
    examples_NS: NDArray[np.bool_]
    unknown: tuple[str, ...] = ()

    @property
    def specialists(self) -> int:
        """S."""
        return int(self.tags_NS.shape[1])


def make_guide(knowledge: Knowledge, config: KnowledgeConfig, material: Material, cases: Sequence[Case]) -> Guide:
    """Return the guide of a run over these training cases (of which some may have held nothing to read)."""
    by_id = {case.case_id: case for case in cases}
    kept = [by_id[case_id] for case_id in material.case_ids]
    read = material.preparation.knowledge or CaseKnowledge()
    spellings = {kind: knowledge.spellings(kind) for kind in MODALITIES}
    seen_NF = np.array([list(_labelled(case, read, spellings)) for case in kept], dtype=np.float32).reshape(
        len(kept), len(read.findings)
    )
    named = knowledge.specialists if config.specialists else ()
    examples_NS = np.array([[_is_named(case, one.cases) for one in named] for case in kept], dtype=bool)
    examples_NS = examples_NS.reshape(len(kept), len(named))
    tags_NS = examples_NS.copy()
    labels = [label.name for label in material.labels]
    bears_NC = true(material.labels_N, len(labels))
    for s, one in enumerate(named):
        phrases = [Phrase.read(phrase) for phrase in one.keywords.every()]
        own = [labels.index(name) for name in one.labels if name in labels]
        tags_NS[:, s] |= bears_NC[:, own].any(1)
        tags_NS[:, s] |= [_tells(views[0], phrases) for views in material.texts]
    told = knowledge.model_copy(update={"specialists": named})
    return Guide(told, config, seen_NF, tags_NS, examples_NS, _unknown(kept, spellings))


def labelled_findings(cases: Sequence[Case], knowledge: Knowledge) -> frozenset[str]:
    """Return the findings of the file that any picture or sound of the cases is labelled with, by name or title."""
    spellings = {kind: knowledge.spellings(kind) for kind in MODALITIES}
    parts = (part for case in cases for part in case.readable() if part.modality != "text")
    written = {(part.modality, name) for part in parts for name in part.findings or ()}
    named = (spellings[kind].get(plain_spelling(name)) for kind, name in written)
    return frozenset(name for name in named if name is not None)


def refuse_too_many(specialists: int, student: StudentConfig) -> None:
    """Raise `knowledge-too-many-specialists` where a file names more than a layer has experts; a dense student has none to name."""
    if student.experts > 1 and specialists > student.experts:
        raise UserError("knowledge-too-many-specialists", wanted=specialists, experts=student.experts)


def _unknown(cases: Sequence[Case], spellings: Mapping[Modality, Mapping[str, str]]) -> tuple[str, ...]:
    parts = (part for case in cases for part in case.readable())
    written = {(part.modality, name) for part in parts for name in (*(part.findings or ()), *(part.looked_for or ()))}
    return tuple(sorted({name for kind, name in written if plain_spelling(name) not in spellings[kind]}))


def _labelled(case: Case, read: CaseKnowledge, spellings: Mapping[Modality, Mapping[str, str]]) -> Iterator[float]:
    """Yield for each finding 1 where a part of its kind shows it, 0 where somebody looked for it in every one, else NaN."""
    parts = [_as_in_the_file(part, spellings[part.modality]) for part in case.readable() if part.modality != "text"]
    for finding in read.findings:
        told = [part.shows(finding.name) for part in parts if part.modality == finding.modality]
        if not told or (None in told and True not in told):
            yield float("nan")
        else:
            yield float(True in told)


def _as_in_the_file(part: Part, spellings: Mapping[str, str]) -> Part:
    """Return a part whose findings have the names that the file gives them; others, which it does not know, stay."""

    def named(written: Sequence[str] | None) -> tuple[str, ...] | None:
        return None if written is None else tuple(spellings.get(plain_spelling(name), name) for name in written)

    return part.model_copy(update={"findings": named(part.findings), "looked_for": named(part.looked_for)})


def _is_named(case: Case, names: Sequence[str]) -> bool:
    return case.case_id in names or case.title in names


def _tells(text: str, phrases: Sequence[Phrase]) -> bool:
    said = spoken(text) if phrases else ()
    return bool(phrases) and found(said, phrases, denials(said))


class Guidance:
    """A guide at work in one stage; `base_C` are the labels' log-odds among its rows where a case may have several."""

    def __init__(
        self, guide: Guide, student: Student, prior: KnowledgePrior | None, stage: Stage, base_C: Tensor | None = None
    ) -> None:
        self._guide, self._prior, self._stage, self._base_C = guide, prior, stage, base_C
        self.seen_NF = torch.from_numpy(guide.seen_NF)
        self.tags_NS = torch.from_numpy(guide.tags_NS) if _can_name(student, guide.specialists) else None

    def to(self, device: torch.device) -> "Guidance":
        """Move what is looked up in every step to a device."""
        self.seen_NF = self.seen_NF.to(device)
        self.tags_NS = self.tags_NS.to(device) if self.tags_NS is not None else None
        self._base_C = self._base_C.to(device) if self._base_C is not None else None
        return self

    def heard(self, outcome: Outcome, step: int) -> Outcome:
        """Return the outcome with the file silent on some cases: what remains must be worth something by itself.

        Two outcomes of one step have it silent on the same cases.
        """
        chance, advice = self._guide.config.silence, outcome.advice
        if advice is None or not chance:
            return outcome
        dice = generator(self._stage.seed, self._stage.luck, "silence", step)
        silent_B1 = (torch.rand(len(outcome.logits_BC), generator=dice) < chance).to(outcome.logits_BC.device)[:, None]
        hushed_BC = torch.where(silent_B1, torch.zeros_like(advice.prior_BC), advice.prior_BC)
        return dataclasses.replace(outcome, logits_BC=outcome.logits_BC - advice.prior_BC + hushed_BC)

    def add(
        self, parts: Mapping[str, Tensor], outcome: Outcome, labels_B: Tensor, rows_B: Tensor, done: float
    ) -> dict[str, Tensor]:
        """Return the parts of the error with the file's own added to `loss`, and with the trust of this moment."""
        config, told = self._guide.config, dict(parts)
        weights = {"alone": config.alone, "finding": config.finding, "naming": config.naming * (1 - done)}
        for name, value in self._parts(outcome, labels_B, rows_B).items():
            told[name] = value
            told["loss"] = told["loss"] + weights[name] * value
        if self._prior is not None:
            told |= {"alpha": self._prior.alpha.detach(), "beta": self._prior.beta.detach()}
        return told

    def _parts(self, outcome: Outcome, labels_B: Tensor, rows_B: Tensor) -> dict[str, Tensor]:
        found: dict[str, Tensor] = {}
        advice = outcome.advice
        if advice is not None:
            found["alone"] = alone_loss(advice.prior_BC.float(), labels_B, self._base_C)
            if self._prior is not None and len(self._prior.finders):
                found["finding"] = finding_loss(advice.seen_BF, self.seen_NF[rows_B])
        if self.tags_NS is not None:
            found["naming"] = naming_loss(outcome, self.tags_NS[rows_B])
        return found


def alone_loss(prior_BC: Tensor, labels_B: Tensor, base_C: Tensor | None = None) -> Tensor:
    """Error of the file's own answer: cross-entropy, or the mean BCE over labels around what each one's share lets expect, `base_C`.

    One label among others is only compared with them; each of several is held against nothing but its own share.
    """
    if base_C is None:
        return nn.functional.cross_entropy(prior_BC, labels_B)
    return nn.functional.binary_cross_entropy_with_logits(base_C + prior_BC, labels_B.to(prior_BC.dtype))


def finding_loss(seen_BF: Tensor, truth_BF: Tensor) -> Tensor:
    """Mean binary cross-entropy over the findings somebody looked for; NaN is nobody did."""
    known_BF = ~truth_BF.isnan()
    loss_BF = nn.functional.binary_cross_entropy_with_logits(
        seen_BF, torch.where(known_BF, truth_BF, torch.zeros_like(truth_BF)), reduction="none"
    )
    return (loss_BF * known_BF).sum() / known_BF.sum().clamp(min=1)


def naming_loss(outcome: Outcome, tags_BS: Tensor) -> Tensor:
    """CE(tag, softmax(router)) over the tokens of tagged cases, mean over tokens and layers; several tags share evenly."""
    tags_TS = tags_BS[outcome.owner_T].float()
    tagged_T = tags_TS.any(1)
    share_TS = tags_TS / tags_TS.sum(1, keepdim=True).clamp(min=1)
    losses = []
    for layer in outcome.routing:
        log_TE = layer.logits_TE.float().log_softmax(1)
        losses.append(-(share_TS * log_TE[:, : share_TS.shape[1]]).sum() / tagged_T.sum().clamp(min=1))
    return torch.stack(losses).mean()


def guided(guide: Guide | None, student: Student, material: Material, stage: Stage) -> Guidance | None:
    """Return the guidance of a stage, its trust fitted and its routers seeded where the stage starts afresh; None without a file."""
    if guide is None:
        return None
    if stage.start is None and student.knowledge is not None:
        student.knowledge.set_trust(*_trust(student.knowledge, material, stage.learn))
    if stage.start is None and _can_name(student, guide.specialists):
        _seed_routers(student, guide, material, stage)
    labels_N = material.labels_N[stage.learn]
    base_C = base_rates(labels_N, len(material.labels)) if is_several(labels_N) else None
    return Guidance(
        guide, student, student.knowledge, stage, torch.from_numpy(base_C).float() if base_C is not None else None
    )


def _trust(prior: KnowledgePrior, material: Material, rows: NDArray[np.int64]) -> tuple[float, float]:
    """Return the trust that the rows to learn from speak for, from their texts alone."""
    items = collate([_only_texts(material.views[row][0]) for row in rows], material.preparation)
    width = int(prior.strengths_FC.shape[1])
    with torch.no_grad():
        advice = prior(items.texts, torch.zeros(*items.present_BM.shape, prior.width), items.present_BM)
    like_NC, rules_NC = (part.double().numpy().reshape(-1, width) for part in (advice.like_BC, advice.rules_BC))
    return fit_trust(like_NC, rules_NC, material.labels_N[rows])


def _only_texts(case: PreparedCase) -> PreparedCase:
    return dataclasses.replace(case, images=(), audios=())


def _experts(student: Student) -> int:
    blocks = [block for block in student.blocks if isinstance(block, Block)]
    return min((int(block.experts.number) for block in blocks), default=0)


def _can_name(student: Student, specialists: int) -> bool:
    return 0 < specialists <= _experts(student) and _experts(student) > 1


def _seed_routers(student: Student, guide: Guide, material: Material, stage: Stage) -> None:
    """Let each specialist's row of every router point where the mean token of its seeds lies, seen from the mean of all tokens."""
    random = np.random.default_rng(derived_seed(stage.seed, stage.luck, "seeds"))
    everything_LD = _mean_inputs(student, [material.batch(_some(stage.learn, random))])
    means = []
    for s, one in enumerate(guide.knowledge.specialists):
        rows = _some(stage.learn[guide.tags_NS[stage.learn, s]], random)
        batches = [material.batch(rows)] if len(rows) else []
        if one.keywords.every():
            batches.append(_keywords(one.keywords.every(), material.preparation))
        means.append(_mean_inputs(student, batches) - everything_LD if batches else torch.zeros_like(everything_LD))
    means_SLD = torch.stack(means)
    for layer, router in enumerate(_routers(student)):
        router.seed(means_SLD[:, layer])


def _some(rows: NDArray[np.int64], random: np.random.Generator) -> NDArray[np.int64]:
    return np.sort(random.permutation(rows)[:_EXAMPLES])


def _keywords(phrases: Sequence[str], preparation: Preparation) -> Batch:
    """Return the phrases as the text of a case."""
    text = "\n".join(phrases)
    ids_L, spans_L2 = preparation.tokens(text)
    told_K = preparation.knowledge.read("") if preparation.knowledge is not None else None
    return collate([PreparedCase((PreparedText("", ids_L, spans_L2, told_K),))], preparation)


@torch.no_grad()
def _mean_inputs(student: Student, batches: Sequence[Batch]) -> Tensor:
    """Return the mean token that each layer's router is given, (L, D)."""
    seen: list[list[Tensor]] = [[] for _ in student.blocks]
    hooks = [
        router.register_forward_pre_hook(lambda _, given, layer=layer: seen[layer].append(given[0].float().cpu()))
        for layer, router in enumerate(_routers(student))
    ]
    was_training = student.training
    student.eval()
    for batch in batches:
        student(batch)
    student.train(was_training)
    for hook in hooks:
        hook.remove()
    return torch.stack([torch.cat(tokens).mean(0) for tokens in seen])


def _routers(student: Student) -> list[Router]:
    return [block.router for block in student.blocks if isinstance(block, Block)]
