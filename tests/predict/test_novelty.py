"""Novelty: percentiles mean what they say on drawn vectors, and strange inputs stand out from plain ones."""

import numpy as np
import pytest
import torch

from engine.model.calibrated import Reference
from engine.predict.inputs import InputFacts, describe_audio, describe_image, describe_text
from engine.predict.neighbours import MOST_SEEN
from engine.predict.novelty import Comparison
from engine.predict.reference import Vectors, fit_reference
from engine.schema.base import MODALITIES

FOLDS, WIDTH, ROWS = 4, 12, 480
MOODS = ("hot", "cold", "tired", "dizzy", "sore")
ORGANS = ("throat", "chest", "head", "back", "stomach")


def note(rng: np.random.Generator) -> str:
    return (
        f"Patient feels {rng.choice(MOODS)} and has pain in the {rng.choice(ORGANS)} since {rng.integers(2, 9)} days."
    )


def picture(rng: np.random.Generator) -> np.ndarray:
    """A bright disc on a dark ground, somewhere near the middle, with grain."""
    y, x = np.mgrid[0:64, 0:64]
    disc = np.hypot(y - rng.normal(32, 3), x - rng.normal(32, 3)) < rng.normal(16, 2)
    grey = np.clip(40 + 120 * disc + rng.normal(0, 6, (64, 64)), 0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def sound(rng: np.random.Generator) -> np.ndarray:
    """Bursts of wide noise twice a second, as log-mel."""
    envelope = 3 * (np.sin(np.arange(200) / 50 * 2 * np.pi + rng.uniform(0, 6)) > 0)
    return (envelope + np.linspace(-6, -9, 40)[:, None] + rng.normal(0, 0.4, (40, 200))).astype(np.float32)


def case(rng: np.random.Generator) -> InputFacts:
    return InputFacts((describe_text(note(rng)),), describe_image(picture(rng))[None], describe_audio(sound(rng))[None])


def vectors(rng: np.random.Generator, scale: float = 1.0) -> Vectors:
    pooled_NMD = rng.normal(size=(ROWS, 3, WIDTH)).astype(np.float32) * scale
    return Vectors(pooled_NMD.mean(axis=1), pooled_NMD, np.ones((ROWS, 3), dtype=bool))


@pytest.fixture(scope="module")
def reference() -> Reference:
    rng = np.random.default_rng(1)
    facts = [case(rng) for _ in range(ROWS)]
    final, folds = vectors(rng), [vectors(rng, scale) for scale in (0.5, 1.0, 3.0, 9.0)]
    return fit_reference(final, folds, np.arange(ROWS) % FOLDS, facts)


@pytest.fixture(scope="module")
def comparison(reference: Reference) -> Comparison:
    return Comparison(reference)


def usual(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    pooled_MD = rng.normal(size=(3, WIDTH)).astype(np.float32)
    return pooled_MD.mean(axis=0), pooled_MD


def test_new_cases_when_drawn_like_training_then_their_percentiles_are_even(comparison: Comparison) -> None:
    rng = np.random.default_rng(2)
    found = [comparison.novelty(*usual(rng), case(rng), MODALITIES) for _ in range(300)]
    overall = np.asarray([novelty.overall for novelty in found])
    assert 40 < overall.mean() < 60
    for modality in MODALITIES:
        own = np.asarray([novelty.by_modality[modality] for novelty in found])
        assert 35 < own.mean() < 78, modality  # the higher of two; a text is ranked among imagined authors too
        assert (own > 99).mean() < 0.01, modality


def test_a_fused_vector_when_far_from_all_training_then_is_at_the_hundredth_percentile(comparison: Comparison) -> None:
    rng = np.random.default_rng(3)
    fused_D, pooled_MD = usual(rng)
    novelty = comparison.novelty(fused_D + 20, pooled_MD, case(rng), MODALITIES)
    assert novelty.overall == 100.0


def test_a_pooled_vector_when_far_then_only_its_modality_is_unlike_training(comparison: Comparison) -> None:
    rng = np.random.default_rng(4)
    fused_D, pooled_MD = usual(rng)
    pooled_MD[1] += 20
    novelty = comparison.novelty(fused_D, pooled_MD, case(rng), MODALITIES)
    assert novelty.by_modality["image"] == 100.0
    assert max(novelty.by_modality["text"], novelty.by_modality["audio"]) < 100.0


STRANGE_PICTURES = {
    "blank": lambda rng: np.full((64, 64, 3), 250, np.uint8),
    "noise": lambda rng: rng.integers(0, 255, (64, 64, 3), dtype=np.uint8),
    "coloured": lambda rng: picture(rng) // np.asarray([1, 2, 4], dtype=np.uint8),
    "stripes": lambda rng: np.repeat((127 + 100 * np.sin(np.mgrid[0:64, 0:64][0]))[..., None], 3, 2).astype(np.uint8),
    "upside": lambda rng: 255 - picture(rng),
}
STRANGE_SOUNDS = {
    "silence": lambda rng: np.full((40, 200), -13.8, np.float32),
    "hiss": lambda rng: rng.normal(-5, 0.4, (40, 200)).astype(np.float32),
    "tone": lambda rng: np.where(np.arange(40)[:, None] == 12, 3.0, -12.0) + np.zeros((40, 200), np.float32),
}
STRANGE_TEXTS = (
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.",
    "My invoice from March was charged twice, please refund the second payment to my credit card.",
    "今天股市大涨，科技板块领涨，成交量明显放大。",
)


@pytest.mark.parametrize("name", STRANGE_PICTURES)
def test_a_strange_picture_when_the_students_vector_looks_usual_then_is_still_told(
    comparison: Comparison, name: str
) -> None:
    rng = np.random.default_rng(5)
    facts = InputFacts((), describe_image(STRANGE_PICTURES[name](rng))[None], np.zeros((0, 0), np.float32))
    assert comparison.novelty(*usual(rng), facts, ("image",)).by_modality["image"] > 99


@pytest.mark.parametrize("name", STRANGE_SOUNDS)
def test_a_strange_sound_when_the_students_vector_looks_usual_then_is_still_told(
    comparison: Comparison, name: str
) -> None:
    rng = np.random.default_rng(6)
    facts = InputFacts((), np.zeros((0, 0), np.float32), describe_audio(STRANGE_SOUNDS[name](rng))[None])
    assert comparison.novelty(*usual(rng), facts, ("audio",)).by_modality["audio"] > 99


@pytest.mark.parametrize("text", STRANGE_TEXTS)
def test_a_strange_text_when_the_students_vector_looks_usual_then_is_still_told(
    comparison: Comparison, text: str
) -> None:
    rng = np.random.default_rng(7)
    empty = np.zeros((0, 0), np.float32)
    facts = InputFacts((describe_text(text),), empty, empty)
    assert comparison.novelty(*usual(rng), facts, ("text",)).by_modality["text"] > 99


def test_the_strangest_of_several_items_when_measured_then_counts(comparison: Comparison) -> None:
    rng = np.random.default_rng(8)
    plain = case(rng)
    mixed = np.concatenate([plain.images_IF, describe_image(STRANGE_PICTURES["noise"](rng))[None]])
    facts = InputFacts(plain.texts, mixed, plain.audios_IF)
    assert comparison.novelty(*usual(rng), facts, MODALITIES).by_modality["image"] > 99


def test_a_reference_when_flattened_and_read_back_then_measures_the_same(reference: Reference) -> None:
    again = Comparison(Reference.from_tensors({name: t.clone() for name, t in reference.tensors().items()}))
    rng = np.random.default_rng(9)
    fused_D, pooled_MD = usual(rng)
    facts = case(rng)
    assert again.novelty(fused_D, pooled_MD, facts, MODALITIES) == Comparison(reference).novelty(
        fused_D, pooled_MD, facts, MODALITIES
    )


def test_a_modality_when_training_never_had_it_then_is_unlike_training() -> None:
    rng = np.random.default_rng(10)
    empty = np.zeros((0, 0), np.float32)
    facts = [InputFacts((describe_text(note(rng)),), empty, empty) for _ in range(ROWS)]
    view = vectors(rng)
    view.present_NM[:, 1:] = False
    reference = fit_reference(view, [view] * FOLDS, np.arange(ROWS) % FOLDS, facts)
    novelty = Comparison(reference).novelty(*usual(rng), case(rng), MODALITIES)
    assert novelty.by_modality["image"] == novelty.by_modality["audio"] == 100.0
    assert novelty.by_modality["text"] < 99.9


def test_a_run_when_it_ended_before_any_fold_then_still_gives_a_reference() -> None:
    rng = np.random.default_rng(11)
    facts = [case(rng) for _ in range(60)]
    whole = vectors(rng)
    view = Vectors(whole.fused_ND[:60], whole.pooled_NMD[:60], whole.present_NM[:60])
    comparison = Comparison(fit_reference(view, [None, None], np.arange(60) % 2, facts))
    fused_D, pooled_MD = usual(rng)
    assert comparison.novelty(fused_D + 20, pooled_MD, case(rng), MODALITIES).overall > 99
    assert comparison.novelty(fused_D, pooled_MD, case(rng), MODALITIES).overall < 99


def test_nothing_readable_when_measured_then_is_said_to_be_unmeasured(comparison: Comparison) -> None:
    empty = np.zeros((0, 0), np.float32)
    novelty = comparison.novelty(*usual(np.random.default_rng(1)), InputFacts((), empty, empty), ())
    assert not novelty.measured


def test_a_reference_when_stored_then_stays_within_a_few_megabytes(reference: Reference) -> None:
    size = sum(tensor.numel() * tensor.element_size() for tensor in reference.tensors().values())
    assert size < 4_000_000
    assert all(tensor.dtype is not torch.float64 for tensor in reference.tensors().values())


def test_a_finished_student_when_it_knows_its_cases_by_heart_then_new_ones_are_not_refused_for_it() -> None:
    rng = np.random.default_rng(12)
    centres_CD = rng.normal(size=(6, WIDTH)).astype(np.float32) * 2
    labels_N, fold_N = np.arange(ROWS) % 6, np.arange(ROWS) % FOLDS

    def drawn(labels: np.ndarray, spread: np.ndarray) -> np.ndarray:
        return (centres_CD[labels] + spread[:, None] * rng.normal(size=(len(labels), WIDTH))).astype(np.float32)

    def view(spread_N: np.ndarray) -> Vectors:
        fused_ND = drawn(labels_N, spread_N)
        return Vectors(fused_ND, np.repeat(fused_ND[:, None], 3, axis=1), np.ones((ROWS, 3), dtype=bool))

    folds = [view(np.where(fold_N == fold, 1.0, 0.8)) for fold in range(FOLDS)]
    facts = [case(rng) for _ in range(ROWS)]
    comparison = Comparison(fit_reference(view(np.full(ROWS, 0.6)), folds, fold_N, facts))
    new = drawn(rng.integers(6, size=300), np.ones(300))
    beyond = [comparison.novelty(row, np.stack([row] * 3), facts[0], MODALITIES).overall > 99 for row in new]
    assert np.mean(beyond) < 0.05


def test_a_kind_of_input_that_few_cases_have_when_compared_then_with_as_many_of_its_own_as_its_percentiles_were_made_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n, rare = 6 * MOST_SEEN, np.random.default_rng(5)
    wide_NMD = rare.normal(size=(n, 3, WIDTH)).astype(np.float32)
    present_NM = np.ones((n, 3), dtype=bool)
    present_NM[:, 2] = rare.random(n) < 0.05
    monkeypatch.setattr("engine.predict.reference._inputs", lambda facts, fold_N: ({}, {}))
    view = Vectors(wide_NMD.mean(1), wide_NMD, present_NM)
    found = fit_reference(view, [view, view], np.arange(n) % 2, []).present_NM.numpy()
    assert found[:, 2].sum() == present_NM[:, 2].sum()
    assert found[:, 0].sum() >= MOST_SEEN
    assert len(found) <= 4 * MOST_SEEN
