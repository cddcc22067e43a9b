"""Percentiles and spaces: distances are right, units cancel, and a percentile says what it counts."""

import numpy as np
import pytest

from engine.predict.neighbours import NEIGHBOURS, Space, distances, spread
from engine.predict.unusual import percentile

HELD = np.arange(1, 201, dtype=np.float32)


@pytest.mark.parametrize(
    ("score", "expected"), [(0.5, 0.0), (1.5, 0.5), (100.5, 50.0), (198.5, 99.0), (199.5, 99.5), (999, 100)]
)
def test_a_score_when_ranked_then_its_percentile_is_the_share_below_it(score: float, expected: float) -> None:
    assert percentile(score, HELD) == pytest.approx(expected)


@pytest.mark.parametrize(("score", "expected"), [(150.5, 75.0), (199.5, 99.0), (290.0, 99.0), (300.0, 100.0)])
def test_a_score_when_within_the_allowance_then_is_at_the_edge_and_not_beyond(score: float, expected: float) -> None:
    assert percentile(score, HELD, allowance=1.5) == pytest.approx(expected)


@pytest.mark.parametrize("n", [0, 4])
def test_a_score_when_next_to_nothing_was_held_out_then_counts_as_unlike(n: int) -> None:
    assert percentile(0.0, HELD[:n]) == 100.0


def test_a_score_when_it_is_unknown_then_counts_as_unlike() -> None:
    assert percentile(float("nan"), HELD) == 100.0


def test_a_score_when_few_were_held_out_then_is_read_off_a_normal_curve_of_their_logarithms() -> None:
    held = np.exp(np.random.default_rng(0).normal(0, 0.3, 40)).astype(np.float32)
    assert percentile(float(np.median(held)), held) == pytest.approx(50, abs=8)
    assert percentile(float(held.max()) * 1.02, held) < 99.5
    assert percentile(float(np.exp(1.5)), held) > 99.9


def test_distances_when_computed_by_hand_then_are_the_same() -> None:
    rng = np.random.default_rng(1)
    seen, query = rng.normal(size=(50, 7)).astype(np.float32), rng.normal(size=(6, 7)).astype(np.float32)
    by_hand = np.sort(np.linalg.norm(query[:, None] - seen[None], axis=2), axis=1)[:, :NEIGHBOURS].mean(axis=1)
    assert distances(query, seen) == pytest.approx(by_hand, rel=1e-4)
    itself = np.sort(np.linalg.norm(seen[:, None] - seen[None], axis=2), axis=1)[:, 1 : NEIGHBOURS + 1].mean(axis=1)
    assert distances(seen, seen, itself=True) == pytest.approx(itself, rel=1e-4)


def test_a_space_when_its_vectors_are_scaled_and_moved_then_measures_the_same() -> None:
    rng = np.random.default_rng(2)
    seen, query = rng.normal(size=(80, 5)).astype(np.float32), rng.normal(size=(9, 5)).astype(np.float32)
    plain, moved = Space.plain(seen).measure(query), Space.plain(seen * 40 + 3).measure(query * 40 + 3)
    assert plain == pytest.approx(moved, rel=1e-3)
    sizes = np.linalg.norm(Space.plain(seen).seen_NF, axis=1)
    assert np.sqrt((sizes**2).mean()) == pytest.approx(1.0, rel=1e-4)


def test_an_even_space_when_a_fact_is_in_another_unit_then_measures_the_same() -> None:
    rng = np.random.default_rng(3)
    seen, query = rng.normal(size=(300, 4)).astype(np.float32), rng.normal(size=(9, 4)).astype(np.float32)
    unit = np.asarray([1, 100, 0.01, 7], dtype=np.float32)
    nothing = np.zeros(4, dtype=np.float32)
    assert Space.even(seen, nothing).measure(query) == pytest.approx(
        Space.even(seen * unit, nothing).measure(query * unit), rel=0.01
    )


def test_a_fact_when_it_never_varied_then_moves_a_row_by_what_it_is_allowed_and_no_more() -> None:
    rng = np.random.default_rng(4)
    seen = np.concatenate([rng.normal(size=(300, 3)), np.zeros((300, 1))], axis=1).astype(np.float32)
    allowed = np.full(4, 0.1, dtype=np.float32)
    space = Space.even(seen, allowed)
    middle = np.zeros((1, 4), dtype=np.float32)
    slight, great = middle.copy(), middle.copy()
    slight[0, 3], great[0, 3] = 0.05, 1.0
    assert space.measure(slight)[0] < 2 * space.measure(middle)[0]
    assert space.measure(great)[0] > 5 * space.measure(middle)[0]


def test_rows_when_they_are_all_the_same_then_the_space_stays_finite() -> None:
    rows = np.ones((20, 3), dtype=np.float32)
    for space in (Space.plain(rows), Space.even(rows, np.full(3, 0.02, dtype=np.float32))):
        assert np.isfinite(space.measure(rows + 0.1)).all()


def test_rows_when_thinned_then_first_and_last_stay_and_none_comes_twice() -> None:
    kept = spread(np.arange(1000), 7)
    assert (kept[0], kept[-1], len(set(kept.tolist()))) == (0, 999, 7)
    assert spread(np.arange(5), 7).tolist() == [0, 1, 2, 3, 4]
