"""What teachers said, and the cache it is kept in: nothing is asked twice, also when only the student changes.

Shapes: N training cases, V versions of a case (texts with words left out, or subsets of its modalities), C labels, D width of the
teacher's hidden vector, P places of its attention map.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from engine.preprocess.keys import content_key as content_key
from engine.schema.base import Modality
from engine.schema.errors import EngineFault
from engine.store.blobs import write_whole

_TENSORS = ("answers_NVC", "known_NV", "hidden_NVD", "maps_NVP", "mapped_NV")


@dataclasses.dataclass(frozen=True)
class Lessons:
    """One teacher's calibrated log-probabilities (and hidden vectors) for the training cases.

    `modality` names the one kind of input the teacher reads; None means it reads all, and V counts the subsets of modalities as
    a bit mask (bit m for modality m). `known_NV` says which it could answer. Where a case may have several labels, each
    log-probability is that of its label by itself, and those of a case do not add up to anything.
    """

    teacher: str
    modality: Modality | None
    answers_NVC: Tensor
    known_NV: Tensor
    hidden_NVD: Tensor | None = None
    weight: float = 1.0
    """How much the teacher counts beside the others."""
    maps_NVP: Tensor | None = None
    """Where it looked: scores between modalities (P = M x M) of one that reads all, else places in the item."""
    mapped_NV: Tensor | None = None
    """Which of the maps mean something."""

    def tensors(self) -> dict[str, Tensor]:
        """Return the tensors to keep."""
        found = {name: getattr(self, name) for name in _TENSORS}
        return {name: tensor for name, tensor in found.items() if tensor is not None}

    def to(self, device: torch.device) -> "Lessons":
        """Return the lessons on a device."""
        moved: dict[str, Any] = {name: tensor.to(device) for name, tensor in self.tensors().items()}
        return dataclasses.replace(self, **moved)


def average(lessons: list[Lessons]) -> Lessons:
    """Return the mean answer (in probabilities) and map of several teachers of one kind, over those that knew the case."""
    first = lessons[0]
    known_FNV = torch.stack([one.known_NV for one in lessons])
    weight_FNV1 = known_FNV[..., None].float()
    total_NVC = (torch.stack([one.answers_NVC for one in lessons]).exp() * weight_FNV1).sum(0)
    mean_NVC = total_NVC / weight_FNV1.sum(0).clamp(min=1)
    maps_NVP, mapped_NV = first.maps_NVP, first.mapped_NV
    if all(one.maps_NVP is not None for one in lessons):
        maps_FNVP = torch.stack([one.maps_NVP for one in lessons if one.maps_NVP is not None])
        weight_FNV1 = torch.stack([one.mapped_NV for one in lessons if one.mapped_NV is not None])[..., None].float()
        maps_NVP = (maps_FNVP * weight_FNV1).sum(0) / weight_FNV1.sum(0).clamp(min=1)
        mapped_NV = weight_FNV1[..., 0].any(0)
    answers_NVC, known_NV = mean_NVC.clamp(min=1e-8).log(), known_FNV.any(0)
    return dataclasses.replace(
        first, answers_NVC=answers_NVC, known_NV=known_NV, maps_NVP=maps_NVP, mapped_NV=mapped_NV
    )


class LessonCache:
    """Tensors by key, each file with the sha256 of its content beside it; a damaged file counts as absent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.made = 0
        """How many entries were computed by this process; the rest was found."""

    def get(self, key: str, make: Callable[[], Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """Return what is kept under `key`, computing and keeping it where it is not there; raises where it is not finite."""
        found = self.find(key)
        return found if found is not None else self.keep(key, make())

    def find(self, key: str) -> dict[str, Tensor] | None:
        """Return what is kept under `key`, or None."""
        path = self._path(key)
        try:
            data, named = path.read_bytes(), path.with_suffix(".sha256").read_text(encoding="ascii").strip()
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() != named:
            return None
        try:
            loaded: dict[str, Tensor] = load(data)
        except SafetensorError:
            return None
        return loaded

    def keep(self, key: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Write tensors under `key` and return them; raises `EngineFault` where a number is not finite."""
        kept = {name: tensor.contiguous() for name, tensor in tensors.items()}
        for name, tensor in kept.items():
            if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
                raise EngineFault("internal", detail=f"a lesson ({name}) is not finite")
        data = save(kept)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, data)
        write_whole(path.with_suffix(".sha256"), hashlib.sha256(data).hexdigest().encode())
        self.made += 1
        return kept

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.safetensors"
