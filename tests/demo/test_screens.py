"""The screenshot shows its findings in colours and shapes."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.demo.lettering import lettering
from engine.demo.screens import SIDE, draw_screen
from engine.demo.themes import HELD_OUT_THEMES, THEMES, Theme

_PLAIN = {"window": "login", "icon": "none", "stripe": "none"}


def _screen(seed: int, theme: Theme = THEMES[0], **found: str) -> NDArray[np.float64]:
    return draw_screen(_PLAIN | found, theme, np.random.default_rng(seed)) / 255


def _share(picture: NDArray[np.float64], red: float, green: float, blue: float) -> float:
    """The share of pixels that are near a colour."""
    return float((np.abs(picture - np.array((red, green, blue))).max(-1) < 0.12).mean())


@pytest.mark.parametrize("theme", THEMES + HELD_OUT_THEMES, ids=lambda theme: theme.name)
def test_stripe_when_drawn_on_any_theme_then_a_tenth_of_the_window_has_its_colour(theme: Theme) -> None:
    red, green = (0.86, 0.16, 0.14), (0.13, 0.62, 0.28)
    for seed in range(4):
        assert _share(_screen(seed, theme, stripe="red"), *red) > 0.04
        assert _share(_screen(seed, theme, stripe="green"), *green) > 0.04
        assert _share(_screen(seed, theme), *red) < 0.005
        assert _share(_screen(seed, theme), *green) < 0.005


@pytest.mark.parametrize("theme", THEMES + HELD_OUT_THEMES, ids=lambda theme: theme.name)
def test_warning_when_drawn_on_any_theme_then_it_is_yellow_and_nothing_else_is(theme: Theme) -> None:
    yellow = (0.98, 0.78, 0.10)
    for seed, window in enumerate(("login", "invoice", "crash", "loading")):
        assert _share(_screen(seed, theme, window=window, icon="warning"), *yellow) > 0.004
        assert _share(_screen(seed, theme, window=window, icon="lock"), *yellow) == 0


def test_icons_when_drawn_in_the_same_place_then_any_two_differ_visibly() -> None:
    for seed in range(4):
        pictures = [_screen(seed, icon=icon) for icon in ("none", "warning", "lock", "nosignal")]
        for first, second in itertools.combinations(pictures, 2):
            assert (np.abs(first - second).max(-1) > 0.3).sum() > 25


def test_windows_when_drawn_with_the_same_seed_then_any_two_differ_in_a_good_part() -> None:
    for seed in range(4):
        pictures = [_screen(seed, window=window) for window in ("login", "invoice", "crash", "loading")]
        for first, second in itertools.combinations(pictures, 2):
            assert (np.abs(first - second).max(-1) > 0.2).mean() > 0.05


def test_screen_when_drawn_then_it_is_a_square_of_colours_with_everything_inside() -> None:
    for seed in range(40):
        for window in ("login", "invoice", "crash", "loading"):
            picture = draw_screen(_PLAIN | {"window": window}, THEMES[seed % 10], np.random.default_rng(seed))
            assert picture.shape == (SIDE, SIDE, 3)
            assert picture.dtype == np.uint8


def test_lettering_when_enlarged_then_it_is_the_same_letters() -> None:
    small = lettering("ERROR!")
    assert small.shape == (5, 6 * 4 - 1)
    np.testing.assert_array_equal(lettering("ERROR!", 2)[::2, ::2], small)


def test_lettering_when_a_letter_is_unknown_then_it_says_so() -> None:
    with pytest.raises(KeyError):
        lettering("ß")
