"""Temperature scaling: it finds a temperature that is known, and changes no answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.predict.calibration import (
    calibrated,
    fit_temperature,
    fit_temperatures,
    negative_log_likelihood,
    softmax,
)


def drawn(n: int, temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are too sure by `temperature`, and labels drawn from the true probabilities."""
    rng = np.random.default_rng(seed)
    true_NC = rng.normal(size=(n, 5)) * 2.0
    labels_N = np.asarray([rng.choice(5, p=p) for p in softmax(true_NC)])
    return true_NC * temperature, labels_N


@pytest.mark.parametrize("temperature", [0.4, 1.0, 2.5, 6.0])
def test_a_known_temperature_when_fitted_on_many_cases_then_is_found(temperature: float) -> None:
    logits_NC, labels_N = drawn(6000, temperature)
    assert fit_temperature(logits_NC, labels_N) == pytest.approx(temperature, rel=0.06)


def test_the_fitted_temperature_when_compared_with_a_fine_grid_then_has_the_least_nll_of_softened_labels() -> None:
    logits_NC, labels_N = drawn(400, 3.0, seed=3)
    found = fit_temperature(logits_NC, labels_N)
    wanted_NC = np.full(logits_NC.shape, 1 / 402 / 4)
    wanted_NC[np.arange(400), labels_N] = 401 / 402
    grid = np.geomspace(0.05, 20, 4000)
    losses = [-(wanted_NC * np.log(softmax(logits_NC, t))).sum(1).mean() for t in grid]
    assert found == pytest.approx(grid[np.argmin(losses)], rel=2e-3)
    plain = min(negative_log_likelihood(logits_NC, labels_N, t) for t in grid)
    assert negative_log_likelihood(logits_NC, labels_N, found) == pytest.approx(plain, abs=1e-4)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.05, 20))
def test_any_temperature_when_applied_then_changes_no_answer(seed: int, temperature: float) -> None:
    logits_NC = np.random.default_rng(seed).normal(size=(30, 4)) * 3
    assert (softmax(logits_NC, temperature).argmax(1) == logits_NC.argmax(1)).all()


@pytest.mark.parametrize("n", [4, 25, 40, 200])
def test_answers_that_were_all_right_when_fitted_then_are_believed_as_far_as_their_number_allows(n: int) -> None:
    logits_NC = np.eye(3)[np.arange(n) % 3] * 0.3
    sure_N = softmax(logits_NC, fit_temperature(logits_NC, np.arange(n) % 3)).max(1)
    assert sure_N == pytest.approx((n + 1) / (n + 2), abs=1e-6)


def test_several_labels_that_were_all_right_when_fitted_then_are_believed_as_far_as_their_number_allows() -> None:
    marks_NC = np.asarray([[1, 0], [0, 1]] * 10)
    chances_NC = calibrated(
        (marks_NC - 0.5) * 0.4, ["text"] * 20, fit_temperatures((marks_NC - 0.5) * 0.4, marks_NC, ["text"] * 20), True
    )
    assert chances_NC == pytest.approx(np.where(marks_NC == 1, 41 / 42, 1 / 42), abs=1e-6)


def test_a_temperature_when_an_answer_is_not_finite_then_is_one() -> None:
    assert fit_temperature(np.asarray([[np.nan, 1.0], [0.0, 1.0]]), np.asarray([0, 1])) == 1.0


def test_a_pattern_when_it_has_enough_cases_then_has_its_own_temperature_else_the_shared_one() -> None:
    sharp_NC, sharp_N = drawn(1500, 4.0, seed=1)
    plain_NC, plain_N = drawn(99, 1.0, seed=2)
    patterns = ["text+image"] * 1500 + ["text"] * 99
    fitted = fit_temperatures(np.concatenate([sharp_NC, plain_NC]), np.concatenate([sharp_N, plain_N]), patterns)
    assert set(fitted) == {"all", "text+image"}
    assert fitted["text+image"] == pytest.approx(4.0, rel=0.12)
    assert fitted["all"] < fitted["text+image"]


def test_rows_when_calibrated_then_each_takes_its_patterns_temperature() -> None:
    logits_NC = np.asarray([[2.0, 0.0], [2.0, 0.0]])
    probs_NC = calibrated(logits_NC, ["text", "audio"], {"all": 1.0, "text": 4.0})
    assert probs_NC[0] == pytest.approx(softmax(logits_NC[0], 4.0))
    assert probs_NC[1] == pytest.approx(softmax(logits_NC[1], 1.0))


def test_no_cases_when_fitted_then_the_temperature_is_one() -> None:
    assert fit_temperatures(np.zeros((0, 3)), np.zeros(0, dtype=np.int64), []) == {"all": 1.0}


def test_temperature_of_several_labels_when_their_chances_are_known_undoes_what_was_too_loud() -> None:
    rng = np.random.default_rng(2)
    log_odds_NC = rng.normal(-0.5, 1.5, (5000, 4))
    marks_NC = (rng.random((5000, 4)) < 1 / (1 + np.exp(-log_odds_NC))).astype(np.int64)
    loud_NC = 2.5 * log_odds_NC
    found = fit_temperature(loud_NC, marks_NC)
    assert found == pytest.approx(2.5, rel=0.05)
    losses = [negative_log_likelihood(loud_NC, marks_NC, found * factor) for factor in (0.98, 1.0, 1.02)]
    assert min(losses) == losses[1]


def test_chances_of_several_labels_when_logits_are_huge_stay_finite_and_each_by_itself() -> None:
    logits_NC = np.array([[1e4, -1e4, 0.0], [1.0, 1.0, 1.0]])
    found_NC = calibrated(logits_NC, ["text", "none"], {"all": 2.0}, several=True)
    assert found_NC[0].tolist() == [1.0, 0.0, 0.5]
    assert found_NC[1] == pytest.approx(1 / (1 + np.exp(-0.5)))
    marks_NC = np.array([[1, 0, 1], [0, 0, 0]])
    assert np.isfinite(negative_log_likelihood(logits_NC, marks_NC))
