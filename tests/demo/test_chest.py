"""The chest picture shows its findings where a stranger would point."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.demo.chest import SIDE, Body, draw_chest
from engine.demo.devices import HELD_OUT_SCANNERS, SCANNERS, Scanner

_PLAIN = {"lungs": "clear", "heart": "normal", "inflation": "usual"}
_QUIET = dataclasses.replace(SCANNERS[0], grain=0.0)


def _picture(seed: int, scanner: Scanner = _QUIET, **found: str) -> NDArray[np.float64]:
    body = Body.draw(np.random.default_rng([seed, 0]))
    drawn = draw_chest(_PLAIN | found, body, scanner, np.random.default_rng([seed, 1]))
    return drawn / 255


def _change(seed: int, **found: str) -> NDArray[np.float64]:
    """What a finding adds to the picture of the same patient."""
    return _picture(seed, **found) - _picture(seed)


@pytest.mark.parametrize("seed", range(6))
def test_patch_when_drawn_then_a_part_of_one_lung_turns_white(seed: int) -> None:
    change = _change(seed, lungs="patch")
    white = change > 0.15
    assert 0.01 < white.mean() < 0.12
    rows, columns = np.nonzero(white)
    assert abs(columns.mean() - SIDE / 2) > SIDE * 0.1  # to one side
    assert rows.max() < SIDE * 0.85


@pytest.mark.parametrize("seed", range(6))
def test_fluid_when_drawn_then_the_bottom_of_one_lung_is_white_and_the_border_climbs_at_the_wall(seed: int) -> None:
    white = _change(seed, lungs="fluid") > 0.15
    rows, columns = np.nonzero(white)
    assert rows.mean() > SIDE * 0.45
    outer = np.abs(columns - SIDE / 2) > np.quantile(np.abs(columns - SIDE / 2), 0.75)
    inner = np.abs(columns - SIDE / 2) < np.quantile(np.abs(columns - SIDE / 2), 0.25)
    assert rows[outer].min() < rows[inner].min()


@pytest.mark.parametrize("seed", range(6))
def test_edge_when_drawn_then_one_side_has_a_bright_line_and_black_beyond_it(seed: int) -> None:
    change = _change(seed, lungs="edge")
    assert (change > 0.15).mean() > 0.01
    assert (change < -0.06).mean() > 0.01
    bright, black = (np.nonzero(mask)[1] for mask in (change > 0.15, change < -0.06))
    assert abs(black.mean() - SIDE / 2) > abs(bright.mean() - SIDE / 2)


@pytest.mark.parametrize("seed", range(6))
def test_large_heart_when_drawn_then_the_middle_grows_to_over_half_the_chest(seed: int) -> None:
    normal, large = (_picture(seed, heart=size) for size in ("normal", "large"))
    level = slice(int(SIDE * 0.52), int(SIDE * 0.62))
    widths = [(picture[level, 12:-12] > 0.45).mean() for picture in (normal, large)]
    assert widths[1] > widths[0] + 0.12


@pytest.mark.parametrize("seed", range(6))
def test_stretched_lungs_when_drawn_then_the_dark_reaches_further_down(seed: int) -> None:
    dark = [
        np.nonzero((_picture(seed, inflation=kind)[:, 20:40] < 0.35).mean(1) > 0.5)[0].max()
        for kind in ("usual", "stretched")
    ]
    assert dark[1] > dark[0] + SIDE * 0.06


@pytest.mark.parametrize("scanner", SCANNERS + HELD_OUT_SCANNERS, ids=lambda scanner: scanner.name)
def test_picture_when_taken_by_any_scanner_then_it_keeps_its_contrast(scanner: Scanner) -> None:
    picture = _picture(3, scanner)
    assert picture.shape == (SIDE, SIDE)
    assert np.quantile(picture, 0.95) - np.quantile(picture, 0.05) > 0.25


def test_marker_when_on_the_left_of_the_picture_then_it_is_an_r_and_on_the_right_an_l() -> None:
    left, right = (_picture(1, dataclasses.replace(_QUIET, marker=(x, -0.92))) for x in (-0.92, 0.80))
    assert left[4, 3:8].max() > 0.7 > 0.4 > right[5, -7:].max()  # only an R has a bow at the top
    assert min(left[3:11, 3].max(), right[3:11, -10].max()) > 0.7  # both have a stem
