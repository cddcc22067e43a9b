import dataclasses
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from engine.evaluate.measures import (
    Answers,
    accuracy,
    balanced_accuracy,
    calibration_error_interval,
    expected_calibration_error,
    macro_f1,
    measure,
    negative_log_likelihood,
    wilson,
)


def _answers(seed: int, n: int, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    logits_NC = random.normal(size=(n, classes)) * 2
    probabilities_NC = np.exp(logits_NC) / np.exp(logits_NC).sum(1, keepdims=True)
    return probabilities_NC, random.integers(0, classes, n)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 60))
def test_measures_when_compared_with_scikit_learn_then_are_equal(seed: int, n: int) -> None:
    probabilities_NC, labels_N = _answers(seed, n)
    said_N = probabilities_NC.argmax(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = metrics.balanced_accuracy_score(labels_N, said_N)
    assert balanced_accuracy(labels_N, said_N) == pytest.approx(expected)
    assert macro_f1(labels_N, said_N) == pytest.approx(metrics.f1_score(labels_N, said_N, average="macro"))
    loss = metrics.log_loss(labels_N, probabilities_NC, labels=range(4))
    assert negative_log_likelihood(probabilities_NC, labels_N) == pytest.approx(loss)
    assert accuracy(said_N == labels_N).value == pytest.approx(metrics.accuracy_score(labels_N, said_N))


def test_wilson_when_ten_of_ten_are_right_then_agrees_with_the_published_interval() -> None:
    found = wilson(10, 10)
    assert (found.value, found.high) == (1.0, pytest.approx(1.0))
    assert found.low == pytest.approx(0.7225, abs=1e-4)


def test_wilson_when_there_are_no_cases_then_says_nothing() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


def test_ece_when_confidence_equals_accuracy_then_is_zero() -> None:
    probabilities_NC = np.tile([0.8, 0.2], (10, 1))
    labels_N = np.array([0] * 8 + [1] * 2)
    assert expected_calibration_error(probabilities_NC, labels_N) == pytest.approx(0, abs=1e-12)


def test_ece_when_always_wrong_and_sure_then_is_the_confidence() -> None:
    assert expected_calibration_error(np.array([[0.9, 0.1]] * 5), np.ones(5, dtype=int)) == pytest.approx(0.9)


def test_ece_when_counted_bin_by_bin_by_hand_then_is_equal() -> None:
    probabilities_NC, labels_N = _answers(3, 200)
    sure_N, right_N = probabilities_NC.max(1), probabilities_NC.argmax(1) == labels_N
    expected = 0.0
    for b in range(15):
        inside = (sure_N > b / 15) & (sure_N <= (b + 1) / 15)
        if inside.any():
            expected += inside.mean() * abs(right_N[inside].mean() - sure_N[inside].mean())
    assert expected_calibration_error(probabilities_NC, labels_N) == pytest.approx(expected)


def test_interval_of_ece_when_cases_vary_then_holds_what_large_numbers_show_and_narrows_with_them() -> None:
    for n, widest in ((300, 0.12), (4800, 0.035)):
        # Right in 70 of 100 cases and always sure to 0.9: the true error is 0.2.
        right_N = np.random.default_rng(n).random(n) < 0.7
        found = calibration_error_interval(np.tile([0.9, 0.1], (n, 1)), np.where(right_N, 0, 1))
        assert found.low < 0.2 < found.high
        assert found.low < found.value < found.high
        assert found.high - found.low < widest
    nothing = calibration_error_interval(np.zeros((0, 2)), np.zeros(0, dtype=int))
    assert (nothing.value, nothing.low, nothing.high, nothing.n) == (0, 0, 0, 0)


def test_measure_when_sets_hold_every_label_then_covers_all_and_splits_by_pattern_and_label() -> None:
    probabilities_NC, labels_N = _answers(1, 40)
    patterns = ["text" if i % 4 else "text+audio" for i in range(40)]
    answers = Answers(probabilities_NC, labels_N, patterns, list("abcd"), np.ones((40, 4), dtype=bool))
    found = measure(answers, "val")
    assert (found.coverage, found.set_size, found.accuracy.n) == (1.0, 4.0, 40)
    without = measure(dataclasses.replace(answers, sets_NC=None), "val")
    assert (without.coverage, without.set_size) == (None, None)
    assert {name: part.n for name, part in found.by_pattern.items()} == {"text": 30, "text+audio": 10}
    right = sum(part.value * part.n for part in found.by_label.values())
    assert right == pytest.approx(found.accuracy.value * 40)


def test_measure_when_there_is_no_case_then_is_all_zero_and_nothing_raises() -> None:
    found = measure(Answers(np.zeros((0, 3)), np.zeros(0, dtype=int), [], list("abc")), "val")
    assert (found.accuracy.n, found.nll, found.ece) == (0, 0.0, 0.0)
