"""When to stop: the last pass that is not clearly worse than the best one, on out-of-fold answers alone."""

import numpy as np
from numpy.typing import NDArray

from engine.train.choose import best_epoch, out_of_choice, out_of_fold
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


def test_calibration_rows_when_taken_then_come_from_the_pass_that_the_other_folds_chose() -> None:
    labels_N = np.random.default_rng(0).integers(LABELS, size=CASES)
    folds = [_fold(range(200)), _fold(range(200, 400))]
    early, late = {2: 3.0, 4: 1.0, 6: 0.2}, {2: 0.2, 4: 1.0, 6: 3.0}
    results = [_result(folds[0], labels_N, early, 0), _result(folds[1], labels_N, late, 1)]

    held = out_of_choice(folds, results, labels_N, epoch=4)

    first, second = results[0].held.logits_VHC, results[1].held.logits_VHC
    assert held.epoch == 4
    assert held.rows_N.tolist() == list(range(400))
    assert held.fold_N.tolist() == [0] * 200 + [1] * 200
    np.testing.assert_array_equal(held.logits_NC[:200], first[2].astype(np.float64))  # the pass that is best for fold 2
    np.testing.assert_array_equal(held.logits_NC[200:], second[0].astype(np.float64))


def test_calibration_rows_when_all_folds_agree_then_are_those_of_the_final_pass() -> None:
    labels_N = np.random.default_rng(0).integers(LABELS, size=CASES)
    folds = [_fold(range(200)), _fold(range(200, 400))]
    results = [_result(fold, labels_N, {2: 0.5, 4: 1.0, 6: 3.0}, seed) for seed, fold in enumerate(folds)]
    epoch = best_epoch(folds, results, labels_N)

    np.testing.assert_array_equal(
        out_of_choice(folds, results, labels_N, epoch).logits_NC, out_of_fold(folds, results, epoch).logits_NC
    )


def test_calibration_rows_when_one_fold_is_all_there_is_then_are_those_of_its_choice() -> None:
    labels_N = np.random.default_rng(0).integers(LABELS, size=CASES)
    fold = _fold(range(200))
    result = _result(fold, labels_N, {2: 3.0, 4: 1.0}, 0)

    held = out_of_choice([fold], [result], labels_N, epoch=2)

    np.testing.assert_array_equal(held.logits_NC, result.held.logits_VHC[0].astype(np.float64))
