"""How the parts of a case become numbers: frozen settings and statistics, taken from the training cases alone."""

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr, SerializerFunctionWrapHandler, model_serializer
from torch import Tensor

from engine.preprocess.audio import (
    BANDS,
    FRAMES_PER_SECOND,
    HOP,
    SAMPLE_RATE,
    WINDOW,
    log_mel,
    loudest_stretch,
    read_wave,
)
from engine.preprocess.image import Pixels, read_pixels, scale_to
from engine.preprocess.knowledge import CaseKnowledge
from engine.preprocess.reader import Reader
from engine.preprocess.text import Tokenizer, learn_pieces
from engine.schema.base import MODALITIES, Message, Modality
from engine.schema.case import Case, Part
from engine.schema.config import StudentConfig
from engine.schema.errors import EngineFault
from engine.schema.model import InsideEncoder
from engine.store.blobs import Blobs, write_whole
from engine.store.reading import in_order

PREPARATION_FILE = "preprocess.json"
_MOST_SIDE = 96
"""Side in pixels that pictures are scaled to at most, where the configuration leaves the choice to the data."""
_SIDE_STEP = 16
_MOST_SECONDS = 8.0
_COVERED = 0.98
"""Share of the training recordings that fit whole."""
_SAMPLE = 400
"""Pictures and sounds that means and deviations are taken from."""


States = NDArray[np.float16]
"""Token states of one item, (L, D), in half precision."""


@dataclasses.dataclass(frozen=True)
class PreparedText:
    """Token ids of one text, and for each the characters it stands for."""

    part_id: str
    ids_L: NDArray[np.int32]
    spans_L2: NDArray[np.int32]
    told_K: NDArray[np.float32] | None = None
    """What a knowledge file makes of the text, where there is one."""
    states_LD: States | None = None
    """What an encoder kept inside makes of it, where that was computed before."""
    length: int = 0
    """Where its last letter or digit ends; the last token may end long before."""


@dataclasses.dataclass(frozen=True)
class PreparedImage:
    """Pixels of one picture at the model's size, 8 bits each."""

    part_id: str
    pixels_HWC: Pixels
    fed_CHW: NDArray[np.float16] | None = None
    """The picture as an encoder kept inside is fed it, where there is one."""
    states_LD: States | None = None


@dataclasses.dataclass(frozen=True)
class PreparedAudio:
    """Log-mel of one recording; `start` says at which second of it the model begins to listen."""

    part_id: str
    mel_FT: NDArray[np.float16]
    start: float = 0.0
    wave_S: NDArray[np.float32] | None = None
    """The same stretch as an encoder kept inside is fed it, where there is one."""
    states_LD: States | None = None
    frames: int = 0
    """Frames of the whole recording, of which the loudest stretch is heard."""


@dataclasses.dataclass(frozen=True)
class PreparedCase:
    """One case as numbers; compact, so that thousands stay in memory."""

    texts: tuple[PreparedText, ...] = ()
    images: tuple[PreparedImage, ...] = ()
    audios: tuple[PreparedAudio, ...] = ()

    def present(self) -> tuple[bool, bool, bool]:
        """Whether there is anything to read, by modality in the order of `MODALITIES`."""
        return bool(self.texts), bool(self.images), bool(self.audios)

    def pattern(self) -> str:
        """Return the modality pattern, such as `text+audio`; `none` where nothing can be read."""
        return pattern_name(self.present())


def pattern_name(present: Sequence[bool]) -> str:
    """Return the name of a modality pattern, such as `text+audio` or `none`."""
    return "+".join(name for name, there in zip(MODALITIES, present, strict=True) if there) or "none"


