"""Attention transfer: the student looks where its teachers look, as far as their maps can be compared; definitions of the project, 12.

Shapes: B cases, M modalities, P places of a map. As in `losses`, every function returns a mean over what is there to compare, and 0
with a gradient of 0 where nothing is.
"""

import torch
from torch import Tensor

from engine.model.maps import Maps
from engine.model.student import Outcome
from engine.teachers.lessons import Lessons


def scores(scores_BMM: Tensor, taught_BMM: Tensor, present_BM: Tensor, known_B: Tensor) -> Tensor:
    """Mean over pairs of present modalities of (A_s - A_t)^2, then over the cases a teacher knows (TinyBERT, arXiv:1909.10351 eq. 7).

    A = Q K^T / sqrt(d) before the softmax, averaged over the heads and the tokens of the pair: heads and tokens of student and teacher
    are not the same ones, their modalities are.
    """
    pair_BMM = present_BM[:, :, None] & present_BM[:, None]
    gap_BMM = torch.where(pair_BMM, scores_BMM - taught_BMM, torch.zeros_like(scores_BMM))
    return _mean(gap_BMM.square().sum((1, 2)) / pair_BMM.sum((1, 2)).clamp(min=1), known_B)


def places(map_BP: Tensor, taught_BP: Tensor, known_B: Tensor) -> Tensor:
    """Mean over the cases a teacher knows of |q_s - q_t|, q = vec / |vec| of sum_c F_c^2 (arXiv:1612.03928 eq. 2).

    The norm of the difference, as the paper writes it; the authors' code takes the mean square, which is P times and more smaller.
    """
    gap_BP = torch.where(known_B[:, None], map_BP - taught_BP, torch.zeros_like(map_BP))
    return _mean(torch.linalg.vector_norm(gap_BP, dim=1), known_B)


def beside(lesson: Lessons, outcome: Outcome, rows_B: Tensor, version_B: Tensor, known_B: Tensor) -> Tensor:
    """Return how far the student's map lies from a teacher's; 0 where one of them has none."""
    own = own_map(lesson, outcome.maps)
    if own is None or lesson.maps_NVP is None or lesson.mapped_NV is None:
        return outcome.logits_BC.sum() * 0.0
    taught_BP, mapped_B = lesson.maps_NVP[rows_B, version_B], lesson.mapped_NV[rows_B, version_B] & known_B
    if lesson.modality is None:
        return scores(own, taught_BP.view_as(own), outcome.present_BM, mapped_B)
    return places(own, taught_BP, mapped_B)


def own_map(lesson: Lessons, maps: Maps | None) -> Tensor | None:
    """Return the student's map that a teacher of this kind of input corrects."""
    if maps is None:
        return None
    by_modality = {None: maps.scores_BMM, "image": maps.image_BP, "audio": maps.audio_BP}
    return by_modality.get(lesson.modality)


def _mean(value_B: Tensor, known_B: Tensor) -> Tensor:
    kept_B = known_B.to(value_B.dtype)
    return torch.where(known_B, value_B, torch.zeros_like(value_B)).sum() / kept_B.sum().clamp(min=1)
