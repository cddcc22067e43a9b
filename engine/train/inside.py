"""States of encoders that are kept inside as they came: computed once an item, before anything is learned, and kept on the disk.

Whoever trains reads them instead of the encoder: all students of a run and all runs of a project.
Shapes: L tokens, D the encoder's own width.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engine.model.encoders.choices import reading_of
from engine.preprocess.audio import FRAMES_PER_SECOND, read_wave
from engine.preprocess.batch import AudioItems, ImageItems, Items, TextItems
from engine.preprocess.image import read_pixels
from engine.preprocess.keys import content_key
from engine.preprocess.preparation import PreparedAudio, PreparedCase, PreparedImage, PreparedText, States, stretch
from engine.pretrained.inside import Inside
from engine.schema.base import MODALITIES, Modality
from engine.schema.config import StudentConfig
from engine.schema.errors import EngineFault
from engine.teachers.embeddings import TokenStates
from engine.teachers.lessons import LessonCache
from engine.train.material import Material, Progress

Log = Callable[[str, Mapping[str, str | int | float]], None]
Part = PreparedText | PreparedImage | PreparedAudio
_BATCH = 64


def with_states(
    material: Material,
    cache: LessonCache,
    device: torch.device,
    log: Log,
    progress: Progress,
    modalities: Sequence[Modality] = MODALITIES,
) -> Material:
    """Return the cases with the states of every encoder that stays as it came; one that is learned further reads them itself."""
    for modality in modalities:
        inside = material.preparation.reader(modality)
        if isinstance(inside, Inside) and not inside.told.tuned:
            material = _read(material, _Reading(inside, material, device), cache, log, progress)
    return material


class Readings:
    """The cases of a run as models of several shapes read them: prepared anew where a shape names other encoders than the student's."""

    def __init__(
        self,
        material: Material,
        student: StudentConfig,
        cache: LessonCache,
        device: torch.device,
        log: Log,
        progress: Progress,
    ) -> None:
        self._rest, self._progress = (cache, device, log, progress), progress
        self._own, self._student, self._read = material, student, dict[tuple[tuple[str, int], ...], Material]()

    def of(self, shape: StudentConfig) -> Material:
        """Return the same cases, in the same rows, as a shape reads them; raises where its encoders cannot be loaded."""
        asked = tuple(reading_of(shape, modality) for modality in MODALITIES)
        anew = [m for m, reading in zip(MODALITIES, asked, strict=True) if reading != reading_of(self._student, m)]
        if not anew:
            return self._own
        if asked not in self._read:
            read = self._own.read_by(shape, anew, self._progress)
            self._read[asked] = with_states(read, *self._rest, anew)
        return self._read[asked]


