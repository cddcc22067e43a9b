"""The self-test trains for real, finds a planted fact, and does not find one that is not there."""

import dataclasses

import pytest

from engine.demo.planted import Plant
from engine.demo.selftest import Report, Size, selftest

SMALL = Size(
    train=400,
    test=60,
    settings={"optim.epochs": "8", "student.width": "32", "student.hidden": "32", "student.heads": "2", "threads": "1"},
)


@pytest.fixture(scope="module")
def planted() -> Report:
    return selftest([Plant("unique", ("text",))], 1, SMALL)


def test_selftest_when_the_text_alone_knows_then_says_that_it_was_found_out(planted: Report) -> None:
    facts = {fact.fact: fact for fact in planted.facts}
    assert planted.planted == len(facts) == 5
    assert facts["right where the answer is told"].recovered, planted
    assert facts["carriers ranked first by Shapley value"].recovered, planted
    assert planted.recovered == sum(fact.recovered for fact in planted.facts)


def test_selftest_when_every_second_answer_is_turned_round_then_says_that_nothing_was_found() -> None:
    nothing = dataclasses.replace(Plant("unique", ("text",)), noise=0.5)
    facts = {fact.fact: fact for fact in selftest([nothing], 1, SMALL).facts}
    assert not facts["right where the answer is told"].recovered
