"""Sound as the model reads it: 16-bit mono WAV at 16 kHz; the only module that knows soundfile.

Shapes: N samples, C channels.
"""

import io
import struct

import numpy as np
import soundfile
from numpy.typing import NDArray

from engine.ingest.containers import check_complete
from engine.schema.case import PartFacts, QualityFlag
from engine.schema.errors import UserError

SAMPLE_RATE = 16_000
"""Hz of the decoded form."""
SECONDS_LIMIT = 600
WAV_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
"""RIFF, its size, WAVE, `fmt `, 16, PCM, channels, rate, bytes a second, bytes a frame, bits, `data`, its size."""
RATES = range(1_000, 384_001)
"""Sampling rates in Hz that a recording can have."""
CHANNELS_LIMIT = 64

SHORT_SECONDS = 0.1
SILENT_DECIBELS = -55.0
"""A recording whose loudest 50 ms stay below this level (RMS, full scale) holds nothing to hear."""
CLIPPED_SHARE = 0.01
"""Share of samples in runs of three or more at full scale, from which a recording counts as clipped."""

_BLOCK = 65_536
_TRANSITION = 0.06
"""Width of the low-pass slope as a share of the lower Nyquist frequency."""
_BLOCK_SECONDS = 2.0
_GUARD_SECONDS = 0.05
"""What a resampled block overlaps its neighbours by: longer than the low-pass rings, so blocks join without a seam."""

Samples = NDArray[np.float32]


def decode(data: bytes, name: str, kind: str) -> tuple[bytes, PartFacts, tuple[QualityFlag, ...]]:
    """Return the decoded form of a recording (`kind`: wav, flac, mp3 or ogg), its facts and its flags."""
    check_complete(data, name, kind)
    samples_N, rate, channels = _read_mono(data, name)
    facts = PartFacts(seconds=round(len(samples_N) / rate, 4), sample_rate=rate, channels=channels)
    return write_wav(resample(samples_N, rate, SAMPLE_RATE), SAMPLE_RATE), facts, _flags(samples_N, rate)


def read_wav(data: bytes) -> tuple[Samples, int]:
    """Return samples in -1 to 1 and the rate of a WAV that `write_wav` made; raises `ValueError` for any other."""
    if len(data) < WAV_HEADER.size:
        raise ValueError("too short for a WAV")
    fields = WAV_HEADER.unpack_from(data)
    form, rate, length = (fields[0], fields[2], fields[5], fields[6], fields[10], fields[11]), fields[7], fields[12]
    if form != (b"RIFF", b"WAVE", 1, 1, 16, b"data") or length != len(data) - WAV_HEADER.size:
        raise ValueError("not a 16-bit mono WAV as Consilium writes it")
    return np.frombuffer(data, "<i2", offset=WAV_HEADER.size).astype(np.float32) / np.float32(32768), rate


def write_wav(samples_N: Samples, rate: int) -> bytes:
    """Return a 16-bit mono WAV; samples outside -1 to 1 are cut to it."""
    scaled = np.clip(np.round(np.asarray(samples_N, np.float32) * 32768), -32768, 32767).astype("<i2").tobytes()
    size = len(scaled)
    head = (b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16, b"data", size)
    return WAV_HEADER.pack(*head) + scaled


def encode(samples: NDArray[np.float32], rate: int, container: str, subtype: str | None = None) -> bytes:
    """Return samples, (N,) or (N, C), as `WAV`, `FLAC`, `OGG` or `MP3`."""
    target = io.BytesIO()
    soundfile.write(target, samples, rate, format=container, subtype=subtype)
    return target.getvalue()


