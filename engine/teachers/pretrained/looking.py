"""Where pretrained encoders of pictures and sounds look: maps kept beside their vectors, from the same pass.

Shapes: N cases, V versions of a case, I items, D width, P places of a map.
"""

import dataclasses
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.model.maps import GRID, TIMES, normalised, picture_energy, sound_energy
from engine.preprocess.audio import FRAMES_PER_SECOND
from engine.pretrained.encoders import PlacedEncoder
from engine.schema.base import Modality
from engine.teachers.base import Classroom

PLACES: dict[Modality, int] = {"image": GRID * GRID, "audio": TIMES}
"""P of each kind of input."""
_SLACK = 2
"""Frames by which a recording may seem longer than what is heard of it, though all of it is."""


@dataclasses.dataclass(frozen=True)
class Looked:
    """The map of each case and whether it stands for what a student sees of the case."""

    maps_NP: Tensor
    mapped_N: Tensor


def with_maps(encoder: PlacedEncoder, items: Sequence[object], seconds: Sequence[float], modality: Modality) -> Tensor:
    """Return for each item its vector, its map q = vec / |vec| of sum_c F_c^2, and how many seconds it lasts, (I, D + P + 1)."""
    found = []
    for at in range(0, len(items), encoder.batch):
        vectors_ID, features = encoder.looking(items[at : at + encoder.batch])
        energies = [_energy(one.float(), modality) for one in features]
        lasting_I1 = torch.tensor(seconds[at : at + encoder.batch])[:, None]
        found.append(torch.cat([vectors_ID.cpu(), normalised(torch.cat(energies)).cpu(), lasting_I1], 1))
    return torch.cat(found)


def _energy(features: Tensor, modality: Modality) -> Tensor:
    """Return the energy of one item's features, (1, P)."""
    if modality == "image":
        return picture_energy(features[None])
    return sound_energy(features[None], torch.tensor([features.shape[1]], device=features.device))


def looked(room: Classroom, found: Sequence[Tensor], modality: Modality) -> Looked:
    """Return the mean map of each case from what `with_maps` gave of its items, (I, P + 1); a case without items has none.

    A recording of which the student hears a stretch alone is left out: its map speaks of other times.
    """
    maps_NP = normalised(torch.stack([_mean(one_IP[:, :-1], PLACES[modality]) for one_IP in found]))
    mapped_N = torch.tensor([bool(len(one_IP)) for one_IP in found])
    if modality == "audio":
        heard = _heard(room)
        whole = (_whole(one_IP[:, -1], frames_I) for one_IP, frames_I in zip(found, heard, strict=True))
        mapped_N &= torch.tensor(list(whole))
    return Looked(maps_NP, mapped_N)


def _whole(seconds_I: Tensor, frames_I: Tensor) -> bool:
    """Whether all sounds of a case, which last so long, are heard to their end."""
    return len(seconds_I) == len(frames_I) and bool((seconds_I * FRAMES_PER_SECOND <= frames_I + _SLACK).all())


def _heard(room: Classroom) -> list[Tensor]:
    """Return for each case how many frames its student hears of each of its sounds."""
    found: list[Tensor] = []
    for batch in room.batches(room.student):
        counts_B = batch.audios.owner_N.bincount(minlength=batch.size)
        found += torch.split(batch.audios.mask_NT.sum(1), counts_B.tolist())
    return found


def _mean(maps_IP: Tensor, places: int) -> Tensor:
    return maps_IP.mean(0) if len(maps_IP) else torch.zeros(places)
