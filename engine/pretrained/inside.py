"""Pretrained encoders that are kept inside a council: they read with their own processor, and their token states are what it learns from.

Frozen ones are shared by all students of a process; of one whose last layers are learned further each student has these layers for
itself. Shapes: N items, L tokens, D the encoder's own width, C channels, H height, W width, S samples, T frames of one sound.
"""

import abc
import copy
import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.preprocess.batch import AudioItems, ImageItems, Items, TextItems
from engine.preprocess.keys import content_key
from engine.preprocess.reader import Reader
from engine.pretrained import door
from engine.pretrained.encoders import AudioEncoder, Encoder, ImageEncoder, TextEncoder, most_tokens
from engine.schema.base import Modality
from engine.schema.errors import EngineFault, UserError
from engine.schema.model import InsideEncoder

_MOST_GRID, _MOST_FRAMES = 6, 32
"""Patches along a side and frames of a sound are averaged down to so many tokens: the trunk looks at every pair of them."""


class Inside(abc.ABC):
    """A loaded encoder; `states` has gradients in the layers that are learned further, and nowhere else."""

    modality: Modality

    def __init__(self, source: door.Source, encoder: Encoder, tuned: int = 0) -> None:
        self.source, self.encoder, self._tuned = source, encoder, tuned
        files = door.files_of(source)
        self._told = InsideEncoder(
            modality=self.modality,
            name=source.name,
            sha256=content_key(door.hashes_of(files)),
            parameters=sum(parameter.numel() for parameter in encoder.model.parameters()),
            width=encoder.width(),
            size=sum(path.stat().st_size for path in files.values()),
            tuned=tuned,
        )
        if tuned > len(encoder.layers()):
            have = len(encoder.layers())
            raise UserError("encoder-shallow", name=source.name, have=have, wanted=tuned, kind=self.modality)

    @property
    def told(self) -> InsideEncoder:
        """What is written down of it."""
        return self._told

    def files(self) -> dict[str, bytes]:
        """Return the files it is loaded from, by name."""
        return {name: path.read_bytes() for name, path in door.files_of(self.source).items()}

    def own(self) -> Self:
        """Return it for one student: with copies of the layers that are learned further, everything else shared."""
        return copy.deepcopy(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        if not self._tuned:
            return self
        made, model = copy.copy(self), self.encoder.model
        moving = {id(tensor) for block in self.tuned() for tensor in (*block.parameters(), *block.buffers())}
        shared = (tensor for tensor in (*model.parameters(), *model.buffers()) if id(tensor) not in moving)
        memo.update({id(tensor): tensor for tensor in shared})
        made.encoder = copy.copy(self.encoder)
        made.encoder.model = copy.deepcopy(model, memo)
        return made

    def tuned(self) -> list[nn.Module]:
        """Return the last layers, which are learned further; none where the encoder stays as it came."""
        return self.encoder.layers()[-self._tuned :] if self._tuned else []

    def states(self, items: Items, device: torch.device) -> tuple[Tensor, Tensor]:
        """Return the token states of items, (N, L, D), and which are real; those computed before are taken as they are."""
        if not len(items.owner_N):
            return torch.zeros(0, 1, self.told.width, device=device), torch.zeros(0, 1, dtype=torch.bool, device=device)
        if items.states_NLD is not None:
            return items.states_NLD, self._real(items, items.states_NLD)
        self.encoder.move(device)
        with torch.set_grad_enabled(bool(self._tuned) and torch.is_grad_enabled()):
            return self._states(items)

    @abc.abstractmethod
    def _states(self, items: Any) -> tuple[Tensor, Tensor]:
        """Return what the encoder makes of items."""

    def _real(self, items: Any, states_NLD: Tensor) -> Tensor:
        """Return which states of those computed before are real."""
        return torch.ones(states_NLD.shape[:2], dtype=torch.bool, device=states_NLD.device)

    def tokens(self, text: str, most: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return token ids and their places in the text; for encoders of texts."""
        raise EngineFault("internal", detail=f"an encoder of {self.modality} was given a text")

    def picture(self, pixels_HWC: NDArray[np.uint8]) -> NDArray[np.float16]:
        """Return a picture as the encoder is fed it; for encoders of pictures."""
        raise EngineFault("internal", detail=f"an encoder of {self.modality} was given a picture")

    def sound(self, wave_S: Tensor) -> NDArray[np.float32]:
        """Return a sound as the encoder is fed it; for encoders of sounds."""
        raise EngineFault("internal", detail=f"an encoder of {self.modality} was given a sound")


class InsideText(Inside):
    """One token for each piece that the encoder's own tokenizer makes of a text; the marks it sets around a text are not shown."""

    modality: Modality = "text"
    encoder: TextEncoder

    def __init__(self, source: door.Source, encoder: TextEncoder, tuned: int = 0) -> None:
        if not getattr(encoder.processor, "is_fast", False):
            raise UserError("encoder-unreadable", name=source.name, kind="text")
        super().__init__(source, encoder, tuned)
        with encoder.foreign():
            self._before, self._behind = _marks(encoder.processor)
        most = most_tokens(encoder.processor, encoder.model) or math.inf
        self._most = most - len(self._before) - len(self._behind)

    def tokens(self, text: str, most: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return token ids and their places in the text."""
        with self.encoder.foreign():
            made = self.encoder.processor(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
        kept = int(min(most, self._most))
        spans_L2 = np.array(made["offset_mapping"][:kept], dtype=np.int32).reshape(-1, 2)
        return np.array(made["input_ids"][:kept], dtype=np.int32), spans_L2

    def _states(self, items: TextItems) -> tuple[Tensor, Tensor]:
        batch, device = self.encoder.batch, self.encoder.device
        found = [
            self._pass(ids_NL, mask_NL)
            for ids_NL, mask_NL in zip(torch.split(items.ids_NL, batch), torch.split(items.mask_NL, batch), strict=True)
        ]
        return torch.cat(found), items.mask_NL.to(device)

    def _pass(self, ids_NL: Tensor, mask_NL: Tensor) -> Tensor:
        number, longest = ids_NL.shape
        before, behind = (
            torch.tensor(marks, dtype=ids_NL.dtype, device=ids_NL.device) for marks in (self._before, self._behind)
        )
        whole_NL = torch.cat(
            [before.expand(number, -1), ids_NL * mask_NL, torch.zeros_like(behind).expand(number, -1)], 1
        )
        ends_N1 = len(before) + mask_NL.sum(1, keepdim=True)
        place_NL = ends_N1 + torch.arange(len(behind), device=ids_NL.device)
        whole_NL = whole_NL.scatter(1, place_NL, behind.expand(number, -1))
        there_NL = torch.arange(whole_NL.shape[1], device=ids_NL.device) < ends_N1 + len(behind)
        with self.encoder.foreign():
            hidden_NLD: Tensor = self.encoder.model(
                input_ids=whole_NL, attention_mask=there_NL.long()
            ).last_hidden_state
        return hidden_NLD[:, len(before) : len(before) + longest]

    def _real(self, items: TextItems, states_NLD: Tensor) -> Tensor:
        return items.mask_NL


class InsideImage(Inside):
    """One token for the whole picture, then one for each cell of a coarse grid, row by row."""

    modality: Modality = "image"
    encoder: ImageEncoder

    def picture(self, pixels_HWC: NDArray[np.uint8]) -> NDArray[np.float16]:
        """Return a picture as the encoder's own processor makes it."""
        with self.encoder.foreign():
            made = self.encoder.processor([pixels_HWC], return_tensors="pt", input_data_format="channels_last")
            pixels_CHW: NDArray[np.float16] = made["pixel_values"][0].to(torch.float16).numpy()
        return pixels_CHW

    def _states(self, items: ImageItems) -> tuple[Tensor, Tensor]:
        if items.fed_NCHW is None:
            raise EngineFault("internal", detail="a picture was not made ready for its encoder")
        device = self.encoder.device
        found = [
            gridded(self.encoder.seen(some.to(device))) for some in torch.split(items.fed_NCHW, self.encoder.batch)
        ]
        states_NLD = torch.cat(found)
        return states_NLD, self._real(items, states_NLD)


class InsideAudio(Inside):
    """One token for the whole sound, then one for each stretch of it."""

    modality: Modality = "audio"
    encoder: AudioEncoder

    def sound(self, wave_S: Tensor) -> NDArray[np.float32]:
        """Return a 16 kHz recording at the encoder's own rate."""
        return self.encoder.sound(wave_S)

    def _states(self, items: AudioItems) -> tuple[Tensor, Tensor]:
        if items.wave_NS is None or items.samples_N is None:
            raise EngineFault("internal", detail="a sound was not made ready for its encoder")
        lengths = items.samples_N.tolist()
        waves = [wave_S[:length].cpu().numpy() for wave_S, length in zip(items.wave_NS, lengths, strict=True)]
        starts = range(0, len(waves), self.encoder.batch)
        prepared = (self.encoder.prepared(waves[start : start + self.encoder.batch]) for start in starts)
        found = [stretched(frames_TD) for some in prepared for frames_TD in self.encoder.heard(some)]
        states_NLD = nn.utils.rnn.pad_sequence(found, batch_first=True)
        lengths_N = torch.tensor([len(states_LD) for states_LD in found], device=states_NLD.device)
        return states_NLD, torch.arange(states_NLD.shape[1], device=states_NLD.device) < lengths_N[:, None]

    def _real(self, items: AudioItems, states_NLD: Tensor) -> Tensor:
        return items.heard_NL if items.heard_NL is not None else super()._real(items, states_NLD)


def gridded(seen_NLD: Tensor) -> Tensor:
    """Return the mean of all, then the patches averaged down to a grid of at most 6 x 6; the patches are the last square number.

    What stands before them (a class token, registers) belongs to no place and counts in the mean alone.
    """
    side = math.isqrt(seen_NLD.shape[1])
    cells_NDGG = seen_NLD[:, -side * side :].transpose(1, 2).reshape(len(seen_NLD), -1, side, side)
    if side > _MOST_GRID:
        cells_NDGG = nn.functional.adaptive_avg_pool2d(cells_NDGG, _MOST_GRID)
    return torch.cat([seen_NLD.mean(1, keepdim=True), cells_NDGG.flatten(2).transpose(1, 2)], 1)


def stretched(frames_TD: Tensor) -> Tensor:
    """Return the mean of all frames, then means of stretches of equal length, at most 32; the last may be shorter."""
    length = math.ceil(len(frames_TD) / _MOST_FRAMES)
    means_DL = nn.functional.avg_pool1d(frames_TD.t(), length, ceil_mode=True)
    return torch.cat([frames_TD.mean(0, keepdim=True), means_DL.t()])


def _marks(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the ids that a tokenizer sets before and behind every text."""
    made = tokenizer("a", return_special_tokens_mask=True)
    ids, special = list(made["input_ids"]), list(made["special_tokens_mask"])
    words = [place for place, mark in enumerate(special) if not mark]
    return ids[: words[0]], ids[words[-1] + 1 :]


_KINDS: Mapping[Modality, tuple[type[Inside], type[Encoder]]] = {
    "text": (InsideText, TextEncoder),
    "image": (InsideImage, ImageEncoder),
    "audio": (InsideAudio, AudioEncoder),
}


def load_inside(modality: Modality, source: door.Source, tuned: int = 0) -> Inside:
    """Return an encoder, loaded; raises `encoder-missing`, `encoder-unreadable` or `encoder-shallow` in a person's words."""
    if source.pinned:
        source.fingerprint(modality)
    processor, model = door.load(source, modality)
    kind, encoder = _KINDS[modality]
    return kind(source, encoder(processor, model, torch.device("cpu"), source), tuned)


def source_of(modality: Modality, model: str, online: bool, called: str = "") -> door.Source:
    """Return where an encoder comes from; without a name it is the text model of the set-up, and there is no other."""
    if model:
        return door.Source(model, online, role="encoder", called=called)
    if modality != "text":
        raise UserError("encoder-unnamed", kind=modality)
    return door.default_source("encoder")


__all__ = ["Inside", "Reader", "gridded", "load_inside", "source_of", "stretched"]
