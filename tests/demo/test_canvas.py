"""Shapes drawn with numbers alone."""

import numpy as np
import pytest

from engine.demo.canvas import Pose, blur, box, clouds, ellipse, grid, inside, stroke, to_bytes, triangle


def test_grid_when_made_then_its_longer_side_spans_two_and_its_middle_is_the_origin() -> None:
    on = grid(20, 40)
    assert on.x_HW.shape == (20, 40)
    assert on.x_HW.max() - on.x_HW.min() == pytest.approx(2 - on.pixel)
    assert abs(on.x_HW.mean()) < 1e-12
    assert abs(on.y_HW.mean()) < 1e-12


def test_pose_when_turned_a_quarter_then_what_was_right_is_down() -> None:
    plain, turned = grid(64, 64), grid(64, 64, Pose(angle=np.pi / 2))
    right = inside(ellipse(plain, (0.5, 0.0), (0.1, 0.1)), 0.01)
    down = inside(ellipse(turned, (0.5, 0.0), (0.1, 0.1)), 0.01)
    np.testing.assert_allclose(np.array(np.nonzero(down)).mean(1), np.array(np.nonzero(right)).mean(1)[::-1], atol=1)


def test_pose_when_enlarged_then_the_shape_covers_more() -> None:
    areas = [inside(ellipse(grid(64, 64, Pose(scale=s)), (0, 0), (0.3, 0.3)), 0.01).sum() for s in (1.0, 1.5)]
    assert areas[1] == pytest.approx(areas[0] * 2.25, rel=0.03)


def test_shapes_when_filled_then_their_areas_are_those_of_geometry() -> None:
    on = grid(200, 200)
    share = {
        np.pi * 0.4 * 0.2 / 4: ellipse(on, (0.1, 0.1), (0.4, 0.2)),
        0.6 * 0.4 / 4: box(on, -0.3, -0.2, 0.3, 0.2),
        (1.0 * 0.1 + np.pi * 0.05**2) / 4: stroke(on, (-0.5, 0.0), (0.5, 0.0), 0.1),
    }
    for expected, distance in share.items():
        assert inside(distance, 0.005).mean() == pytest.approx(expected, rel=0.03)


def test_triangle_when_filled_then_it_is_wider_below() -> None:
    mask = inside(triangle(grid(100, 100), (0.0, 0.0), 0.5), 0.01)
    rows = mask.sum(1)
    assert rows[60] > rows[40] > 0


def test_clouds_when_drawn_then_they_are_smooth_standardised_noise() -> None:
    plane = clouds(np.random.default_rng(0), (60, 80), 6)
    assert plane.shape == (60, 80)
    assert plane.mean() == pytest.approx(0, abs=1e-9)
    assert plane.std() == pytest.approx(1, abs=1e-6)
    assert np.abs(np.diff(plane, axis=1)).max() < 0.6


def test_blur_when_applied_then_it_spreads_and_keeps_the_sum() -> None:
    plane = np.zeros((9, 9))
    plane[4, 4] = 16.0
    soft = blur(plane, 1)
    assert soft[4, 4] == 4.0
    assert soft.sum() == pytest.approx(16.0)


def test_bytes_when_values_leave_the_range_then_they_are_cut() -> None:
    np.testing.assert_array_equal(to_bytes(np.array([[-1.0, 0.5, 2.0]])), [[0, 128, 255]])
