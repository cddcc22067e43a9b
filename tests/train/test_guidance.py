"""How a knowledge file guides a stage: its findings and tags read from cases, its own parts of the error, its specialists' router rows."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.model.student import Outcome, Student, build_student
from engine.model.trunk.block import Block
from engine.preprocess.knowledge import CaseKnowledge
from engine.preprocess.preparation import Preparation
from engine.schema.case import Case
from engine.schema.config import KnowledgeConfig, LossConfig, OptimConfig
from engine.schema.errors import UserError
from engine.schema.knowledge import Knowledge
from engine.schema.knowledge_file import read
from engine.store.blobs import Blobs
from engine.train import losses
from engine.train.guidance import (
    Guidance,
    Guide,
    finding_loss,
    guided,
    labelled_findings,
    make_guide,
    naming_loss,
    refuse_too_many,
)
from engine.train.material import Material, prepare_material, training_cases
from engine.train.stage import Stage
from engine.train.trainer import train_stage
from tests.train.runs import LABELS, STUDENT, clinic_knowledge, heard_by_nobody


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return read(clinic_knowledge().encode(), [label.name for label in LABELS])


@pytest.fixture(scope="module")
def learned(cases: list[Case]) -> list[Case]:
    return training_cases(cases, LABELS)


@pytest.fixture(scope="module")
def material(project: Path, learned: list[Case], knowledge: Knowledge) -> Material:
    blobs = Blobs(project / "blobs")
    told = CaseKnowledge.of(knowledge, LABELS, labelled_findings(learned, knowledge))
    preparation = Preparation.fit(learned, blobs, STUDENT).model_copy(update={"knowledge": told})
    return prepare_material(learned, LABELS, blobs, preparation, 1, lambda done, total: None)


@pytest.fixture(scope="module")
def guide(knowledge: Knowledge, material: Material, learned: list[Case]) -> Guide:
    return make_guide(knowledge, KnowledgeConfig(version="1"), material, learned)


def _stage(material: Material) -> Stage:
    rows = np.arange(material.size)
    return Stage("fold-1", 1, rows, rows[:0], STUDENT, LossConfig(), OptimConfig(epochs=2, batch=16))


def test_guide_when_made_then_knows_what_parts_were_labelled_with_and_what_nobody_looked_at(
    guide: Guide, material: Material, learned: list[Case]
) -> None:
    assert material.preparation.knowledge is not None
    findings = [one.name for one in material.preparation.knowledge.findings]
    patch = findings.index("lungs-patch")
    for row, case_id in enumerate(material.case_ids):
        case = next(one for one in learned if one.case_id == case_id)
        images = [part.findings or () for part in case.parts if part.modality == "image"]
        seen = guide.seen_NF[row, patch]
        assert np.isnan(seen) if not images else bool(seen) == ("lungs-patch" in images[0])
    assert np.isnan(guide.seen_NF[:, findings.index("fever-high")]).all()


def test_guide_when_specialists_are_named_by_label_or_keyword_then_tags_their_cases(
    guide: Guide, material: Material
) -> None:
    names = [label.name for label in material.labels]
    heart = [one.name for one in guide.knowledge.specialists].index("heart")
    own_N = material.labels_N == names.index("heart_failure")
    assert guide.tags_NS[own_N, heart].all()
    by_word = [("swollen ankles" in views[0].lower()) or ("浮肿" in views[0]) for views in material.texts]
    assert guide.tags_NS[np.array(by_word), heart].all()
    assert not guide.tags_NS[:, heart].all()
    assert not guide.examples_NS.any()


def test_guide_when_a_case_is_named_as_an_example_then_tags_it(
    knowledge: Knowledge, material: Material, learned: list[Case]
) -> None:
    one = knowledge.specialists[0].model_copy(update={"labels": (), "cases": (learned[3].title,)})
    only = knowledge.model_copy(update={"specialists": (one.model_copy(update={"keywords": type(one.keywords)()}),)})
    guide = make_guide(only, KnowledgeConfig(version="1"), material, learned)
    assert [material.case_ids[row] for row in np.flatnonzero(guide.tags_NS[:, 0])] == [learned[3].case_id]


def test_trust_when_a_stage_starts_with_a_good_file_then_is_high_and_with_a_wrong_one_next_to_nothing(
    knowledge: Knowledge, material: Material, learned: list[Case]
) -> None:
    names = [label.name for label in LABELS]
    turned = {name: names[(place + 3) % len(names)] for place, name in enumerate(names)}
    wrong = knowledge.model_copy(
        update={
            "rules": tuple(rule.model_copy(update={"label": turned[rule.label]}) for rule in knowledge.rules),
            "labels": {turned[name]: entry for name, entry in knowledge.labels.items()},
        }
    )
    trusts = []
    for told in (knowledge, wrong):
        prepared = CaseKnowledge.of(told, LABELS, labelled_findings(learned, told))
        views = tuple(
            tuple(
                dataclasses.replace(
                    case,
                    texts=tuple(dataclasses.replace(text, told_K=prepared.read(texts[0])) for text in case.texts),
                )
                for case in versions
            )
            for versions, texts in zip(material.views, material.texts, strict=True)
        )
        preparation = material.preparation.model_copy(update={"knowledge": prepared})
        here = dataclasses.replace(material, views=views, preparation=preparation)
        student = build_student(STUDENT, preparation, len(LABELS))
        guided(make_guide(told, KnowledgeConfig(version="1"), here, learned), student, here, _stage(here))
        assert student.knowledge is not None
        trusts.append((student.knowledge.alpha.item(), student.knowledge.beta.item()))
    assert trusts[0][1] > 1
    assert max(trusts[1]) < 0.1


def test_routers_when_a_stage_starts_then_their_first_rows_point_at_their_specialists_cases(
    guide: Guide, material: Material
) -> None:
    torch.manual_seed(0)
    student = build_student(STUDENT, material.preparation, len(LABELS))
    guided(guide, student, material, _stage(material))
    student.eval()
    with torch.no_grad():
        outcome = student(material.batch(range(material.size)))
    tags_TS = torch.from_numpy(guide.tags_NS)[outcome.owner_T]
    logits_TE = outcome.routing[0].logits_TE
    for s in range(guide.specialists):
        assert logits_TE[tags_TS[:, s], s].mean() > logits_TE[~tags_TS[:, s], s].mean()


def test_guidance_when_the_file_is_silent_on_every_case_then_the_logits_are_the_data_alone(
    guide: Guide, material: Material
) -> None:
    student = build_student(STUDENT, material.preparation, len(LABELS)).eval()
    silent = dataclasses.replace(guide, config=guide.config.model_copy(update={"silence": 0.999999}))
    outcome = student(material.batch(range(16)))
    assert outcome.advice is not None
    heard = Guidance(silent, student, student.knowledge, _stage(material)).heard(outcome, 0)
    torch.testing.assert_close(heard.logits_BC, outcome.logits_BC - outcome.advice.prior_BC)
    always = dataclasses.replace(guide, config=guide.config.model_copy(update={"silence": 0.0}))
    assert Guidance(always, student, student.knowledge, _stage(material)).heard(outcome, 0) is outcome


def test_guidance_when_a_run_goes_on_then_naming_fades_to_nothing(guide: Guide, material: Material) -> None:
    student = build_student(STUDENT, material.preparation, len(LABELS)).eval()
    guidance = Guidance(guide, student, student.knowledge, _stage(material))
    batch = material.batch(range(16))
    outcome = student(batch)
    parts = {"loss": torch.tensor(1.0)}
    first, last = (guidance.add(parts, outcome, batch.labels_B, batch.rows_B, done) for done in (0.0, 1.0))
    config = guide.config
    own = config.alone * first["alone"] + config.finding * first["finding"]
    torch.testing.assert_close(last["loss"], 1.0 + own)
    torch.testing.assert_close(first["loss"], 1.0 + own + config.naming * first["naming"])
    assert parts == {"loss": torch.tensor(1.0)}


def test_finding_loss_when_nobody_looked_then_those_findings_do_not_count() -> None:
    seen_BF = torch.tensor([[0.5, -1.0], [2.0, 0.0]], requires_grad=True)
    truth_BF = torch.tensor([[1.0, float("nan")], [float("nan"), 0.0]])
    loss = finding_loss(seen_BF, truth_BF)
    expected = (-torch.tensor(0.5).sigmoid().log() - (1 - torch.tensor(0.0).sigmoid()).log()) / 2
    torch.testing.assert_close(loss, expected)
    (gradient_BF,) = torch.autograd.grad(loss, seen_BF)
    assert gradient_BF[0, 1] == 0
    assert gradient_BF[1, 0] == 0
    assert finding_loss(seen_BF, torch.full((2, 2), float("nan"))) == 0


def test_naming_loss_when_compared_with_a_loop_over_tokens_is_the_same(guide: Guide, material: Material) -> None:
    student = build_student(STUDENT, material.preparation, len(LABELS)).eval()
    outcome = student(material.batch(range(12)))
    tags_BS = torch.from_numpy(guide.tags_NS[:12])
    layers = []
    for layer in outcome.routing:
        losses = []
        for token, owner in enumerate(outcome.owner_T.tolist()):
            own = [s for s in range(guide.specialists) if tags_BS[owner, s]]
            log_E = layer.logits_TE[token].double().log_softmax(0)
            if own:
                losses.append(-sum(log_E[s].item() for s in own) / len(own))
        layers.append(np.mean(losses))
    assert naming_loss(outcome, tags_BS).item() == pytest.approx(float(np.mean(layers)), rel=1e-5)
    assert naming_loss(outcome, torch.zeros_like(tags_BS)).item() == 0


def test_specialists_when_there_are_more_than_experts_then_a_run_is_refused_but_a_dense_one_is_not() -> None:
    with pytest.raises(UserError) as refused:
        refuse_too_many(5, STUDENT)
    assert refused.value.code == "knowledge-too-many-specialists"
    refuse_too_many(4, STUDENT)
    refuse_too_many(5, STUDENT.model_copy(update={"experts": 1}))


def test_surroundings_when_unguided_then_teachers_hear_nothing_but_the_descriptions_of_labels(
    guide: Guide, material: Material, tmp_path: Path
) -> None:
    around = heard_by_nobody(tmp_path, material)
    assert around.unguided() is around
    plain = dataclasses.replace(around, guide=guide).unguided()
    assert plain.guide is None
    assert plain.material.preparation.knowledge is None
    assert build_student(STUDENT, plain.material.preparation, len(LABELS)).knowledge is None
    assert [label.name for label in plain.material.labels] == [label.name for label in LABELS]
    assert all(label.description for label in plain.material.labels)
    bare = dataclasses.replace(around, material=material.without_knowledge()).material
    assert plain.material.fingerprint == bare.fingerprint, "lessons of a dense teacher are shared with runs without"


def test_students_when_dense_then_have_no_specialists_and_still_hear_the_file(guide: Guide, material: Material) -> None:
    dense = STUDENT.model_copy(
        update={"experts": 1, "router": STUDENT.router.model_copy(update={"settings": {"experts_per_token": 1}})}
    )
    student = build_student(dense, material.preparation, len(LABELS))
    assert all(block.experts.number == 1 for block in student.blocks if isinstance(block, Block))
    guidance = guided(guide, student, material, dataclasses.replace(_stage(material), student=dense))
    assert guidance is not None
    assert guidance.tags_NS is None


def test_guide_when_a_finding_was_looked_for_in_some_pictures_only_then_is_absent_only_where_it_was_in_all(
    knowledge: Knowledge, material: Material, learned: list[Case]
) -> None:
    assert material.preparation.knowledge is not None
    patch = [one.name for one in material.preparation.knowledge.findings].index("lungs-patch")
    picture = next(part for case in learned for part in case.readable() if part.modality == "image")
    said = {
        "seen": [picture.model_copy(update={"findings": ("Patch on the lung",), "looked_for": ()})],
        "one of two": [picture.model_copy(update={"findings": names}) for names in (("lungs-patch",), None)],
        "absent": [picture.model_copy(update={"findings": (), "looked_for": ("肺部斑片影",)})],
        "other": [picture.model_copy(update={"findings": (), "looked_for": ("lungs-fluid",)})],
        "half": [picture.model_copy(update={"findings": names}) for names in ((), None)],
    }
    changed = [
        case.model_copy(update={"parts": tuple(parts)}) for case, parts in zip(learned, said.values(), strict=False)
    ]
    guide = make_guide(knowledge, KnowledgeConfig(version="1"), material, [*changed, *learned[len(changed) :]])
    row_of = {case_id: row for row, case_id in enumerate(material.case_ids)}
    found = [guide.seen_NF[row_of[case.case_id], patch] for case in changed]
    assert found[:3] == [1, 1, 0]
    assert np.isnan(found[3:]).all()


def test_stage_when_more_may_not_be_worse_then_the_file_is_silent_on_the_same_cases_with_fewer_inputs(
    guide: Guide, material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes: list[Outcome] = []
    compared: list[tuple[torch.Tensor, torch.Tensor]] = []
    forward, more_not_worse = Student.forward, losses.more_not_worse

    def seen(student: Student, *given: object) -> Outcome:
        outcome = forward(student, *given)  # type: ignore[arg-type]
        if student.training:
            outcomes.append(outcome)
        return outcome

    def noted(logits_BC: torch.Tensor, fewer_BC: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
        compared.append((logits_BC.detach(), fewer_BC))
        return more_not_worse(logits_BC, fewer_BC, *rest)

    monkeypatch.setattr(Student, "forward", seen)
    monkeypatch.setattr(losses, "more_not_worse", noted)
    half = dataclasses.replace(guide, config=guide.config.model_copy(update={"silence": 0.5}))
    stage = dataclasses.replace(_stage(material), loss=LossConfig(more_not_worse=0.1), stop_at=1)
    train_stage(dataclasses.replace(heard_by_nobody(tmp_path, material), guide=half), stage)
    assert len(outcomes) == 2 * len(compared) > 0
    silent = 0
    for (logits_BC, fewer_BC), whole, less in zip(compared, outcomes[::2], outcomes[1::2], strict=True):
        assert whole.advice is not None
        assert less.advice is not None
        told_BC = (logits_BC - whole.logits_BC.detach()).abs()
        silent_B1 = (told_BC > 1e-6).any(1, keepdim=True)
        torch.testing.assert_close(fewer_BC, less.logits_BC - silent_B1 * less.advice.prior_BC)
        silent += int(silent_B1.sum())
    assert 0 < silent < sum(len(logits_BC) for logits_BC, _ in compared)


def test_guidance_when_a_stage_meets_the_luck_of_another_then_is_silent_and_seeds_as_that_one(
    guide: Guide, material: Material
) -> None:
    own = _stage(material)
    assert own.luck == own.name, "the streams of an ordinary run must stay as they were"
    control = dataclasses.replace(own, name="control-plain-1", stream=own.luck)
    half = dataclasses.replace(guide, config=guide.config.model_copy(update={"silence": 0.5}))
    heard, routers = [], []
    for stage in (own, control):
        torch.manual_seed(0)
        student = build_student(STUDENT, material.preparation, len(LABELS))
        guidance = guided(half, student, material, stage)
        assert guidance is not None
        routers.append([value for name, value in student.state_dict().items() if "router" in name])
        student.eval()
        heard.append(guidance.heard(student(material.batch(range(16))), 5).logits_BC)
    assert torch.equal(*heard)
    assert routers[0]
    assert all(torch.equal(one, other) for one, other in zip(*routers, strict=True))
