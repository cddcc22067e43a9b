"""The preparation learns from the cases given and nothing else, and prepares equally for ever."""

from pathlib import Path

import numpy as np
import pytest

from engine.preprocess.preparation import Preparation
from engine.schema.config import StudentConfig
from tests.preprocess.small_world import SMALL, SmallWorld, picture, tone


@pytest.fixture
def world(tmp_path: Path) -> SmallWorld:
    return SmallWorld(tmp_path)


def test_a_preparation_when_saved_and_loaded_then_is_equal_and_prepares_equally(
    world: SmallWorld, tmp_path: Path
) -> None:
    cases = world.cases()
    fitted = Preparation.fit(cases, world.blobs, SMALL)
    fitted.save(tmp_path)
    loaded = Preparation.load(tmp_path)
    assert loaded == fitted
    for case in cases:
        one, two = (p.prepare(case.parts, world.blobs) for p in (fitted, loaded))
        assert np.array_equal(one.texts[0].ids_L, two.texts[0].ids_L)
        assert all(np.array_equal(a.pixels_HWC, b.pixels_HWC) for a, b in zip(one.images, two.images, strict=True))
        assert all(np.array_equal(a.mel_FT, b.mel_FT) for a, b in zip(one.audios, two.audios, strict=True))


def test_statistics_when_other_cases_exist_then_come_from_the_cases_given_alone(world: SmallWorld) -> None:
    given = world.cases()
    before = Preparation.fit(given, world.blobs, SMALL)
    world.case(world.text("unheard"), world.image(picture(9, 64, True)), world.audio(tone(5000, 2)))
    assert Preparation.fit(given, world.blobs, SMALL) == before
    assert "unheard" not in before.pieces


def test_sizes_when_left_to_the_data_then_follow_the_training_parts(world: SmallWorld) -> None:
    fitted = Preparation.fit(world.cases(), world.blobs, SMALL)
    assert (fitted.image_size, fitted.image_channels) == (20, 1)
    assert fitted.audio_frames == pytest.approx(51, abs=1)
    assert fitted.text_tokens == SMALL.text_tokens
    chosen = Preparation.fit(
        world.cases(), world.blobs, SMALL.model_copy(update={"image_size": 32, "audio_seconds": 1.0})
    )
    assert (chosen.image_size, chosen.audio_frames) == (32, 100)


def test_pictures_when_one_is_coloured_then_all_keep_three_channels(world: SmallWorld) -> None:
    cases = [*world.cases(), world.case(world.image(picture(7, 120, colour=True)))]
    fitted = Preparation.fit(cases, world.blobs, StudentConfig())
    assert fitted.image_channels == len(fitted.image_mean) == 3
    assert fitted.prepare(cases[0].parts, world.blobs).images[0].pixels_HWC.shape == (20, 20, 3)


@pytest.mark.parametrize(("side", "expected"), [(28, 28), (100, 96), (128, 96), (70, 64)])
def test_the_side_when_left_to_the_data_then_is_small_enough_to_compute(
    world: SmallWorld, side: int, expected: int
) -> None:
    assert Preparation.fit([world.case(world.image(picture(0, side)))], world.blobs, SMALL).image_size == expected


def test_recordings_when_made_at_8_khz_then_no_band_lies_above_what_they_hold(world: SmallWorld) -> None:
    cases = [world.case(world.audio(tone(700, 0.4), rate=8000))]
    assert Preparation.fit(cases, world.blobs, SMALL).audio_highest == 4000


def test_a_text_without_a_word_when_prepared_then_counts_as_absent(world: SmallWorld) -> None:
    fitted = Preparation.fit(world.cases(), world.blobs, SMALL)
    blank = fitted.prepare([world.text(" \n "), world.image(picture(0))], world.blobs)
    assert blank.pattern() == "image"
    assert fitted.prepare([], world.blobs).pattern() == "none"


def test_a_part_that_could_not_be_decoded_when_prepared_then_is_left_out(world: SmallWorld) -> None:
    fitted = Preparation.fit(world.cases(), world.blobs, SMALL)
    broken = world.image(picture(0)).model_copy(update={"decoded": None})
    assert fitted.prepare([broken, world.text("card")], world.blobs).pattern() == "text"


def test_cases_without_pictures_and_sounds_when_fitted_then_still_give_a_preparation(world: SmallWorld) -> None:
    fitted = Preparation.fit([world.case(world.text("card why"))], world.blobs, SMALL)
    assert fitted.prepare([world.image(picture(0))], world.blobs).images[0].pixels_HWC.shape == (32, 32, 1)


def test_a_long_sound_when_prepared_then_says_where_the_model_begins_to_listen(world: SmallWorld) -> None:
    fitted = Preparation.fit(world.cases(), world.blobs, SMALL.model_copy(update={"audio_seconds": 0.5}))
    sound = np.concatenate([0.01 * tone(500, 2.0), tone(500, 0.5)])
    (audio,) = fitted.prepare([world.audio(sound)], world.blobs).audios
    assert audio.mel_FT.shape[1] == 50
    assert audio.start == pytest.approx(2.0, abs=0.05)
