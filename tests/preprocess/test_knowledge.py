"""What a knowledge file makes of a text: findings by phrases, likeness to descriptions by the words they use."""

import math

import numpy as np
import pytest

from engine.preprocess.knowledge import CaseKnowledge, terms_of
from engine.preprocess.phrases import affirmed
from engine.schema.case import Label
from engine.schema.knowledge_file import read

LABELS = (Label(name="flu"), Label(name="cold"))
KNOWLEDGE = read(
    """labels:
  flu: {description: {en: High fever with chills., zh: 高烧寒战。}, typical: {text: [ache]}}
  cold: {description: {en: Runny nose and fever., zh: 流鼻涕。}}
findings:
  ache: {modality: text, phrases: {en: [aching limbs], zh: [四肢酸痛]}}
  patch: {modality: image}
  unseen: {modality: image}
rules:
  - {finding: ache, label: flu, strength: 0.6}
  - {finding: patch, label: cold, strength: -0.5}
  - {finding: unseen, label: cold, strength: 0.9}
""".encode(),
    ("flu", "cold"),
)


def test_knowledge_when_made_for_cases_then_leaves_out_findings_that_nobody_labelled() -> None:
    told = CaseKnowledge.of(KNOWLEDGE, LABELS, labelled=("patch",))
    assert [one.name for one in told.findings] == ["ache", "patch"]
    assert told.strengths == ((0.6, 0.0), (0.0, -0.5))
    assert len(told.descriptions) == 2
    assert told.width == 4


def test_text_when_read_then_tells_findings_and_which_description_it_is_like() -> None:
    told = CaseKnowledge.of(KNOWLEDGE, LABELS, labelled=("patch",))
    ache, patch, flu, cold = told.read("Aching limb, high fever and chills")
    assert (ache, patch) == (1, 0)
    assert flu > cold > 0
    denied = told.read("No fever, runny nose. 没有四肢酸痛")
    assert denied[0] == 0
    assert denied[3] > denied[2] == 0
    assert np.array_equal(told.read(""), np.zeros(4, dtype=np.float32))


def test_likeness_when_compared_with_a_calculation_by_hand_is_the_same() -> None:
    only = KNOWLEDGE.model_copy(
        update={
            "labels": {
                name: entry.model_copy(
                    update={"typical": {}, "description": entry.description.model_copy(update={"zh": ""})}
                )
                for name, entry in KNOWLEDGE.labels.items()
            }
        }
    )
    told = CaseKnowledge.of(only, LABELS, rules=False)
    shared, own = math.log(3 / 2), math.log(3 / 1)  # `fever` stands in both descriptions, the other words in one
    flu_length = math.sqrt(3 * own**2 + shared**2)  # high, fever, with, chill
    text_length = math.sqrt(shared**2 + own**2)  # fever, chill
    expected = (shared**2 + own**2) / (flu_length * text_length)
    assert told.read("fever, chills, banana")[0] == pytest.approx(expected, rel=1e-6)


def test_knowledge_when_parts_are_turned_off_then_reads_nothing_of_them() -> None:
    assert CaseKnowledge.of(KNOWLEDGE, LABELS, descriptions=False).read("fever").shape == (1,)
    assert CaseKnowledge.of(KNOWLEDGE, LABELS, rules=False).read("fever").shape == (2,)


def test_knowledge_when_saved_and_loaded_then_reads_the_same() -> None:
    told = CaseKnowledge.of(KNOWLEDGE, LABELS, labelled=("patch",))
    again = CaseKnowledge.model_validate_json(told.model_dump_json())
    assert np.array_equal(again.read("高烧，四肢酸痛"), told.read("高烧，四肢酸痛"))


def test_terms_when_chinese_then_are_pairs_within_a_phrase_and_english_ones_are_words() -> None:
    assert terms_of(affirmed("高烧三，寒战。at fever fever")) == {
        "高烧": 1, "烧三": 1, "寒战": 1, "fever": 2,
    }  # fmt: skip
    assert terms_of(()) == {}
