"""Choices made on out-of-fold answers alone: after which pass to stop, and what to keep of a run that was stopped.

Shapes: V evaluations, H held-out rows, C labels.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.intervals import Z95
from engine.evaluate.measures import right_of
from engine.predict.calibration import fit_temperature, negative_log_likelihoods
from engine.train.folds import Fold
from engine.train.stage import StageResult


@dataclasses.dataclass(frozen=True)
class OutOfFold:
    """Answers to training rows by students that never saw them, after `epoch` passes; rows of unfinished folds are missing."""

    epoch: int
    rows_N: NDArray[np.int64]
    logits_NC: NDArray[np.float64]
    fold_N: NDArray[np.int64]


def out_of_fold(folds: Sequence[Fold], results: Sequence[StageResult], epoch: int) -> OutOfFold:
    """Return the out-of-fold answers after `epoch` passes, or after the last evaluation before it."""
    rows, logits, place = [], [], []
    for number, (fold, result) in enumerate(zip(folds, results, strict=False)):
        at = _evaluation(result, epoch)
        if at is not None:
            rows.append(fold.held)
            logits.append(result.held.logits_VHC[at].astype(np.float64))
            place.append(np.full(len(fold.held), number))
    return OutOfFold(epoch, np.concatenate(rows), np.concatenate(logits), np.concatenate(place))


def out_of_choice(
    folds: Sequence[Fold], results: Sequence[StageResult], labels_N: NDArray[np.int64], epoch: int
) -> OutOfFold:
    """Return out-of-fold answers to calibrate on, those of each fold after the pass that the *other* folds choose.

    Early stopping and calibration so never share a row: a fold's temperature, thresholds and measures come from answers whose
    pass was chosen without it. A fold that is alone has no others and is taken after `epoch`, the choice of all.
    """
    found = []
    for number, chosen in enumerate(chosen_by_others(folds, results, labels_N, epoch)):
        one = out_of_fold([folds[number]], [results[number]], chosen)
        found.append(dataclasses.replace(one, fold_N=np.full_like(one.fold_N, number)))
    return OutOfFold(
        epoch,
        np.concatenate([one.rows_N for one in found]),
        np.concatenate([one.logits_NC for one in found]),
        np.concatenate([one.fold_N for one in found]),
    )


def chosen_by_others(
    folds: Sequence[Fold], results: Sequence[StageResult], labels_N: NDArray[np.int64], epoch: int
) -> list[int]:
    """Return for each fold the pass that the other folds choose; `epoch` where there are no others, or these say nothing."""
    chosen = []
    for number in range(len(results)):
        rest = [i for i in range(len(results)) if i != number]
        theirs = best_epoch([folds[i] for i in rest], [results[i] for i in rest], labels_N) if rest else 0
        chosen.append(theirs or epoch)
    return chosen


def best_epoch(folds: Sequence[Fold], results: Sequence[StageResult], labels_N: NDArray[np.int64]) -> int:
    """Return the pass to stop after: the last one that is not clearly worse, out of fold, than the best of them.

    Calibrated NLL, because a temperature is fitted afterwards anyway: what counts is what is known, not how loudly it is said.
    Clearly means beyond the 95 % interval of the paired difference: among passes that cannot be told apart the last one has the
    smallest learning rate. Only passes that all folds reached count.
    """
    reached = [set(result.held.epochs) for result in results]
    epochs = sorted(set.intersection(*reached)) if reached else []
    if not epochs:
        return 0

    losses = {epoch: _losses(out_of_fold(folds, results, epoch), labels_N) for epoch in epochs}
    best_N = losses[min(epochs, key=lambda epoch: float(losses[epoch].mean()))]
    return max(epoch for epoch in epochs if not clearly_worse(losses[epoch], best_N))


def _losses(found: OutOfFold, labels_N: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the calibrated NLL of each held-out row."""
    truth_N = labels_N[found.rows_N]
    return negative_log_likelihoods(found.logits_NC, truth_N, fit_temperature(found.logits_NC, truth_N))


def clearly_worse(losses_N: NDArray[np.float64], best_N: NDArray[np.float64]) -> bool:
    """Whether losses are above others of the same cases beyond the 95 % interval of the paired difference."""
    worse_N = losses_N - best_N
    return len(worse_N) > 1 and bool(worse_N.mean() > Z95 * worse_N.std(ddof=1) / len(worse_N) ** 0.5)


def accuracy_at(
    folds: Sequence[Fold], results: Sequence[StageResult], labels_N: NDArray[np.int64], epoch: int
) -> float:
    """Return the out-of-fold accuracy after `epoch` passes."""
    found = out_of_fold(folds, results, epoch)
    return float(right_of(found.logits_NC, labels_N[found.rows_N], 0.0).mean())


def _evaluation(result: StageResult, epoch: int) -> int | None:
    """Return the place of the last evaluation not after `epoch`; the first one where all came later; None without any."""
    if not result.held.epochs:
        return None
    return max((i for i, at in enumerate(result.held.epochs) if at <= epoch), default=0)
