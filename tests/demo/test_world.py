"""The probability model against enumeration by hand."""

import itertools

import numpy as np
import pytest

from engine.demo.domains import DOMAINS
from engine.demo.world import World, finding
from engine.schema.base import MODALITIES
from engine.schema.case import Label

_TINY = World(
    labels=(Label(name="a"), Label(name="b")),
    prior_L=np.array((0.6, 0.4)),
    findings=(
        finding("colour", "image", "red green\na 90 10\nb 20 80"),
        finding("word", "text", "yes no maybe\na 50 30 20\nb 10 30 60"),
    ),
)


def _joint(world: World, label: str, shown: dict[str, str]) -> float:
    """p(label, findings shown), by summing over every finding that is not shown."""
    row = world.names().index(label)
    total = 0.0
    hidden = [f for f in world.findings if f.name not in shown]
    for values in itertools.product(*(f.values for f in hidden)):
        everything = shown | dict(zip((f.name for f in hidden), values, strict=True))
        chance = float(world.prior_L[row])
        for found in world.findings:
            chance *= float(found.table_LV[row, found.values.index(everything[found.name])])
        total += chance
    return total


def test_posterior_when_one_finding_is_shown_then_it_is_bayes_by_hand() -> None:
    posterior_L = _TINY.posterior({"colour": "red"})
    assert posterior_L[0] == pytest.approx(0.6 * 0.9 / (0.6 * 0.9 + 0.4 * 0.2))


@pytest.mark.parametrize("shown", [{}, {"word": "maybe"}, {"word": "no", "colour": "green"}])
def test_posterior_of_a_small_world_when_enumerated_then_it_matches(shown: dict[str, str]) -> None:
    joint_L = np.array([_joint(_TINY, name, shown) for name in _TINY.names()])
    np.testing.assert_allclose(_TINY.posterior(shown), joint_L / joint_L.sum(), atol=1e-12)


@pytest.mark.parametrize("name", DOMAINS)
def test_posterior_of_a_demo_when_enumerated_over_hidden_findings_then_it_matches(name: str) -> None:
    world = DOMAINS[name].world
    rng = np.random.default_rng(3)
    for _ in range(3):
        drawn = world.draw_findings(world.draw_label(rng), rng)
        shown = {f.name: drawn[f.name] for f in world.findings if f.modality != "audio"}
        joint_L = np.array([_joint(world, label, shown) for label in world.names()])
        np.testing.assert_allclose(world.posterior(shown), joint_L / joint_L.sum(), atol=1e-12)
        assert world.posterior(shown).sum() == pytest.approx(1.0)


def test_oracle_of_a_small_world_when_every_joint_value_is_listed_then_it_matches() -> None:
    best = 0.0
    for colour, word in itertools.product(("red", "green"), ("yes", "no", "maybe")):
        best += max(_joint(_TINY, name, {"colour": colour, "word": word}) for name in _TINY.names())
    assert _TINY.oracle(MODALITIES) == pytest.approx(best)
    assert _TINY.oracle(()) == pytest.approx(0.6)


@pytest.mark.parametrize("name", DOMAINS)
def test_oracle_when_cases_are_drawn_then_its_accuracy_is_reached(name: str) -> None:
    world = DOMAINS[name].world
    rng = np.random.default_rng(11)
    right, count = 0, 4000
    for _ in range(count):
        label = world.draw_label(rng)
        drawn, present = world.draw_findings(label, rng), world.draw_present(rng)
        shown = {f.name: drawn[f.name] for f in world.findings if f.modality in present}
        right += world.names()[int(world.posterior(shown).argmax())] == label
    assert right / count == pytest.approx(world.best(), abs=0.018)


def test_patterns_when_summed_then_they_are_all_cases_and_none_is_empty() -> None:
    patterns = _TINY.patterns()
    assert sum(patterns.values()) == pytest.approx(1.0)
    assert len(patterns) == 7
    assert () not in patterns


def test_presence_when_drawn_often_then_each_modality_is_missing_in_a_tenth_to_a_sixth_and_never_all() -> None:
    rng = np.random.default_rng(5)
    drawn = [_TINY.draw_present(rng) for _ in range(5000)]
    assert all(drawn)
    for modality in MODALITIES:
        assert 0.10 <= sum(modality not in present for present in drawn) / 5000 <= 0.15


def test_drawn_findings_when_counted_then_they_follow_the_table() -> None:
    rng = np.random.default_rng(7)
    red = sum(_TINY.draw_findings("a", rng)["colour"] == "red" for _ in range(4000)) / 4000
    assert red == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("table", ["x y\na 50 40", "x y\na 50 25 25"])
def test_table_when_it_does_not_hold_percentages_then_it_is_refused(table: str) -> None:
    with pytest.raises(ValueError, match="percentages"):
        finding("f", "text", table)
