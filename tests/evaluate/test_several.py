"""Measures of several labels a case, against scikit-learn and by hand."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss, roc_auc_score

from engine.evaluate.measures import Answers, measure

NAMES = ["a", "b", "c", "d"]


def _answers(n: int, seed: int) -> Answers:
    rng = np.random.default_rng(seed)
    log_odds_NC = rng.normal([-2, -0.5, 0, 1], 1.5, (n, 4))
    marks_NC = (rng.random((n, 4)) < 1 / (1 + np.exp(-log_odds_NC))).astype(np.int64)
    chances_NC = np.round(1 / (1 + np.exp(-log_odds_NC)), 2).clip(0.01, 0.99)  # rounded, so that there are ties
    patterns = ["text" if row % 3 else "text+audio" for row in range(n)]
    return Answers(chances_NC, marks_NC, patterns, NAMES, chances_NC >= 0.2, 0.1)


@pytest.mark.parametrize("seed", range(5))
def test_measures_of_several_labels_when_compared_with_scikit_learn_are_equal(seed: int) -> None:
    answers = _answers(300, seed)
    marks_NC, chances_NC = answers.labels_N, answers.probabilities_NC
    said_NC = (chances_NC >= 0.5).astype(int)
    found = measure(answers, "val")
    assert found.several is not None
    assert found.accuracy.value == pytest.approx(accuracy_score(marks_NC, said_NC))
    assert found.macro_f1 == pytest.approx(f1_score(marks_NC, said_NC, average="macro"))
    assert found.several.micro_f1 == pytest.approx(f1_score(marks_NC, said_NC, average="micro"))
    assert found.several.label_accuracy == pytest.approx((marks_NC == said_NC).mean())
    each = [balanced_accuracy_score(marks_NC[:, c], said_NC[:, c]) for c in range(4)]
    assert found.balanced_accuracy == pytest.approx(np.mean(each))
    assert found.nll == pytest.approx(np.mean([log_loss(marks_NC[:, c], chances_NC[:, c]) for c in range(4)]))
    for c, name in enumerate(NAMES):
        assert found.several.auroc[name] == pytest.approx(roc_auc_score(marks_NC[:, c], chances_NC[:, c]))
        assert found.by_label[name].value == pytest.approx((marks_NC[:, c] == said_NC[:, c]).mean())
    assert found.by_pattern["text"].n == 200


def test_missed_share_and_calibration_when_counted_by_hand_are_equal() -> None:
    chances_NC = np.array([[0.95, 0.45, 0.05, 0.05], [0.95, 0.05, 0.45, 0.05], [0.05, 0.05, 0.05, 0.05]])
    marks_NC = np.array([[1, 1, 0, 0], [1, 0, 0, 1], [0, 0, 0, 0]])
    found = measure(Answers(chances_NC, marks_NC, ["text"] * 3, NAMES, chances_NC >= 0.4, 0.1), "val")
    assert found.several is not None
    assert (found.several.missed.value, found.several.missed.n, found.coverage) == (0.25, 2, 0.75)
    # Bins: two of 0.95 that are true, two of 0.45 of which one is, eight of 0.05 of which one is.
    expected = (2 * 0.05 + 2 * 0.05 + 8 * abs(1 / 8 - 0.05)) / 12
    assert found.ece == pytest.approx(expected)
    assert found.accuracy.value == pytest.approx(1 / 3)


def test_auroc_when_a_label_never_or_always_holds_is_not_told() -> None:
    marks_NC = np.array([[1, 0, 1, 0], [1, 0, 0, 1]])
    found = measure(Answers(np.full((2, 4), 0.5), marks_NC, ["text"] * 2, NAMES, None, 0.1), "val")
    assert found.several is not None
    assert found.several.auroc == {"c": 0.5, "d": 0.5}


def test_measure_of_several_labels_when_there_is_no_case_is_all_zero_and_nothing_raises() -> None:
    found = measure(Answers(np.zeros((0, 4)), np.zeros((0, 4), dtype=np.int64), [], NAMES, None, 0.1), "val")
    assert found.several is not None
    assert (found.accuracy.n, found.several.missed.n, found.nll, found.ece) == (0, 0, 0.0, 0.0)
    assert (found.coverage, found.set_size) == (None, None), "nothing was measured, which is not nothing"
