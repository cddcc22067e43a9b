"""Trust in a knowledge file before the first step: high where it is right, none where it is wrong, never infinite."""

import numpy as np
import pytest
from scipy.optimize import minimize

from engine.train.trust import MOST, fit_trust


def _world(seed: int, right: float, cases: int = 400) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return two parts of advice and labels: the first speaks for the truth in a share `right` of the cases."""
    random = np.random.default_rng(seed)
    labels_N = random.integers(0, 4, cases)
    said_N = np.where(random.random(cases) < right, labels_N, random.integers(0, 4, cases))
    return np.eye(4)[said_N], random.normal(0, 1, (cases, 4)), labels_N


def test_trust_when_compared_with_a_general_optimiser_is_the_same() -> None:
    like_NC, rules_NC, labels_N = _world(1, 0.7)
    base_C = np.log(np.bincount(labels_N, minlength=4) + 1.0)

    def error(trust: np.ndarray) -> float:
        scores_NC = base_C + trust[0] * like_NC + trust[1] * rules_NC
        log_NC = scores_NC - np.log(np.exp(scores_NC).sum(1, keepdims=True))
        return float(-log_NC[np.arange(len(labels_N)), labels_N].sum() + 0.25 * (trust**2).sum())

    expected = minimize(error, np.ones(2), bounds=[(0, MOST)] * 2).x
    assert fit_trust(like_NC, rules_NC, labels_N) == pytest.approx(tuple(expected), abs=0.01)


def test_trust_when_the_file_is_right_wrong_or_silent_then_is_high_none_and_none() -> None:
    good_NC, noise_NC, labels_N = _world(2, 0.8)
    silent_NC = np.zeros_like(good_NC)
    assert fit_trust(good_NC, noise_NC, labels_N)[0] > 2
    assert fit_trust(-good_NC, silent_NC, labels_N) == (0.0, 0.0)
    assert fit_trust(silent_NC, silent_NC, labels_N) == (0.0, 0.0)


def test_trust_when_few_cases_are_explained_without_a_fault_then_stays_bounded() -> None:
    labels_N = np.array([0, 1, 2, 3])
    alpha, beta = fit_trust(np.eye(4), np.eye(4), labels_N)
    assert 0 < alpha + beta < 2 * MOST


def test_trust_when_fitted_again_is_the_same_to_the_last_bit() -> None:
    assert fit_trust(*_world(3, 0.5)) == fit_trust(*_world(3, 0.5))


def test_trust_when_a_case_may_have_several_labels_is_that_of_a_general_optimiser_label_by_label() -> None:
    random = np.random.default_rng(4)
    like_NC, rules_NC = random.normal(0, 1, (300, 3)), random.normal(0, 1, (300, 3))
    base_C = np.array([-1.0, 0.0, -2.0])
    marks_NC = (random.random((300, 3)) < 1 / (1 + np.exp(-(base_C + 1.5 * like_NC + 0.5 * rules_NC)))).astype(np.int64)
    share_C = (marks_NC.sum(0) + 1.0) / (len(marks_NC) - marks_NC.sum(0) + 1.0)

    def error(trust: np.ndarray) -> float:
        scores_NC = np.log(share_C) + trust[0] * like_NC + trust[1] * rules_NC
        told_NC = marks_NC * scores_NC - np.logaddexp(0, scores_NC)
        return float(-told_NC.sum() + 0.25 * (trust**2).sum())

    expected = minimize(error, np.ones(2), bounds=[(0, MOST)] * 2).x
    found = fit_trust(like_NC, rules_NC, marks_NC)
    assert found == pytest.approx(tuple(expected), abs=0.01)
    assert found[0] > 2 * found[1] > 0.4
    assert fit_trust(-like_NC, np.zeros_like(like_NC), marks_NC) == (0.0, 0.0)
