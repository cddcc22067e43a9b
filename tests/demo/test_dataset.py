"""Generated cases as a project holds them."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engine.demo.dataset import describe, encode, encode_parts, keep_cases
from engine.demo.domains import DOMAINS
from engine.demo.generator import Generated, generate
from engine.ingest.decode import audio, image, text
from engine.schema.base import MODALITIES
from engine.store.blobs import Blobs

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(params=list(DOMAINS))
def domain(request: pytest.FixtureRequest) -> Generated:
    return DOMAINS[request.param]


def test_parts_when_decoded_as_if_a_stranger_had_sent_them_then_nothing_changes_and_no_flag_is_raised(
    domain: Generated,
) -> None:
    for split in ("train", "val"):
        for case in generate(domain, split, 25, 3):  # type: ignore[arg-type]
            for part in encode(case):
                if part.modality == "text":
                    decoded = text.decode(part.data, "a.txt")
                elif part.modality == "image":
                    decoded = image.decode(part.data, "a.png")
                else:
                    decoded = audio.decode(part.data, "a.wav", "wav")
                data, facts, flags = decoded
                assert (data, flags) == (part.data, ())
                assert facts.model_copy(update={"encoding": ""}) == part.facts.model_copy(update={"encoding": ""})


def test_parts_when_encoded_then_pixels_and_samples_come_back_exactly() -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    sound = np.array([0, 1, -1, 32767, -32768], dtype=np.int16)
    parts = {part.modality: part.data for part in encode_parts("咳嗽 cough", picture, sound)}
    np.testing.assert_array_equal(image.read_png(parts["image"]), picture)
    np.testing.assert_array_equal(audio.read_wav(parts["audio"])[0] * 32768, sound)
    assert parts["text"].decode() == "咳嗽 cough"


def test_cases_when_kept_then_they_say_what_they_are_and_their_blobs_are_there(
    domain: Generated, tmp_path: Path
) -> None:
    blobs = Blobs(tmp_path)
    cases = list(keep_cases(domain, "train", 12, 1, blobs, "set-1", _NOW))
    generated = list(generate(domain, "train", 12, 1))
    assert [case.label for case in cases] == [case.label for case in generated]
    for case, made in zip(cases, generated, strict=True):
        assert (case.synthetic, case.source, case.split, case.group) == (True, "demo", "train", made.group)
        assert case.pattern() == "+".join(
            modality
            for modality, part in zip(MODALITIES, (made.text, made.picture, made.sound), strict=True)
            if part is not None
        )
        for part in case.parts:
            assert part.original == part.decoded
            assert len(blobs.read(part.original)) == part.size
            assert part.name == domain.files[part.modality]


def test_names_when_read_then_none_gives_the_answer_away(domain: Generated, tmp_path: Path) -> None:
    for case in keep_cases(domain, "val", 8, 1, Blobs(tmp_path), "set-1", _NOW):
        words = " ".join((case.case_id, case.title, case.group, *(p.part_id + p.name for p in case.parts)))
        assert not any(label.name in words for label in domain.world.labels)


def test_dataset_when_described_then_it_counts_its_cases_and_says_that_it_is_synthetic(tmp_path: Path) -> None:
    domain = DOMAINS["clinic"]
    cases = [
        *keep_cases(domain, "train", 8, 1, Blobs(tmp_path), "set-1", _NOW),
        *keep_cases(domain, "val", 4, 1, Blobs(tmp_path), "set-1", _NOW),
    ]
    dataset = describe(domain, cases, "set-1", _NOW)
    assert dataset.synthetic
    assert dataset.counts == {"train": 8, "val": 4}
    assert sum(dataset.patterns.values()) == 12
    assert dataset.groups == 2
    assert all(label.en and label.zh for label in dataset.labels)
