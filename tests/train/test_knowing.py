"""What is reported of a rule: how far this one rule moves the answers, whatever else the file says."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.device import choose_device
from engine.model.student import Student, build_student
from engine.schema.case import Case
from engine.schema.knowledge import Knowledge
from engine.schema.knowledge_report import KnowledgeReport
from engine.train.choose import OutOfFold
from engine.train.finish import Kept
from engine.train.guidance import Guide
from engine.train.knowing import report_knowledge
from engine.train.material import Material
from engine.train.stage import Held, StageResult
from tests.train.runs import LABELS, STUDENT, clinic_knowledge, kept_knowledge
from tests.train.test_guidance import guide, knowledge, learned, material  # noqa: F401


def _trusting(material: Material, alpha: float, beta: float) -> Student:  # noqa: F811
    torch.manual_seed(3)
    student = build_student(STUDENT, material.preparation, len(LABELS)).eval()
    assert student.knowledge is not None
    student.knowledge.set_trust(alpha, beta)
    return student


def _report(project: Path, guide: Guide, material: Material, student: Student) -> KnowledgeReport:  # noqa: F811
    weights, rows_N = student.state_dict(), np.arange(material.size)
    held = OutOfFold(1, rows_N, np.zeros((material.size, len(LABELS))), np.zeros(material.size, dtype=np.int64))
    result = StageResult("fold-1", weights, Held((), np.zeros((0, 0, len(LABELS)), np.float32)), 1, True, (0, 0))
    kept = Kept(result, weights, held, {"fold-1": weights}, True)
    version = kept_knowledge(project, clinic_knowledge())
    return report_knowledge(version, guide, kept, material, STUDENT, {"all": 1.0}, choose_device("cpu"))


def test_disagreement_when_rules_are_mute_and_descriptions_loud_then_is_nothing(
    project: Path,
    guide: Guide,  # noqa: F811
    material: Material,  # noqa: F811
) -> None:
    report = _report(project, guide, material, _trusting(material, 3.0, 0.0))
    assert report.beta < 0.02
    assert len(report.rules) > 10
    for rule in report.rules:
        assert rule.disagreement is not None
        assert abs(rule.disagreement.value) < 0.01, rule.sentence()


def test_disagreement_when_a_rule_is_heard_then_is_what_this_rule_alone_moves_where_it_fires(
    project: Path,
    cases: list[Case],
    guide: Guide,  # noqa: F811
    knowledge: Knowledge,  # noqa: F811
    material: Material,  # noqa: F811
) -> None:
    student = _trusting(material, 1.0, 2.0)
    report = _report(project, guide, material, student)
    read = material.preparation.knowledge
    assert read is not None
    labels = [label.name for label in LABELS]
    text = [rule for rule in report.rules if rule.modality == "text" and rule.share.n]
    assert text
    with torch.inference_mode():
        whole = student(material.batch(range(material.size)))
    assert whole.advice is not None
    for rule in text:
        place, label = [one.name for one in read.findings].index(rule.finding), labels.index(rule.label)
        mute = _trusting(material, 1.0, 2.0)
        assert mute.knowledge is not None
        mute.knowledge.strengths_FC[place, label] = 0.0
        with torch.inference_mode():
            without = mute(material.batch(range(material.size)))
        fires_N = whole.advice.phi_BF[:, place] > 0.5
        apart_N = (without.logits_BC.softmax(1) - whole.logits_BC.softmax(1))[fires_N, label]
        assert rule.disagreement is not None
        assert rule.disagreement.value == pytest.approx(float(apart_N.mean()), abs=1e-4)
        assert rule.disagreement.low <= rule.disagreement.value <= rule.disagreement.high
        assert rule.disagreement.value * rule.strength < 0
