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
    assert found.retention.value == 1.0
    assert 0.9 < found.retention.low < 1.0 < found.retention.high < 1.1
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


@pytest.mark.parametrize(("one", "other"), [([1, 1], [0, 0]), ([0, 0, 0], [0, 0, 0]), ([1], [1]), ([], [])])
def test_gain_when_few_cases_are_all_alike_then_its_interval_still_has_width(one: list[int], other: list[int]) -> None:
    found = gain(np.array(one, dtype=float), np.array(other, dtype=float))
    assert -1 <= found.low < found.high <= 1
    assert found.low <= found.value <= found.high
    assert found.high - found.low > 1
    many = gain(np.zeros(2000), np.zeros(2000))
    assert (many.value, many.low, many.high) == pytest.approx((0, -0.00192, 0.00192), abs=1e-5)


def test_gain_when_there_are_no_cases_then_says_no_more_than_what_is_possible() -> None:
    found = gain(np.zeros(0), np.zeros(0), most=27.6)
    assert (found.value, found.low, found.high) == (0, -27.6, 27.6)


def test_gain_when_cases_vary_and_each_is_a_group_of_its_own_then_is_a_normal_interval() -> None:
    random = np.random.default_rng(7)
    ours_N, theirs_N = random.random(2000) < 0.8, random.random(2000) < 0.75
    change_N = ours_N.astype(float) - theirs_N
    half = 1.96 * change_N.std(ddof=1) / 2000**0.5
    for found in (gain(ours_N, theirs_N), gain(ours_N, theirs_N, [""] * 2000)):
        assert (found.low, found.high) == pytest.approx((change_N.mean() - half, change_N.mean() + half), rel=1e-3)


def _of_persons(random: np.random.Generator, persons: int, cases: int) -> np.ndarray:
    """Return whether each case of so many persons is answered right, where some persons are easy and some hard."""
    return np.asarray(random.random(persons * cases) < np.repeat(random.beta(2, 1, persons), cases))


def test_gain_when_cases_of_one_person_hang_together_then_holds_the_truth_in_about_95_of_100() -> None:
    random = np.random.default_rng(0)
    groups = [f"p{n // 8}" for n in range(480)]
    held = 0
    for _ in range(400):
        change_N = np.repeat(random.normal(0, 0.3, 60), 8) + random.normal(0, 0.3, 480)
        found = gain(change_N, np.zeros(480), groups, most=9.0)
        held += found.low <= 0 <= found.high
    assert 0.92 < held / 400 < 0.98


def test_gain_when_what_one_group_wins_it_also_loses_then_its_interval_is_no_narrower_than_by_case() -> None:
    ours_N = np.arange(200) % 2 == 0
    found = gain(ours_N, ~ours_N, [f"p{n // 2}" for n in range(200)])
    assert found.value == 0
    assert found.high > 0.13


def test_retention_when_cases_of_one_person_hang_together_then_holds_the_truth_in_about_95_of_100() -> None:
    random = np.random.default_rng(1)
    groups = [f"p{n // 8}" for n in range(480)]
    held = 0
    for seed in range(150):
        found = retention(_of_persons(random, 60, 8), _of_persons(random, 60, 8), seed, groups)
        assert found is not None
        held += found.low <= 1 <= found.high
    assert 0.9 < held / 150 < 0.99


def test_intervals_when_only_four_speakers_are_known_then_are_those_of_single_cases() -> None:
    random = np.random.default_rng(2)
    right_N, taught_N = _of_persons(random, 4, 50), _of_persons(random, 4, 50)
    speakers = [f"s{n // 50}" for n in range(200)]
    assert gain(right_N, taught_N, speakers) == gain(right_N, taught_N)
    assert retention(right_N, taught_N, 1, speakers) == retention(right_N, taught_N, 1)
    assert retention(right_N, taught_N, 1, [""] * 200) == retention(right_N, taught_N, 1), "rows without a group"


@pytest.mark.parametrize("right", [[True] * 3, [False] * 3])
def test_retention_when_every_draw_is_alike_then_its_interval_still_has_width(right: list[bool]) -> None:
    found = retention(np.array(right), np.ones(3, dtype=bool), 0)
    assert found is not None
    assert found.value == float(right[0])
    assert 0 <= found.low <= found.value < found.high
    assert found.high - found.low > 0.5


def test_comparison_when_groups_are_known_then_its_retention_heeds_them() -> None:
    random = np.random.default_rng(3)
    sure_N, taught_N = (np.repeat(random.random(40) < 0.7, 8) for _ in range(2))
    sides = [np.where(some_N[:, None], [[0.8, 0.1, 0.1]], [[0.1, 0.8, 0.1]]) for some_N in (sure_N, taught_N)]
    labels_N, ids = np.zeros(320, dtype=int), [f"case-{n}" for n in range(320)]
    widths = []
    for groups in ([f"p{n // 8}" for n in range(320)], [""] * 320, ()):
        pair = Pair(*sides, labels_N, ids, ["text"] * 320, LABELS, groups)
        told = compare(pair, "fusion", "dense", 1).retention
        assert told is not None
        widths.append(told.high - told.low)
        some = pair.where(np.array([9, 1]))
        assert list(some.groups) == [groups[row] for row in (9, 1) if groups]
    assert widths[0] > 2 * widths[1]
    assert widths[1] == widths[2]


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
