"""When to stop: the last pass that is not clearly worse than the best one, on out-of-fold answers alone."""

import numpy as np
from numpy.typing import NDArray

from engine.train.choose import best_epoch
from engine.train.folds import Fold
from engine.train.stage import Held, StageResult

CASES, LABELS = 400, 3


def _fold(held: range) -> Fold:
    everything = np.arange(CASES)
    inside = np.asarray(held)
    return Fold(number=1, learn=np.setdiff1d(everything, inside), held=inside)


def _result(fold: Fold, labels_N: NDArray[np.int64], sureness: dict[int, float], seed: int) -> StageResult:
    """Return a stage whose logits speak for the truth with the given strength after each pass, with noise of their own."""
    rng = np.random.default_rng(seed)
    truth_HC = np.eye(LABELS)[labels_N[fold.held]]
    shared_HC = rng.normal(size=truth_HC.shape)
    logits = [strength * truth_HC + shared_HC + 0.3 * rng.normal(size=truth_HC.shape) for strength in sureness.values()]
    held = Held(tuple(sureness), np.stack(logits).astype(np.float32))
    return StageResult(fold.name, {}, held, max(sureness), True, (0, 0))


def _chosen(sureness: dict[int, float]) -> int:
    labels_N = np.random.default_rng(0).integers(LABELS, size=CASES)
    folds = [_fold(range(200)), _fold(range(200, 400))]
    results = [_result(fold, labels_N, sureness, seed) for seed, fold in enumerate(folds)]
    return best_epoch(folds, results, labels_N)


def test_best_epoch_when_passes_cannot_be_told_apart_then_takes_the_last() -> None:
    assert _chosen({2: 0.5, 6: 2.02, 8: 2.0, 10: 2.0}) == 10


def test_best_epoch_when_later_passes_are_clearly_worse_then_goes_back() -> None:
    assert _chosen({2: 0.5, 6: 3.0, 8: 1.0, 10: 0.5}) == 6


def test_best_epoch_when_each_pass_is_better_then_takes_the_last() -> None:
    assert _chosen({2: 0.5, 6: 1.0, 8: 2.0, 10: 3.0}) == 10
