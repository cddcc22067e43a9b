"""Attention maps: where a model looks, made comparable between models of other widths, other tokens and other grids.

Trunk: scores before the softmax, averaged over the heads and over the tokens of each pair of modalities; the tokens of an augmented
case are never those of the case itself, its modalities are. Encoders: the energy sum_c F_c^2 of the features, on a common grid or time
axis (Zagoruyko & Komodakis 2017, arXiv:1612.03928).
Shapes: B cases, N items, D width, C channels, M modalities, G grid side, T frames, P places of a map.
"""

import dataclasses
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.model.tokens import Tokens

GRID, TIMES = 7, 16
"""Sides of the common grid, and steps of the common time axis."""


@dataclasses.dataclass(frozen=True)
class Maps:
    """Where a student looks: between modalities in its last block, in its pictures, and in its sounds.

    scores_BMM: [b, m, n] is how much modality m asks for n; without meaning where one is absent, None without a trunk. image_BP and
    audio_BP have length 1, or are 0 where a case has none; None where an encoder kept inside looks in the student's place.
    """

    scores_BMM: Tensor | None
    image_BP: Tensor | None
    audio_BP: Tensor | None


def picture_energy(features_NCGG: Tensor) -> Tensor:
    """Return sum_c F_c^2 averaged on the common grid, (N, P)."""
    energy_N1GG = features_NCGG.square().sum(1, keepdim=True)
    return F.adaptive_avg_pool2d(energy_N1GG, GRID).flatten(1)


def sound_energy(features_NCT: Tensor, frames_N: Tensor) -> Tensor:
    """Return sum_c F_c^2 averaged on the common time axis, (N, P), over the real frames of each sound.

    Step p covers the frames from p T / P to (p + 1) T / P, parts of frames too.
    """
    energy_NT = features_NCT.square().sum(1)
    summed_NT = F.pad(energy_NT.cumsum(1), (1, 0))
    share_P = torch.arange(TIMES + 1, device=frames_N.device, dtype=energy_NT.dtype) / TIMES
    edge_NP = frames_N[:, None] * share_P
    whole_NP = edge_NP.floor().long()
    next_NP = (whole_NP + 1).clamp(max=energy_NT.shape[1])
    below_NP, above_NP = summed_NT.gather(1, whole_NP), summed_NT.gather(1, next_NP)
    reached_NP = below_NP + (edge_NP - whole_NP) * (above_NP - below_NP)
    return reached_NP.diff(dim=1) * TIMES / frames_N[:, None]


def normalised(energy_NP: Tensor) -> Tensor:
    """Return q = vec / |vec|; 0 where there is no energy at all."""
    return F.normalize(energy_NP, dim=1)


def by_case(map_NP: Tensor, owner_N: Tensor, cases: int) -> Tensor:
    """Return the mean map of each case's items, of length 1 again; 0 where a case has none."""
    # A product instead of a scattered sum: the same bits in every run, also on a GPU.
    member_BN = (owner_N == torch.arange(cases, device=owner_N.device)[:, None]).to(map_NP.dtype)
    return normalised(member_BN @ map_NP)


def looked_at(tokens: Sequence[Tokens], scores_BMM: Tensor | None, cases: int) -> Maps:
    """Return the maps of a student from what its encoders made of text, pictures and sounds, and from the scores of its trunk."""
    _, images, audios = tokens
    image_BP = audio_BP = None
    if images.features is not None:
        image_BP = by_case(normalised(picture_energy(images.features.float())), images.owner_N, cases)
    if audios.features is not None:
        frames_N = audios.mask_NL.sum(1) - 1  # the first token is the whole sound
        energy_NP = sound_energy(audios.features.float(), frames_N.clamp(min=1))
        audio_BP = by_case(normalised(energy_NP), audios.owner_N, cases)
    return Maps(scores_BMM.float() if scores_BMM is not None else None, image_BP, audio_BP)
