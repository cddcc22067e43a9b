"""Plain facts of inputs: the same every time, finite whatever is given, and about the input rather than its size."""

import numpy as np
import pytest
import torch

from engine.ingest.decode.image import encode_png
from engine.predict.checks import InputCheck
from engine.predict.familiarity import learn
from engine.predict.inputs import BUCKETS, InputFacts, describe, describe_audio, describe_image, describe_text
from engine.preprocess.audio import log_mel
from engine.schema.case import Part
from engine.store.blobs import Blobs

EMPTY = (np.zeros((0, 0), np.float32), np.zeros((0, 0), np.float32))


def part(blobs: Blobs, modality: str, data: bytes | None) -> Part:
    kept = blobs.put(data) if data is not None else None
    return Part.model_validate(
        {"part_id": f"p-{modality}", "modality": modality, "original": "0" * 64, "decoded": kept}
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (28, 28), (96, 96), (257, 1023)])
def test_a_picture_of_any_size_when_described_then_gives_as_many_finite_facts(shape: tuple[int, int]) -> None:
    facts = describe_image(np.random.default_rng(0).integers(0, 255, (*shape, 3), dtype=np.uint8))
    assert facts.shape == describe_image(np.zeros((64, 64, 3), np.uint8)).shape
    assert np.isfinite(facts).all()


@pytest.mark.parametrize("samples", [0, 1, 399, 400, 16_000, 160_001])
def test_a_sound_of_any_length_when_described_then_gives_as_many_finite_facts(samples: int) -> None:
    facts = describe_audio(log_mel(torch.zeros(samples)).numpy())
    assert facts.shape == describe_audio(log_mel(torch.randn(32_000)).numpy()).shape
    assert np.isfinite(facts).all()


def test_a_picture_when_enlarged_then_hardly_differs() -> None:
    rng = np.random.default_rng(1)
    small = np.kron(rng.integers(0, 255, (16, 16, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    apart = np.abs(describe_image(small) - describe_image(np.kron(small, np.ones((3, 3, 1), np.uint8))))
    assert apart.max() < 0.01


def test_a_picture_when_its_colour_changes_then_the_facts_do() -> None:
    grey = np.full((64, 64, 3), 120, np.uint8)
    tinted = grey + np.asarray([30, 0, 0], np.uint8)
    assert np.abs(describe_image(grey) - describe_image(tinted)).max() > 0.1


def test_a_sound_when_it_beats_faster_then_its_modulation_moves() -> None:
    time_T = np.arange(400) / 100
    slow, fast = (
        np.tile(-6 + 2 * np.sin(2 * np.pi * hertz * time_T), (40, 1)).astype(np.float32) for hertz in (1.5, 12)
    )
    assert np.abs(describe_audio(slow) - describe_audio(fast)).max() > 0.3


def test_a_text_when_described_then_case_and_width_do_not_matter_to_its_words() -> None:
    plain, shouted = describe_text("Cough and fever"), describe_text("COUGH and ＦＥＶＥＲ")
    assert plain.words.tolist() == shouted.words.tolist()
    assert plain.surface.tolist() != shouted.surface.tolist()


def test_chinese_when_described_then_neighbouring_characters_make_its_words() -> None:
    facts = describe_text("咳嗽三天")
    assert (len(facts.words), len(facts.groups)) == (3, 4)
    assert facts.surface[1] == 1.0
    assert facts.words.max() < BUCKETS


def test_parts_when_they_cannot_be_read_then_have_no_facts(tmp_path: object) -> None:
    blobs = Blobs(tmp_path)
    parts = [part(blobs, "text", b" \n "), part(blobs, "audio", None), part(blobs, "image", encode_png(np.eye(9) * 99))]
    assert describe(parts, blobs).present() == ("image",)


def test_a_training_text_when_measured_then_is_left_out_of_its_own_counts() -> None:
    texts = [describe_text(f"the patient coughs {word}") for word in ("often", "rarely", "never", "blood")]
    known = learn(texts)
    alone, counted = known.facts(texts[0], itself=True), known.facts(texts[0])
    assert alone[0] > counted[0]
    assert alone[0] == pytest.approx(learn(texts[1:]).facts(texts[0])[0], abs=0.05)


def test_a_text_when_stranger_then_is_more_surprising_and_more_of_it_unseen() -> None:
    known = learn([describe_text("the patient coughs and has a fever") for _ in range(20)])
    usual, strange = (
        known.facts(describe_text(t)) for t in ("the patient has a fever", "quarterly invoices were refunded")
    )
    assert (strange[:4] > usual[:4]).all()


def test_a_single_strange_word_when_alone_then_is_not_judged_as_harshly_as_a_strange_page() -> None:
    known = learn([describe_text("the patient coughs and has a fever") for _ in range(20)])
    word, page = (
        known.facts(describe_text(t)) for t in ("hello", "hello my dear old friend how was the weather there")
    )
    assert word[1] < page[1] / 1.5


def test_an_imagined_author_when_asked_then_shares_two_words_of_three_and_is_the_same_for_the_same_seed() -> None:
    words = [f"{first}{second}" for first in "abcdefghij" for second in "klmnopqrstuvwxyz"]
    known = learn([describe_text(" ".join(words)) for _ in range(3)])
    one, again = (known.another_author(np.random.default_rng(1)) for _ in range(2))
    assert (one.words_V == again.words_V).all()
    assert (one.words_V > 0).sum() / (known.words_V > 0).sum() == pytest.approx(2 / 3, abs=0.12)
    text = describe_text(" ".join(words[:40]))
    assert one.facts(text)[1] > known.facts(text)[1] + 0.15


def test_a_short_note_without_a_full_stop_when_its_words_are_known_then_is_no_stranger_than_a_long_one() -> None:
    rng = np.random.default_rng(2)
    phrases = [
        "Dry cough for days.",
        "Low fever at night.",
        "The chest feels tight.",
        "No known allergy.",
        "Heavy smoker.",
    ]
    cases = [InputFacts((describe_text(" ".join(rng.permutation(phrases)[:4])),), *EMPTY) for _ in range(200)]
    check = InputCheck.fit("text", cases)
    short = InputFacts((describe_text("dry cough, low fever"),), *EMPTY)
    strange = InputFacts((describe_text("Quarterly invoices were refunded to the wrong account holder."),), *EMPTY)
    assert check.measure(strange) > 2 * check.measure(short)
