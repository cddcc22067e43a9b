"""Exact Shapley values: they add up, treat equals equally, and give nothing to who adds nothing."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.predict.calibration import softmax
from engine.predict.contributions import interactions, log_odds, pattern_of, shapley, subsets
from engine.schema.base import MODALITIES, Modality

worth = st.lists(st.floats(-30, 30), min_size=8, max_size=8)


def game(values: list[float], present: tuple[Modality, ...] = MODALITIES) -> dict[frozenset[Modality], float]:
    return dict(zip(subsets(present), values, strict=False))


def test_three_modalities_when_listed_then_have_eight_subsets_from_none_to_all() -> None:
    listed = subsets(MODALITIES)
    assert len(set(listed)) == 8
    assert listed[0] == frozenset()
    assert listed[-1] == frozenset(MODALITIES)


@settings(max_examples=200, deadline=None)
@given(worth)
def test_contributions_when_added_then_are_what_all_say_less_what_none_says(values: list[float]) -> None:
    given_ = game(values)
    whole = sum(given.log_odds for given in shapley(given_, MODALITIES))
    assert whole == pytest.approx(given_[frozenset(MODALITIES)] - given_[frozenset()], abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(worth)
def test_contributions_when_averaged_over_all_orders_then_are_the_same(values: list[float]) -> None:
    given_ = game(values)
    added = dict.fromkeys(MODALITIES, 0.0)
    for order in itertools.permutations(MODALITIES):
        for place, modality in enumerate(order):
            before = frozenset(order[:place])
            added[modality] += (given_[before | {modality}] - given_[before]) / math.factorial(3)
    for contribution in shapley(given_, MODALITIES):
        assert contribution.log_odds == pytest.approx(added[contribution.modality], abs=1e-9)


def test_two_modalities_when_they_add_the_same_everywhere_then_get_the_same() -> None:
    values = {
        chosen: float(bool({"text", "image"} & chosen)) + 2.0 * ("audio" in chosen) for chosen in subsets(MODALITIES)
    }
    found = {given.modality: given.log_odds for given in shapley(values, MODALITIES)}
    assert found["text"] == pytest.approx(found["image"]) == pytest.approx(0.5)
    assert found["audio"] == pytest.approx(2.0)


def test_a_modality_when_it_adds_nothing_then_gets_nothing_and_has_no_interaction() -> None:
    values = {chosen: 3.0 * ("text" in chosen) + 1.5 * ({"text", "image"} <= chosen) for chosen in subsets(MODALITIES)}
    found = {given.modality: given.log_odds for given in shapley(values, MODALITIES)}
    assert found["audio"] == 0.0
    assert {(pair.first, pair.second): pair.log_odds for pair in interactions(values, MODALITIES)} == {
        ("text", "image"): 1.5,
        ("text", "audio"): 0.0,
        ("image", "audio"): 0.0,
    }


def test_modalities_when_they_say_the_same_then_interact_below_zero() -> None:
    values = {chosen: float(bool(chosen)) for chosen in subsets(("text", "audio"))}
    (pair,) = interactions(values, ("text", "audio"))
    assert pair.log_odds == -1.0


def test_one_modality_when_alone_then_gets_all_and_there_are_no_pairs() -> None:
    values = {frozenset[Modality](): -2.0, frozenset[Modality]({"image"}): 1.0}
    (only,) = shapley(values, ("image",))
    assert (only.modality, only.log_odds) == ("image", 3.0)
    assert interactions(values, ("image",)) == ()


def test_log_odds_when_taken_from_logits_then_are_those_of_the_probability() -> None:
    logits_C = np.asarray([1.0, -0.5, 2.0, 0.1])
    p = softmax(logits_C, 1.7)[2]
    assert log_odds(logits_C, 2, 1.7) == pytest.approx(math.log(p / (1 - p)))


def test_log_odds_when_the_answer_is_as_good_as_certain_then_stay_finite() -> None:
    assert log_odds(np.asarray([1000.0, 0.0, 0.0]), 0, 1.0) == pytest.approx(1000 - math.log(2))


def test_a_pattern_when_named_then_keeps_the_fixed_order() -> None:
    assert pattern_of(frozenset({"audio", "text"})) == "text+audio"
    assert pattern_of(frozenset()) == "none"


def test_log_odds_of_one_of_several_labels_is_its_own_logit_and_asks_no_other() -> None:
    assert log_odds(np.array([3.0, 50.0, -2.0]), 0, 1.5, several=True) == 2.0
