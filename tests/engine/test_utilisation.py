"""Each measure against an example that was worked out by hand, and all of them against what must hold for any counts."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine import utilisation as measures
from engine.utilisation import Counts

EVEN = np.full((2, 8), 50)
ONE = np.array([[100, 0, 0, 0]])
NONE = np.zeros((1, 4), np.int64)
TWO = np.array([[50, 50, 0, 0]])
UNEVEN = np.array([[10, 20, 30, 40]])
"""Mean 25, std sqrt(125); entropy and the rest below."""


def test_measures_when_the_load_is_even_are_one_and_zero() -> None:
    assert measures.entropy(EVEN) == pytest.approx([1.0, 1.0])
    assert measures.effective_experts(EVEN) == pytest.approx([8.0, 8.0])
    for spread in (measures.variation, measures.max_violation, measures.min_violation, measures.gini):
        assert spread(EVEN) == pytest.approx([0.0, 0.0])
    assert measures.dead(EVEN) == ()


def test_measures_when_one_expert_does_everything_are_those_of_collapse() -> None:
    assert measures.entropy(ONE) == pytest.approx([0.0])
    assert measures.effective_experts(ONE) == pytest.approx([1.0])
    assert measures.variation(ONE) == pytest.approx([math.sqrt(3)])
    assert measures.max_violation(ONE) == pytest.approx([3.0])
    assert measures.min_violation(ONE) == pytest.approx([1.0])
    assert measures.gini(ONE) == pytest.approx([0.75])
    assert measures.dead(ONE) == ((0, 1), (0, 2), (0, 3))


def test_measures_when_the_load_is_uneven_are_those_of_the_definitions() -> None:
    share_E = np.array([0.1, 0.2, 0.3, 0.4])
    nats = -sum(share * math.log(share) for share in share_E)
    assert measures.shares(UNEVEN)[0] == pytest.approx(share_E)
    assert measures.entropy(UNEVEN) == pytest.approx([nats / math.log(4)])
    assert measures.effective_experts(UNEVEN) == pytest.approx([math.exp(nats)])
    assert measures.variation(UNEVEN) == pytest.approx([math.sqrt(125) / 25])
    assert measures.max_violation(UNEVEN) == pytest.approx([40 / 25 - 1])
    assert measures.min_violation(UNEVEN) == pytest.approx([1 - 10 / 25])
    pairs = sum(abs(int(a) - int(b)) for a in UNEVEN[0] for b in UNEVEN[0])
    assert measures.gini(UNEVEN) == pytest.approx([pairs / (2 * 16 * 25)])


def test_entropy_when_two_of_four_share_the_work_is_one_half() -> None:
    assert measures.entropy(TWO) == pytest.approx([math.log(2) / math.log(4)])
    assert measures.effective_experts(TWO) == pytest.approx([2.0])


def test_dead_experts_when_a_load_is_at_a_tenth_of_the_even_share_are_those_below_it() -> None:
    at_the_edge = np.array([[10, 390, 300, 300], [9, 391, 300, 300]])
    assert measures.dead(at_the_edge * 10) == ((0, 0), (1, 0))
    assert measures.dead(np.array([[25, 375, 300, 300], [24, 376, 300, 300]])) == ((1, 0),)


def test_measures_of_a_layer_without_pieces_are_defined() -> None:
    assert measures.shares(NONE).tolist() == [[0, 0, 0, 0]]
    for spread in (
        measures.entropy,
        measures.effective_experts,
        measures.variation,
        measures.max_violation,
        measures.min_violation,
        measures.gini,
    ):
        assert spread(NONE) == pytest.approx([0.0])
    assert measures.dead(NONE) == ()


def test_measures_of_a_council_without_experts_are_empty() -> None:
    nothing = np.zeros((0, 0), np.int64)
    assert measures.entropy(nothing).tolist() == []
    assert measures.max_violation(nothing).tolist() == []


def test_measures_of_a_single_expert_are_even() -> None:
    alone = np.array([[7]])
    assert measures.entropy(alone) == pytest.approx([1.0])
    assert measures.effective_experts(alone) == pytest.approx([1.0])
    assert measures.max_violation(alone) == pytest.approx([0.0])


def test_lift_when_an_expert_takes_only_sound_is_the_ratio_of_the_definition() -> None:
    counts = np.zeros((1, 2, 3), np.int64)
    counts[0, 0] = (10, 10, 0)
    counts[0, 1] = (10, 10, 40)
    assert measures.lift(counts, 2)[0].tolist() == pytest.approx([0.0, 80 / 60])
    assert measures.lift(counts, None)[0].tolist() == pytest.approx([0.5, 1.5])
    assert measures.modality_shares(counts)[0].tolist() == pytest.approx([0.25, 0.25, 0.5])


def test_specialisation_when_modalities_and_experts_go_together_is_one_and_when_they_do_not_is_zero() -> None:
    apart = np.array([[[30, 0], [0, 10]]])
    mixed = np.array([[[30, 10], [15, 5]]])
    assert measures.specialisation(apart) == pytest.approx([1.0])
    assert measures.specialisation(mixed) == pytest.approx([0.0], abs=1e-9)
    assert np.isnan(measures.specialisation(np.array([[[30, 0], [10, 0]]]))), "one modality alone tells nothing"


def test_specialisation_when_half_way_is_the_information_over_the_smaller_entropy() -> None:
    counts = np.array([[[3, 1], [1, 3]]])  # p(m) and p(e) are even, so H = ln 2 each
    information = sum(p * math.log(p / 0.25) for p in (3 / 8, 1 / 8, 1 / 8, 3 / 8))
    assert measures.specialisation(counts) == pytest.approx([information / math.log(2)])


def test_churn_when_first_choices_move_counts_them_and_nobody_is_a_choice() -> None:
    before = np.array([[[0, 1], [2, 1], [3, 4], [4, 4]]], np.uint8)  # of 4 experts: 4 is nobody
    now = np.array([[[1, 0], [2, 3], [4, 4], [4, 4]]], np.uint8)
    assert measures.changed_first_choices(before, now).tolist() == [[True, False, True, False]]


def test_saturation_when_choices_overlap_is_the_share_of_the_final_ones() -> None:
    then = np.array([[[0, 1], [0, 1], [0, 1], [2, 4], [4, 4], [4, 4]]], np.uint8)
    final = np.array([[[1, 0], [1, 2], [2, 3], [2, 4], [4, 4], [0, 4]]], np.uint8)
    assert measures.kept_choices(then, final, 4).tolist() == [[1.0, 0.5, 0.0, 1.0, 1.0, 0.0]]


def test_pairs_when_counted_are_those_of_the_tokens_and_nobody_is_left_out() -> None:
    chosen = np.array([[[0, 1], [0, 1], [0, 2], [2, 3], [3, 3]]], np.uint8)  # of 3 experts: 3 is nobody
    both = measures.together(chosen, 3)
    assert both.tolist() == [[[3, 2, 1], [2, 2, 0], [1, 0, 2]]]
    assert measures.coactivation(both[0])[0] == pytest.approx([1.0, 2 / 3, 1 / 3])
    assert measures.coactivation(np.zeros((2, 2), np.int32)).tolist() == [[0, 0], [0, 0]]


@given(arrays(np.int64, st.tuples(st.integers(1, 3), st.integers(1, 9)), elements=st.integers(0, 5000)))
def test_measures_of_any_counts_stay_in_their_bounds_and_ignore_the_order_of_experts(counts_LE: Counts) -> None:
    experts = counts_LE.shape[1]
    bounds = {
        measures.entropy: 1.0,
        measures.effective_experts: experts,
        measures.variation: math.sqrt(experts - 1),
        measures.max_violation: experts - 1,
        measures.min_violation: 1.0,
        measures.gini: (experts - 1) / experts,
    }
    for measure, highest in bounds.items():
        found_L = measure(counts_LE)
        assert (found_L >= -1e-9).all()
        assert (found_L <= highest + 1e-9).all()
        assert measure(counts_LE[:, ::-1]) == pytest.approx(found_L, abs=1e-9)


@given(arrays(np.int64, st.tuples(st.just(1), st.integers(1, 6), st.just(3)), elements=st.integers(0, 300)))
def test_specialisation_of_any_counts_is_a_share_whatever_the_experts_are_called(counts_LEM: Counts) -> None:
    found, again = measures.specialisation(counts_LEM), measures.specialisation(counts_LEM[:, ::-1])
    assert np.isnan(found[0]) == np.isnan(again[0])
    if not np.isnan(found[0]):
        assert 0 <= found[0] <= 1 + 1e-9
        assert found == pytest.approx(again, abs=1e-6)


def test_lift_of_an_expert_when_nothing_goes_to_it_is_one() -> None:
    counts_LEM = np.array([[[6, 2], [2, 6], [0, 0]]])
    assert measures.lift(counts_LEM, 0)[0] == pytest.approx([6 / 8 / 0.5, 2 / 8 / 0.5, 1.0])
