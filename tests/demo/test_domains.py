"""Both demos: how well anyone could do, what never crosses the halves, and that a seed says everything."""

import itertools

import numpy as np
import pytest

from engine.demo.devices import HELD_OUT_MICROPHONES, HELD_OUT_SCANNERS, MICROPHONES, SCANNERS
from engine.demo.domains import DOMAINS
from engine.demo.generator import Generated, GeneratedCase, draw_outline, generate, generate_one
from engine.demo.themes import HELD_OUT_THEMES, THEMES
from engine.demo.voices import HELD_OUT_VOICES, VOICES
from engine.schema.base import MODALITIES
from tests.demo.golden import GOLDEN, describe


@pytest.fixture(params=list(DOMAINS))
def domain(request: pytest.FixtureRequest) -> Generated:
    return DOMAINS[request.param]


def _same(first: GeneratedCase, second: GeneratedCase) -> bool:
    facts = (first.label, first.findings, first.group, first.text) == (
        second.label,
        second.findings,
        second.group,
        second.text,
    )
    arrays = ((first.picture, second.picture), (first.sound, second.sound))
    return facts and all((a is None and b is None) or np.array_equal(a, b) for a, b in arrays)  # type: ignore[arg-type]


def test_oracle_when_everything_is_seen_then_it_lies_where_a_demo_should(domain: Generated) -> None:
    assert 0.85 <= domain.world.oracle(MODALITIES) <= 0.95
    assert 0.85 <= domain.world.best() <= 0.95


def test_oracle_when_one_modality_is_seen_then_it_does_not_suffice(domain: Generated) -> None:
    assert all(domain.world.oracle((modality,)) <= 0.65 for modality in MODALITIES)


def test_oracle_when_any_modality_is_taken_away_then_it_loses_at_least_four_points(domain: Generated) -> None:
    whole = domain.world.oracle(MODALITIES)
    assert all(whole - domain.world.oracle(pair) >= 0.04 for pair in itertools.combinations(MODALITIES, 2))


def test_world_when_read_then_it_has_a_demo_s_labels_with_both_wordings(domain: Generated) -> None:
    assert 6 <= len(domain.world.labels) <= 8
    assert all(label.en and label.zh for label in domain.world.labels)
    assert domain.world.prior_L.sum() == pytest.approx(1.0)


def test_case_when_generated_twice_then_it_is_the_same_whatever_came_before(domain: Generated) -> None:
    whole = list(generate(domain, "train", 6, seed=4))
    assert all(_same(case, generate_one(domain, "train", k, 4)) for k, case in enumerate(whole))
    assert not _same(whole[0], generate_one(domain, "train", 0, 5))
    assert not _same(whole[0], generate_one(domain, "val", 0, 4))


def test_cases_of_seed_one_when_described_then_they_are_those_of_the_golden_file() -> None:
    assert describe() == GOLDEN.read_text(encoding="utf-8")


def test_case_when_a_modality_is_missing_then_neither_its_part_nor_its_findings_are_there(domain: Generated) -> None:
    for case in generate(domain, "train", 40, seed=9):
        parts = {"text": case.text, "image": case.picture, "audio": case.sound}
        for found in domain.world.findings:
            assert (found.name in case.findings) == (parts[found.modality] is not None)
        assert sum(case.posterior().values()) == pytest.approx(1.0)
        assert set(case.posterior()) == set(domain.world.names())


def test_case_when_outlined_first_then_its_outline_is_the_case(domain: Generated) -> None:
    outline, case = draw_outline(domain, "val", 3, 1), generate_one(domain, "val", 3, 1)
    assert (outline.label, outline.shown(domain.world)) == (case.label, case.findings)


def test_groups_when_all_splits_are_generated_then_none_crosses_and_each_has_several_cases(domain: Generated) -> None:
    groups = {split: [draw_group(domain, split, k) for k in range(24)] for split in ("train", "val", "test")}
    assert len(groups["train"]) > len(set(groups["train"])) > 1
    assert not set(groups["train"]) & set(groups["val"])
    assert not set(groups["val"]) & set(groups["test"])


def draw_group(domain: Generated, split: str, index: int) -> str:
    return generate_one(domain, split, index, 1).group  # type: ignore[arg-type]


def test_people_when_drawn_for_both_halves_then_devices_voices_and_themes_are_disjoint(domain: Generated) -> None:
    seen: dict[str, set[str]] = {"train": set(), "val": set(), "test": set()}
    for split, names in seen.items():
        for index in range(0, 1200, 4):
            person = draw_outline(domain, split, index, 1).person  # type: ignore[arg-type]
            kinds = (getattr(person, name, None) for name in ("scanner", "theme", "microphone", "voice"))
            names |= {f"{type(kind).__name__}:{kind.name}" for kind in kinds if kind is not None}
    assert not seen["train"] & (seen["val"] | seen["test"])
    assert seen["val"] == seen["test"]
    assert len(seen["train"]) == len(VOICES) + len(MICROPHONES) + 10  # every device is met


@pytest.mark.parametrize(
    ("trained", "held_out"),
    [
        (SCANNERS, HELD_OUT_SCANNERS),
        (MICROPHONES, HELD_OUT_MICROPHONES),
        (THEMES, HELD_OUT_THEMES),
        (VOICES, HELD_OUT_VOICES),
    ],
)
def test_devices_when_compared_then_no_held_out_one_has_the_name_or_the_settings_of_a_trained_one(
    trained: tuple[object, ...], held_out: tuple[object, ...]
) -> None:
    settings = [tuple(vars(device).items())[1:] for device in trained + held_out]
    assert len(set(settings)) == len(settings)
    assert not {vars(device)["name"] for device in trained} & {vars(device)["name"] for device in held_out}
