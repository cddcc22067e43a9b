"""Conformal risk control: the share of true labels that a set misses stays below what was promised."""

import numpy as np
import pytest

from engine.model.calibrated import ALL
from engine.predict.conformal import label_set
from engine.predict.risk import DECISION, EVERY_LABEL, fit_thresholds, missed_shares, threshold


def _exchangeable(n: int, seed: int, blur: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and truth of cases with five labels, of which the rarest is the hardest; the model overstates its case."""
    rng = np.random.default_rng(seed)
    base_C = np.array([-2.5, -1.5, -0.5, 0.0, 0.5])
    log_odds_NC = base_C + rng.normal(0, 2, (n, 5))
    marks_NC = (rng.random((n, 5)) < 1 / (1 + np.exp(-log_odds_NC))).astype(np.int64)
    told_NC = 1 / (1 + np.exp(-(1.7 * log_odds_NC + blur * rng.normal(0, 1, (n, 5)))))
    return told_NC, marks_NC


def _sets(probs_NC: np.ndarray, limit: float) -> np.ndarray:
    sets_NC = np.zeros(probs_NC.shape, dtype=bool)
    for row, probs_C in enumerate(probs_NC):
        sets_NC[row, list(label_set(probs_C, limit))] = True
    return sets_NC


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_missed_share_when_cases_are_exchangeable_then_is_at_most_alpha_and_not_far_below(alpha: float) -> None:
    missed, used = [], []
    for seed in range(20):
        limit = threshold(*_exchangeable(400, seed), alpha)
        probs_NC, marks_NC = _exchangeable(2000, 1000 + seed)
        missed.append(missed_shares(_sets(probs_NC, limit), marks_NC).mean())
        used.append(int(marks_NC.any(1).sum()))
    # The promise is on average over calibration sets as well; 20 sets of over a thousand labelled cases each tell it this closely.
    spread = np.std(missed, ddof=1) / len(missed) ** 0.5
    assert min(used) >= 1000
    assert np.mean(missed) <= alpha + 2.1 * spread
    assert np.mean(missed) >= alpha - 0.02


def test_threshold_when_compared_with_the_definition_then_is_the_largest_lambda_that_keeps_it() -> None:
    probs_NC, marks_NC = _exchangeable(200, 3)
    alpha, n = 0.1, int(marks_NC.any(1).sum())

    def bound(limit: float) -> float:
        return float(n / (n + 1) * missed_shares(_sets(probs_NC, limit), marks_NC).mean() + 1 / (n + 1))

    found = threshold(probs_NC, marks_NC, alpha)
    smaller = [limit for limit in 1.0 - probs_NC[marks_NC == 1] if 1.0 - DECISION < limit < found]
    assert found > 1.0 - DECISION
    assert bound(found) <= alpha
    assert smaller
    assert all(bound(limit) > alpha for limit in smaller)


def test_cases_without_a_label_when_added_then_change_no_threshold() -> None:
    probs_NC, marks_NC = _exchangeable(300, 5)
    rng = np.random.default_rng(0)
    more_NC = np.concatenate([probs_NC, rng.random((500, 5))])
    none_NC = np.concatenate([marks_NC, np.zeros((500, 5), dtype=np.int64)])
    assert threshold(more_NC, none_NC, 0.1) == threshold(probs_NC, marks_NC, 0.1)


def test_threshold_when_too_few_cases_have_a_label_then_takes_every_label() -> None:
    probs_NC, marks_NC = np.full((50, 3), 0.01), np.zeros((50, 3), dtype=np.int64)
    marks_NC[:8, 0] = 1
    assert threshold(probs_NC, marks_NC, 0.1) == EVERY_LABEL
    assert label_set(probs_NC[0], threshold(probs_NC, marks_NC, 0.1)) == (0, 1, 2)


def test_set_when_the_model_is_surer_than_asked_then_still_holds_all_that_is_suggested() -> None:
    marks_NC = np.eye(4, dtype=np.int64)[np.arange(400) % 4]
    probs_NC = np.where(marks_NC == 1, 0.99, 0.01)
    limit = threshold(probs_NC, marks_NC, 0.2)
    assert limit == 1.0 - DECISION
    assert label_set(np.array([0.6, 0.51, 0.4, 0.0]), limit) == (0, 1)


def test_thresholds_when_a_pattern_has_enough_labelled_cases_then_it_gets_its_own() -> None:
    sharp_NC, marks_NC = _exchangeable(300, 7, blur=0.1)
    blurred_NC, other_NC = _exchangeable(300, 8, blur=4.0)
    few_NC, few_marks_NC = _exchangeable(20, 9)
    patterns = ["text+image"] * 300 + ["text"] * 300 + ["audio"] * 20
    found = fit_thresholds(
        np.concatenate([sharp_NC, blurred_NC, few_NC]),
        np.concatenate([marks_NC, other_NC, few_marks_NC]),
        patterns,
        0.1,
    )
    assert found.keys() == {ALL, "text+image", "text"}
    assert found["text"] > found["text+image"]
