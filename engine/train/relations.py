"""The parts of the error that compare cases with one another: relations a teacher sees, and modalities that belong together.

Shapes: B cases, N cases that take part, P pairs of them, M modalities, D width. As in `losses`, every function returns a mean, and
0 with a gradient of 0 where nothing is there to compare.
"""

from itertools import combinations

import torch
import torch.nn.functional as F
from torch import Tensor

MOST_RELATED = 128
"""Cases of a batch whose angles are compared, at most: there are N^3 of them, and 128 already give a million."""
_TINY = 1e-12


def relation_distance(vector_BD: Tensor, taught_BD: Tensor, known_B: Tensor) -> Tensor:
    """Huber(d_ij / mean d, d'_ij / mean d') over pairs of cases a teacher knows (RKD-D, arXiv:1904.05068 eq. 5-7).

    d are Euclidean distances between the student's vectors, d' between the teacher's; their widths may differ, so no adaptor is
    needed. The mean runs over pairs of two different cases (the authors' code also counts the zeros of its diagonal).
    """
    student_ND, teacher_ND = _taking_part(vector_BD, known_B), _taking_part(taught_BD, known_B)
    if len(student_ND) < 2:
        return student_ND.sum() * 0.0
    return F.smooth_l1_loss(_distances(student_ND), _distances(teacher_ND))


def relation_angle(vector_BD: Tensor, taught_BD: Tensor, known_B: Tensor) -> Tensor:
    """Huber(cos ijk, cos' ijk) over triples of different cases a teacher knows, the angle at j (RKD-A, arXiv:1904.05068 eq. 8-9).

    Of a larger batch the first `MOST_RELATED` cases take part.
    """
    student_ND = _taking_part(vector_BD, known_B)[:MOST_RELATED]
    teacher_ND = _taking_part(taught_BD, known_B)[:MOST_RELATED]
    cases = len(student_ND)
    if cases < 3:
        return student_ND.sum() * 0.0
    place_N = torch.arange(cases, device=student_ND.device)
    other_NN = place_N[:, None] != place_N
    # [j, i, k]: each angle once, with its corner at j.
    triple_NNN = other_NN[:, :, None] & other_NN[:, None, :] & (place_N[:, None] < place_N)
    return F.smooth_l1_loss(_angles(student_ND)[triple_NNN], _angles(teacher_ND)[triple_NNN])


def contrast(vectors_BMD: Tensor, present_BM: Tensor, temperature: Tensor) -> Tensor:
    """1/2 [CE(S / tau, rows) + CE(S / tau, columns)], S the cosines of two modalities' vectors (InfoNCE, arXiv:2103.00020).

    Only cases that have both modalities take part; mean over the pairs of modalities that at least two cases have. Cases of the
    same label stand against one another as well, so the weight must be small.
    """
    found = []
    for one, other in combinations(range(vectors_BMD.shape[1]), 2):
        both_B = present_BM[:, one] & present_BM[:, other]
        one_ND, other_ND = (F.normalize(_taking_part(vectors_BMD[:, m], both_B), dim=1) for m in (one, other))
        if len(one_ND) >= 2:
            with torch.autocast(one_ND.device.type, enabled=False):  # a cosine over 0.07 needs more than eight bits
                scores_NN = one_ND @ other_ND.t() / temperature
            own_N = torch.arange(len(scores_NN), device=scores_NN.device)
            found.append((F.cross_entropy(scores_NN, own_N) + F.cross_entropy(scores_NN.t(), own_N)) / 2)
    nothing = vectors_BMD.masked_fill(~present_BM[..., None], 0.0).sum() * 0.0
    return torch.stack(found).mean() if found else nothing


def _taking_part(vector_BD: Tensor, known_B: Tensor) -> Tensor:
    """Return the rows that take part, in float32 at least."""
    vector_ND = vector_BD[known_B]
    return vector_ND if vector_ND.dtype == torch.float64 else vector_ND.float()


def _distances(vector_ND: Tensor) -> Tensor:
    """Return the distance of each pair over the mean of all, (P,)."""
    distance_P = F.pdist(vector_ND)
    return distance_P / distance_P.mean().clamp(min=_TINY)


def _angles(vector_ND: Tensor) -> Tensor:
    """Return [j, i, k]: the cosine of the angle at j between the ways to i and to k."""
    way_NND = F.normalize(vector_ND[None] - vector_ND[:, None], dim=2)
    with torch.autocast(vector_ND.device.type, enabled=False):
        return way_NND @ way_NND.transpose(1, 2)
