"""Conformal risk control: sets of labels that miss no more than a share alpha of the true ones, where several may be true.

The loss of a case with true labels Y is the share of Y that the set {c: p_c >= lambda} misses; lambda is the largest one for which
n/(n + 1) R(lambda) + 1/(n + 1) <= alpha, R the mean loss of n out-of-fold cases (Angelopoulos et al. 2022, arXiv:2208.02814). Then the
expected loss of a new exchangeable case is at most alpha. Only cases that have a label are counted: the others have nothing to miss
and would make the promise cheap. Shapes: N cases, C labels.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.model.calibrated import ALL
from engine.predict.calibration import Floats, Integers

OWN_THRESHOLD = 30
"""Cases with a label that a pattern needs for a threshold of its own."""
EVERY_LABEL = 1.0
"""The threshold that takes every label, where too few cases are known to promise anything."""
DECISION = 0.5
"""Calibrated probability from which a label is suggested: it is then more likely than not. Any other point would weigh a missed label
against a false one, which only the person can do."""


def threshold(probs_NC: Floats, marks_NC: Integers, alpha: float) -> float:
    """Return 1 - lambda, so that a label belongs to the set where 1 - p is at most that; lambda never exceeds `DECISION`.

    A set that also holds what is suggested misses no more than one that does not, so the promise stays.
    """
    labelled_N = marks_NC.any(axis=1)
    probs_NC, marks_NC = np.asarray(probs_NC, dtype=np.float64)[labelled_N], marks_NC[labelled_N]
    budget = alpha * (len(marks_NC) + 1) - 1.0
    if budget < -1e-9:
        return EVERY_LABEL
    rows, labels = np.nonzero(marks_NC)
    order = np.argsort(probs_NC[rows, labels], kind="stable")
    missed = np.cumsum(1.0 / marks_NC.sum(axis=1)[rows][order])
    beyond = np.flatnonzero(missed > budget + 1e-9)
    found = float(probs_NC[rows, labels][order][beyond[0]]) if len(beyond) else DECISION
    return 1.0 - min(found, DECISION)


def fit_thresholds(
    probs_NC: Floats, marks_NC: Integers, patterns: Sequence[str], alpha: float, least: int = OWN_THRESHOLD
) -> dict[str, float]:
    """Return a threshold under `all`, and one for each pattern with at least `least` cases that have a label."""
    named, labelled_N = np.asarray(patterns, dtype=str), marks_NC.any(axis=1)
    fitted = {ALL: threshold(probs_NC, marks_NC, alpha)}
    for pattern in sorted(set(patterns)):
        chosen = named == pattern
        if (chosen & labelled_N).sum() >= least:
            fitted[pattern] = threshold(probs_NC[chosen], marks_NC[chosen], alpha)
    return fitted


def missed_shares(sets_NC: NDArray[np.bool_], marks_NC: NDArray[np.integer]) -> Floats:
    """Return the share of its true labels that the set of each case misses; cases without a label are left out."""
    labelled_N = marks_NC.any(axis=1)
    true_NC = marks_NC[labelled_N].astype(bool)
    return np.asarray((true_NC & ~sets_NC[labelled_N]).sum(axis=1) / np.maximum(1, true_NC.sum(axis=1)))