class Preparation(Message):
    """Settings and statistics; equal ones prepare equally, for ever."""

    pieces: tuple[str, ...] = Field((), description="Vocabulary of the tokenizer.")
    text_tokens: int = Field(64, description="Longest text in tokens.")
    image_size: int = Field(32, description="Side of the square the pictures are scaled to.")
    image_channels: int = Field(1, description="1 where all training pictures are grey, else 3.")
    image_mean: tuple[float, ...] = (0.5,)
    image_std: tuple[float, ...] = (0.25,)
    audio_frames: int = Field(100, description="Longest sound in frames of 10 ms.")
    audio_highest: float = Field(SAMPLE_RATE / 2, description="Upper edge of the highest mel band in Hz.")
    audio_mean: tuple[float, ...] = Field((0.0,) * BANDS, description="Mean log-mel by band.")
    audio_std: float = Field(1.0, description="Deviation of the log-mel, one for all bands.")
    knowledge: CaseKnowledge | None = Field(None, description="What of a knowledge file is looked for in a text.")
    inside: tuple[InsideEncoder, ...] = Field((), description="Pretrained encoders that read in place of our own.")
    _readers: Mapping[Modality, Reader] = PrivateAttr(default_factory=dict)

    @model_serializer(mode="wrap")
    def _whole(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out the knowledge and the encoders where there are none, so that the file is what it was before there were any."""
        whole: dict[str, Any] = handler(self)
        return {name: value for name, value in whole.items() if value or name not in ("knowledge", "inside")}

    def reading_with(self, readers: Mapping[Modality, Reader]) -> Self:
        """Return the preparation with loaded encoders that read in place of our own."""
        read = self.model_copy(update={"inside": tuple(reader.told for reader in readers.values())})
        read._readers = readers
        return read

    def reader(self, modality: Modality) -> Reader | None:
        """Return the encoder kept inside for a modality; None where ours is learned. Raises where it was not loaded."""
        if any(told.modality == modality for told in self.inside) and modality not in self._readers:
            raise EngineFault("internal", detail=f"the encoder for {modality} was not loaded")
        return self._readers.get(modality)

    @functools.cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer for the vocabulary."""
        return Tokenizer(self.pieces)

    @classmethod
    def fit(cls, cases: Sequence[Case], blobs: Blobs, config: StudentConfig) -> Self:
        """Learn vocabulary, sizes and statistics from the cases given, which must be training cases, and nothing else."""
        facts: dict[str, object] = {"text_tokens": config.text_tokens}
        if config.text.name == "learned":
            facts["pieces"] = learn_pieces(in_order(lambda part: _text(part, blobs), _parts(cases, "text")))
        images, audios = _parts(cases, "image"), _parts(cases, "audio")
        if images:
            facts |= _image_facts(images, blobs, config.image_size)
        if audios:
            facts |= _audio_facts(audios, blobs, config.audio_seconds)
        return cls.model_validate(facts)

    def prepare(self, parts: Iterable[Part], blobs: Blobs, feed: bool = True) -> PreparedCase:
        """Return the readable parts of a case as numbers; a text without a single word counts as absent.

        Without `feed` pictures and sounds are not made ready for encoders kept inside: what they say is known already.
        """
        known = [part for part in parts if part.decoded is not None]
        texts = (self._text(part, blobs) for part in known if part.modality == "text")
        return PreparedCase(
            texts=tuple(text for text in texts if len(text.ids_L)),
            images=tuple(self._image(part, blobs, feed) for part in known if part.modality == "image"),
            audios=tuple(self._audio(part, blobs, feed) for part in known if part.modality == "audio"),
        )

    def save(self, folder: Path) -> None:
        """Write `preprocess.json` into a model folder."""
        write_whole(folder / PREPARATION_FILE, self.model_dump_json(indent=1).encode())

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read `preprocess.json`; raises `OSError` or `ValueError` where it is gone or damaged."""
        return cls.model_validate_json((folder / PREPARATION_FILE).read_bytes())

    def tokens(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return the token ids of a text, and the characters each stands for, (L, 2)."""
        if (reader := self.reader("text")) is not None:
            return reader.tokens(text, self.text_tokens)
        tokens = self.tokenizer.encode(text)[: self.text_tokens]
        ids_L = np.array([token.id for token in tokens], dtype=np.int32)
        return ids_L, np.array([token[1:] for token in tokens], dtype=np.int32).reshape(-1, 2)

    def fresh(self, case: PreparedCase) -> PreparedCase:
        """Return a case of which nothing was computed before: its encoders have the same work with it as with the case itself.

        What pictures and sounds are fed is made from what is left of them, so it has their shape and not their content.
        """
        image, audio = self.reader("image"), self.reader("audio")
        if not self.inside:
            return case
        return PreparedCase(
            tuple(dataclasses.replace(text, states_LD=None) for text in case.texts),
            tuple(_fresh_image(one, image) for one in case.images),
            tuple(_fresh_audio(one, audio) for one in case.audios),
        )

    def _text(self, part: Part, blobs: Blobs) -> PreparedText:
        said = _text(part, blobs)
        ids_L, spans_L2 = self.tokens(said)
        told_K = self.knowledge.read(said) if self.knowledge else None
        length = next((end for end in range(len(said), 0, -1) if said[end - 1].isalnum()), 0)
        return PreparedText(part.part_id, ids_L, spans_L2, told_K, length=length)

    def _image(self, part: Part, blobs: Blobs, feed: bool) -> PreparedImage:
        data, reader = _bytes(part, blobs), self.reader("image")
        pixels_HWC = scale_to(read_pixels(data, self.image_channels), self.image_size)
        fed_CHW = reader.picture(read_pixels(data, 3)) if reader is not None and feed else None
        return PreparedImage(part.part_id, pixels_HWC, fed_CHW)

    def _audio(self, part: Part, blobs: Blobs, feed: bool) -> PreparedAudio:
        wave_S, reader = read_wave(_bytes(part, blobs)), self.reader("audio")
        whole_FT = log_mel(wave_S, self.audio_highest)
        mel_FT, start = loudest_stretch(whole_FT, self.audio_frames)
        fed_S = reader.sound(stretch(wave_S, start, mel_FT.shape[1])) if reader is not None and feed else None
        heard_FT, begin = mel_FT.numpy().astype(np.float16), start / FRAMES_PER_SECOND
        return PreparedAudio(part.part_id, heard_FT, begin, fed_S, frames=whole_FT.shape[1])


def stretch(wave_S: Tensor, start: int, frames: int) -> Tensor:
    """Return the samples that `frames` frames from the frame `start` on are made of."""
    return wave_S[start * HOP : (start + frames) * HOP + WINDOW - HOP]


def _fresh_image(image: PreparedImage, reader: Reader | None) -> PreparedImage:
    if reader is None:
        return image
    grey_HWC = np.repeat(image.pixels_HWC[..., :1], 3, axis=2)
    return dataclasses.replace(image, fed_CHW=reader.picture(grey_HWC), states_LD=None)


def _fresh_audio(audio: PreparedAudio, reader: Reader | None) -> PreparedAudio:
    if reader is None:
        return audio
    silence_S = torch.zeros(audio.mel_FT.shape[1] * HOP)
    return dataclasses.replace(audio, wave_S=reader.sound(silence_S), states_LD=None)


def _parts(cases: Sequence[Case], modality: Modality) -> list[Part]:
    return [part for case in cases for part in case.readable() if part.modality == modality]


def _bytes(part: Part, blobs: Blobs) -> bytes:
    if part.decoded is None:
        raise ValueError("a part that could not be decoded cannot be prepared")
    return blobs.read(part.decoded)


def _text(part: Part, blobs: Blobs) -> str:
    return _bytes(part, blobs).decode("utf-8")


def _sample(parts: list[Part]) -> Iterator[Part]:
    """Yield at most `_SAMPLE` parts, evenly spread, so that data ordered by class are all heard."""
    return iter(parts[:: max(1, len(parts) // _SAMPLE)])


def _image_facts(parts: list[Part], blobs: Blobs, size: int) -> dict[str, object]:
    """Return size, channels, mean and deviation of the training pictures."""
    pictures = list(in_order(lambda part: read_pixels(_bytes(part, blobs), 3), _sample(parts)))
    grey = all(np.array_equal(p[..., 0], p[..., 1]) and np.array_equal(p[..., 1], p[..., 2]) for p in pictures)
    channels = 1 if grey else 3
    side = size or _common_side([max(p.shape[:2]) for p in pictures])
    values_NC = np.concatenate([scale_to(p[..., :channels], side).reshape(-1, channels) for p in pictures]) / 255.0
    mean, std = values_NC.mean(0), np.maximum(values_NC.std(0), 0.02)
    return {
        "image_size": side,
        "image_channels": channels,
        "image_mean": tuple(map(float, mean)),
        "image_std": tuple(map(float, std)),
    }


def _common_side(sides: list[int]) -> int:
    """Return the usual longest side: as it is where small, else rounded down and no more than `_MOST_SIDE`."""
    side = int(np.median(sides))
    return max(side, 8) if side <= 2 * _SIDE_STEP else min(side // _SIDE_STEP * _SIDE_STEP, _MOST_SIDE)


def _audio_facts(parts: list[Part], blobs: Blobs, seconds: float) -> dict[str, object]:
    """Return length, highest frequency, mean and deviation of the training recordings."""
    rates = [part.facts.sample_rate for part in parts if part.facts.sample_rate > 0]
    highest = min(SAMPLE_RATE, max(rates, default=SAMPLE_RATE)) / 2
    mels = list(in_order(lambda part: log_mel(read_wave(_bytes(part, blobs)), highest), _sample(parts)))
    covered = float(np.quantile([mel_FT.shape[1] for mel_FT in mels], _COVERED))
    frames = round(seconds * FRAMES_PER_SECOND) or min(int(covered) + 1, round(_MOST_SECONDS * FRAMES_PER_SECOND))
    values_FN = np.concatenate([loudest_stretch(mel_FT, frames)[0].numpy() for mel_FT in mels], axis=1)
    mean_F = values_FN.mean(1)
    return {
        "audio_frames": frames,
        "audio_highest": highest,
        "audio_mean": tuple(map(float, mean_F)),
        "audio_std": float(max((values_FN - mean_F[:, None]).std(), 0.1)),
    }
