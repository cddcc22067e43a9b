from collections import Counter

import numpy as np
import pytest

from engine.schema.errors import UserError
from engine.train.folds import Deal, make_folds, make_parts


def test_folds_when_groups_are_known_then_no_group_is_on_both_sides() -> None:
    groups = [f"g{i % 5}" for i in range(50)]
    folds = make_folds(groups, [i % 3 for i in range(50)], 4, seed=1)
    assert len(folds) == 4
    for fold in folds:
        assert not {groups[row] for row in fold.learn} & {groups[row] for row in fold.held}
    assert sorted(np.concatenate([fold.held for fold in folds]).tolist()) == list(range(50))


def test_folds_when_there_are_fewer_groups_than_asked_then_each_is_left_out_once() -> None:
    folds = make_folds(["a"] * 10 + ["b"] * 10, [0, 1] * 10, 4, seed=1)
    assert [len(fold.held) for fold in folds] == [10, 10]
    assert [fold.name for fold in folds] == ["fold-1", "fold-2"]


def test_folds_when_no_group_is_known_then_labels_are_spread_evenly() -> None:
    labels = [i % 4 for i in range(80)]
    for fold in make_folds([""] * 80, labels, 4, seed=3):
        assert np.bincount(np.array(labels)[fold.held]).tolist() == [5, 5, 5, 5]


def test_folds_when_seed_changes_then_groups_stay_and_strata_move() -> None:
    labels = [i % 2 for i in range(40)]
    by_group = [make_folds([f"g{i % 4}" for i in range(40)], labels, 4, seed)[0].held.tolist() for seed in (1, 2)]
    by_label = [make_folds([""] * 40, labels, 4, seed)[0].held.tolist() for seed in (1, 2)]
    assert by_group[0] == by_group[1]
    assert by_label[0] != by_label[1]


def test_folds_when_only_some_rows_have_a_group_then_the_others_are_groups_of_their_own() -> None:
    groups = ["a"] * 8 + ["b"] * 8 + [""] * 8
    folds = make_folds(groups, [0, 1] * 12, 3, seed=1)
    assert {len(fold.held) for fold in folds} == {8}


@pytest.mark.parametrize("labels", [[0, 1], [0] * 30])
def test_folds_when_there_is_nothing_to_learn_then_says_so(labels: list[int]) -> None:
    with pytest.raises(UserError, match="too few"):
        make_folds([""] * len(labels), labels, 4, seed=1)


def test_folds_when_cases_have_several_labels_then_whole_groups_are_dealt_and_each_label_is_spread() -> None:
    rng = np.random.default_rng(4)
    marks_NC = (rng.random((600, 4)) < [0.5, 0.2, 0.08, 0.03]).astype(int)
    for groups in ([""] * 600, [f"p{row // 3}" for row in range(600)]):
        folds = make_folds(groups, marks_NC.tolist(), 4, 1)
        assert np.concatenate([fold.held for fold in folds]).tolist() != []
        assert sorted(np.concatenate([fold.held for fold in folds]).tolist()) == list(range(600))
        for fold in folds:
            assert 140 <= len(fold.held) <= 160
            assert set(np.array(groups)[fold.held]) & set(np.array(groups)[fold.learn]) <= {""}
            share_C = marks_NC[fold.held].sum(0) / marks_NC.sum(0)
            assert np.abs(share_C - 0.25).max() < 0.1, share_C
        again = make_folds(groups, marks_NC.tolist(), 4, 1)
        assert all((one.held == other.held).all() for one, other in zip(folds, again, strict=True))


def test_folds_when_every_case_has_the_same_several_labels_then_there_is_nothing_to_learn() -> None:
    with pytest.raises(UserError):
        make_folds([""] * 40, [[1, 0]] * 40, 4, 1)


def test_parts_when_groups_are_known_then_each_is_left_out_once_and_is_inside_the_fold_its_teachers_left_out() -> None:
    groups = [f"g{i % 4}" for i in range(48)]
    labels = [i % 3 for i in range(48)]
    folds = make_folds(groups, labels, 2, seed=1)
    parts = make_parts(folds, groups, labels, Deal(folds=2, seed=1, parts=2))
    assert [part.number for part in parts] == [1, 2, 3, 4]
    assert [part.whole for part in parts] == [1, 1, 2, 2]
    for part in parts:
        left_out = set(folds[part.whole - 1].held.tolist())
        assert set(part.held.tolist()) <= left_out
        assert sorted([*part.learn, *part.held]) == list(range(48))
        assert {groups[row] for row in part.held}.isdisjoint(groups[row] for row in part.learn)
    assert sorted(np.concatenate([part.held for part in parts]).tolist()) == list(range(48))


def test_parts_when_a_fold_is_one_group_then_it_stays_whole() -> None:
    groups, labels = ["a"] * 10 + ["b"] * 10, [0, 1] * 10
    folds = make_folds(groups, labels, 2, seed=1)
    parts = make_parts(folds, groups, labels, Deal(folds=2, seed=1, parts=3))
    assert [part.held.tolist() for part in parts] == [fold.held.tolist() for fold in folds]


@pytest.mark.parametrize("several", [False, True])
def test_parts_when_no_group_is_known_then_labels_are_spread_over_them(several: bool) -> None:
    labels: list[int] | list[list[int]]
    labels = [[i % 2, int(i % 4 > 1)] for i in range(80)] if several else [i % 4 for i in range(80)]
    folds = make_folds([""] * 80, labels, 2, seed=3)
    parts = make_parts(folds, [""] * 80, labels, Deal(folds=2, seed=3, parts=2))
    assert len(parts) == 4
    for part in parts:
        kinds = Counter(str(labels[row]) for row in part.held)
        assert len(kinds) == 4
        assert max(kinds.values()) - min(kinds.values()) <= 4


def test_parts_when_one_is_asked_for_then_they_are_the_folds() -> None:
    labels = [i % 2 for i in range(40)]
    folds = make_folds([""] * 40, labels, 4, seed=1)
    parts = make_parts(folds, [""] * 40, labels, Deal(folds=4, seed=1))
    assert [part.held.tolist() for part in parts] == [fold.held.tolist() for fold in folds]
    assert [part.learn.tolist() for part in parts] == [fold.learn.tolist() for fold in folds]


@pytest.mark.parametrize("kinds", [2, 4])
def test_folds_when_groups_have_one_label_each_in_turn_then_every_fold_learns_every_label(kinds: int) -> None:
    groups = [f"P{row // 4:03d}" for row in range(200)]
    labels = [row // 4 % kinds for row in range(200)]
    folds = make_folds(groups, labels, 2, seed=1)
    for fold in folds:
        assert {groups[row] for row in fold.learn}.isdisjoint(groups[row] for row in fold.held)
        counts = np.bincount(np.array(labels)[fold.learn], minlength=kinds)
        assert counts.min() >= 0.8 * 100 / kinds
    for part in make_parts(folds, groups, labels, Deal(folds=2, seed=1, parts=2)):
        assert np.bincount(np.array(labels)[part.learn], minlength=kinds).min() >= 0.8 * 150 / kinds


def test_folds_when_groups_hold_every_label_alike_then_they_are_dealt_by_their_sizes_as_ever() -> None:
    groups = [name for name in ("george", "jackson", "lucas", "nicolas") for _ in range(50)]
    folds = make_folds(groups, [row % 10 for row in range(200)], 2, seed=1)
    assert [sorted({groups[row] for row in fold.held}) for fold in folds] == [
        ["george", "lucas"],
        ["jackson", "nicolas"],
    ]
