"""Plain, deterministic facts about what a person gave: how a picture, a sound or a text looks, whatever it means.

A small student sees what tells its labels apart and is blind to the rest, so a shoe may lie close to a throat in its vectors.
These facts are the other half of novelty. Shapes: I items of a case, F facts, H height, W width, T frames.
"""

import dataclasses
import itertools
import zlib
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.preprocess.audio import FRAMES_PER_SECOND, log_mel, read_wave
from engine.preprocess.image import read_pixels
from engine.preprocess.text import words
from engine.schema.base import MODALITIES, Modality
from engine.schema.case import Part
from engine.store.blobs import Blobs

Facts = NDArray[np.float32]
Hashes = NDArray[np.int64]

BUCKETS = 1 << 15
"""Words and letter groups are counted in this many buckets, so a table has one size whatever the language."""
_FINE, _COARSE, _SIDE = 8, 4, 64
"""Cells of the brightness and the colour thumbnail along a side, and the side a picture is measured at, in pixels."""
_GREY_BINS = 16
_SCALES = 4
_ANGLES = 8
_BANDS = 20
"""Bands of the sound's profile: pairs of mel bands."""
_MODULATION = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Edges in Hz of the bands of a sound's modulation: breath is slow, speech near 4 Hz, rattles fast."""
_LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)


@dataclasses.dataclass(frozen=True)
class TextFacts:
    """One text: the hashed words and letter groups in it, and its surface (lengths and shares)."""

    words: Hashes
    groups: Hashes
    surface: Facts


@dataclasses.dataclass(frozen=True)
class InputFacts:
    """One case: the facts of each of its texts, pictures (I, F) and sounds (I, F)."""

    texts: tuple[TextFacts, ...]
    images_IF: Facts
    audios_IF: Facts

    def present(self) -> tuple[Modality, ...]:
        """Return the modalities that have an item."""
        having = (len(self.texts), len(self.images_IF), len(self.audios_IF))
        return tuple(modality for modality, n in zip(MODALITIES, having, strict=True) if n)


def describe(parts: Sequence[Part], blobs: Blobs) -> InputFacts:
    """Return the facts of a case's readable parts; a text without a single word counts as absent."""
    found: dict[str, list[bytes]] = {modality: [] for modality in MODALITIES}
    for part in parts:
        if part.decoded is not None:
            found[part.modality].append(blobs.read(part.decoded))
    texts = (describe_text(data.decode("utf-8", errors="replace")) for data in found["text"])
    return InputFacts(
        tuple(text for text in texts if text.surface[0] > 0),
        _stack(describe_image(read_pixels(data, 3)) for data in found["image"]),
        _stack(describe_audio(log_mel(read_wave(data)).numpy()) for data in found["audio"]),
    )


def _stack(items: Iterable[Facts]) -> Facts:
    listed = list(items)
    return np.stack(listed) if listed else np.zeros((0, 0), dtype=np.float32)


def describe_text(text: str) -> TextFacts:
    """Return the facts of a text."""
    found = [word for word, _, _ in words(text)]
    return TextFacts(_hashed(_word_keys(found)), _hashed(_letter_groups(found)), _surface(text, found))


def _word_keys(found: Sequence[str]) -> list[str]:
    """Return the words that carry meaning: words of letters, and pairs of neighbouring Chinese characters."""
    keys = [word for word in found if word.isalpha() and not _is_chinese(word)]
    pairs = [one + two for one, two in itertools.pairwise(found) if _is_chinese(one) and _is_chinese(two)]
    return keys + pairs


def _letter_groups(found: Sequence[str]) -> list[str]:
    """Return groups of four letters with the word's edges, and single Chinese characters: they forgive other endings."""
    groups = [word for word in found if _is_chinese(word)]
    for word in found:
        if word.isalpha() and not _is_chinese(word):
            edged = f"<{word}>"
            groups += [edged[i : i + 4] for i in range(max(1, len(edged) - 3))]
    return groups


