"""Choices made on out-of-fold answers alone: after which pass to stop, and what to keep of a run that was stopped.

Shapes: V evaluations, H held-out rows, C labels.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.predict.calibration import fit_temperature, negative_log_likelihood
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


def best_epoch(folds: Sequence[Fold], results: Sequence[StageResult], labels_N: NDArray[np.int64]) -> int:
    """Return the pass after which out-of-fold answers, calibrated, were best (least NLL); only passes all folds reached count.

    Calibrated, because a temperature is fitted afterwards anyway: what counts is what is known, not how loudly it is said.
    """
    reached = [set(result.held.epochs) for result in results]
    epochs = sorted(set.intersection(*reached)) if reached else []
    if not epochs:
        return 0

    def loss(epoch: int) -> float:
        found = out_of_fold(folds, results, epoch)
        truth = labels_N[found.rows_N]
        return negative_log_likelihood(found.logits_NC, truth, fit_temperature(found.logits_NC, truth))

    return min(epochs, key=loss)


def accuracy_at(
    folds: Sequence[Fold], results: Sequence[StageResult], labels_N: NDArray[np.int64], epoch: int
) -> float:
    """Return the out-of-fold accuracy after `epoch` passes."""
    found = out_of_fold(folds, results, epoch)
    return float((found.logits_NC.argmax(1) == labels_N[found.rows_N]).mean())


def _evaluation(result: StageResult, epoch: int) -> int | None:
    """Return the place of the last evaluation not after `epoch`; the first one where all came later; None without any."""
    if not result.held.epochs:
        return None
    return max((i for i, at in enumerate(result.held.epochs) if at <= epoch), default=0)
