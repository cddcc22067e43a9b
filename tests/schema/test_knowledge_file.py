"""A knowledge file as people write it: read, written back, and every fault told with its line."""

import pytest

from engine.schema.case import Label
from engine.schema.errors import UserError
from engine.schema.knowledge import BYTES_LIMIT, KnowledgeVersion, KnowledgeVersions, Told
from engine.schema.knowledge_file import FAULTS_LIMIT, check, read
from engine.schema.knowledge_writing import dump

TEXT = """title: {en: Clinic, zh: 门诊}
labels:
  flu:
    description: {en: High fever., zh: 高烧。}
    typical: {text: [fever]}
  cold: A runny nose.
findings:
  fever: {modality: text, title: High fever, phrases: {en: [high fever], zh: [高烧]}}
  patch: {modality: image, title: {en: Patch, zh: 斑片影}}
rules:
  - {finding: fever, label: flu, strength: 0.7}
  - {finding: patch, label: cold, strength: -0.5}
specialists:
  - {name: fevers, title: {en: Fevers, zh: 发热}, keywords: [high fever, 高烧], labels: [flu], cases: [case 1]}
"""
LABELS = ("flu", "cold")


def test_file_when_whole_then_says_what_was_written() -> None:
    told = read(TEXT.encode(), LABELS)
    assert told.labels["cold"].description == Told(en="A runny nose.")
    assert told.findings["fever"].phrases.every() == ("high fever", "高烧")
    assert [(rule.finding, rule.label, rule.strength) for rule in told.rules] == [
        ("fever", "flu", 0.7),
        ("patch", "cold", -0.5),
    ]
    (one,) = told.specialists
    assert (one.keywords.en, one.keywords.zh, one.cases) == (("high fever",), ("高烧",), ("case 1",))
    assert told.finding_title("patch", "zh") == "斑片影"
    assert told.finding_title("never-named", "en") == "never named"


def test_file_when_written_and_read_again_then_is_the_same_knowledge() -> None:
    told = read(TEXT.encode(), LABELS)
    assert read(dump(told).encode(), LABELS) == told


@pytest.mark.parametrize(
    ("wrong", "right", "code", "line"),
    [
        ("rules:", "rulez:", "knowledge-unknown-key", 10),
        ("label: flu", "label: measles", "knowledge-unknown-label", 11),
        ("finding: fever", "finding: rash", "knowledge-unknown-finding", 11),
        ("0.7", "7", "knowledge-strength", 11),
        ("0.7", "strong", "knowledge-strength", 11),
        ("0.7", "nan", "knowledge-strength", 11),
        (", strength: -0.5", "", "knowledge-missing", 12),
        ("modality: image", "modality: smell", "knowledge-modality", 9),
        (", phrases: {en: [high fever], zh: [高烧]}", "", "knowledge-no-phrases", 8),
        ("typical: {text:", "typical: {image:", "knowledge-other-modality", 5),
        ("finding: patch, label: cold", "finding: fever, label: flu", "knowledge-twice", 12),
        ("  cold: A", "  flu: A", "knowledge-twice", 6),
        ("  cold: A runny nose.", "  cold: [A runny nose.]", "knowledge-not-mapping", 6),
        ("keywords: [high fever, 高烧], labels: [flu], cases: [case 1]", "title: x", "knowledge-twice", 14),
        (", keywords: [high fever, 高烧], labels: [flu], cases: [case 1]", "", "knowledge-specialist-empty", 14),
        ("name: fevers", "name: ''", "knowledge-missing", 14),
        ("title: High fever", "title: [High fever]", "knowledge-not-text", 8),
        ("[high fever, 高烧]", "[" + "x" * 201 + "]", "knowledge-too-long", 14),
        ("  - {finding: fever", "  - {finding: {fever", "knowledge-unreadable", 12),
    ],
)
def test_file_when_something_is_wrong_then_says_what_and_where_in_both_languages(
    wrong: str, right: str, code: str, line: int
) -> None:
    assert wrong in TEXT
    faults = check(TEXT.replace(wrong, right, 1).encode(), LABELS).faults
    assert (code, line) in [(fault.code, fault.parameters["line"]) for fault in faults]
    fault = next(fault for fault in faults if fault.code == code)
    assert str(line) in fault.text("en")
    assert f"第 {line} 行" in fault.text("zh")


def test_file_when_it_has_several_faults_then_tells_all_in_the_order_of_lines_and_keeps_the_rest() -> None:
    wrong = TEXT.replace("0.7", "7").replace("modality: image", "modality: smell").replace("rules:", "rules:\n")
    checked = check(wrong.encode(), LABELS)
    lines = [int(fault.parameters["line"]) for fault in checked.faults]
    assert lines == sorted(lines)
    assert len(lines) >= 2
    assert checked.knowledge.labels.keys() == {"flu", "cold"}


def test_rules_when_two_on_one_line_say_the_same_then_the_second_is_told() -> None:
    text = (
        "findings: {f: {modality: image}}\n"
        "rules: [{finding: f, label: flu, strength: 1}, {finding: f, label: flu, strength: -1}]\n"
    )
    assert [fault.code for fault in check(text.encode(), LABELS).faults] == ["knowledge-twice"]


def test_file_when_empty_too_large_not_text_or_full_of_aliases_then_is_refused() -> None:
    refused = {
        b"": "knowledge-empty",
        b"# nothing\n": "knowledge-empty",
        b"x" * (BYTES_LIMIT + 1): "too-large",
        b"\xff\xfe\x00": "knowledge-unreadable",
        b"labels: &a {flu: x}\ntitle: *a\n": "knowledge-unreadable",
        b"- a\n- b\n": "knowledge-not-mapping",
    }
    for data, code in refused.items():
        assert check(data, LABELS).faults[0].code == code, data[:20]
    with pytest.raises(UserError):
        read(b"", LABELS)


def test_file_when_it_holds_hundreds_of_faults_then_tells_the_first_ones() -> None:
    rules = "".join(f"  - {{finding: f{i}, label: flu, strength: 9}}\n" for i in range(300))
    assert len(check(f"rules:\n{rules}".encode(), LABELS).faults) == FAULTS_LIMIT


def test_labels_when_described_then_carry_the_files_words_and_others_their_own() -> None:
    told = read(TEXT.encode(), LABELS)
    labels = (Label(name="flu", description="old"), Label(name="rash", description="own"))
    assert [label.description for label in told.described(labels)] == ["High fever.", "own"]


def test_versions_when_asked_for_by_number_hash_or_latest_then_finds_it() -> None:
    one, two = (KnowledgeVersion(version=n, sha256=f"{n}" * 64) for n in (1, 2))
    known = KnowledgeVersions(dataset="d", versions=(one, two))
    assert (known.find("1"), known.find("2" * 64), known.find("latest")) == (one, two, two)
    assert known.find("3") is None
    assert KnowledgeVersions(dataset="d").find("latest") is None
