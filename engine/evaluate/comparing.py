"""A student beside a teacher (or a control) on the same cases: what was kept, how far they agree, where they part ways.

An answer is the set of labels told: the most probable one, or where a case may have several all that reach the point of decision. It
is right where it is just the true set. Shapes: N cases, C labels, R resamples, K clusters: groups of cases (persons), cases without a
group by themselves. Probabilities are calibrated by whoever hands them in; `labels_N` are places, or (N, C) marks where a case may have
several labels.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.device import derived_seed
from engine.evaluate.intervals import alike_bounds, clustered_bounds, clusters_of, effective_size
from engine.evaluate.measures import (
    Bools,
    Floats,
    Ints,
    accuracy,
    expected_calibration_error,
    negative_log_likelihood,
    right_of,
)
from engine.evaluate.several import negative_log_likelihood as bernoulli_loss
from engine.predict.answers import told, true
from engine.predict.risk import DECISION
from engine.preprocess.truth import is_several
from engine.schema.ledger import Compared, Estimate, Parted, Side, Slice

FEWEST_CLUSTERS = 10
"""Clusters from which on they carry an interval; four speakers cannot tell how speakers differ, and cases are taken for themselves."""
_RESAMPLES = 2000
_MOST_PARTED = 50
_TINY = 1e-8


@dataclasses.dataclass(frozen=True)
class Pair:
    """The answers of both sides to the same cases, and what is known of these; `groups` may be left out."""

    student_NC: Floats
    teacher_NC: Floats
    labels_N: Ints
    case_ids: Sequence[str]
    patterns: Sequence[str]
    label_names: Sequence[str]
    groups: Sequence[str] = ()

    def where(self, rows_N: NDArray[np.intp]) -> "Pair":
        """Return the pair on some of the cases."""
        ids, patterns = ([values[row] for row in rows_N] for values in (self.case_ids, self.patterns))
        groups = [self.groups[row] for row in rows_N] if len(self.groups) else ()
        student_NC, teacher_NC = self.student_NC[rows_N], self.teacher_NC[rows_N]
        return Pair(student_NC, teacher_NC, self.labels_N[rows_N], ids, patterns, self.label_names, groups)

    @property
    def several(self) -> bool:
        """Whether a case may have several labels."""
        return is_several(self.labels_N)

    @property
    def answers_NC(self) -> tuple[Bools, Bools]:
        """The labels that the student and the teacher tell."""
        return told(self.student_NC, self.several), told(self.teacher_NC, self.several)

    @property
    def truth_NC(self) -> Bools:
        """The true labels."""
        return true(self.labels_N, self.student_NC.shape[1])


def side(probabilities_NC: Floats, labels_N: Ints) -> Side:
    """Return how right and how honest one side is."""
    log_loss = bernoulli_loss if is_several(labels_N) else negative_log_likelihood
    return Side(
        accuracy=accuracy(right_of(probabilities_NC, labels_N, DECISION)),
        ece=expected_calibration_error(probabilities_NC, labels_N),
        nll=log_loss(probabilities_NC, labels_N),
    )


def compare(pair: Pair, name: str, kind: str, seed: int) -> Compared:
    """Return everything but cost and speed; of several labels `by_label` holds the cases that bear each."""
    (said_NC, told_NC), truth_NC = pair.answers_NC, pair.truth_NC
    right_N, taught_N = (said_NC == truth_NC).all(1), (told_NC == truth_NC).all(1)
    parted_N = (said_NC != told_NC).any(1)
    divergence_N = divergence(pair.teacher_NC, pair.student_NC, pair.several)
    by_label = [(pair.label_names[label], truth_NC[:, label]) for label in np.flatnonzero(truth_NC.any(0)).tolist()]
    patterns_N = np.asarray(pair.patterns, dtype=str)
    by_pattern = [(str(pattern), patterns_N == pattern) for pattern in _most_first(patterns_N)]
    return Compared(
        name=name,
        kind=kind,
        cases=len(pair.labels_N),
        whole=_slice("all", pair),
        retention=retention(right_N, taught_N, seed, pair.groups),
        divergence=float(divergence_N.mean()) if len(divergence_N) else 0.0,
        by_label=tuple(_slice(own, pair.where(np.flatnonzero(mask_N))) for own, mask_N in by_label),
        by_pattern=tuple(_slice(own, pair.where(np.flatnonzero(mask_N))) for own, mask_N in by_pattern),
        student_alone_right=int((right_N & ~taught_N).sum()),
        teacher_alone_right=int((taught_N & ~right_N).sum()),
        both_wrong=int((~right_N & ~taught_N & parted_N).sum()),
        parted=_parted(pair, divergence_N),
    )


def retention(
    right_N: NDArray[np.bool_], taught_N: NDArray[np.bool_], seed: int, groups: Sequence[str] = ()
) -> Estimate | None:
    """Return accuracy over accuracy with a percentile interval of a paired bootstrap over clusters (Efron 1979); None without a base.

    Fewer than `FEWEST_CLUSTERS` clusters carry no interval: then it is drawn by case, which for cases that hang together is too
    narrow. Where every draw is alike, the share of clusters in which it is otherwise is bounded (`alike_bounds`).
    """
    if not taught_N.any():
        return None
    cluster_N = _clusters(len(right_N), groups)
    right_K, taught_K = (np.bincount(cluster_N, weights=some_N).astype(np.int32) for some_N in (right_N, taught_N))
    drawn_RK = np.random.default_rng(derived_seed(seed, "retention")).integers(
        len(right_K), size=(_RESAMPLES, len(right_K))
    )
    ratio_R = right_K[drawn_RK].sum(1) / np.maximum(taught_K[drawn_RK].sum(1), 1)
    value, base = float(right_N.mean() / taught_N.mean()), float(taught_N.mean())
    low, high = (float(bound) for bound in np.quantile(ratio_R, [0.025, 0.975]))
    if low == high:
        # A case more or less that the student has right is worth 1 / (N base).
        low, high = alike_bounds(value, effective_size(cluster_N), value - 1 / base, value + 1 / base)
    return Estimate(value=value, low=max(0.0, low), high=high)


def divergence(teacher_NC: Floats, student_NC: Floats, several: bool = False) -> NDArray[np.float64]:
    """Return KL(teacher || student) of each case, in nats; of several labels the sum over the labels, each true or not by itself."""
    told_NC, said_NC = (np.maximum(p_NC, _TINY) for p_NC in (teacher_NC, student_NC))
    nats_NC = told_NC * (np.log(told_NC) - np.log(said_NC))
    if several:
        not_told_NC, not_said_NC = (np.maximum(1 - p_NC, _TINY) for p_NC in (teacher_NC, student_NC))
        nats_NC = nats_NC + not_told_NC * (np.log(not_told_NC) - np.log(not_said_NC))
    return np.asarray(nats_NC.sum(1), dtype=np.float64)


def gain(ours_N: Floats | Bools, theirs_N: Floats | Bools, groups: Sequence[str] = (), most: float = 1.0) -> Estimate:
    """Return the mean of ours minus theirs with its 95 % interval, paired by case and cluster-robust (t with K - 1 degrees of freedom).

    No case differs by more than `most`, in the unit of what is compared; without cases nothing is known but that. Fewer than
    `FEWEST_CLUSTERS` clusters carry no interval: then cases are taken for themselves, which for cases that hang together is too narrow.
    """
    change_N = np.asarray(ours_N, dtype=np.float64) - np.asarray(theirs_N, dtype=np.float64)
    low, high = clustered_bounds(change_N, _clusters(len(change_N), groups), -most, most)
    return Estimate(value=float(change_N.mean()) if len(change_N) else 0.0, low=low, high=high)


def _clusters(cases: int, groups: Sequence[str]) -> NDArray[np.intp]:
    """Return the cluster of each case, (N,); each case its own where too few clusters are known."""
    cluster_N = clusters_of(groups)
    return cluster_N if len(np.unique(cluster_N)) >= FEWEST_CLUSTERS else np.arange(cases)


def _slice(name: str, pair: Pair) -> Slice:
    said_NC, told_NC = pair.answers_NC
    return Slice(
        name=name,
        student=side(pair.student_NC, pair.labels_N),
        teacher=side(pair.teacher_NC, pair.labels_N),
        agreement=accuracy((said_NC == told_NC).all(1)),
    )


def _most_first(patterns_N: NDArray[np.str_]) -> NDArray[np.str_]:
    found, counts = np.unique(patterns_N, return_counts=True)
    return np.asarray(found[np.argsort(-counts, kind="stable")])


def _parted(pair: Pair, divergence_N: NDArray[np.float64]) -> tuple[Parted, ...]:
    """Return the cases with different answers, those that part the two most first."""
    (said_NC, told_NC), truth_NC = pair.answers_NC, pair.truth_NC
    rows = np.flatnonzero((said_NC != told_NC).any(1))
    rows = rows[np.argsort(-divergence_N[rows], kind="stable")][:_MOST_PARTED]

    def names(marks_C: Bools) -> tuple[str, ...]:
        return tuple(pair.label_names[label] for label in np.flatnonzero(marks_C).tolist())

    return tuple(
        Parted(
            case_id=pair.case_ids[row],
            truth=names(truth_NC[row]),
            student=names(said_NC[row]),
            student_probability=_chance(pair.student_NC[row], pair.several),
            teacher=names(told_NC[row]),
            teacher_probability=_chance(pair.teacher_NC[row], pair.several),
            divergence=float(divergence_N[row]),
        )
        for row in rows.tolist()
    )


def _chance(probabilities_C: Floats, several: bool) -> float:
    """Return the chance a side gives its own answer; of several labels the product over them, each true or not by itself."""
    return float(np.maximum(probabilities_C, 1 - probabilities_C).prod() if several else probabilities_C.max())
