"""Recordings let their findings be heard: measured with a ruler a stranger could hold."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.demo.breath import make_breath
from engine.demo.devices import HELD_OUT_MICROPHONES, MICROPHONES, Microphone
from engine.demo.sound import LENGTH, RATE, band, bursts, humps, noise, record, tone
from engine.demo.speech import make_speech
from engine.demo.voices import HELD_OUT_VOICES, VOICES

_MICROPHONE = Microphone("studio", 40, 7900, 1000, 1.0, 0.0005, 0.0, 0.8)
_BREATH = {"cough": "none", "breath": "plain", "pace": "calm"}
_SPEECH = {"mood": "calm", "ending": "falling", "place": "quiet"}
_ALL_VOICES = VOICES + HELD_OUT_VOICES


def _breath(seed: int, **found: str) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return make_breath(_BREATH | found, _ALL_VOICES[seed % len(_ALL_VOICES)], _MICROPHONE, rng) / 32768


def _speech(seed: int, **found: str) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    return make_speech(_SPEECH | found, _ALL_VOICES[seed % len(_ALL_VOICES)], _MICROPHONE, rng) / 32768


def _power(wave: NDArray[np.float64], low: float, high: float) -> float:
    """The share of the power that lies between two frequencies."""
    power = np.abs(np.fft.rfft(wave)) ** 2
    hertz = np.fft.rfftfreq(len(wave), 1 / RATE)
    return float(power[(hertz >= low) & (hertz < high)].sum() / power.sum())


def _loudness(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    """RMS in steps of 10 ms."""
    return np.asarray(np.sqrt((wave[: len(wave) // 160 * 160].reshape(-1, 160) ** 2).mean(1)))


def _swells(wave: NDArray[np.float64], smooth: int, least: float) -> int:
    """How often the loudness rises through `least` times its maximum."""
    curve = np.convolve(_loudness(wave), np.hanning(smooth) / np.hanning(smooth).sum(), "same")
    above = curve > least * curve.max()
    return int((~above[:-1] & above[1:]).sum())


def _sharpest(wave: NDArray[np.float64], low: float, high: float) -> float:
    """How far the strongest tone between two frequencies stands out of its neighbourhood, loudest frames first."""
    frames = np.lib.stride_tricks.sliding_window_view(wave, 1024)[::512] * np.hanning(1024)
    power = np.abs(np.fft.rfft(frames)) ** 2
    band_bins = power[:, int(low / RATE * 1024) : int(high / RATE * 1024)]
    ratio = band_bins.max(1) / np.median(band_bins, axis=1)
    return float(np.median(np.sort(ratio)[-10:]))


@pytest.mark.parametrize("seed", range(8))
def test_wheeze_when_heard_then_a_whistle_stands_out_of_the_rush_of_air(seed: int) -> None:
    assert _sharpest(_breath(seed, breath="wheeze"), 300, 1000) > 5 * _sharpest(_breath(seed), 300, 1000)


@pytest.mark.parametrize("seed", range(8))
def test_crackles_when_heard_then_there_are_clicks_that_plain_breath_lacks(seed: int) -> None:
    def clicks(wave: NDArray[np.float64]) -> float:
        """Loudest step over the usual one, in stretches of 50 ms; the tenth clearest stretch."""
        steps = np.abs(np.diff(wave))[: LENGTH // 800 * 800 - 800].reshape(-1, 800)
        return float(np.sort(steps.max(1) / np.median(steps, axis=1))[-10])

    assert clicks(_breath(seed, breath="crackles")) > 1.4 * clicks(_breath(seed))


@pytest.mark.parametrize("seed", range(8))
def test_fast_breath_when_counted_then_it_swells_at_least_twice_as_often(seed: int) -> None:
    assert _swells(_breath(seed, pace="fast"), 9, 0.5) >= 2 * _swells(_breath(seed), 21, 0.5)


@pytest.mark.parametrize("seed", range(8))
def test_coughs_when_heard_then_dry_ones_hiss_and_wet_ones_are_low_and_last_longer(seed: int) -> None:
    dry, wet = _breath(seed, cough="dry"), _breath(seed, cough="wet")
    assert _power(dry, 1400, 8000) > 0.5
    assert _power(wet, 1400, 8000) < 0.25
    longer = [(_loudness(wave) > 0.15 * _loudness(wave).max()).sum() for wave in (dry, wet)]
    assert longer[1] > longer[0]


@pytest.mark.parametrize("seed", range(8))
def test_moods_when_heard_then_their_syllables_come_at_their_own_pace(seed: int) -> None:
    counts = {mood: _swells(_speech(seed, mood=mood), 7, 0.35) for mood in ("tired", "calm", "anxious")}
    assert counts["tired"] < counts["calm"] < counts["anxious"]


def test_anger_when_heard_then_the_voice_is_harsher_than_a_calm_one() -> None:
    harsh, calm = ([_power(_speech(seed, mood=mood), 1500, 8000) for seed in range(10)] for mood in ("angry", "calm"))
    assert np.median(harsh) > 1.3 * np.median(calm)


def _pitch(wave: NDArray[np.float64]) -> float:
    """The pitch in Hz of a stretch, by its autocorrelation."""
    wave = wave - wave.mean()
    match = np.correlate(wave, wave, "full")[len(wave) - 1 :]
    low, high = RATE // 500, RATE // 40
    return RATE / (low + int(match[low:high].argmax()))


@pytest.mark.parametrize("mood", ["calm", "tired"])
def test_endings_when_heard_then_a_question_climbs_and_a_statement_drops(mood: str) -> None:
    climbs = 0
    for seed in range(10):
        last = {}
        for ending in ("rising", "falling"):
            wave = _speech(seed, mood=mood, ending=ending)
            stop = int(np.flatnonzero(np.abs(wave) > 0.1 * np.abs(wave).max()).max())
            last[ending] = _pitch(wave[stop - 1600 : stop - 200])
        climbs += last["rising"] > 1.3 * last["falling"]
    assert climbs >= 9


@pytest.mark.parametrize("seed", range(6))
def test_places_when_heard_then_a_street_rumbles_and_a_machine_beeps(seed: int) -> None:
    quiet, street, beeps = (_speech(seed, place=place) for place in ("quiet", "street", "beeps"))
    assert _power(street, 60, 110) > 3 * _power(quiet, 60, 110)
    assert _sharpest(beeps, 1850, 2550) > 5 * _sharpest(quiet, 1850, 2550)


@pytest.mark.parametrize("microphone", MICROPHONES + HELD_OUT_MICROPHONES, ids=lambda m: m.name)
def test_microphone_when_it_records_then_it_neither_clips_nor_drowns_the_sound(microphone: Microphone) -> None:
    rng = np.random.default_rng(1)
    wave = record(tone(1000.0) * humps([(0.5, 1.5)]), microphone, rng) / 32768
    assert len(wave) == LENGTH
    assert np.abs(wave).max() < 0.999
    loud, still = wave[int(0.9 * RATE) : int(1.1 * RATE)].std(), wave[int(1.8 * RATE) :].std()
    assert loud > 8 * still


def test_noise_when_shaped_then_its_power_lies_in_the_band() -> None:
    wave = noise(np.random.default_rng(0), band(1000, 2000))
    assert wave.std() == pytest.approx(1.0)
    assert _power(wave, 800, 2400) > 0.85


def test_envelopes_when_made_then_they_rise_where_they_should() -> None:
    swell = humps([(0.5, 1.0)], [2.0])
    assert swell[int(0.75 * RATE)] == pytest.approx(2.0, abs=1e-3)
    assert swell[: int(0.49 * RATE)].max() == 0
    jump = bursts([1.0], [1.0], 0.01, 0.05)
    assert int(jump.argmax()) == pytest.approx(1.01 * RATE, abs=2)
    assert jump[: RATE - 1].max() == 0
