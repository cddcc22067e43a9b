"""A linear probe on frozen vectors that never answers for a row it learned from, calibrated before it teaches.

Where a case may have several labels there is one probe a label, and each answers with a probability of its own.
Shapes: N cases, V versions of a case, D width, C labels.
"""

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from engine.device import derived_seed
from engine.preprocess.dealing import evenly
from engine.preprocess.truth import is_several, softened
from engine.teachers.base import Classroom, FoldRows

_INNER = 4
_STRENGTH = 3.0
"""Inverse of the probe's ridge penalty."""
_FLOOR = 1e-6
_COLDEST, _HOTTEST = 0.05, 20.0
"""Temperatures that are looked at."""
_LOUDEST = np.finfo(np.float64).max * _COLDEST / 4
"""Logits beyond it are not finite at every temperature."""
PROCEDURE = (2, _STRENGTH, _FLOOR)
"""What answers that are kept were made by; the first number goes up whenever fitting or calibrating is done in another way."""

Rows = NDArray[np.int64]


def crossed_answers(vectors_NVD: Tensor, known_N: Tensor, room: Classroom, fold: FoldRows) -> Tensor:
    """Return log-probabilities of every version: rows to learn from by a probe that left their inner fold out, others by a probe on all.

    Soft labels of rows a probe has learned would only repeat the hard ones; these are what it honestly thinks.
    """
    known = known_N.numpy()
    learn = fold.learn[known[fold.learn]]
    vectors = vectors_NVD.double().numpy()
    logits_NVC = np.zeros((*vectors.shape[:2], room.num_labels))
    rest = np.setdiff1d(np.flatnonzero(known), learn)
    if len(learn) and varies(room.labels_N[learn]):
        _answer(logits_NVC, vectors, room, learn, rest)
        for inner in inner_folds(learn, room.groups, room.labels_N, room.seed):
            _answer(logits_NVC, vectors, room, np.setdiff1d(learn, inner), inner)
    return calibrated(logits_NVC, room.labels_N, learn)


def calibrated(logits_NVC: NDArray[np.float64], labels_N: NDArray[np.int64], learn: Rows) -> Tensor:
    """Return log-probabilities softmax(z / T), T the temperature of least NLL on the rows `learn` as they are (arXiv:1706.04599)."""
    temperature = fit_temperature(logits_NVC[learn, 0], labels_N[learn])
    return log_chances(torch.from_numpy(logits_NVC / temperature), is_several(labels_N)).float()


def log_chances(logits: Tensor, several: bool) -> Tensor:
    """Return log-probabilities of logits, none of them certain: of one label among all, or of each by itself."""
    if several:
        sure = float(np.log1p(-_FLOOR) - np.log(_FLOOR))
        return torch.nn.functional.logsigmoid(logits.double().clamp(-sure, sure)).to(logits.dtype)
    return logits.log_softmax(-1).clamp(min=float(np.log(_FLOOR))).log_softmax(-1)


def log_odds(log_chances: Tensor) -> Tensor:
    """Return log p/(1 - p) of the log-probabilities of labels by themselves."""
    held = log_chances.double().clamp(float(np.log(_FLOOR)), float(np.log1p(-_FLOOR)))
    return held - torch.log(-torch.expm1(held))


def varies(labels_N: NDArray[np.int64]) -> bool:
    """Whether there is anything to learn: two different truths."""
    return len(np.unique(labels_N, axis=0)) > 1


def untaught(learn: Rows, parts: Sequence[Rows], labels_N: NDArray[np.int64]) -> int:
    """Return of how many rows nothing honest can be said: what their inner part leaves to learn from has one truth alone."""
    return sum(len(part) for part in parts if not varies(labels_N[np.setdiff1d(learn, part)]))


def tell_of_untaught(room: Classroom, fold: FoldRows, teacher: str, learn: Rows, parts: Sequence[Rows]) -> None:
    """Log `teacher-untaught` where there are such rows: their answers say that every label is as likely."""
    if count := untaught(learn, parts, room.labels_N):
        room.log("teacher-untaught", {"teacher": teacher, "fold": fold.name, "cases": count, "known": len(learn)})


def _answer(
    logits_NVC: NDArray[np.float64], vectors: NDArray[np.float64], room: Classroom, learn: Rows, ask: Rows
) -> None:
    """Fit a probe on the unchanged texts of `learn` and write its logits for every version of `ask`."""
    if not len(ask) or not varies(room.labels_N[learn]):
        return
    if room.several:
        _answer_each(logits_NVC, vectors, room.labels_N, learn, ask)
        return
    classes = np.unique(room.labels_N[learn])
    probe = fit_probe(vectors[learn, 0], room.labels_N[learn])
    flat = vectors[ask].reshape(-1, vectors.shape[2])
    scores = flat @ probe.coef_.T + probe.intercept_
    if scores.shape[1] == 1:
        scores = np.concatenate([-scores / 2, scores / 2], axis=1)
    # A label that the probe never saw gets the least that any label has, not nothing.
    found = np.repeat(scores.min(1, keepdims=True), logits_NVC.shape[2], axis=1)
    found[:, classes] = scores
    logits_NVC[ask] = found.reshape(len(ask), -1, logits_NVC.shape[2])


def _answer_each(
    logits_NVC: NDArray[np.float64],
    vectors: NDArray[np.float64],
    marks_NC: NDArray[np.int64],
    learn: Rows,
    ask: Rows,
) -> None:
    """Fit a probe for each label by itself; one that all rows have, or none, gets the log-odds of so many cases."""
    weights_CD, biases_C = fit_each(vectors[learn, 0], marks_NC[learn])
    found = vectors[ask].reshape(-1, vectors.shape[2]) @ weights_CD.T + biases_C
    logits_NVC[ask] = found.reshape(len(ask), -1, len(biases_C))


