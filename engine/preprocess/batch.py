"""Cases side by side as tensors: what the student reads. A modality a case lacks has no item here, and nothing stands in for it.

Shapes: B cases, N items of one modality, L tokens, C channels, H x W pixels, F mel bands, T frames, M modalities.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.preprocess.preparation import Preparation, PreparedAudio, PreparedCase, States
from engine.preprocess.text import PADDING
from engine.schema.base import MODALITIES

UNKNOWN = -1
"""Label of a case whose answer nobody gave, and row of one that is in no data set."""


@dataclasses.dataclass(frozen=True)
class TextItems:
    """All texts of the batch; `owner_N` says whose they are."""

    ids_NL: Tensor
    mask_NL: Tensor
    owner_N: Tensor
    told_NK: Tensor | None = None
    """What a knowledge file makes of each text, where the preparation holds one."""
    states_NLD: Tensor | None = None
    """Of an encoder kept inside, where they were computed before."""


@dataclasses.dataclass(frozen=True)
class ImageItems:
    """All pictures, standardised."""

    pixels_NCHW: Tensor
    owner_N: Tensor
    fed_NCHW: Tensor | None = None
    """The pictures as an encoder kept inside is fed them, or else its states, where there is one."""
    states_NLD: Tensor | None = None


@dataclasses.dataclass(frozen=True)
class AudioItems:
    """All sounds as standardised log-mel; frames beyond a sound's end are 0 and not in the mask."""

    mels_NFT: Tensor
    mask_NT: Tensor
    owner_N: Tensor
    wave_NS: Tensor | None = None
    """The sounds as an encoder kept inside is fed them, `samples_N` of each real, or else its states, where there is one."""
    samples_N: Tensor | None = None
    states_NLD: Tensor | None = None
    heard_NL: Tensor | None = None


Items = TextItems | ImageItems | AudioItems


def _each(items: Items, change: "Tensor | torch.device | str") -> dict[str, Tensor]:
    """Return the tensors of `items` moved to a device, or only those rows of them that an index names."""
    found = {field.name: getattr(items, field.name) for field in dataclasses.fields(items)}
    tensors: dict[str, Tensor] = {name: tensor for name, tensor in found.items() if tensor is not None}
    if isinstance(change, Tensor):
        return {name: tensor[change] for name, tensor in tensors.items()}
    return {name: tensor.to(change, non_blocking=True) for name, tensor in tensors.items()}


@dataclasses.dataclass(frozen=True)
class Batch:
    """A batch of cases. `labels_B` are (B, C) marks where a case may have several labels. `rows_B` are rows in the data set, by which lessons of teachers are found."""

    texts: TextItems
    images: ImageItems
    audios: AudioItems
    present_BM: Tensor
    labels_B: Tensor
    rows_B: Tensor

    @property
    def size(self) -> int:
        """B."""
        return self.present_BM.shape[0]

    def to(self, device: torch.device | str) -> "Batch":
        """Return the batch on a device."""
        return dataclasses.replace(
            self,
            texts=TextItems(**_each(self.texts, device)),
            images=ImageItems(**_each(self.images, device)),
            audios=AudioItems(**_each(self.audios, device)),
            present_BM=self.present_BM.to(device),
            labels_B=self.labels_B.to(device),
            rows_B=self.rows_B.to(device),
        )

    def hide(self, hidden_BM: Tensor) -> "Batch":
        """Return the batch as if the named modalities had never been there: their items are dropped, not blanked."""
        kept_BM = ~hidden_BM

        def kept(items: Items, m: int) -> Tensor:
            return kept_BM[items.owner_N, m].nonzero()[:, 0]

        return dataclasses.replace(
            self,
            texts=TextItems(**_each(self.texts, kept(self.texts, 0))),
            images=ImageItems(**_each(self.images, kept(self.images, 1))),
            audios=AudioItems(**_each(self.audios, kept(self.audios, 2))),
            present_BM=self.present_BM & kept_BM,
        )


def collate(
    cases: Sequence[PreparedCase],
    preparation: Preparation,
    labels: Sequence[int] | Sequence[Sequence[int]] | None = None,
    rows: Sequence[int] | None = None,
) -> Batch:
    """Put prepared cases side by side, standardised; unknown labels and rows are `UNKNOWN`."""
    unknown = [UNKNOWN] * len(cases)
    return Batch(
        texts=_texts(cases),
        images=_images(cases, preparation),
        audios=_audios(cases, preparation),
        present_BM=torch.tensor([case.present() for case in cases], dtype=torch.bool).reshape(-1, len(MODALITIES)),
        labels_B=torch.tensor(list(labels) if labels is not None else unknown, dtype=torch.int64),
        rows_B=torch.tensor(list(rows) if rows is not None else unknown, dtype=torch.int64),
    )


