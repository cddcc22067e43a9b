"""Loaded encoders: from texts, pictures or sounds to one vector of length 1 each, with gradients where they are switched on.

Shapes: N items, L tokens, patches or frames, D width, H height, W width of a picture, S samples, T frames of one sound, G grid side.
"""

import abc
import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.preprocess.audio import SAMPLE_RATE, read_wave, resampled
from engine.preprocess.image import read_pixels
from engine.pretrained import door

_LONGEST_TEXT = 128
"""Tokens of a text that are read, where the model has places for so many."""
_LONGEST_SOUND = 30
"""Seconds of a sound that are read."""
_ENDLESS = 1000.0
"""Seconds said of a sound that is longer: how long it is, is not known."""
_SHORTEST_SOUND = 0.1
"""Seconds a sound is padded to: convolutions over raw samples need a few hundred."""
_PROCEDURE = 1
"""Goes up whenever an encoder makes something else of the same item."""


class Encoder(abc.ABC):
    """A model with its processor; `vectors` is differentiable and uses no dropout.

    Where a person's own model (one with a `source`) cannot read what it is given, every method that reads raises `teacher-unreadable`
    or `encoder-unreadable`.
    """

    kind: door.Kind
    batch: int
    """Items that go through the model together."""

    def __init__(self, processor: Any, model: Any, device: torch.device, source: door.Source | None = None) -> None:
        self.processor, self.device, self._source = processor, device, source
        self.model: Any = model.to(device)

    def foreign(self) -> contextlib.AbstractContextManager[None]:
        """Surround calls of the model and of its processor."""
        return door.foreign(self._source, self.kind)

    @abc.abstractmethod
    def read(self, name: str, data: bytes) -> Any:
        """Return an item as `vectors` takes it, from its decoded bytes."""

    @abc.abstractmethod
    def prepared(self, items: Sequence[Any]) -> Any:
        """Return the items as the model is fed them."""

    @abc.abstractmethod
    def passed(self, prepared: Any) -> Tensor:
        """Return one vector of length 1 an item, (N, D), from what `prepared` made."""

    def vectors(self, items: Sequence[Any]) -> Tensor:
        """Return one vector of length 1 an item, (N, D)."""
        return self.passed(self.prepared(items))

    def move(self, device: torch.device) -> None:
        """Go to another device."""
        self.device = device
        self.model.to(device)

    def embed(self, items: Sequence[Any]) -> Tensor:
        """Return the vectors of any number of items, without gradients."""
        with torch.inference_mode():
            starts = range(0, len(items), self.batch)
            return torch.cat([self.vectors(items[start : start + self.batch]) for start in starts])

    def width(self) -> int:
        """Return D."""
        for name in ("hidden_size", "d_model", "dim", "embed_dim"):
            if isinstance(width := getattr(self.model.config, name, None), int):
                return width
        return int(list(self.model.parameters())[-1].shape[-1])

    def layers(self) -> list[nn.Module]:
        """Return the blocks of the model in order: the members of the list that holds most of its parameters."""
        lists = [list(module) for module in self.model.modules() if isinstance(module, nn.ModuleList)]
        sized = [sum(p.numel() for block in blocks for p in block.parameters()) for blocks in lists]
        return lists[int(np.argmax(sized))] if lists else []


class PlacedEncoder(Encoder):
    """An encoder whose features lie at places: of a picture, or in time."""

    @abc.abstractmethod
    def looking(self, items: Sequence[Any]) -> tuple[Tensor, list[Tensor]]:
        """Return the vectors of items, (N, D), and the features of each in the last block, in one pass without gradients.

        Features are taken before a last norm evens them out: (D, G, G) of a picture, (D, T) of a sound.
        """

    def seconds(self, item: Any) -> float:
        """Return how long an item lasts; 0 for a picture, and more than any where only its beginning is read."""
        return 0.0

    @contextlib.contextmanager
    def _last_block(self) -> Iterator[list[Tensor]]:
        """Gather what the last block gives in each pass within."""
        seen: list[Tensor] = []
        block = (self.layers() or [self.model])[-1]
        handle = block.register_forward_hook(lambda _, given, made: seen.append(_hidden(made)))
        try:
            yield seen
        finally:
            handle.remove()


def _hidden(made: Any) -> Tensor:
    """Return the hidden states of what a block gave, whatever it put beside them."""
    hidden: Tensor = made if isinstance(made, Tensor) else made[0]
    return hidden


