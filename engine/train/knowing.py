"""What became of a knowledge file in a run: each rule, each named expert and the file's own answers, judged out of fold.

Every case is judged by the fold student that never saw it. What is taken from data alone is that student with the file silent.
Shapes: N held-out cases, F findings, C labels, S specialists, T tokens, K experts a token, M modalities.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.device import torch_device
from engine.evaluate.measures import wilson
from engine.evaluate.rules import Jury
from engine.model.student import Outcome, Student
from engine.model.trunk.block import Block
from engine.model.trunk.routers import Reroute
from engine.predict.answers import told, true
from engine.predict.calibration import calibrated, chances
from engine.preprocess.knowledge import CaseKnowledge
from engine.preprocess.truth import is_several
from engine.schema.base import MODALITIES
from engine.schema.case import Label
from engine.schema.catalog import DeviceInfo
from engine.schema.config import StudentConfig
from engine.schema.knowledge import Knowledge, KnowledgeVersion, Rule, Told
from engine.schema.knowledge_report import Change, Interval, KnowledgeReport, RuleReport, SpecialistReport
from engine.train.finish import Kept, student_with
from engine.train.guidance import Guide
from engine.train.losses import each
from engine.train.material import Material
from engine.train.trust import base_rates

_BATCH = 256


@dataclasses.dataclass(frozen=True)
class Heard:
    """What students and file said of held-out cases.

    `sent_NS` are tokens of a case that went to a specialist in the last layer, `tokens_N` all that went anywhere, `loss_N` the error of
    a case and `rerouted_NS` its error when the specialist was passed over, `beta_N` the weight that the rules had in its student.
    """

    rows_N: NDArray[np.int64]
    logits_NC: NDArray[np.float64]
    prior_NC: NDArray[np.float64]
    phi_NF: NDArray[np.float64]
    sent_NS: NDArray[np.float64]
    tokens_N: NDArray[np.float64]
    loss_N: NDArray[np.float64]
    rerouted_NS: NDArray[np.float64]
    beta_N: NDArray[np.float64]


def report_knowledge(
    version: KnowledgeVersion,
    guide: Guide,
    kept: Kept,
    material: Material,
    shape: StudentConfig,
    temperature: Mapping[str, float],
    device: DeviceInfo,
) -> KnowledgeReport:
    """Return the report of the weights that are kept; `temperature` is the council's, by modality pattern."""
    said = material.preparation.knowledge or CaseKnowledge()
    final = student_with(kept.weights, material, shape)
    heard = _hear(guide, kept, material, shape, device)
    judging = _Judging(guide, heard, material, temperature)
    alpha, beta = (final.knowledge.alpha, final.knowledge.beta) if final.knowledge is not None else (0.0, 0.0)
    used = {finding.name for finding in said.findings}
    return KnowledgeReport(
        title=version.title,
        version=version.version,
        sha256=version.sha256,
        alpha=float(alpha),
        beta=float(beta),
        descriptions=sum(bool(documents) for documents in said.descriptions),
        rules=tuple(judging.rule(rule) for rule in guide.knowledge.rules if rule.finding in used),
        specialists=tuple(judging.specialist(s) for s in range(heard.sent_NS.shape[1])),
        unknown=guide.unknown,
        left_out=tuple(name for name in guide.knowledge.findings if guide.config.rules and name not in used),
        **judging.answers(),
    )


