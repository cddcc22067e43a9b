"""Finding an action by its letters: the best one stands first."""

import pytest

from workbench.actions.finding import fit, ranked

TITLES = (
    "Go to Home", "Go to Cases", "Choose files…", "New case", "Try the demo case", "New training run…", "New project…",
    "Open project…", "Open the demo", "Settings", "Help", "新建病例", "Größe",
)  # fmt: skip


def _found(typed: str) -> list[str]:
    return ranked(typed, [(title, (title,)) for title in TITLES])


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("new c", "New case"),
        ("case", "New case"),
        ("proj", "New project…"),
        ("otd", "Open the demo"),
        ("sttng", "Settings"),
        ("RUN", "New training run…"),
        ("demo open", "Open the demo"),
        ("病例", "新建病例"),
        ("grösse", "Größe"),
        ("gtc", "Go to Cases"),
    ],
)
def test_title_when_a_few_letters_are_typed_stands_first(typed: str, first: str) -> None:
    assert _found(typed)[0] == first


def test_titles_when_nothing_is_typed_stay_in_their_order() -> None:
    assert _found("  ") == list(TITLES)


@pytest.mark.parametrize("typed", ["xyz", "new zebra", "q"])
def test_title_when_letters_are_not_in_it_is_left_out(typed: str) -> None:
    assert _found(typed) == []


def test_fit_when_graded_prefers_beginnings_to_words_to_insides_to_scattered_letters() -> None:
    grades = [fit("case", title) for title in ("case list", "new case", "showcase", "c a s e", "ca x se")]
    assert grades == sorted(grades, reverse=True)
    assert len(set(grades)) == len(grades)
    assert min(grades) > 0


def test_letters_when_far_apart_are_chance_and_no_fit() -> None:
    assert fit("gz", "go through a very long sentence to the zoo") == 0