def resample(samples_N: Samples, rate: int, target: int) -> Samples:
    """Return samples at another rate, low-passed below the lower Nyquist frequency: without aliasing, in blocks.

    The spectrum of a block is cut with a raised-cosine slope and transformed back with another length. Lengths are counted
    in steps, `rate / gcd` input samples that are exactly `target / gcd` output samples; a guard on both sides is thrown away.
    """
    if rate == target or len(samples_N) == 0:
        return samples_N
    divisor = int(np.gcd(rate, target))
    step, grown = rate // divisor, target // divisor
    guard = -(-int(rate * _GUARD_SECONDS) // step)
    steps = -(-len(samples_N) // step)
    whole = _smooth(min(steps, -(-int(rate * _BLOCK_SECONDS) // step)) + 2 * guard)
    inner = whole - 2 * guard
    padded = np.zeros((-(-steps // inner) * inner + 2 * guard) * step, np.float32)
    padded[guard * step : guard * step + len(samples_N)] = samples_N
    blocks = []
    for first in range(0, steps, inner):
        bins = _low_passed(np.fft.rfft(padded[first * step : (first + whole) * step]), whole * min(step, grown))
        out = np.fft.irfft(bins[: whole * grown // 2 + 1], whole * grown) * (grown / step)
        blocks.append(out[guard * grown : -guard * grown].astype(np.float32))
    return np.concatenate(blocks)[: -(-len(samples_N) * grown // step)]


def _low_passed(bins: NDArray[np.complexfloating], lower_length: int) -> NDArray[np.complexfloating]:
    """Cut a spectrum above the Nyquist frequency of a signal of `lower_length` samples, in place."""
    nyquist = lower_length / 2
    first = int(nyquist * (1 - _TRANSITION))
    last = min(int(nyquist), len(bins) - 1)
    slope = np.arange(first, last + 1) - first
    bins[first : last + 1] *= (0.5 + 0.5 * np.cos(np.pi * slope / max(1.0, nyquist - first))).astype(np.float32)
    bins[last + 1 :] = 0
    return bins


def _smooth(length: int) -> int:
    """Return the smallest number >= `length` with no prime factor above 5: transforms of such lengths are fast."""
    best = 1 << max(0, length - 1).bit_length()
    five = 1
    while five < best:
        three = five
        while three < best:
            two = three << max(0, -(-length // three) - 1).bit_length()
            best = min(best, two)
            three *= 3
        five *= 5
    return best


def _read_mono(data: bytes, name: str) -> tuple[Samples, int, int]:
    """Return the mean over channels, the rate and the number of channels, reading in blocks with a running cap."""
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            rate, channels, declared = file.samplerate, file.channels, file.frames
            _check_shape(name, rate, channels, declared)
            blocks = _read_blocks(file, name, rate)
    except soundfile.SoundFileError as error:
        raise UserError("damaged-audio", name=name) from error
    samples_N = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if len(samples_N) == 0 or len(samples_N) < declared:
        raise UserError("damaged-audio", name=name)
    return samples_N, rate, channels


def _check_shape(name: str, rate: int, channels: int, declared: int) -> None:
    if rate not in RATES or not 1 <= channels <= CHANNELS_LIMIT:
        raise UserError("damaged-audio", name=name)
    if declared > SECONDS_LIMIT * rate:
        raise UserError("audio-too-long", name=name, seconds=declared // rate, limit=SECONDS_LIMIT)


def _read_blocks(file: soundfile.SoundFile, name: str, rate: int) -> list[Samples]:
    blocks: list[Samples] = []
    total = 0
    while len(block_NC := file.read(_BLOCK, dtype="float32", always_2d=True)):
        total += len(block_NC)
        if total > SECONDS_LIMIT * rate:  # the header may have lied about the length
            raise UserError("audio-too-long", name=name, seconds=total // rate, limit=SECONDS_LIMIT)
        blocks.append(np.nan_to_num(block_NC.mean(axis=1), nan=0.0, posinf=1.0, neginf=-1.0))
    return blocks


def _flags(samples_N: Samples, rate: int) -> tuple[QualityFlag, ...]:
    flags = []
    seconds = len(samples_N) / rate
    if seconds < SHORT_SECONDS:
        flags.append(QualityFlag(code="short-audio", value=round(seconds, 4)))
    level = loudest_decibels(samples_N, rate)
    if level < SILENT_DECIBELS:
        flags.append(QualityFlag(code="silent-audio", value=round(level, 1)))
    clipped = clipped_share(samples_N)
    if clipped > CLIPPED_SHARE:
        flags.append(QualityFlag(code="clipped-audio", value=round(clipped, 4)))
    return tuple(flags)


def loudest_decibels(samples_N: Samples, rate: int) -> float:
    """Return the RMS level of the loudest 50 ms in decibels of full scale, at least -120; a constant offset is silence."""
    frame = min(len(samples_N), max(1, rate // 20))
    frames = np.asarray(samples_N[: len(samples_N) // frame * frame], np.float64).reshape(-1, frame)
    power = float(frames.var(axis=1).max())
    return float(10 * np.log10(max(power, 1e-12)))


def clipped_share(samples_N: Samples) -> float:
    """Return the share of samples that lie in runs of three or more at full scale."""
    full = np.abs(samples_N) >= 0.999
    inner = full[:-2] & full[1:-1] & full[2:]
    return float(inner.sum() / max(1, len(samples_N)))
