"""Curves that only grow: their envelope tells the truth, also after a cut, and a smooth curve is the same in one go or many."""

import numpy as np
import pytest

from workbench.state.series import Series, Smoothed


def _series(values: np.ndarray) -> Series:
    series = Series()
    for step, value in enumerate(values):
        series.append(step, float(value))
    return series


def test_few_values_when_drawn_are_all_there() -> None:
    series = _series(np.array([3.0, 1.0, 2.0]))
    x, y = series.drawn(0, 2, columns=100)
    assert x.tolist() == [0, 1, 2]
    assert y.tolist() == [3, 1, 2]


@pytest.mark.parametrize("count", [5_000, 17_777, 200_001])
def test_many_values_when_drawn_keep_their_extremes_and_their_end(count: int) -> None:
    values = np.random.default_rng(1).normal(size=count)
    values[count // 3], values[count // 2] = 40.0, -40.0
    series = _series(values)
    x, y = series.drawn(0, count, columns=400)
    assert len(x) < 1200
    assert np.all(np.diff(x) >= 0)
    assert y.max() == 40.0
    assert y.min() == -40.0
    assert (x[-1], y[-1]) == (count - 1, values[-1])


def test_part_of_the_curve_when_drawn_shows_only_that_part() -> None:
    values = np.zeros(100_000)
    values[90_000] = 9.0
    x, y = _series(values).drawn(1_000, 50_000, columns=300)
    assert y.max() == 0.0
    assert x[0] <= 1_000
    assert 49_000 <= x[-1] <= 50_001


def test_envelope_when_drawn_between_appends_is_the_same_as_drawn_once() -> None:
    values = np.random.default_rng(2).normal(size=30_000)
    stepwise = Series()
    for step, value in enumerate(values):
        stepwise.append(step, float(value))
        if step % 997 == 0:
            stepwise.drawn(0, step, columns=200)
    for ours, theirs in zip(stepwise.drawn(0, 30_000, 200), _series(values).drawn(0, 30_000, 200), strict=True):
        assert np.array_equal(ours, theirs)


def test_step_when_it_goes_back_cuts_the_curve_there() -> None:
    series = _series(np.arange(10_000.0))
    series.drawn(0, 10_000, columns=100)
    series.append(5_000, -1.0)
    assert len(series) == 5_001
    assert series.last() == (5_000, -1.0)
    _, y = series.drawn(0, 10_000, columns=100)
    assert y.max() == 4_999.0
    assert series.extent() == (-1.0, 4_999.0)


def test_value_when_not_finite_is_a_gap_and_no_extreme() -> None:
    series = _series(np.array([1.0, np.inf, 2.0, np.nan]))
    assert series.has_gaps
    assert series.extent() == (1.0, 2.0)


def test_extent_of_positive_values_when_some_are_not_leaves_those_out() -> None:
    series = _series(np.concatenate([[0.0, -2.0], np.linspace(0.5, 3.0, 5_000)]))
    assert series.extent(positive=True) == (0.5, 3.0)


@pytest.mark.parametrize("weight", [0.0, 0.6, 0.99])
def test_smooth_curve_when_taken_in_parts_equals_the_plain_recurrence(weight: float) -> None:
    values = np.random.default_rng(3).normal(loc=2.0, size=3_000)
    values[100] = np.nan
    series = Series()
    smooth = Smoothed(series, weight)
    total = mass = 0.0
    expected = []
    for step, value in enumerate(values):
        series.append(step, float(value))
        known = np.isfinite(value)
        total = weight * total + (1 - weight) * (value if known else 0.0)
        mass = weight * mass + (1 - weight) * known
        expected.append(total / mass if mass else np.nan)
        if step % 313 == 0:
            smooth.catch_up()
    assert np.allclose(smooth.catch_up().y, expected, atol=1e-9, equal_nan=True)


def test_smooth_curve_when_its_source_was_cut_starts_anew() -> None:
    series = _series(np.arange(100.0))
    smooth = Smoothed(series, 0.5)
    smooth.catch_up()
    series.append(50, 7.0)
    for step in range(51, 120):
        series.append(step, 7.0)
    assert len(smooth.catch_up()) == len(series)
    assert smooth.series.y[-1] == pytest.approx(7.0)
