"""Conformal sets: they cover as promised, pattern by pattern, and equal those of an independent implementation."""

import math

import numpy as np
import pytest
from mapie.classification import SplitConformalClassifier
from sklearn.base import BaseEstimator, ClassifierMixin

from engine.model.calibrated import Calibration
from engine.predict.calibration import softmax
from engine.predict.conformal import EVERY_LABEL, counts, fit_thresholds, label_set, quantile

PATTERNS = {"text+image+audio": 4.0, "text+audio": 2.0, "image": 1.0}
"""How much the drawn logits tell, by pattern: the less, the larger its sets must be."""


def drawn(rng: np.random.Generator, n: int, told: float, labels: int = 6) -> tuple[np.ndarray, np.ndarray]:
    labels_N = rng.integers(labels, size=n)
    logits_NC = rng.normal(size=(n, labels)) + told * np.eye(labels)[labels_N]
    return softmax(logits_NC), labels_N


def drawn_patterns(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    found = [drawn(rng, n, told) for told in PATTERNS.values()]
    probs_NC, labels_N = (np.concatenate(both) for both in zip(*found, strict=True))
    return probs_NC, labels_N, [pattern for pattern in PATTERNS for _ in range(n)]


def test_coverage_when_cases_are_exchangeable_then_lies_in_the_binomial_interval_of_each_pattern() -> None:
    rng = np.random.default_rng(5)
    n, tested, alpha = 1000, 4000, 0.1
    thresholds = fit_thresholds(*drawn_patterns(rng, n), alpha)
    probs_NC, labels_N, patterns = drawn_patterns(rng, tested)
    for pattern in PATTERNS:
        rows = [row for row, name in enumerate(patterns) if name == pattern]
        covered = np.mean([labels_N[row] in label_set(probs_NC[row], thresholds[pattern]) for row in rows])
        # The threshold is itself drawn: coverage given it is Beta(n + 1 - l, l) with l = floor((n + 1) alpha).
        deviation = math.sqrt(alpha * (1 - alpha) * (1 / tested + 1 / n))
        assert abs(covered - (1 - alpha)) < 3.3 * deviation + 1 / n, pattern


def test_one_threshold_when_shared_by_all_patterns_then_fails_the_poorest_one() -> None:
    rng = np.random.default_rng(6)
    thresholds = fit_thresholds(*drawn_patterns(rng, 1000), 0.1)
    probs_NC, labels_N = drawn(rng, 3000, PATTERNS["image"])
    shared = np.mean([y in label_set(p, thresholds["all"]) for p, y in zip(probs_NC, labels_N, strict=True)])
    own = np.mean([y in label_set(p, thresholds["image"]) for p, y in zip(probs_NC, labels_N, strict=True)])
    assert shared < 0.87 < own


class Fixed(ClassifierMixin, BaseEstimator):
    """A classifier whose probabilities are the features: what mapie wraps."""

    def __init__(self, labels: int = 6) -> None:
        self.labels = labels

    def fit(self, x: np.ndarray, y: np.ndarray) -> "Fixed":
        self.classes_ = np.arange(self.labels)
        self.n_features_in_ = self.labels
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        return x

    def predict(self, x: np.ndarray) -> np.ndarray:
        return x.argmax(1)


@pytest.mark.parametrize("n", [40, 199, 500])
@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_sets_when_compared_with_mapie_then_are_the_same(n: int, alpha: float) -> None:
    rng = np.random.default_rng(n)
    probs_NC, labels_N = drawn(rng, n, 1.5)
    new_NC, _ = drawn(rng, 300, 1.5)
    oracle = SplitConformalClassifier(
        Fixed().fit(probs_NC, labels_N), confidence_level=1 - alpha, conformity_score="lac"
    )
    oracle.conformalize(probs_NC, labels_N)
    _, sets_NCA = oracle.predict_set(new_NC)
    threshold = fit_thresholds(probs_NC, labels_N, ["text"] * n, alpha)["text"]
    ours = np.zeros(sets_NCA.shape[:2], dtype=bool)
    for row, probs_C in enumerate(new_NC):
        ours[row, list(label_set(probs_C, threshold))] = True
    assert (ours == sets_NCA[:, :, 0]).all()


@pytest.mark.parametrize(("n", "rank"), [(9, 9), (19, 18), (99, 90), (100, 91)])
def test_the_quantile_when_counted_by_hand_then_is_that_rank(n: int, rank: int) -> None:
    scores_N = np.random.default_rng(1).permutation(np.arange(1, n + 1)) / (n + 1)
    assert quantile(scores_N, 0.1) == rank / (n + 1)


@pytest.mark.parametrize("n", [0, 1, 8])
def test_too_few_cases_when_nothing_can_be_promised_then_every_label_is_in_the_set(n: int) -> None:
    assert quantile(np.zeros(n), 0.1) == EVERY_LABEL
    assert label_set(np.asarray([1.0, 0.0, 0.0]), EVERY_LABEL) == (0, 1, 2)


def test_a_rare_pattern_when_fitted_then_has_no_threshold_of_its_own() -> None:
    rng = np.random.default_rng(2)
    common, rare = drawn(rng, 100, 2.0), drawn(rng, 29, 2.0)
    probs_NC, labels_N = (np.concatenate(both) for both in zip(common, rare, strict=True))
    assert set(fit_thresholds(probs_NC, labels_N, ["text"] * 100 + ["image"] * 29, 0.1)) == {"all", "text"}


def test_a_set_when_listed_then_is_ordered_by_probability_and_stable_in_ties() -> None:
    assert label_set(np.asarray([0.2, 0.3, 0.2, 0.3]), 0.85) == (1, 3, 0, 2)
    assert label_set(np.asarray([0.2, 0.3, 0.2, 0.3]), 0.75) == (1, 3)
    assert label_set(np.asarray([0.2, 0.3, 0.2, 0.3]), 0.5) == ()


def test_patterns_when_counted_then_all_is_their_sum() -> None:
    assert counts(["text", "text", "image"]) == {"all": 3, "text": 2, "image": 1}


def test_a_pattern_without_a_threshold_when_asked_then_gets_the_widest_one_and_not_what_the_others_share() -> None:
    fitted = Calibration({"all": 1.0}, {"all": 0.86, "text": 0.98, "text+image": 0.91}, 0.1, {"all": 500})
    assert fitted.threshold_of("text+image") == 0.91
    assert fitted.threshold_of("audio") == 0.98
    assert Calibration({}, {}, 0.1, {}).threshold_of("audio") == 1.0