class TextEncoder(Encoder):
    """Mean over the tokens of a text."""

    kind: door.Kind = "text"
    batch = 64

    def __init__(self, processor: Any, model: Any, device: torch.device, source: door.Source | None = None) -> None:
        super().__init__(processor, model, device, source)
        self._longest = min(_LONGEST_TEXT, most_tokens(processor, model) or _LONGEST_TEXT)
        with self.foreign():
            _pad_behind(processor)

    def read(self, name: str, data: bytes) -> str:
        """Return the text itself: its name is what it says."""
        return name

    def prepared(self, items: Sequence[str]) -> Any:
        """Return the texts as token ids, cut to the places that the model has."""
        with self.foreign():
            made = self._tokens(items, self._longest, padding=True)
            if not made["input_ids"].shape[1]:
                made = self._tokens(items, 1, padding="max_length")
            # A text without a token is read as one of padding: attention to nothing at all would give no number.
            made["attention_mask"][:, 0] = 1
            return made.to(self.device)

    def _tokens(self, items: Sequence[str], most: int, padding: bool | str) -> Any:
        return self.processor(
            list(items),
            padding=padding,
            truncation=True,
            max_length=most,
            return_attention_mask=True,
            return_tensors="pt",
        )

    def passed(self, prepared: Any) -> Tensor:
        """Return the mean of each text's token vectors, normalised."""
        with self.foreign():
            hidden_NLD = self.model(**prepared).last_hidden_state
        mask_NL1 = prepared["attention_mask"][..., None].to(hidden_NLD.dtype)
        mean_ND = (hidden_NLD * mask_NL1).sum(1) / mask_NL1.sum(1).clamp(min=1)
        return nn.functional.normalize(mean_ND, dim=1)


class ImageEncoder(PlacedEncoder):
    """Mean over the patches (or places) of a picture, prepared by the model's own processor."""

    kind: door.Kind = "image"
    batch = 32

    def read(self, name: str, data: bytes) -> NDArray[np.uint8]:
        """Return the RGB pixels of a decoded picture, (H, W, 3)."""
        return read_pixels(data, 3)

    def prepared(self, items: Sequence[NDArray[np.uint8]]) -> Tensor:
        """Return the pictures as the model's processor scales them."""
        with self.foreign():
            made = self.processor(list(items), return_tensors="pt", input_data_format="channels_last")
            pixels: Tensor = made["pixel_values"].to(self.device)
        return pixels

    def passed(self, prepared: Tensor) -> Tensor:
        """Return the mean of each picture's patch vectors, normalised."""
        return nn.functional.normalize(self.seen(prepared).mean(1), dim=1)

    @torch.inference_mode()
    def looking(self, items: Sequence[NDArray[np.uint8]]) -> tuple[Tensor, list[Tensor]]:
        """Return the vectors of pictures and the features of each at its patches; what stands before the patches is left out."""
        with self._last_block() as seen:
            vectors_ND = self.vectors(items)
        hidden = seen[-1]
        if hidden.ndim == 3:
            side = math.isqrt(hidden.shape[1])
            hidden = hidden[:, -side * side :].transpose(1, 2).reshape(len(hidden), -1, side, side)
        return vectors_ND, list(hidden)

    def seen(self, prepared: Tensor) -> Tensor:
        """Return the vectors of each picture's patches or places, (N, L, D), with what may stand before them."""
        with self.foreign():
            hidden = self.model(pixel_values=prepared).last_hidden_state
        seen_NLD: Tensor = hidden.flatten(2).transpose(1, 2) if hidden.ndim == 4 else hidden
        return seen_NLD


