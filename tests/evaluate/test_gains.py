"""Paired gains: their sign, their interval, and that cases of one group count once."""

import numpy as np
import pytest

from engine.evaluate.gains import gain


def test_gain_when_one_way_is_right_more_often_then_its_interval_is_above_nothing() -> None:
    random = np.random.default_rng(0)
    groups = [f"p{n // 4}" for n in range(400)]
    bare_SN = random.random((3, 400)) < 0.5
    better_SN = bare_SN | (random.random((3, 400)) < 0.2)
    found = gain(better_SN, bare_SN, groups)
    assert 0 < found.low < found.value < found.high
    assert found.value == pytest.approx(better_SN.mean() - bare_SN.mean())
    assert (found.verdict, gain(bare_SN, better_SN, groups).verdict) == ("better", "worse")
    same = gain(bare_SN, bare_SN, groups)
    assert (same.value, same.verdict) == (0, "tie")
    assert -0.05 < same.low < 0 < same.high < 0.05


def test_gain_when_cases_of_one_person_stand_and_fall_together_then_its_interval_is_wider() -> None:
    random = np.random.default_rng(1)
    person_N = np.repeat(random.random(50) < 0.6, 8)
    one_SN, other_SN = np.stack([person_N] * 2), np.stack([~person_N] * 2)
    by_person = gain(one_SN, other_SN, [f"p{n // 8}" for n in range(400)])
    by_case = gain(one_SN, other_SN, [str(n) for n in range(400)])
    assert by_person.high - by_person.low > 2 * (by_case.high - by_case.low)


def test_gain_when_seeds_differ_then_so_much_doubt_is_in_its_interval() -> None:
    one_SN = np.array([[True] * 200, [False] * 200])
    found = gain(one_SN, ~one_SN, [str(n) for n in range(200)])
    assert (found.value, found.low, found.high, found.verdict) == (0, -1, 1, "tie")


def test_gain_when_groups_are_unknown_then_each_case_is_a_group_of_its_own() -> None:
    random = np.random.default_rng(2)
    one_SN, other_SN = random.random((3, 60)) < 0.6, random.random((3, 60)) < 0.5
    unknown = gain(one_SN, other_SN, [""] * 60)
    assert unknown == gain(one_SN, other_SN, [f"p{n:02}" for n in range(60)])
    assert unknown.high - unknown.low > 0.05
    mixed = gain(one_SN, other_SN, [""] * 40 + ["p1"] * 20)
    assert mixed.high > mixed.low


def test_gain_when_every_case_of_few_groups_is_alike_then_leaves_doubt() -> None:
    better_SN = np.ones((3, 8), dtype=bool)
    found = gain(better_SN, ~better_SN, ["p1"] * 4 + ["p2"] * 4)
    assert (found.value, found.verdict) == (1, "tie")
