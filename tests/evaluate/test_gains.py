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
    assert (same.value, same.low, same.high, same.verdict) == (0, 0, 0, "tie")


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