class AudioEncoder(PlacedEncoder):
    """Mean over the frames that a sound fills, prepared by the model's own feature extractor."""

    kind: door.Kind = "audio"
    batch = 8

    def read(self, name: str, data: bytes) -> NDArray[np.float32]:
        """Return the samples of a decoded recording at the model's own rate."""
        return self.sound(read_wave(data))

    def sound(self, wave_S: Tensor) -> NDArray[np.float32]:
        """Return the samples of a 16 kHz recording at the model's own rate."""
        rate = int(getattr(self.processor, "sampling_rate", SAMPLE_RATE))
        wave_S = resampled(wave_S[: _LONGEST_SOUND * SAMPLE_RATE], rate)
        missing = round(_SHORTEST_SOUND * rate) - len(wave_S)
        return nn.functional.pad(wave_S, (0, max(0, missing))).numpy()

    def prepared(self, items: Sequence[NDArray[np.float32]]) -> list[tuple[list[int], int, Tensor]]:
        """Return the sounds by length: which they are, how long, and what the model is fed.

        Only sounds of equal length go together: many models of sound were trained without a mask and would hear the padding.
        """
        found = []
        for length in dict.fromkeys(len(item) for item in items):
            places = [i for i, item in enumerate(items) if len(item) == length]
            alike = [items[i] for i in places]
            with self.foreign():
                made = self.processor(alike, sampling_rate=self.processor.sampling_rate, return_tensors="pt")
                fed = made[self.model.main_input_name].to(self.device)
            found.append((places, length, fed))
        return found

    def passed(self, prepared: list[tuple[list[int], int, Tensor]]) -> Tensor:
        """Return the mean of each sound's frame vectors, normalised."""
        return torch.stack([nn.functional.normalize(frames_TD.mean(0), dim=0) for frames_TD in self.heard(prepared)])

    def seconds(self, item: NDArray[np.float32]) -> float:
        """Return how long a sound lasts."""
        found = len(item) / int(getattr(self.processor, "sampling_rate", SAMPLE_RATE))
        return found if found < _LONGEST_SOUND else _ENDLESS

    @torch.inference_mode()
    def looking(self, items: Sequence[NDArray[np.float32]]) -> tuple[Tensor, list[Tensor]]:
        """Return the vectors of sounds and the features of each at the frames it fills."""
        vectors: dict[int, Tensor] = {}
        features: dict[int, Tensor] = {}
        for places, length, fed in self.prepared(items):
            with self._last_block() as seen:
                alike_NTD = self._alike(fed, length)
            vectors |= dict(zip(places, nn.functional.normalize(alike_NTD.mean(1), dim=1), strict=True))
            features |= dict(zip(places, seen[-1][:, : alike_NTD.shape[1]].transpose(1, 2), strict=True))
        return torch.stack([vectors[i] for i in range(len(items))]), [features[i] for i in range(len(items))]

    def heard(self, prepared: list[tuple[list[int], int, Tensor]]) -> list[Tensor]:
        """Return the vectors of the frames that each sound fills, (T, D) a sound."""
        found: dict[int, Tensor] = {}
        for places, length, fed in prepared:
            found |= dict(zip(places, self._alike(fed, length), strict=True))
        return [found[i] for i in range(len(found))]

    def _alike(self, fed: Tensor, length: int) -> Tensor:
        with self.foreign():
            hidden_NLD = self.model(**{self.model.main_input_name: fed}).last_hidden_state
        window = getattr(self.processor, "n_samples", 0)  # Whisper's pads to 30 s; what is heard there is silence
        filled = math.ceil(hidden_NLD.shape[1] * min(1.0, length / window)) if window else hidden_NLD.shape[1]
        alike_NLD: Tensor = hidden_NLD[:, : max(1, filled)]
        return alike_NLD


def limits(kind: door.Kind) -> tuple[float, ...]:
    """Return what, beside the model itself, its vectors depend on: how they are made, and how much of an item is read."""
    read = {"text": (_LONGEST_TEXT,), "audio": (_LONGEST_SOUND, _SHORTEST_SOUND)}
    return (_PROCEDURE, *read.get(kind, ()))


def most_tokens(tokenizer: Any, model: Any) -> int | None:
    """Return how many tokens a text may have, marks around it included; None where neither model nor tokenizer sets an end."""
    places = (getattr(model.config, name, None) for name in ("max_position_embeddings", "n_positions"))
    limits = [limit - _places_before(model) for limit in places if _is_limit(limit)]
    told = getattr(tokenizer, "model_max_length", None)
    return min([*limits, *([told] if _is_limit(told) else [])], default=None)


def _is_limit(found: object) -> TypeGuard[int]:
    """Whether it is a number of tokens: models that place tokens by their distance say -1."""
    return isinstance(found, int) and found > 0


def _places_before(model: Any) -> int:
    """Return how many places no token may have: RoBERTa and its kin count from behind the place of the padding."""
    for name, module in model.named_modules():
        padding = getattr(module, "padding_idx", None)
        if name.endswith("position_embeddings") and isinstance(padding, int):
            return padding + 1
    return 0


def _pad_behind(tokenizer: Any) -> None:
    """Let a tokenizer pad, behind the text: where padding stands before it, models that count places read it elsewhere."""
    tokenizer.padding_side = "right"
    if (
        tokenizer.pad_token_id is None
    ):  # a language model learned from texts that fill all places; the mask hides the padding
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token or tokenizer.convert_ids_to_tokens(0)


ENCODERS: dict[str, type[Encoder]] = {"text": TextEncoder, "image": ImageEncoder, "audio": AudioEncoder}