def fit_each(
    vectors_ND: NDArray[np.float64], marks_NC: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return weights (C, D) and biases (C,) of a probe for each label by itself; where all rows have a label, or none, its log-odds."""
    weights_CD, biases_C = np.zeros((marks_NC.shape[1], vectors_ND.shape[1])), np.zeros(marks_NC.shape[1])
    for label, marks_N in enumerate(marks_NC.T):
        if varies(marks_N):
            probe = fit_probe(vectors_ND, marks_N)
            weights_CD[label], biases_C[label] = probe.coef_[0], probe.intercept_[0]
        else:
            biases_C[label] = np.log((marks_N.sum() + 0.5) / (len(marks_N) - marks_N.sum() + 0.5))
    return weights_CD, biases_C


def each_by_itself(scores_NC: NDArray[np.float64], marks_NC: NDArray[np.int64], learn: Rows) -> Tensor:
    """Return log-probabilities of each label by itself, from scores in which the labels compete: (N, C).

    A logistic calibration (Platt 1999) on the rows `learn`: how far a label is ahead of the mean of all, that mean itself, and how often
    each label holds. Two slopes shared by all labels and one offset a label: too little to learn single rows by heart.
    """
    middle_N1 = scores_NC.mean(1, keepdims=True)
    ahead_NC = scores_NC - middle_N1
    scale = max(float(ahead_NC[learn].std()), _FLOOR) if len(learn) else 1.0
    level = middle_N1[learn].mean() if len(learn) else 0.0
    which_CC = np.eye(scores_NC.shape[1])

    def facts(rows: Rows) -> NDArray[np.float64]:
        ahead_rC = ahead_NC[rows] / scale
        level_rC = np.broadcast_to((middle_N1[rows] - level) / scale, ahead_rC.shape)
        which_PC = np.tile(which_CC, (len(rows), 1))
        return np.concatenate([ahead_rC.reshape(-1, 1), level_rC.reshape(-1, 1), which_PC], axis=1)

    marks_P = marks_NC[learn].ravel()
    if not len(learn) or not varies(marks_P):
        sure = np.log((marks_P.sum() + 0.5) / (len(marks_P) - marks_P.sum() + 0.5))
        return log_chances(torch.full(scores_NC.shape, float(sure)), several=True)
    probe = fit_probe(facts(learn), marks_P)
    logits_P = facts(np.arange(len(scores_NC))) @ probe.coef_[0] + probe.intercept_[0]
    return log_chances(torch.from_numpy(logits_P.reshape(scores_NC.shape)).float(), several=True)


def fit_probe(vectors_ND: NDArray[np.float64], labels_N: NDArray[np.int64]) -> LogisticRegression:
    """Return a logistic regression on frozen vectors; it may stop before it has wholly converged."""
    probe = LogisticRegression(C=_STRENGTH, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return probe.fit(vectors_ND, labels_N)


def inner_folds(learn: Rows, groups: object, labels_N: NDArray[np.int64], seed: int, parts: int = _INNER) -> list[Rows]:
    """Return `parts` parts of `learn`, by group where there are several, else by a seeded deal; a row without a group is its own.

    Where names and luck would spread labels unevenly, whole groups are dealt out by their labels: a probe that learns from the other
    parts must have seen every label.
    """
    if not len(learn):
        return []
    named = np.asarray(groups, dtype=str)[learn]
    found = [group for group in np.unique(named) if group]
    shuffled = np.random.default_rng(derived_seed(seed, "probe")).permutation(len(learn))
    if len(found) >= 2:
        alone = shuffled[named[shuffled] == ""]
        dealt = parts if len(alone) else min(parts, len(found))
        order = {group: i % dealt for i, group in enumerate(found)}
        place = np.array([order.get(group, -1) for group in named])
        counts = np.bincount(place[place >= 0], minlength=dealt)
        for row in alone:  # to the smallest part, or all of them would stand against the few that have a group
            place[row] = counts.argmin()
            counts[place[row]] += 1
    else:
        place = shuffled % parts
        named = np.full_like(named, "")  # a single group of all rows is none
    random = np.random.default_rng(derived_seed(seed, "probe", "evenly"))
    place = evenly(place, named.tolist(), labels_N[learn], parts, random)
    return [learn[place == number] for number in np.unique(place)]


def fit_temperature(logits_NC: NDArray[np.float64], labels_N: NDArray[np.int64]) -> float:
    """Return the temperature of least NLL by a golden-section search in its logarithm (NLL is convex in 1/T).

    Labels are softened (`softened`). It is 1.0 where there are no rows, nothing finite, or no difference that a temperature changes.
    """
    if not len(labels_N) or not (np.abs(logits_NC) < _LOUDEST).all() or _is_flat(logits_NC, labels_N):
        return 1.0
    logits, several = torch.from_numpy(logits_NC), is_several(labels_N)
    wanted = torch.from_numpy(softened(labels_N, logits_NC.shape[1]))

    def loss(log_t: float) -> float:
        scaled = logits / float(np.exp(log_t))
        if several:
            return float(torch.nn.functional.binary_cross_entropy_with_logits(scaled, wanted))
        return float(torch.nn.functional.cross_entropy(scaled, wanted))

    low, high, ratio = np.log(_COLDEST), np.log(_HOTTEST), (5**0.5 - 1) / 2
    for _ in range(40):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        if loss(left) < loss(right):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _is_flat(logits_NC: NDArray[np.float64], labels_N: NDArray[np.int64]) -> bool:
    """Whether every label is as likely in every row, at any temperature."""
    return not np.any(logits_NC if is_several(labels_N) else logits_NC - logits_NC[:, :1])
