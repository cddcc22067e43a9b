"""Measures of answers where a case may have several labels: all of them right, each of them right, and how many true ones are missed.

Shapes: N cases, C labels. All functions take numpy arrays and change nothing.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.intervals import mean_interval
from engine.schema.model import SeveralMeasured

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
Bools = NDArray[np.bool_]

_TINY = 1e-12


def f1_scores(marks_NC: Ints, said_NC: Bools) -> tuple[float, float]:
    """Return F1 over all (case, label) pairs, and its mean over the labels that occur as truth or as answer."""
    hits_C = (marks_NC.astype(bool) & said_NC).sum(0)
    named_C = marks_NC.sum(0) + said_NC.sum(0)
    there_C = named_C > 0
    micro = float(2 * hits_C.sum() / named_C.sum()) if there_C.any() else 0.0
    macro = float((2 * hits_C[there_C] / named_C[there_C]).mean()) if there_C.any() else 0.0
    return micro, macro


def auroc(scores_N: Floats, marks_N: Ints) -> float | None:
    """Return P(a case with the label scores above one without), ties half; None where one of the two kinds is missing."""
    with_N, without_N = scores_N[marks_N == 1], scores_N[marks_N == 0]
    if not len(with_N) or not len(without_N):
        return None
    ordered_N = np.sort(without_N)
    below_N = np.searchsorted(ordered_N, with_N, "left") + np.searchsorted(ordered_N, with_N, "right")
    return float(below_N.mean() / (2 * len(without_N)))


def expected_calibration_error(probabilities_NC: Floats, marks_NC: Ints, bins: int) -> float:
    """Return sum_b |B_b|/n |share(B_b) - conf(B_b)| over all (case, label) pairs, in equal-width bins of the probability."""
    if not marks_NC.size:
        return 0.0
    chance_P, mark_P = probabilities_NC.ravel(), marks_NC.ravel()
    bin_P = np.clip(np.ceil(chance_P * bins).astype(int) - 1, 0, bins - 1)
    gap_b = np.bincount(bin_P, weights=mark_P - chance_P, minlength=bins)
    return float(np.abs(gap_b).sum() / len(mark_P))


def balanced_accuracy(marks_NC: Ints, said_NC: Bools) -> float:
    """Return the mean of recall and specificity, over the labels for which both kinds of case occur."""
    both = [c for c in range(marks_NC.shape[1]) if 0 < marks_NC[:, c].sum() < len(marks_NC)]
    found = [(said_NC[marks_NC[:, c] == 1, c].mean() + (~said_NC[marks_NC[:, c] == 0, c]).mean()) / 2 for c in both]
    return float(np.mean(found)) if found else 0.0


def negative_log_likelihood(probabilities_NC: Floats, marks_NC: Ints) -> float:
    """Return the mean Bernoulli negative log-likelihood over all (case, label) pairs."""
    if not marks_NC.size:
        return 0.0
    told_NC = np.where(marks_NC == 1, probabilities_NC, 1.0 - probabilities_NC)
    return float(-np.log(np.maximum(told_NC, _TINY)).mean())


def measure_several(
    probabilities_NC: Floats, marks_NC: Ints, said_NC: Bools, missed_M: Floats, names: Sequence[str], alpha: float
) -> SeveralMeasured:
    """Return what only cases with several labels have; `missed_M` are the shares missed by the sets of cases with a label."""
    micro, _ = f1_scores(marks_NC, said_NC)
    curves = {name: auroc(probabilities_NC[:, c], marks_NC[:, c]) for c, name in enumerate(names)}
    return SeveralMeasured(
        label_accuracy=float((said_NC == marks_NC).mean()) if marks_NC.size else 0.0,
        micro_f1=micro,
        auroc={name: value for name, value in curves.items() if value is not None},
        missed=mean_interval(missed_M, 0.0, 1.0),
        alpha=alpha,
    )
