import numpy as np
import pytest

from engine.evaluate.comparing import Pair, compare, divergence, gain, retention
from engine.evaluate.measures import expected_calibration_error
from engine.schema.ledger import Parted

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


def _several(cases: int = 200, seed: int = 0) -> Pair:
    random = np.random.default_rng(seed)
    student_NC, teacher_NC = random.random((2, cases, 3))
    ids = [f"case-{number}" for number in range(cases)]
    marks_NC = (random.random((cases, 3)) < 0.4).astype(np.int64)
    return Pair(student_NC, teacher_NC, marks_NC, ids, ["text"] * cases, LABELS)


def test_comparison_of_several_labels_when_counted_case_by_case_gives_the_same_figures() -> None:
    pair = _several()
    found = compare(pair, "fusion", "dense", 1)
    said, told, truth = (
        [{LABELS[c] for c in range(3) if one[c] >= 0.5} for one in values_NC]
        for values_NC in (pair.student_NC, pair.teacher_NC, pair.labels_N)
    )
    right, taught = ([one == true for one, true in zip(side, truth, strict=True)] for side in (said, told))
    assert found.whole.student.accuracy.value == pytest.approx(np.mean(right))
    assert found.whole.teacher.accuracy.value == pytest.approx(np.mean(taught))
    assert found.whole.agreement.value == pytest.approx(np.mean([s == t for s, t in zip(said, told, strict=True)]))
    assert found.student_alone_right == sum(r and not t for r, t in zip(right, taught, strict=True))
    flu = next(part for part in found.by_label if part.name == "flu")
    assert flu.student.accuracy.n == sum("flu" in one for one in truth)
    first = found.parted[0]
    row = int(first.case_id.removeprefix("case-"))
    assert (set(first.truth), set(first.student), set(first.teacher)) == (truth[row], said[row], told[row])
    assert first.student_probability == pytest.approx(
        np.prod(np.maximum(pair.student_NC[row], 1 - pair.student_NC[row]))
    )
    nats = sum(
        p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q))
        for p, q in zip(pair.teacher_NC[row], pair.student_NC[row], strict=True)
    )
    assert first.divergence == pytest.approx(nats)
    assert first.divergence == max(one.divergence for one in found.parted)


def test_comparison_of_several_labels_when_a_case_bears_none_and_both_see_it_then_they_are_right() -> None:
    chances_NC = np.full((4, 3), 0.1)
    found = compare(
        Pair(chances_NC, chances_NC, np.zeros((4, 3), dtype=int), list("abcd"), ["text"] * 4, LABELS), "a", "b", 1
    )
    assert found.whole.student.accuracy.value == found.whole.agreement.value == 1.0
    assert found.by_label == ()
    assert found.divergence == 0


def test_ledger_of_before_there_were_several_labels_when_read_then_holds_each_answer_as_one_label() -> None:
    old = {"case_id": "case-1", "truth": "flu", "student": "cold", "student_probability": 0.6, "teacher": "flu"}
    read = Parted.model_validate(old | {"teacher_probability": 0.7, "divergence": 0.2})
    assert (read.truth, read.student, read.teacher) == (("flu",), ("cold",), ("flu",))
    assert Parted.model_validate_json(read.model_dump_json()) == read
