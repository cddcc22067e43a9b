import numpy as np
import pytest

from engine.evaluate.comparing import Pair, compare, divergence, gain, retention
from engine.evaluate.measures import expected_calibration_error

LABELS = ("cold", "flu", "croup")


def _pair(cases: int = 200, seed: int = 0) -> Pair:
    random = np.random.default_rng(seed)
    student_NC, teacher_NC = random.dirichlet(np.ones(3), size=(2, cases))
    patterns = np.where(random.random(cases) < 0.7, "text+image", "text").tolist()
    ids = [f"case-{number}" for number in range(cases)]
    return Pair(student_NC, teacher_NC, random.integers(3, size=cases), ids, patterns, LABELS)


def test_comparison_when_both_are_the_same_is_all_agreement() -> None:
    pair = _pair()
    same = Pair(pair.student_NC, pair.student_NC, pair.labels_N, pair.case_ids, pair.patterns, LABELS)
    found = compare(same, "twin", "dense", 1)
    assert found.retention is not None
    assert (found.retention.low, found.retention.value, found.retention.high) == (1.0, 1.0, 1.0)
    assert found.whole.agreement.value == 1.0
    assert found.divergence == pytest.approx(0.0, abs=1e-12)
    assert (found.student_alone_right, found.teacher_alone_right, found.both_wrong, found.parted) == (0, 0, 0, ())


def test_comparison_when_counted_by_hand_gives_the_same_figures() -> None:
    pair = _pair()
    found = compare(pair, "fusion", "dense", 1)
    said_N, told_N = pair.student_NC.argmax(1), pair.teacher_NC.argmax(1)
    assert found.whole.student.accuracy.value == (said_N == pair.labels_N).mean()
    assert found.whole.teacher.ece == expected_calibration_error(pair.teacher_NC, pair.labels_N)
    assert found.student_alone_right == ((said_N == pair.labels_N) & (told_N != pair.labels_N)).sum()
    first = found.by_pattern[0]
    inside = np.array(pair.patterns) == first.name
    assert first.name == "text+image"
    assert first.agreement.value == (said_N == told_N)[inside].mean()
    assert [part.name for part in found.by_label] == list(LABELS)
    assert len(found.parted) == 50
    worst = max(range(200), key=lambda row: divergence(pair.teacher_NC, pair.student_NC)[row] * (said_N != told_N)[row])
    assert found.parted[0].case_id == f"case-{worst}"


def test_retention_when_the_student_lost_answers_has_an_interval_around_their_share() -> None:
    right_N = np.arange(1000) < 760
    taught_N = np.arange(1000) < 800
    found = retention(right_N, taught_N, 3)
    assert found is not None
    assert found.value == pytest.approx(0.95)
    assert 0.93 < found.low < 0.95 < found.high < 0.97


def test_retention_when_the_teacher_was_never_right_says_nothing() -> None:
    assert retention(np.ones(10, dtype=bool), np.zeros(10, dtype=bool), 1) is None


def test_gain_when_one_side_is_better_in_every_case_leaves_zero_out() -> None:
    better = gain(np.full(50, 0.9), np.linspace(0.5, 0.7, 50))
    assert better.value == pytest.approx(0.3)
    assert 0 < better.low < better.value < better.high
    assert gain(np.zeros(50), np.zeros(50)).high == 0