def _owners(counts: Sequence[int]) -> Tensor:
    """Return whose each item is, for so many items a case."""
    return torch.repeat_interleave(torch.arange(len(counts)), torch.tensor(counts, dtype=torch.int64))


def _texts(cases: Sequence[PreparedCase]) -> TextItems:
    found = [text.ids_L for case in cases for text in case.texts]
    ids_NL = np.full((len(found), max(map(len, found), default=1)), PADDING, dtype=np.int64)
    for row, ids_L in zip(ids_NL, found, strict=True):
        row[: len(ids_L)] = ids_L
    mask_NL = torch.arange(ids_NL.shape[1]) < torch.tensor([len(ids_L) for ids_L in found], dtype=torch.int64)[:, None]
    told = [text.told_K for case in cases for text in case.texts if text.told_K is not None]
    told_NK = torch.from_numpy(np.stack(told)) if told and len(told) == len(found) else None
    states_NLD = _stacked([text.states_LD for case in cases for text in case.texts])
    owner_N = _owners([len(case.texts) for case in cases])
    return TextItems(torch.from_numpy(ids_NL), mask_NL, owner_N, told_NK, states_NLD)


def _images(cases: Sequence[PreparedCase], preparation: Preparation) -> ImageItems:
    found = [image.pixels_HWC for case in cases for image in case.images]
    side, channels = preparation.image_size, preparation.image_channels
    stacked = np.stack(found) if found else np.zeros((0, side, side, channels), dtype=np.uint8)
    mean_C = torch.tensor(preparation.image_mean) * 255
    std_C = torch.tensor(preparation.image_std) * 255
    pixels_NCHW = ((torch.from_numpy(stacked) - mean_C) / std_C).permute(0, 3, 1, 2).contiguous()
    fed = [image.fed_CHW for case in cases for image in case.images]
    known = [fed_CHW for fed_CHW in fed if fed_CHW is not None]
    fed_NCHW = torch.from_numpy(np.stack(known)).float() if known and len(known) == len(fed) else None
    states_NLD = _stacked([image.states_LD for case in cases for image in case.images])
    return ImageItems(pixels_NCHW, _owners([len(case.images) for case in cases]), fed_NCHW, states_NLD)


def _audios(cases: Sequence[PreparedCase], preparation: Preparation) -> AudioItems:
    found = [audio.mel_FT for case in cases for audio in case.audios]
    bands = len(preparation.audio_mean)
    mean_F1 = np.array(preparation.audio_mean, dtype=np.float32)[:, None]
    mels_NFT = np.zeros((len(found), bands, max((mel.shape[1] for mel in found), default=1)), dtype=np.float32)
    for padded_FT, mel_FT in zip(mels_NFT, found, strict=True):
        padded_FT[:, : mel_FT.shape[1]] = (mel_FT - mean_F1) / preparation.audio_std
    frames_N = torch.tensor([mel.shape[1] for mel in found], dtype=torch.int64)
    mask_NT = torch.arange(mels_NFT.shape[2]) < frames_N[:, None]
    owner_N = _owners([len(case.audios) for case in cases])
    heard = [audio for case in cases for audio in case.audios]
    return AudioItems(torch.from_numpy(mels_NFT), mask_NT, owner_N, *_waves(heard), *_heard(heard))


def _waves(audios: Sequence[PreparedAudio]) -> tuple[Tensor | None, Tensor | None]:
    """Return the samples of all sounds, padded, and how many each has; None where an encoder is not fed any."""
    known = [audio.wave_S for audio in audios if audio.wave_S is not None]
    if not known or len(known) < len(audios):
        return None, None
    wave_NS = torch.nn.utils.rnn.pad_sequence([torch.from_numpy(wave_S) for wave_S in known], batch_first=True)
    return wave_NS, torch.tensor([len(wave_S) for wave_S in known])


def _heard(audios: Sequence[PreparedAudio]) -> tuple[Tensor | None, Tensor | None]:
    """Return the states of all sounds, padded, and which are real; None where they were not computed before."""
    states_NLD = _stacked([audio.states_LD for audio in audios])
    if states_NLD is None:
        return None, None
    lengths_N = torch.tensor([len(audio.states_LD) for audio in audios if audio.states_LD is not None])
    return states_NLD, torch.arange(states_NLD.shape[1]) < lengths_N[:, None]


def _stacked(states: Sequence[States | None]) -> Tensor | None:
    """Return token states of several items side by side, zeros behind each; None where one is not known."""
    known = [states_LD for states_LD in states if states_LD is not None]
    if not known or len(known) < len(states):
        return None
    stacked_NLD = np.zeros((len(known), max(map(len, known)), known[0].shape[1]), dtype=np.float32)
    for row_LD, states_LD in zip(stacked_NLD, known, strict=True):
        row_LD[: len(states_LD)] = states_LD
    return torch.from_numpy(stacked_NLD)
