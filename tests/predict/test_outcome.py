"""The outcome rules, row by row."""

import dataclasses

import pytest

from engine.predict.outcome import NOVEL, Evidenced, failed_checks, judge, leaned_on
from engine.schema.case import Part, QualityFlag
from engine.schema.prediction import Contribution, Novelty

USUAL = Evidenced(
    modalities=("text", "image", "audio"),
    set_size=1,
    num_labels=8,
    novelty=Novelty(overall=50.0, by_modality={"text": 40.0, "image": 60.0, "audio": 70.0}),
)


def part(modality: str, *flags: str, readable: bool = True) -> Part:
    return Part.model_validate(
        {
            "part_id": "p-1",
            "modality": modality,
            "original": "0" * 64,
            "decoded": "1" * 64 if readable else None,
            "flags": [QualityFlag(code=flag) for flag in flags],
        }
    )


ROWS = [
    ({}, "suggests", ["one-label"]),
    ({"set_size": 2}, "unclear", ["several-labels"]),
    ({"set_size": 3}, "unclear", ["several-labels"]),
    ({"set_size": 4}, "not-sure", ["too-many-labels"]),
    ({"set_size": 0}, "not-sure", ["no-label-fits"]),
    ({"set_size": 2, "num_labels": 2}, "not-sure", ["too-many-labels"]),
    ({"set_size": 2, "num_labels": 3}, "unclear", ["several-labels"]),
    ({"set_size": 3, "num_labels": 3}, "not-sure", ["too-many-labels"]),
    ({"modalities": ()}, "not-sure", ["nothing-readable"]),
    ({"novelty": Novelty(overall=99.0)}, "suggests", ["one-label"]),
    ({"novelty": Novelty(overall=99.01)}, "not-sure", ["unlike-training"]),
    ({"novelty": Novelty(overall=10, by_modality={"image": 99.5})}, "not-sure", ["unlike-training-image"]),
    (
        {"novelty": Novelty(overall=99.9, by_modality={"text": 99.9, "audio": 100.0})},
        "not-sure",
        ["unlike-training-text", "unlike-training-audio"],
    ),
    ({"failed": frozenset({"image"})}, "suggests", ["one-label"]),
    ({"failed": frozenset({"image"}), "leaned_on": frozenset({"image"})}, "not-sure", ["quality-image"]),
    ({"failed": frozenset({"image"}), "modalities": ("image",)}, "not-sure", ["quality-image"]),
    ({"calibrated": False, "set_size": 8}, "not-sure", ["not-calibrated"]),
    ({"compared": False}, "not-sure", ["not-compared"]),
    ({"shared_threshold": 12}, "suggests", ["one-label", "shared-threshold"]),
    ({"hidden_threshold": 300}, "suggests", ["one-label", "hidden-threshold"]),
    ({"shared_threshold": 12, "set_size": 2}, "unclear", ["several-labels", "shared-threshold"]),
]


@pytest.mark.parametrize(("change", "outcome", "codes"), ROWS)
def test_a_case_when_judged_then_has_the_outcome_and_reasons_of_the_rules(
    change: dict[str, object], outcome: str, codes: list[str]
) -> None:
    found, reasons = judge(dataclasses.replace(USUAL, **change))
    assert (found, [reason.code for reason in reasons]) == (outcome, codes)


def test_a_novel_modality_when_told_then_says_how_novel() -> None:
    _, (reason,) = judge(dataclasses.replace(USUAL, novelty=Novelty(overall=1, by_modality={"audio": 99.75})))
    assert reason.value == 99.75 > NOVEL


def test_a_modality_when_all_its_parts_failed_then_counts_as_failed() -> None:
    assert failed_checks([part("image", "blank-image"), part("audio")]) == {"image"}
    assert failed_checks([part("image", "blank-image"), part("image")]) == frozenset()


def test_a_doubt_when_it_is_no_failure_then_does_not_count() -> None:
    assert failed_checks([part("image", "blurred-image", "tiny-image"), part("audio", "clipped-audio")]) == frozenset()


def test_an_unreadable_part_when_flagged_then_has_no_say() -> None:
    assert failed_checks([part("image", "blank-image", readable=False)]) == frozenset()


def test_modalities_when_they_carry_a_quarter_of_the_answer_then_are_leaned_on() -> None:
    given = (
        Contribution(modality="text", log_odds=-1.0),
        Contribution(modality="image", log_odds=2.5),
        Contribution(modality="audio", log_odds=0.5),
    )
    assert leaned_on(given, ("text", "image", "audio")) == {"text", "image"}


def test_no_contributions_when_asked_then_every_modality_is_leaned_on() -> None:
    assert leaned_on((), ("text", "audio")) == {"text", "audio"}


@pytest.mark.parametrize(
    ("set_size", "suggested", "num_labels", "outcome", "code"),
    [
        (2, 2, 8, "suggests", "all-settled"),
        (0, 0, 8, "suggests", "none-of-them"),
        (3, 2, 8, "unclear", "some-open"),
        (7, 4, 8, "unclear", "some-open"),
        (6, 6, 8, "suggests", "all-settled"),
        (7, 3, 8, "not-sure", "too-many-open"),
        (3, 0, 3, "not-sure", "too-many-open"),
        (2, 0, 3, "unclear", "some-open"),
    ],
)
def test_outcome_of_several_labels_follows_from_those_that_are_neither_suggested_nor_left_out(
    set_size: int, suggested: int, num_labels: int, outcome: str, code: str
) -> None:
    seen = dataclasses.replace(USUAL, several=True, set_size=set_size, suggested=suggested, num_labels=num_labels)
    found, reasons = judge(seen)
    assert (found, reasons[0].code) == (outcome, code)
    assert judge(dataclasses.replace(seen, modalities=()))[0] == "not-sure"
    assert judge(dataclasses.replace(seen, novelty=Novelty(overall=NOVEL + 0.5)))[0] == "not-sure"