class _Reading:
    """One encoder at the items of a run, which it knows by names that hold all it needs to read them."""

    def __init__(self, inside: Inside, material: Material, device: torch.device) -> None:
        self.inside, self._material, self._device = inside, material, device
        self.modality: Modality = inside.told.modality

    def names(self, row: int, case: PreparedCase) -> Iterator[str]:
        """Yield the name of each part of the encoder's kind: its token ids, or its file (and the stretch of it that is heard)."""
        if self.modality == "text":
            yield from (text.ids_L.tobytes().hex() for text in case.texts)
            return
        parts = parts_of(case, self.modality)
        for sha256, part in zip(self._material.media[self.modality][row], parts, strict=True):
            heard = isinstance(part, PreparedAudio)
            start = round(part.start * FRAMES_PER_SECOND) if isinstance(part, PreparedAudio) else 0
            yield f"{sha256}:{start}:{part.mel_FT.shape[1]}" if heard else sha256  # type: ignore[union-attr]

    @torch.inference_mode()
    def states(self, names: Sequence[str]) -> list[Tensor]:
        """Return the states of each item, (L, D)."""
        found: list[Tensor] = []
        for at in range(0, len(names), _BATCH):
            items = self._items(names[at : at + _BATCH])
            states_NLD, mask_NL = self.inside.states(items, self._device)
            found += [row_LD[: int(mask_L.sum())] for row_LD, mask_L in zip(states_NLD, mask_NL, strict=True)]
        return found

    def tokens(self, names: Sequence[str]) -> int:
        """Return how many states these items have in all; of pictures and sounds as many each as the first one."""
        if self.modality == "text":
            return sum(len(name) for name in names) // (2 * np.dtype(np.int32).itemsize)
        return len(names) * len(self.states(names[:1])[0])

    def _items(self, names: Sequence[str]) -> Items:
        owner_N = torch.arange(len(names), device=self._device)
        if self.modality == "text":
            ids = [torch.from_numpy(np.frombuffer(bytes.fromhex(name), dtype=np.int32).copy()) for name in names]
            ids_NL = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True).long()
            mask_NL = torch.arange(ids_NL.shape[1]) < torch.tensor([len(ids_L) for ids_L in ids])[:, None]
            return TextItems(ids_NL.to(self._device), mask_NL.to(self._device), owner_N)
        if self.modality == "image":
            fed = [self.inside.picture(read_pixels(self._material.read(name), 3)) for name in names]
            fed_NCHW = torch.from_numpy(np.stack(fed)).float().to(self._device)
            return ImageItems(fed_NCHW, owner_N, fed_NCHW)
        waves = [torch.from_numpy(self.inside.sound(self._wave(name))) for name in names]
        wave_NS = torch.nn.utils.rnn.pad_sequence(waves, batch_first=True).to(self._device)
        samples_N = torch.tensor([len(wave_S) for wave_S in waves])
        return AudioItems(wave_NS[:, None], wave_NS.bool(), owner_N, wave_NS, samples_N)

    def _wave(self, name: str) -> Tensor:
        sha256, start, frames = name.split(":")
        return stretch(read_wave(self._material.read(sha256)), int(start), int(frames))


def _read(material: Material, reading: _Reading, cache: LessonCache, log: Log, progress: Progress) -> Material:
    """Return the cases with the states of one encoder."""
    told = reading.inside.told
    named = [[tuple(reading.names(row, case)) for case in views] for row, views in enumerate(material.views)]
    asked = list(dict.fromkeys(name for views in named for names in views for name in names))

    def announce(missing: Sequence[str]) -> None:
        size = 2 * told.width * reading.tokens(missing)
        log("states-size", {"encoder": told.name, "items": len(missing), "megabytes": round(size / 1e6, 1)})

    shards = TokenStates(
        cache, content_key("states", told.sha256), reading.states, kind=f"{told.modality}-states", announce=announce
    )
    found = {name: states_LD.numpy() for name, states_LD in zip(asked, shards.each(asked, progress), strict=True)}
    known = {
        id(case): _with(case, told.modality, [found[name] for name in names])
        for views, own in zip(material.views, named, strict=True)
        for case, names in zip(views, own, strict=True)
    }  # a case without a text is the same one in every version, and stays so
    views = tuple(tuple(known[id(case)] for case in views) for views in material.views)
    return dataclasses.replace(material, views=views)


def parts_of(case: PreparedCase, modality: Modality) -> Sequence[Part]:
    """Return the parts of a kind."""
    parts: dict[Modality, Sequence[Part]] = {"text": case.texts, "image": case.images, "audio": case.audios}
    return parts[modality]


def _with(case: PreparedCase, modality: Modality, states: Sequence[States]) -> PreparedCase:
    parts = parts_of(case, modality)
    if len(parts) != len(states):
        raise EngineFault("internal", detail=f"states of {modality} do not fit their case")
    known = tuple(dataclasses.replace(part, states_LD=own) for part, own in zip(parts, states, strict=True))
    changed: dict[str, Any] = {f"{modality}s": known}
    return dataclasses.replace(case, **changed)
