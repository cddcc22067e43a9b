"""Sounds: the log-mel hears what is there, and torchaudio comes without its extension."""

import subprocess
import sys

import numpy as np
import pytest
import torch

from engine.preprocess.audio import BANDS, FLOOR, FRAMES_PER_SECOND, log_mel, loudest_stretch, read_wave
from engine.schema.errors import EngineFault
from tests.preprocess.small_world import tone, wave_bytes


def test_a_wave_when_read_then_gives_its_samples_back() -> None:
    samples_S = tone(440, 0.1)
    assert np.abs(read_wave(wave_bytes(samples_S)).numpy() - samples_S).max() < 1e-4


def test_a_wave_of_another_rate_when_read_then_is_a_fault() -> None:
    with pytest.raises(EngineFault):
        read_wave(wave_bytes(tone(440, 0.1), rate=8000))


@pytest.mark.parametrize(("low", "high"), [(200, 400), (1000, 3000), (3000, 6000)])
def test_a_higher_tone_when_transformed_then_fills_a_higher_band(low: float, high: float) -> None:
    bands = [int(log_mel(torch.from_numpy(tone(hertz, 0.5)).float()).mean(1).argmax()) for hertz in (low, high)]
    assert bands[0] < bands[1]


@pytest.mark.parametrize("samples", [0, 1, 399, 400, 16_000])
def test_a_sound_of_any_length_when_transformed_then_is_finite_and_has_100_frames_a_second(samples: int) -> None:
    mel_FT = log_mel(torch.zeros(samples))
    assert mel_FT.shape == (BANDS, 1 + max(samples, 400) * FRAMES_PER_SECOND // 16_000)
    assert torch.allclose(mel_FT, torch.tensor(FLOOR).log())


@pytest.mark.parametrize("highest", [4000.0, 5512.5, 8000.0])
def test_the_bands_when_they_end_at_half_of_the_recorded_rate_then_none_is_deaf(highest: float) -> None:
    noise_S = torch.randn(16_000, generator=torch.Generator().manual_seed(0))
    assert (log_mel(noise_S, highest).mean(1) > torch.tensor(FLOOR).log() + 5).all()


def test_a_long_sound_when_cut_then_the_loudest_stretch_stays() -> None:
    quiet_then_loud = np.concatenate([0.01 * tone(440, 1.0), tone(440, 0.5), 0.01 * tone(440, 1.0)])
    mel_FT = log_mel(torch.from_numpy(quiet_then_loud).float())
    cut_FT, start = loudest_stretch(mel_FT, 50)
    assert cut_FT.shape[1] == 50
    assert abs(start - 100) <= 3
    assert loudest_stretch(mel_FT, 1000) == (mel_FT, 0)


def test_the_door_to_torchaudio_when_opened_first_then_transformers_opens_after_it() -> None:
    code = (
        "import engine.preprocess.audio, sys; assert 'transformers' not in sys.modules;"
        "import transformers.audio_utils; print(sys.modules['torchaudio._extension']._IS_TORCHAUDIO_EXT_AVAILABLE)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert ran.stdout.strip() == "False"
