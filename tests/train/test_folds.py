import numpy as np
import pytest

from engine.schema.errors import UserError
from engine.train.folds import make_folds


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
