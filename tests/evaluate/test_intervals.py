"""Intervals of shares and means, beside their formulas and beside draws."""

import math

import numpy as np
import pytest
from scipy.stats import t

from engine.evaluate.intervals import (
    Z95,
    alike_bounds,
    clustered_bounds,
    clusters_of,
    effective_size,
    intraclass_correlation,
    mean_interval,
    t95,
    wilson_bounds,
)


@pytest.mark.parametrize("degrees", [1, 7, 300])
def test_quantile_when_asked_for_then_is_that_of_students_t(degrees: int) -> None:
    assert t95(degrees) == pytest.approx(t.ppf(0.975, degrees))


def test_quantile_when_there_is_no_degree_of_freedom_then_a_share_may_be_anything() -> None:
    assert wilson_bounds(0.3, 4, t95(0)) == (0.0, 1.0)


def test_clusters_when_rows_have_no_group_then_are_rows_by_themselves_in_their_order() -> None:
    assert clusters_of([""] * 12).tolist() == list(range(12))
    mixed = clusters_of(["b", "", "a", "b", ""])
    assert len(set(mixed.tolist())) == 4
    assert mixed[0] == mixed[3]
    assert clusters_of([]).tolist() == []


def test_effective_size_when_clusters_are_of_one_size_then_is_their_number() -> None:
    assert effective_size(np.arange(12) // 4) == 3
    assert effective_size(np.array([0, 0, 0, 0, 1])) == pytest.approx(25 / 17)


@pytest.mark.parametrize("value", [0.0, 0.4, 1.0])
def test_bounds_of_values_all_alike_when_few_then_are_wide_and_hold_the_mean(value: float) -> None:
    low, high = alike_bounds(value, 3, 0.0, 1.0)
    assert 0 <= low <= value <= high <= 1
    assert high - low == pytest.approx(Z95**2 / (3 + Z95**2))
    assert alike_bounds(value, 0, 0.0, 1.0) == (0.0, 1.0)


def test_bounds_of_values_all_alike_when_they_are_at_an_end_then_are_wilsons() -> None:
    assert alike_bounds(0.0, 20, 0.0, 1.0) == pytest.approx(wilson_bounds(0.0, 20))
    assert alike_bounds(1.0, 20, 0.0, 1.0) == pytest.approx(wilson_bounds(1.0, 20))
    told = mean_interval(np.zeros(20), -1.0, 1.0)
    assert (told.low, told.high) == pytest.approx((-wilson_bounds(0.0, 20)[1], wilson_bounds(0.0, 20)[1]))


def test_bounds_by_cluster_when_clusters_are_cases_then_are_the_t_interval() -> None:
    values_N = np.random.default_rng(0).normal(0.1, 0.2, 50)
    half = t.ppf(0.975, 49) * values_N.std(ddof=1) / 50**0.5
    told = clustered_bounds(values_N, np.arange(50), -2.0, 2.0)
    assert told == pytest.approx((values_N.mean() - half, values_N.mean() + half))


def test_bounds_by_cluster_when_clusters_are_alike_within_then_are_those_of_their_means() -> None:
    level_K = np.random.default_rng(1).normal(0.1, 0.2, 20)
    half = t.ppf(0.975, 19) * level_K.std(ddof=1) / 20**0.5
    told = clustered_bounds(np.repeat(level_K, 6), np.arange(120) // 6, -2.0, 2.0)
    assert told == pytest.approx((level_K.mean() - half, level_K.mean() + half))


@pytest.mark.parametrize("planted", [0.0, 0.5])
def test_correlation_within_clusters_when_planted_then_is_found_whatever_the_parts_means(planted: float) -> None:
    random = np.random.default_rng(2)
    cluster_N, part_N = np.arange(4000) // 4, np.arange(4000) % 4 // 2
    shared_N = random.normal(0, math.sqrt(planted), 1000)[cluster_N]
    values_N = shared_N + random.normal(0, math.sqrt(1 - planted), 4000) + 5.0 * part_N
    assert intraclass_correlation(values_N, cluster_N, part_N) == pytest.approx(planted, abs=0.05)


@pytest.mark.parametrize("cases", [0, 1, 6])
def test_correlation_within_clusters_when_nothing_tells_then_is_taken_for_whole(cases: int) -> None:
    alike_N, once_N = np.zeros(cases, dtype=bool), np.arange(cases)
    assert intraclass_correlation(alike_N, once_N // 2, np.zeros(cases, dtype=int)) == 1
    assert intraclass_correlation(once_N, once_N, np.zeros(cases, dtype=int)) == 1
