"""Planted facts: what the bits say is what is planted, and nothing else knows the answer."""

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.cli.selftest import PLANT_NAMES
from engine.demo.planted import PLANTS, Plant, PlantedCase, plant_cases
from engine.schema.base import MODALITIES, Modality
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs

SEVERAL = 2000


def _cases(plant: Plant, folder: Path, count: int, split: str = "test") -> list[PlantedCase]:
    with BulkBlobs(folder) as blobs:
        return list(plant_cases(plant, "train" if split == "train" else "test", count, 3, blobs))


def test_plants_when_listed_then_are_those_of_the_command_line() -> None:
    assert tuple(plant.name for plant in PLANTS) == PLANT_NAMES


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: str(plant.name))
def test_answer_when_bits_are_drawn_is_known_to_the_carriers_together_and_to_nobody_else(plant: Plant) -> None:
    rng = np.random.default_rng(5)
    drawn = [plant.draw_bits(rng) for _ in range(SEVERAL)]
    answers = np.array([plant.answer(bits) for bits in drawn])
    assert answers.mean() == pytest.approx(0.5, abs=0.05)
    for modality in MODALITIES:
        agree = float(np.mean(np.array([bits[modality] for bits in drawn]) == answers))
        assert agree == pytest.approx(_agreement(plant, modality), abs=0.05), modality
    if plant.kind == "synergistic":
        first, second = plant.carriers
        assert [bits[first] ^ bits[second] for bits in drawn] == answers.tolist()


def _agreement(plant: Plant, modality: Modality) -> float:
    """Return how often a modality's bit alone is the answer."""
    if modality not in plant.carriers:
        return 0.5
    return 0.5 + plant.hint if plant.kind == "synergistic" else 1.0


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: str(plant.name))
def test_chance_when_bits_are_seen_then_is_how_often_the_answer_is_yes_among_such_cases(plant: Plant) -> None:
    rng = np.random.default_rng(6)
    drawn = [plant.draw_bits(rng) for _ in range(4 * SEVERAL)]
    yes = np.array([plant.answer(bits) ^ int(rng.random() < plant.noise) for bits in drawn])
    first = plant.carriers[0]
    for seen in ({}, {first: 0}, {first: 1}, {plant.carriers[-1]: 1, first: drawn[0][first]}, drawn[0]):
        alike = np.array([all(bits[modality] == bit for modality, bit in seen.items()) for bits in drawn])
        if alike.any():
            spread = 4 * (0.25 / alike.sum()) ** 0.5
            assert plant.chance(seen) == pytest.approx(float(yes[alike].mean()), abs=spread), seen


def test_chance_when_a_synergistic_plant_is_seen_whole_then_is_more_than_its_carriers_say_one_by_one() -> None:
    plant = Plant("synergistic", ("text", "image"))
    for first, second in itertools.product((0, 1), repeat=2):
        sign = 1 if plant.answer({"text": first, "image": second, "audio": 0}) else -1
        whole, text, image, nothing = (
            sign * _log_odds(plant.chance(seen))
            for seen in ({"text": first, "image": second}, {"text": first}, {"image": second}, {})
        )
        assert whole - text - image + nothing > 1


def _log_odds(chance: float) -> float:
    return math.log(chance / (1 - chance))


@pytest.mark.parametrize(
    ("plant", "present", "told"),
    [
        (Plant("unique", ("image",)), ("text", "audio"), False),
        (Plant("unique", ("image",)), ("image",), True),
        (Plant("redundant", ("text", "audio")), ("audio",), True),
        (Plant("redundant", ("text", "audio")), ("image",), False),
        (Plant("synergistic", ("text", "audio")), ("audio", "image"), False),
        (Plant("synergistic", ("text", "audio")), ("text", "audio"), True),
    ],
)
def test_plant_when_modalities_are_missing_says_whether_anybody_can_know(
    plant: Plant, present: tuple[Modality, ...], told: bool
) -> None:
    assert plant.told(present) is told


def test_plant_when_its_carriers_do_not_fit_its_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="synergistic"):
        Plant("synergistic", ("text",))


def test_cases_when_planted_twice_are_the_same_byte_for_byte_and_show_what_the_plant_says(tmp_path: Path) -> None:
    plant = PLANTS[0]
    first = _cases(plant, tmp_path / "a", 300)
    assert [one.case for one in first] == [one.case for one in _cases(plant, tmp_path / "b", 300)]
    turned = np.mean([one.case.label != one.answer for one in first])
    missing = np.mean([modality not in one.present for one in first for modality in MODALITIES])
    assert turned == pytest.approx(plant.noise, abs=0.06)
    assert missing == pytest.approx(plant.missing, abs=0.05)
    assert all(one.case.synthetic and one.case.readable() for one in first)
    _shows(first, Blobs(tmp_path / "a"))


def _shows(cases: Sequence[PlantedCase], blobs: Blobs) -> None:
    """Check that the words of the note give the answer away to whoever knows the colours: it is planted in the text."""
    cold = {"teal", "cobalt", "indigo", "azure", "navy"}
    for one in cases:
        for part in one.case.readable():
            if part.modality == "text" and part.decoded is not None:
                words = set(blobs.read(part.decoded).decode().rstrip(".").split())
                assert ("yes" if words & cold else "no") == one.answer