class _Judging:
    """Holds the held-out cases against one rule or specialist after another."""

    def __init__(self, guide: Guide, heard: Heard, material: Material, temperature: Mapping[str, float]) -> None:
        self._guide, self._heard = guide, heard
        self._labels = {label.name: (place, label) for place, label in enumerate(material.labels)}
        rows = heard.rows_N
        self._findings = {
            one.name: (place, MODALITIES.index(one.modality))
            for place, one in enumerate((material.preparation.knowledge or CaseKnowledge()).findings)
        }
        self._base_C = base_rates(material.labels_N, len(material.labels))
        self._several = is_several(material.labels_N)
        self._true_NC = true(material.labels_N[rows], len(material.labels))
        patterns = material.patterns()
        self._patterns = [patterns[row] for row in rows]
        self._temperature = dict(temperature)
        self._present_NM = np.array([material.views[row][0].present() for row in rows], dtype=bool)
        self._present_NM = self._present_NM.reshape(-1, len(MODALITIES))
        self._data_NC = heard.logits_NC - heard.prior_NC
        self._together_NC = self._calibrated(heard.logits_NC)
        self._jury = Jury([material.groups[row] for row in rows])

    def answers(self) -> dict[str, Interval]:
        """Return how often file, data and both were right; the file alone only where it says anything at all.

        Of several labels an answer is right where it is just the true ones; the file alone starts from each label's share.
        """
        heard, several = self._heard, self._several
        speaks_N = np.ptp(heard.prior_NC, axis=1) > 0 if len(heard.rows_N) else np.zeros(0, dtype=bool)
        alone_NC = heard.prior_NC + self._base_C if several else heard.prior_NC
        logits = {"alone": alone_NC, "data_only": self._data_NC, "together": heard.logits_NC}
        right = {name: self._right_N(logits_NC) for name, logits_NC in logits.items()}
        right["alone"] = right["alone"][speaks_N]
        return {name: wilson(int(right_N.sum()), len(right_N)) for name, right_N in right.items()}

    def _calibrated(self, logits_NC: NDArray[np.float64]) -> NDArray[np.float64]:
        return calibrated(logits_NC, self._patterns, self._temperature, self._several)

    def _apart_N(self, rule: Rule) -> NDArray[np.float64]:
        """Return p(label | without this one rule) - p(label | with it), all else that the file says being the same."""
        place, _ = self._findings[rule.finding]
        label, _ = self._labels[rule.label]
        without_NC = self._heard.logits_NC.copy()
        without_NC[:, label] -= self._heard.beta_N * rule.strength * self._heard.phi_NF[:, place]
        return np.asarray((self._calibrated(without_NC) - self._together_NC)[:, label])

    def _right_N(self, logits_NC: NDArray[np.float64]) -> NDArray[np.bool_]:
        said_NC = told(chances(logits_NC, 1.0, self._several), self._several)
        return np.asarray((said_NC == self._true_NC).all(1))

    def rule(self, rule: Rule) -> RuleReport:
        """Return what the cases say of a rule; a finding that a person labelled is taken from the label, not from its head."""
        place, modality = self._findings[rule.finding]
        label, titled = self._labels[rule.label]
        seen_N = self._guide.seen_NF[self._heard.rows_N, place]
        fires_N = np.where(np.isnan(seen_N), self._heard.phi_NF[:, place] > 0.5, seen_N > 0.5)
        judged = self._jury.judge(
            fires_N,
            self._present_NM[:, modality],
            self._true_NC[:, label],
            self._apart_N(rule),
            rule.strength,
        )
        knowledge = self._guide.knowledge
        return RuleReport(
            finding=rule.finding,
            finding_title=_finding_title(knowledge, rule.finding),
            modality=MODALITIES[modality],
            label=rule.label,
            label_title=_label_title(titled),
            strength=rule.strength,
            **dataclasses.asdict(judged),
        )

    def specialist(self, s: int) -> SpecialistReport:
        """Return whether a named expert works on the cases it was named for, and what it is worth to them."""
        heard, one = self._heard, self._guide.knowledge.specialists[s]
        own_N = self._guide.tags_NS[heard.rows_N, s]
        sent_N, all_N = heard.sent_NS[:, s], heard.tokens_N
        lift = Change()
        if own_N.any() and sent_N.any():
            share = (sent_N[own_N].sum() / all_N[own_N].sum()) / (sent_N.sum() / all_N.sum())
            own_R, whole_R = (
                self._jury.ratio(sent_N * some_N, all_N * some_N) for some_N in (own_N, np.ones(len(own_N)))
            )
            with np.errstate(invalid="ignore", divide="ignore"):
                lift = self._jury.change(own_R / whole_R, float(share))
        effect = self._jury.mean(heard.rerouted_NS[:, s] - heard.loss_N, own_N)
        return SpecialistReport(
            name=one.name, title=one.title, expert=s, cases=int(own_N.sum()), lift=lift, effect=effect
        )


