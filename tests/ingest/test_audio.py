import numpy as np
import pytest

from engine.ingest.decode import audio
from engine.schema.errors import UserError
from tests.ingest import samples


def decibels(values: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(values))) + 1e-12))


def codes(signal: np.ndarray, rate: int = 16_000) -> list[str]:
    return [flag.code for flag in audio.decode(audio.encode(signal, rate, "WAV"), "x.wav", "wav")[2]]


def test_a_wav_when_written_and_read_then_keeps_rate_and_samples() -> None:
    signal = samples.tone(16_000)
    back, rate = audio.read_wav(audio.write_wav(signal, 16_000))
    assert rate == 16_000
    assert back.dtype == np.float32
    assert np.abs(back - signal).max() <= 0.5 / 32768 + 1e-7


def test_samples_beyond_full_scale_when_written_then_are_cut_not_wrapped() -> None:
    back, _ = audio.read_wav(audio.write_wav(np.array([2.0, -2.0, 1.0], np.float32), 16_000))
    assert back.tolist() == pytest.approx([32767 / 32768, -1.0, 32767 / 32768])


@pytest.mark.parametrize("data", [b"", b"RIFF", samples.sound("FLAC"), audio.write_wav(samples.tone(), 8000)[:-2]])
def test_another_file_when_read_as_ours_then_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="WAV"):
        audio.read_wav(data)


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000, 44_101])
@pytest.mark.parametrize("hertz", [100.0, 3000.0])
def test_a_tone_when_resampled_then_is_the_same_tone(rate: int, hertz: float) -> None:
    out = audio.resample(samples.tone(rate, 1.0, hertz, 0.5), rate, 16_000)
    wanted = samples.tone(16_000, 1.0, hertz, 0.5)
    assert len(out) == 16_000
    assert decibels((out - wanted)[1000:-1000]) < -120


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("hertz", [8100.0, 9000.0, 10_500.0])
def test_a_tone_above_the_new_limit_when_resampled_then_is_gone_and_not_folded_down(rate: int, hertz: float) -> None:
    out = audio.resample(samples.tone(rate, 1.0, hertz, 0.5), rate, 16_000)
    assert decibels(out[1000:-1000]) < -120


@pytest.mark.parametrize("rate", [8000, 44_100])
def test_a_long_recording_when_resampled_in_blocks_then_has_no_seams(rate: int) -> None:
    out = audio.resample(samples.tone(rate, 9.7, 1000.0, 0.5), rate, 16_000)
    wanted = samples.tone(16_000, 9.7, 1000.0, 0.5)
    assert abs(len(out) - len(wanted)) <= 1
    shared = min(len(out), len(wanted)) - 1000
    assert np.abs(out[1000:shared] - wanted[1000:shared]).max() < 1e-5


@pytest.mark.parametrize("length", [0, 1, 2, 7, 441, 442])
def test_a_few_samples_when_resampled_then_give_the_right_number(length: int) -> None:
    out = audio.resample(np.ones(length, np.float32), 44_100, 16_000)
    assert len(out) == -(-length * 160 // 441)


@pytest.mark.parametrize(("container", "kind"), [("WAV", "wav"), ("FLAC", "flac"), ("OGG", "ogg"), ("MP3", "mp3")])
def test_a_recording_in_any_format_when_decoded_then_is_mono_at_16_kilohertz(container: str, kind: str) -> None:
    stereo = np.stack([samples.tone(44_100, 1.0), samples.tone(44_100, 1.0)], axis=1)
    decoded, facts, flags = audio.decode(audio.encode(stereo, 44_100, container), "x", kind)
    signal, rate = audio.read_wav(decoded)
    assert (rate, facts.sample_rate, facts.channels, flags) == (16_000, 44_100, 2, ())
    assert facts.seconds == pytest.approx(1.0, abs=0.08)
    spectrum = np.abs(np.fft.rfft(signal[2000:14_000]))
    assert np.argmax(spectrum) * 16_000 / 12_000 == pytest.approx(440, abs=2)


@pytest.mark.parametrize(("container", "kind"), [("WAV", "wav"), ("FLAC", "flac"), ("OGG", "ogg"), ("MP3", "mp3")])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.98])
def test_a_truncated_recording_when_decoded_then_is_called_damaged(container: str, kind: str, share: float) -> None:
    data = samples.sound(container, 44_100, 2.0)
    with pytest.raises(UserError) as caught:
        audio.decode(data[: int(len(data) * share)], "x", kind)
    assert caught.value.code == "damaged-audio"


def test_a_streamed_wav_without_lengths_when_decoded_then_is_read_to_its_end() -> None:
    data = bytearray(audio.write_wav(samples.tone(16_000), 16_000))
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    assert audio.decode(bytes(data), "x", "wav")[1].seconds == pytest.approx(0.5)


def test_a_recording_that_is_too_long_when_decoded_then_is_refused_with_its_length() -> None:
    with pytest.raises(UserError) as caught:
        audio.decode(audio.encode(np.zeros(601_000, np.float32), 1000, "FLAC"), "x", "flac")
    assert caught.value.code == "audio-too-long"
    assert caught.value.parameters["seconds"] == 601


def test_a_header_that_hides_the_length_when_decoded_then_the_running_cap_holds() -> None:
    data = bytearray(audio.encode(np.zeros(601_000, np.float32), 1000, "FLAC"))
    data[21] &= 0xF0  # the number of samples in STREAMINFO: 36 bits, 0 means that it is not known
    data[22:26] = bytes(4)
    with pytest.raises(UserError) as caught:
        audio.decode(bytes(data), "x", "flac")
    assert caught.value.code in ("audio-too-long", "damaged-audio")


def test_values_that_are_no_numbers_when_decoded_then_become_silence() -> None:
    signal = samples.tone(16_000)
    signal[100:200] = np.nan
    data = audio.encode(signal, 16_000, "WAV", "FLOAT")
    back, _ = audio.read_wav(audio.decode(data, "x", "wav")[0])
    assert np.abs(back[110:190]).max() == 0
    assert np.abs(back[300:]).max() > 0.2


def test_silence_and_faint_hiss_when_decoded_then_are_flagged_silent() -> None:
    hiss = np.random.default_rng(4).normal(0, 0.0005, 16_000).astype(np.float32)
    assert codes(np.zeros(16_000, np.float32)) == ["silent-audio"]
    assert codes(hiss) == ["silent-audio"]
    assert codes(np.full(16_000, 0.4, np.float32)) == ["silent-audio"]


def test_a_quiet_voice_in_silence_when_decoded_then_is_not_silent() -> None:
    signal = np.zeros(48_000, np.float32)
    signal[20_000:24_000] = samples.tone(16_000, 0.25, 300, 0.02)
    assert codes(signal) == []


def test_a_click_when_decoded_then_is_flagged_short() -> None:
    assert codes(samples.tone(16_000, 0.05)) == ["short-audio"]


def test_an_overdriven_recording_when_decoded_then_is_flagged_clipped_but_a_full_one_is_not() -> None:
    assert codes(np.clip(samples.tone(16_000, 1.0, 440, 3.0), -1, 1)) == ["clipped-audio"]
    assert codes(samples.tone(16_000, 1.0, 440, 0.98)) == []
