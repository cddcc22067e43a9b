"""Answers that stand in an order, beside scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, mean_absolute_error

from engine.evaluate.measures import Answers, measure, wilson
from engine.evaluate.ordered import measure_ordered, weighted_kappa


def _drawn(seed: int, n: int, labels: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels_N = rng.integers(labels, size=n)
    return np.clip(labels_N + rng.integers(-2, 3, size=n), 0, labels - 1), labels_N


@pytest.mark.parametrize("seed", range(5))
def test_measures_when_compared_with_scikit_learn_then_are_equal(seed: int) -> None:
    said_N, labels_N = _drawn(seed, 60, 5)
    found = measure_ordered(said_N, labels_N, 5)
    assert found.places_off.value == pytest.approx(mean_absolute_error(labels_N, said_N))
    assert found.kappa == pytest.approx(cohen_kappa_score(labels_N, said_N, weights="quadratic"))
    assert found.within_one == pytest.approx(np.mean([abs(a - b) < 2 for a, b in zip(said_N, labels_N, strict=True)]))


def test_interval_of_places_off_when_cases_are_drawn_anew_then_holds_the_true_mean_in_95_of_100() -> None:
    hits = 0
    for seed in range(400):
        said_N, labels_N = _drawn(seed, 200, 9)
        off = measure_ordered(said_N, labels_N, 9).places_off
        # Of -2 to 2 places, less where the ends cut them: 2 x (0 + 1 + 2)/5 inside; each end and its neighbour lose some.
        inside, next_to_end, end = 6 / 5, (2 + 1 + 1 + 0 + 1) / 5, (0 + 0 + 0 + 1 + 2) / 5
        hits += off.low <= (5 * inside + 2 * next_to_end + 2 * end) / 9 <= off.high
    assert 0.92 <= hits / 400 <= 0.98


@pytest.mark.parametrize(("said", "kappa", "off"), [([0, 1, 2, 3], 1.0, 0.0), ([3, 2, 1, 0], -1.0, 2.0)])
def test_kappa_when_all_is_right_or_turned_round_then_is_one_and_minus_one(
    said: list[int], kappa: float, off: float
) -> None:
    found = measure_ordered(np.array(said), np.arange(4), 4)
    assert (found.kappa, found.places_off.value) == (pytest.approx(kappa), off)


def test_kappa_when_only_one_label_occurs_then_is_not_told() -> None:
    assert weighted_kappa(np.zeros(5, dtype=int), np.zeros(5, dtype=int), 3) is None


@pytest.mark.parametrize("n", [1, 3, 20])
def test_interval_when_all_answers_were_right_then_is_no_certainty(n: int) -> None:
    off = measure_ordered(np.zeros(n, dtype=int), np.zeros(n, dtype=int), 5).places_off
    share = wilson(0, n)
    assert (off.value, off.low) == (0.0, 0.0)
    assert off.high == pytest.approx(4 * share.high)


def test_measures_when_there_is_no_case_then_say_nothing() -> None:
    found = measure_ordered(np.zeros(0, dtype=int), np.zeros(0, dtype=int), 4)
    assert (found.places_off.n, found.places_off.low, found.places_off.high, found.kappa) == (0, 0.0, 3.0, None)


def test_measure_when_the_order_means_nothing_then_does_not_speak_of_it() -> None:
    rising = Answers(np.eye(3), np.array([0, 2, 2]), ["text"] * 3, list("abc"), ordered=True)
    found = measure(rising, "val").ordered
    assert found is not None
    assert found.places_off.value == pytest.approx(1 / 3)
    assert measure(Answers(np.eye(3), np.array([0, 2, 2]), ["text"] * 3, list("abc")), "val").ordered is None
