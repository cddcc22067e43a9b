"""Planted facts: what the bits say is what is planted, and nothing else knows the answer."""

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
        knows = plant.kind != "synergistic" and modality in plant.carriers
        assert agree == (1.0 if knows else pytest.approx(0.5, abs=0.05)), modality
    if plant.kind == "synergistic":
        first, second = plant.carriers
        assert [bits[first] ^ bits[second] for bits in drawn] == answers.tolist()


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
