"""Measures of a set of answers: how often right, how even over labels, how honest the probabilities, how wide the sets.

Shapes: N cases, C labels; `labels_N` are places, or (N, C) marks where a case may have several labels (`engine.evaluate.several`).
All functions take numpy arrays and change nothing.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluate import several
from engine.evaluate.intervals import wilson_bounds
from engine.evaluate.ordered import measure_ordered
from engine.predict.risk import DECISION, missed_shares
from engine.preprocess.truth import is_several
from engine.schema.model import Interval, Measured

Floats = NDArray[np.floating]
Ints = NDArray[np.integer]
Bools = NDArray[np.bool_]

ECE_BINS = 15
_TINY = 1e-12
_RESAMPLES = 2000


def wilson(right: int, n: int) -> Interval:
    """Return a proportion with its Wilson score interval (Wilson 1927); without cases it says nothing: 0 to 1."""
    if n == 0:
        return Interval(value=0.0, low=0.0, high=1.0, n=0)
    low, high = wilson_bounds(right / n, n)
    return Interval(value=right / n, low=low, high=high, n=n)


def right_of(scores_NC: Floats, labels_N: Ints, decision: float) -> Bools:
    """Return where the highest score is the true label; of several, where exactly the true ones reach the point of decision."""
    if is_several(labels_N):
        return np.asarray(((scores_NC >= decision) == labels_N).all(1))
    return np.asarray(scores_NC.argmax(1) == labels_N)


def accuracy(right_N: Bools) -> Interval:
    """Return the share of right answers with its interval."""
    return wilson(int(right_N.sum()), len(right_N))


def balanced_accuracy(labels_N: Ints, answers_N: Ints) -> float:
    """Return the mean recall over the labels that occur."""
    found = np.unique(labels_N)
    return float(np.mean([(answers_N[labels_N == label] == label).mean() for label in found])) if len(found) else 0.0


def macro_f1(labels_N: Ints, answers_N: Ints) -> float:
    """Return the mean F1 over the labels that occur as truth or as answer."""
    found = np.union1d(labels_N, answers_N)
    scores = []
    for label in found:
        hits = int(((labels_N == label) & (answers_N == label)).sum())
        scores.append(2 * hits / int((labels_N == label).sum() + (answers_N == label).sum()))
    return float(np.mean(scores)) if scores else 0.0


def expected_calibration_error(probabilities_NC: Floats, labels_N: Ints, bins: int = ECE_BINS) -> float:
    """Return sum_b |B_b|/n |acc(B_b) - conf(B_b)| over equal-width bins of confidence (Guo 2017, arXiv:1706.04599)."""
    if not len(labels_N):
        return 0.0
    if is_several(labels_N):
        return several.expected_calibration_error(probabilities_NC, labels_N, bins)
    sure_N = probabilities_NC.max(1)
    right_N = probabilities_NC.argmax(1) == labels_N
    bin_N = np.clip(np.ceil(sure_N * bins).astype(int) - 1, 0, bins - 1)
    gap_b = np.bincount(bin_N, weights=right_N - sure_N, minlength=bins)
    return float(np.abs(gap_b).sum() / len(labels_N))


def calibration_error_interval(probabilities_NC: Floats, labels_N: Ints, bins: int = ECE_BINS) -> Interval:
    """Return the calibration error with its 95 % percentile interval by bootstrap over cases (Efron 1979).

    What is drawn anew has more error than what it was drawn from, as chance in a bin counts as error; so the interval leans upward.
    """
    n = len(labels_N)
    value = expected_calibration_error(probabilities_NC, labels_N, bins)
    random = np.random.default_rng(0)
    drawn = [random.integers(n, size=n) for _ in range(_RESAMPLES if n else 0)]
    found = [expected_calibration_error(probabilities_NC[rows_N], labels_N[rows_N], bins) for rows_N in drawn]
    low, high = np.quantile(found or [value], [0.025, 0.975])
    return Interval(value=value, low=float(low), high=float(high), n=n)


def negative_log_likelihood(probabilities_NC: Floats, labels_N: Ints) -> float:
    """Return the mean of -ln p(true label)."""
    if not len(labels_N):
        return 0.0
    return float(-np.log(np.maximum(probabilities_NC[np.arange(len(labels_N)), labels_N], _TINY)).mean())


@dataclasses.dataclass(frozen=True)
class Answers:
    """What a model said about labelled cases; `sets_NC` marks the labels in each conformal set, `ordered` says that labels rise."""

    probabilities_NC: Floats
    labels_N: Ints
    patterns: Sequence[str]
    label_names: Sequence[str]
    sets_NC: Bools | None = None
    alpha: float = 0.1
    ordered: bool = False

    @property
    def right_N(self) -> Bools:
        """Whether the most probable label is the true one, or of several all that are suggested and no others."""
        return right_of(self.probabilities_NC, self.labels_N, DECISION)


def measure(answers: Answers, split: str) -> Measured:
    """Return every measure of one set of answers."""
    if is_several(answers.labels_N):
        return _measure_several(answers, split)
    said_N, right_N, labels_N = answers.probabilities_NC.argmax(1), answers.right_N, answers.labels_N
    sets_NC = answers.sets_NC
    covered = sets_NC[np.arange(len(labels_N)), labels_N] if sets_NC is not None else np.zeros(0, dtype=bool)
    return Measured(
        split=split,
        accuracy=accuracy(right_N),
        balanced_accuracy=balanced_accuracy(labels_N, said_N),
        macro_f1=macro_f1(labels_N, said_N),
        ece=expected_calibration_error(answers.probabilities_NC, labels_N),
        nll=negative_log_likelihood(answers.probabilities_NC, labels_N),
        coverage=float(covered.mean()) if len(covered) else None,
        set_size=_set_size(sets_NC),
        by_pattern=_by(answers.patterns, right_N),
        by_label=_by([answers.label_names[label] for label in labels_N], right_N),
        ordered=measure_ordered(said_N, labels_N, len(answers.label_names)) if answers.ordered else None,
    )


def _measure_several(answers: Answers, split: str) -> Measured:
    marks_NC, said_NC, sets_NC = answers.labels_N, answers.probabilities_NC >= DECISION, answers.sets_NC
    missed_M = missed_shares(sets_NC, marks_NC) if sets_NC is not None else np.zeros(0)
    right_NC = said_NC == marks_NC
    found = several.measure_several(
        answers.probabilities_NC, marks_NC, said_NC, missed_M, answers.label_names, answers.alpha
    )
    return Measured(
        split=split,
        accuracy=accuracy(answers.right_N),
        balanced_accuracy=several.balanced_accuracy(marks_NC, said_NC),
        macro_f1=several.f1_scores(marks_NC, said_NC)[1],
        ece=several.expected_calibration_error(answers.probabilities_NC, marks_NC, ECE_BINS),
        nll=several.negative_log_likelihood(answers.probabilities_NC, marks_NC),
        coverage=1.0 - found.missed.value if found.missed.n else None,
        set_size=_set_size(sets_NC),
        by_pattern=_by(answers.patterns, answers.right_N),
        by_label={name: accuracy(right_NC[:, c]) for c, name in enumerate(answers.label_names)},
        several=found,
    )


def _set_size(sets_NC: Bools | None) -> float | None:
    return float(sets_NC.sum(1).mean()) if sets_NC is not None and len(sets_NC) else None


def _by(keys: Sequence[str], right_N: Bools) -> dict[str, Interval]:
    """Return the accuracy of each group of cases, most frequent first."""
    found, place_N = np.unique(np.asarray(keys, dtype=str), return_inverse=True)
    counts = np.bincount(place_N, minlength=len(found))
    return {str(found[i]): accuracy(right_N[place_N == i]) for i in np.argsort(-counts, kind="stable")}