def _is_chinese(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff"


def _hashed(keys: Iterable[str]) -> Hashes:
    return np.asarray([zlib.crc32(key.encode()) % BUCKETS for key in keys], dtype=np.int64)


def _surface(text: str, found: Sequence[str]) -> Facts:
    """Return length (log words), and shares: Chinese, digits, marks, capitals, repeated words, mean word length."""
    n = max(1, len(found))
    letters = max(1, sum(character.isalpha() for character in text))
    shares = [
        sum(map(_is_chinese, found)) / n,
        sum(word.isdigit() for word in found) / n,
        sum(not word.isalnum() for word in found) / n,
        sum(character.isupper() for character in text) / letters,
        1.0 - len(set(found)) / n,
        sum(map(len, found)) / n / 10.0,
    ]
    return np.asarray([np.log1p(len(found)), *shares], dtype=np.float32)


def describe_image(pixels_HWC: NDArray[np.uint8]) -> Facts:
    """Return the facts of a picture: thumbnails of brightness and colour, histogram, detail by scale, directions."""
    image_HWC = _at_side(pixels_HWC)
    grey_HW = image_HWC @ _LUMINANCE
    colour_HWC = (image_HWC - grey_HW[..., None])[..., (0, 2)]
    histogram, _ = np.histogram(grey_HW, bins=_GREY_BINS, range=(0.0, 1.0))
    spread = image_HWC.max(axis=2) - image_HWC.min(axis=2)
    height, width = pixels_HWC.shape[:2]
    return np.concatenate(
        [
            _cells(grey_HW, _FINE).ravel(),
            2.0 * _cells(colour_HWC, _COARSE).ravel(),
            np.sqrt(histogram / grey_HW.size),
            _detail(grey_HW),
            _directions(grey_HW),
            [spread.mean(), spread.std(), grey_HW.mean(), grey_HW.std(), 0.5 * np.log(width / height)],
        ]
    ).astype(np.float32)


def _at_side(pixels_HWC: NDArray[np.uint8]) -> Facts:
    """Return the picture at `_SIDE` x `_SIDE`, 0 to 1: larger ones by the mean of each cell, smaller ones by their nearest pixel."""
    height, width = pixels_HWC.shape[:2]
    if height >= _SIDE and width >= _SIDE:
        return _cells(pixels_HWC.astype(np.float32) / 255.0, _SIDE)
    rows = np.arange(_SIDE) * height // _SIDE
    columns = np.arange(_SIDE) * width // _SIDE
    return np.asarray(pixels_HWC[rows][:, columns].astype(np.float32) / 255.0)


def _cells(image: Facts, cells: int) -> Facts:
    """Return the mean of each of `cells` x `cells` areas along the first two axes."""
    rows = np.arange(cells) * image.shape[0] // cells
    columns = np.arange(cells) * image.shape[1] // cells
    summed = np.add.reduceat(np.add.reduceat(image, rows, axis=0), columns, axis=1)
    sizes = np.outer(np.diff([*rows, image.shape[0]]), np.diff([*columns, image.shape[1]])).astype(np.float32)
    return np.asarray(summed / sizes.reshape(cells, cells, *([1] * (image.ndim - 2))))


def _detail(grey_HW: Facts) -> Facts:
    """Return the logarithm of the mean step between neighbours, across and down, at four scales."""
    steps = []
    for scale in range(_SCALES):
        level = _cells(grey_HW, _SIDE >> scale)
        steps += [np.abs(np.diff(level, axis=1)).mean(), np.abs(np.diff(level, axis=0)).mean()]
    return np.asarray(0.25 * np.log(np.asarray(steps) + 1e-4), dtype=np.float32)


def _directions(grey_HW: Facts) -> Facts:
    """Return in which directions the edges run, in each quarter of the picture: shares, so that contrast does not matter."""
    down_HW, across_HW = np.gradient(_cells(grey_HW, _SIDE // 2))
    size_HW = np.hypot(down_HW, across_HW)
    bins_HW = ((np.arctan2(down_HW, across_HW) % np.pi) / np.pi * _ANGLES).astype(np.int64) % _ANGLES
    half = _SIDE // 4
    quarters = [
        (rows, columns)
        for rows in (slice(0, half), slice(half, None))
        for columns in (slice(0, half), slice(half, None))
    ]
    found = [np.bincount(bins_HW[q].ravel(), size_HW[q].ravel(), _ANGLES) / (size_HW[q].sum() + 1e-3) for q in quarters]
    return np.concatenate(found).astype(np.float32)


def describe_audio(mel_FT: Facts) -> Facts:
    """Return the facts of a sound: profile, spread, loudness, change and modulation of its log-mel, length."""
    level_FT = mel_FT[: 2 * _BANDS].reshape(_BANDS, 2, -1).mean(axis=1)
    loud_T = level_FT.mean(axis=0)
    steps_FT = np.abs(np.diff(level_FT, axis=1)) if level_FT.shape[1] > 1 else np.zeros_like(level_FT)
    groups = np.array_split(level_FT, 4)
    return np.concatenate(
        [
            0.2 * level_FT.mean(axis=1),
            0.4 * level_FT.std(axis=1),
            0.2 * np.percentile(loud_T, (5, 25, 50, 75, 95)),
            [steps_FT[g].mean() for g in np.array_split(np.arange(_BANDS), 4)],
            *(_modulation(group.mean(axis=0)) for group in [level_FT, *groups]),
            _likeness(level_FT),
            [0.5 * np.log(level_FT.shape[1] / FRAMES_PER_SECOND)],
        ]
    ).astype(np.float32)


def _modulation(level_T: Facts) -> Facts:
    """Return how a level moves in time: the logarithm of its standard deviation within each modulation band."""
    frames = len(level_T)
    spectrum = np.abs(np.fft.rfft(level_T - level_T.mean())) / frames
    hertz = np.fft.rfftfreq(frames, 1.0 / FRAMES_PER_SECOND)
    edges = zip((0.0, *_MODULATION), (*_MODULATION, np.inf), strict=True)
    power = [float((spectrum[(hertz > low) & (hertz <= high)] ** 2).sum()) for low, high in edges]
    return np.asarray([0.15 * np.log(p + 1e-3) for p in power], dtype=np.float32)


def _likeness(level_FT: Facts) -> Facts:
    """Return how alike neighbouring and distant bands move: one source moves them together, music and babble do not."""
    centred_FT = level_FT - level_FT.mean(axis=1, keepdims=True)
    scaled_FT = centred_FT / (np.sqrt((centred_FT**2).sum(axis=1, keepdims=True)) + 1e-3)
    likeness_FF = scaled_FT @ scaled_FT.T
    return np.asarray([np.diagonal(likeness_FF, apart).mean() for apart in (1, 2, 4, 8)], dtype=np.float32)
