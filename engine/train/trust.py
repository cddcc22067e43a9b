"""How much a knowledge file deserves to be trusted, told by the training rows before the first step.

alpha and beta are those of greatest likelihood for the file alone: p(c | x) ~ n_c exp(alpha log q_c + beta R_c), n_c the labels' counts;
where a case may have several labels, each is a coin of its own: p(c | x) = sigmoid(b_c + alpha log q_c + beta R_c), b_c the log-odds of c
among the rows. Both likelihoods are concave in (alpha, beta), so the two are bisected in turn: no start value, no step size, the same bits
each time. A file that is wrong begins with next to no voice; left to gradients alone it would take a run of 500 cases to be silenced, and
meanwhile mislead. Shapes: N rows, C labels; `labels_N` are places, or (N, C) marks where a case may have several.
"""

import numpy as np
from numpy.typing import NDArray

from engine.preprocess.truth import is_several

Numbers = NDArray[np.float64]

MOST = 8.0
"""Largest weight to start from: a few rows that a file explains without a fault would ask for an infinite one."""
_SHRINK = 0.5
"""Weight of the penalty (v - 0)^2 / 2: that of half a case that the file gets wrong."""
_ROUNDS, _HALVINGS = 12, 24


def fit_trust(like_NC: Numbers, rules_NC: Numbers, labels_N: NDArray[np.int64]) -> tuple[float, float]:
    """Return alpha and beta of greatest penalised likelihood, each between 0 and `MOST`; 0 where the file says nothing."""
    base_C = base_rates(labels_N, like_NC.shape[1])
    parts = (like_NC, rules_NC)
    trust = [0.0, 0.0]
    for _ in range(_ROUNDS):
        for one in range(2):
            other_NC = base_C + trust[1 - one] * parts[1 - one]
            trust[one] = _best(parts[one], other_NC, labels_N)
    return trust[0], trust[1]


def base_rates(labels_N: NDArray[np.int64], classes: int) -> Numbers:
    """Return what is known of each label before anything is read, each counted once more than it occurs: log n_c, or of several b_c."""
    if is_several(labels_N):
        with_C = labels_N.sum(0)
        return np.asarray(np.log((with_C + 1.0) / (len(labels_N) - with_C + 1.0)))
    return np.asarray(np.log(np.bincount(labels_N, minlength=classes) + 1.0))


def _best(part_NC: Numbers, other_NC: Numbers, labels_N: NDArray[np.int64]) -> float:
    """Return the weight at which the slope of the penalised likelihood is 0, or the nearest end."""
    low, high = 0.0, MOST
    if not part_NC.any() or _slope(part_NC, other_NC, labels_N, 0.0) <= 0:
        return 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _slope(part_NC, other_NC, labels_N, middle) > 0:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _slope(part_NC: Numbers, other_NC: Numbers, labels_N: NDArray[np.int64], weight: float) -> float:
    scores_NC = other_NC + weight * part_NC
    if is_several(labels_N):
        # As 1 / (1 + e^-z), through tanh, which does not overflow.
        chance_NC = (1 + np.tanh(scores_NC / 2)) / 2
        return float(((labels_N - chance_NC) * part_NC).sum() - _SHRINK * weight)
    raised_NC = np.exp(scores_NC - scores_NC.max(1, keepdims=True))
    expected_N = (raised_NC * part_NC).sum(1) / raised_NC.sum(1)
    return float((part_NC[np.arange(len(labels_N)), labels_N] - expected_N).sum() - _SHRINK * weight)