def _hear(guide: Guide, kept: Kept, material: Material, shape: StudentConfig, device: DeviceInfo) -> Heard:
    """Let the student of each fold answer the cases it never saw."""
    place = torch_device(device)
    parts: list[tuple[NDArray[np.float64], ...]] = []
    order: list[NDArray[np.int64]] = []
    for weights, rows in _by_fold(kept):
        student = student_with(weights, material, shape).to(place)
        named = guide.specialists if _names(student, guide.specialists) else 0
        for start in range(0, len(rows), _BATCH):
            some = rows[start : start + _BATCH]
            order.append(some)
            parts.append(_heard_of(student, material, some, named, place))
    joined = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return Heard(np.concatenate(order), *joined)


def _by_fold(kept: Kept) -> list[tuple[dict[str, Tensor], NDArray[np.int64]]]:
    """Return the weights of each fold with the rows it left out; of a run that ended early there is one."""
    held = kept.held
    numbers = np.unique(held.fold_N)
    return [
        (weights, held.rows_N[held.fold_N == number])
        for weights, number in zip(kept.folds.values(), numbers, strict=True)
    ]


def _names(student: Student, specialists: int) -> bool:
    """Whether the student has an expert for each specialist."""
    blocks = [block for block in student.blocks if isinstance(block, Block)]
    return bool(blocks) and all(1 < block.experts.number >= specialists for block in blocks)


@torch.inference_mode()
def _heard_of(
    student: Student, material: Material, rows: Sequence[int] | NDArray[np.int64], named: int, place: torch.device
) -> tuple[NDArray[np.float64], ...]:
    """Return the fields of `Heard`, from the logits on, of some rows."""
    batch = material.batch(rows).to(place)
    outcome = student(batch)
    advice = outcome.advice
    empty_B0 = torch.zeros(batch.size, 0)
    beta = student.knowledge.beta if student.knowledge is not None else torch.zeros(())
    prior_BC = advice.prior_BC if advice is not None else torch.zeros_like(outcome.logits_BC)
    phi_BF = advice.phi_BF if advice is not None else empty_B0
    sent_BS, tokens_B = _sent(outcome, batch.size, named)
    losses = [each(outcome.logits_BC.double(), batch.labels_B)]
    for s in range(named):
        rerouted = student(batch, Reroute(None, s))
        losses.append(each(rerouted.logits_BC.double(), batch.labels_B))
    rerouted_BS = torch.stack(losses[1:], 1) if named else empty_B0
    found = (outcome.logits_BC, prior_BC, phi_BF, sent_BS, tokens_B, losses[0], rerouted_BS, beta.expand(batch.size))
    return tuple(tensor.double().cpu().numpy() for tensor in found)


def _sent(outcome: Outcome, cases: int, named: int) -> tuple[Tensor, Tensor]:
    """Return how many tokens of each case went to each of the first experts of the last layer, and how many in all."""
    chosen_TK = outcome.routing[-1].experts_TK
    owner_T = outcome.owner_T
    worked_T = (chosen_TK < outcome.routing[-1].logits_TE.shape[1]).sum(1)
    tokens_B = torch.bincount(owner_T, weights=worked_T.double(), minlength=cases)
    sent = [torch.bincount(owner_T[(chosen_TK == s).any(1)], minlength=cases) for s in range(named)]
    return torch.stack(sent, 1) if sent else torch.zeros(cases, 0), tokens_B


def _finding_title(knowledge: Knowledge, name: str) -> Told:
    return Told(en=knowledge.finding_title(name, "en"), zh=knowledge.finding_title(name, "zh"))


def _label_title(label: Label) -> Told:
    return Told(en=label.shown("en"), zh=label.shown("zh"))
