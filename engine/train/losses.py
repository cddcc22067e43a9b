"""The parts of the error, as pure functions.

Shapes: B cases, C labels, M modalities, D width. Every function returns a mean, so
that weights mean the same at every batch size; where nothing is there to average it returns 0 with a gradient of 0.

`labels_B` are the places of the one true label of each case, or (B, C) marks of 0 and 1 where several may be true: each label is
then a question of its own, and the error of a case is the mean over its labels.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_SUREST = 1e-6
"""How far from 0 and 1 a probability is held before its log-odds are taken."""


def hard(logits_BC: Tensor, labels_B: Tensor, smoothing: float = 0.0, weight_C: Tensor | None = None) -> Tensor:
    """CE(y, softmax(z)), with label smoothing (Szegedy 2016, arXiv:1512.00567) and weights of the labels."""
    loss_B = F.cross_entropy(logits_BC, labels_B, label_smoothing=smoothing, reduction="none")
    return loss_B.mean() if weight_C is None else (weight_C[labels_B] * loss_B).mean()


def binary(logits_BC: Tensor, labels_B: Tensor, smoothing: float = 0.0, weight_C: Tensor | None = None) -> Tensor:
    """Mean over labels of BCE(1[y = c], sigmoid(z_c)): each label by itself is right or wrong.

    Where several may be true, `weight_C` counts a label's being there that many times (`positive_weights`).
    """
    if labels_B.dim() == 2:
        truth_BC = _smoothed(labels_B.to(logits_BC.dtype), smoothing)
        return F.binary_cross_entropy_with_logits(logits_BC, truth_BC, pos_weight=weight_C)
    truth_BC = _smoothed(F.one_hot(labels_B, logits_BC.shape[1]).to(logits_BC.dtype), smoothing)
    loss_B = F.binary_cross_entropy_with_logits(logits_BC, truth_BC, reduction="none").mean(1)
    return loss_B.mean() if weight_C is None else (weight_C[labels_B] * loss_B).mean()


def ordinal(logits_BC: Tensor, labels_B: Tensor) -> Tensor:
    """sum_c (P(<= c) - 1[y <= c])^2 / (C - 1), mean over cases: the squared earth mover's distance (Hou 2016, arXiv:1611.05916).

    The labels stand in their order; an answer two steps off costs more than one that is one step off.
    """
    classes = logits_BC.shape[1]
    reached_BC = logits_BC.float().softmax(1).cumsum(1)
    truth_BC = (torch.arange(classes, device=labels_B.device) >= labels_B[:, None]).float()
    return (reached_BC - truth_BC).square().sum(1).mean() / max(1, classes - 1)


def class_weights(counts_C: Tensor, strength: float) -> Tensor:
    """w_c ~ n_c^-strength, with mean 1 over the cases, so that the step stays as long; labels without a case get 0."""
    there_C = counts_C > 0
    raised_C = torch.where(there_C, counts_C.clamp(min=1).double().pow(-strength), 0.0)
    return (raised_C * counts_C.sum() / (raised_C * counts_C).sum().clamp(min=1e-12)).float()


def positive_weights(counts_2C: Tensor, strength: float) -> Tensor:
    """w_c = (n without c / n with c)^strength: at 1 a label's being there weighs as much as its not being there."""
    with_C, without_C = counts_2C.double()
    known_C = (with_C > 0) & (without_C > 0)
    raised_C = (without_C.clamp(min=1) / with_C.clamp(min=1)).pow(strength)
    return torch.where(known_C, raised_C, torch.ones_like(raised_C)).float()


def distil(logits_BC: Tensor, taught_BC: Tensor, known_B: Tensor, temperature: float, several: bool = False) -> Tensor:
    """T^2 KL(p || softmax(z / T)) over the cases a teacher knows, mean per case (Hinton 2015, arXiv:1503.02531).

    `taught_BC` are the teacher's calibrated log-probabilities, softened here: p = softmax(log p_teacher / T). T^2 keeps the
    gradient on the scale of the hard loss when T changes. With `several`, each label is a coin of its own: the mean over labels of
    T^2 KL(Bernoulli(q) || Bernoulli(sigmoid(z / T))), q the teacher's probability softened in its log-odds.
    """
    if several:
        softened_BC = log_odds(taught_BC.float()) / temperature
        apart_B = bernoulli_divergence(softened_BC, logits_BC.float() / temperature).mean(1)
        return temperature**2 * _mean(apart_B, known_B)
    student_BC = F.log_softmax(logits_BC.float() / temperature, dim=1)
    teacher_BC = F.log_softmax(taught_BC.float() / temperature, dim=1)
    divergence_B = F.kl_div(student_BC, teacher_BC, reduction="none", log_target=True).sum(1)
    return temperature**2 * _mean(divergence_B, known_B)


def bernoulli_divergence(first: Tensor, second: Tensor) -> Tensor:
    """Return KL(Bernoulli(sigmoid(a)) || Bernoulli(sigmoid(b))) of log-odds, number by number; finite however sure they are."""
    chance = first.sigmoid()
    there = F.logsigmoid(first) - F.logsigmoid(second)
    absent = F.logsigmoid(-first) - F.logsigmoid(-second)
    return chance * there + (1 - chance) * absent


