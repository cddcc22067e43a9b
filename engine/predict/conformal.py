"""Conformal sets: the labels that together hold the truth in 1 - alpha of cases like these.

LAC (Sadinle 2019) with a threshold for each modality pattern (Mondrian): score s = 1 - p_y, threshold q = the
ceil((n + 1)(1 - alpha))-th smallest of n out-of-fold scores, set = {y: 1 - p_y <= q}; Angelopoulos & Bates,
arXiv:2107.07511. The guarantee is marginal and needs exchangeable cases. Shapes: N cases, C labels.
"""

import math
from collections.abc import Sequence

import numpy as np

from engine.model.calibrated import ALL
from engine.predict.calibration import Floats, Integers

OWN_THRESHOLD = 30
"""Cases a pattern needs for a threshold of its own; with fewer its coverage would swing by more than ten points."""
EVERY_LABEL = 1.0
"""The threshold that takes every label: what an infinite quantile means for scores that never exceed 1."""


def quantile(scores_N: Floats, alpha: float) -> float:
    """Return the conformal quantile; `EVERY_LABEL` where n < 1/alpha - 1, because then no finite one can promise it."""
    n = len(scores_N)
    # A hair less than (n + 1)(1 - alpha), because 10 * (1 - 0.1) is 9.000000000000002 to a computer.
    rank = math.ceil((n + 1) * (1.0 - alpha) - 1e-9)
    if rank > n:
        return EVERY_LABEL
    return float(np.sort(np.asarray(scores_N, dtype=np.float64))[rank - 1])


def fit_thresholds(
    probs_NC: Floats, labels_N: Integers, patterns: Sequence[str], alpha: float, least: int = OWN_THRESHOLD
) -> dict[str, float]:
    """Return a threshold under `all`, and one for each pattern with at least `least` cases."""
    scores_N = 1.0 - np.asarray(probs_NC, dtype=np.float64)[np.arange(len(labels_N)), labels_N]
    named = np.asarray(patterns, dtype=str)
    fitted = {ALL: quantile(scores_N, alpha)}
    for pattern in sorted(set(patterns)):
        chosen = named == pattern
        if chosen.sum() >= least:
            fitted[pattern] = quantile(scores_N[chosen], alpha)
    return fitted


def label_set(probs_C: Floats, threshold: float) -> tuple[int, ...]:
    """Return the labels of the set, most probable first; ties in the order of the labels."""
    order = np.argsort(-np.asarray(probs_C), kind="stable")
    return tuple(int(label) for label in order if 1.0 - probs_C[label] <= threshold)


def counts(patterns: Sequence[str]) -> dict[str, int]:
    """Return how many cases stand behind each pattern, and behind `all`."""
    named, found = np.unique(np.asarray(patterns, dtype=str), return_counts=True)
    return {ALL: len(patterns)} | {str(name): int(count) for name, count in zip(named, found, strict=True)}