def log_odds(log_chances: Tensor) -> Tensor:
    """Return log p/(1 - p) of log-probabilities, which must not claim certainty: they are held within 1e-6 of it."""
    held = log_chances.clamp(math.log(_SUREST), math.log1p(-_SUREST))
    return held - torch.log(-torch.expm1(held))


def hidden(adapted_BD: Tensor, taught_BD: Tensor, known_B: Tensor) -> Tensor:
    """1 - cos(W h_s, h_t) over the cases a teacher knows (DistilBERT form, arXiv:1910.01108, of FitNets, arXiv:1412.6550).

    `adapted_BD` = W h_s is the student's vector through a linear adaptor that is dropped when the student is saved.
    """
    return _mean(1 - F.cosine_similarity(adapted_BD.float(), taught_BD.float(), dim=1), known_B)


def auxiliary(logits_BMC: Tensor, labels_B: Tensor, present_BM: Tensor, smoothing: float = 0.0) -> Tensor:
    """Mean over present (case, modality) pairs of CE(y, softmax(z_m)), or of BCE: each modality must be able to answer alone."""
    cases, modalities, classes = logits_BMC.shape
    if labels_B.dim() == 2:
        truth_BMC = _smoothed(labels_B.to(logits_BMC.dtype), smoothing)[:, None].expand_as(logits_BMC)
        apart_BMC = F.binary_cross_entropy_with_logits(logits_BMC.float(), truth_BMC.float(), reduction="none")
        return _mean(apart_BMC.mean(2), present_BM)
    labels_BM = labels_B[:, None].expand(cases, modalities)
    loss_BM = F.cross_entropy(
        logits_BMC.reshape(-1, classes).float(), labels_BM.reshape(-1), label_smoothing=smoothing, reduction="none"
    ).view(cases, modalities)
    return _mean(loss_BM, present_BM)


def consistency(logits_BMC: Tensor, present_BM: Tensor, several: bool = False) -> Tensor:
    """(1/|O|) sum_{m in O} KL(p_m || stopgrad(p_bar)), p_bar the mean over the observed heads; definitions of the project, 13.

    `logits_BMC` are the modalities' own answers, O those of a case that are there (`present_BM`); mean over the cases with two or more.
    Small weights only: it suppresses what is truly unique to one modality. With `several`, label by label, the mean over labels.
    """
    log_BMC = F.logsigmoid(logits_BMC.float()) if several else logits_BMC.float().log_softmax(2)
    there_BM1 = present_BM[..., None].to(log_BMC.dtype)
    mean_BC = (log_BMC.exp() * there_BM1).sum(1) / there_BM1.sum(1).clamp(min=1)
    target_B1C = mean_BC.detach().clamp(min=1e-8).log()[:, None]
    if several:
        divergence_BM = bernoulli_divergence(logits_BMC.float(), log_odds(target_B1C)).mean(2)
    else:
        divergence_BM = (log_BMC.exp() * (log_BMC - target_B1C)).sum(2)
    there_B = present_BM.sum(1)
    # torch.where, not a product: see `_mean`.
    sum_B = torch.where(present_BM, divergence_BM, torch.zeros_like(divergence_BM)).sum(1)
    return _mean(sum_B / there_B.clamp(min=1), there_B >= 2)


def more_not_worse(logits_BC: Tensor, fewer_BC: Tensor, labels_B: Tensor, known_B: Tensor) -> Tensor:
    """max(0, l(o+, y) - l(o-, y)), o+ a superset of o-: more inputs may not make the answer worse (SimMLM's MoFe).

    l is the cross-entropy, o+ what the case shows and o- the same with a modality hidden; definitions of the project, 8.
    l(o-) is held fixed: otherwise the cheapest way to obey would be to get worse with fewer inputs.
    """
    more_B, less_B = (each(logits.float(), labels_B) for logits in (logits_BC, fewer_BC))
    return _mean((more_B - less_B.detach()).clamp(min=0), known_B)


def each(logits_BC: Tensor, labels_B: Tensor) -> Tensor:
    """Return the cross-entropy of each case, of its one label or the mean over several."""
    if labels_B.dim() == 2:
        return F.binary_cross_entropy_with_logits(logits_BC, labels_B.to(logits_BC.dtype), reduction="none").mean(1)
    return F.cross_entropy(logits_BC, labels_B, reduction="none")


def _smoothed(truth_BC: Tensor, smoothing: float) -> Tensor:
    return truth_BC * (1 - smoothing) + smoothing / 2


def _mean(values: Tensor, known: Tensor) -> Tensor:
    """Return the mean of `values` where `known`; 0 where nothing is."""
    kept = known.to(values.dtype)
    # torch.where, not a product: a junk value of an absent modality may be infinite, and infinity times 0 is not 0.
    return torch.where(known, values, torch.zeros_like(values)).sum() / kept.sum().clamp(min=1)
