"""From trained stages to a council: which weights to keep, calibrated and compared on what they never saw.

Shapes: N training cases, C labels, D width, M modalities.
"""

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.device import torch_device
from engine.evaluate.measures import Answers, measure, right_of
from engine.model.calibrated import ALL, Calibration, Reference
from engine.model.student import Student, build_student
from engine.predict import risk
from engine.predict.calibration import calibrated, fit_temperatures
from engine.predict.conformal import counts, fit_thresholds, label_set
from engine.predict.inputs import InputFacts
from engine.predict.reference import Vectors, fit_reference
from engine.preprocess.truth import is_several
from engine.schema.catalog import DeviceInfo
from engine.schema.config import StudentConfig
from engine.schema.model import Measured
from engine.train.checkpoint import load_weights
from engine.train.choose import OutOfFold, chosen_by_others, out_of_choice, out_of_fold
from engine.train.folds import make_folds
from engine.train.material import Material
from engine.train.run import Trained
from engine.train.stage import StageResult
from engine.train.trainer import answer

_FEWEST_HELD = 20
"""Held-out cases below which a calibration would say nothing."""


@dataclasses.dataclass(frozen=True)
class Kept:
    """The weights that become the model, and the out-of-fold answers that speak for them.

    `folds` are the weights of the fold students, by fold name: each after the pass that its answers in `held` are of.
    """

    result: StageResult
    weights: dict[str, Tensor]
    held: OutOfFold
    folds: dict[str, dict[str, Tensor]]
    whole: bool


def choose_kept(trained: Trained, labels_N: NDArray[np.int64], run: Path) -> Kept | None:
    """Return what to keep: the final student, or of a run that was stopped early whatever was best out of fold; None without any.

    A final student that was stopped is judged by what the fold students were worth after as many passes; before any of them was looked
    at there is nothing to judge it by.
    """
    results = [result for result in trained.results if result.held.epochs]
    if not results:
        return None
    final = trained.final
    if final is not None and final.done:
        held = out_of_choice(trained.folds, trained.results, labels_N, trained.epoch)
        after = chosen_by_others(trained.folds, trained.results, labels_N, trained.epoch)
        return _keep(trained, final, held, after, run, whole=True)
    best = max(results, key=lambda result: _accuracy(trained, result, labels_N, result.held.epochs[-1]))
    if final is not None and final.epoch >= max(result.held.epochs[0] for result in results):
        expected = np.mean([_accuracy(trained, result, labels_N, final.epoch) for result in results])
        if expected >= _accuracy(trained, best, labels_N, best.held.epochs[-1]):
            held = out_of_fold(trained.folds, trained.results, final.epoch)
            return _keep(trained, final, held, [final.epoch] * len(trained.results), run, whole=False)
    place = trained.results.index(best)
    fold = trained.folds[place]
    alone = Trained((fold,), (best,), None, best.held.epochs[-1], trained.reports)
    held = dataclasses.replace(
        out_of_fold(alone.folds, alone.results, alone.epoch), fold_N=np.full(len(fold.held), place)
    )
    return Kept(best, best.weights, held, {fold.name: best.weights}, whole=False)


def _keep(trained: Trained, final: StageResult, held: OutOfFold, after: Sequence[int], run: Path, whole: bool) -> Kept:
    passes = zip(trained.results, after, strict=True)
    folds = {result.name: _weights_at(result, epoch, run) for result, epoch in passes}
    return Kept(final, final.weights, held, folds, whole)


def _accuracy(trained: Trained, result: StageResult, labels_N: NDArray[np.int64], epoch: int) -> float:
    fold = next(fold for fold in trained.folds if fold.name == result.name)
    at = max((i for i, reached in enumerate(result.held.epochs) if reached <= epoch), default=0)
    return float(right_of(result.held.logits_VHC[at], labels_N[fold.held], 0.0).mean())


def _weights_at(result: StageResult, epoch: int, run: Path) -> dict[str, Tensor]:
    """Return a fold student's weights after `epoch` passes: the last checkpoint not after it, or the end where none is left."""
    found = {}
    for path in sorted((run / "checkpoints").glob(f"{result.name}-*.json")):
        facts, weights = load_weights(run, path.stem)
        if facts.epoch <= epoch:
            found = weights
    return found or result.weights


def fit_calibration(held: OutOfFold, labels_N: NDArray[np.int64], patterns: Sequence[str], alpha: float) -> Calibration:
    """Return temperatures and conformal thresholds from out-of-fold answers; neutral ones where there are next to none."""
    truth = labels_N[held.rows_N]
    seen = [patterns[row] for row in held.rows_N]
    several = is_several(truth)
    # What a threshold rests on: of several labels, the cases that have one.
    behind = [name for name, marks_C in zip(seen, truth, strict=True) if marks_C.any()] if several else seen
    if len(truth) < _FEWEST_HELD:
        return Calibration({ALL: 1.0}, {ALL: 1.0}, alpha, counts(behind), several=several)
    temperatures = fit_temperatures(held.logits_NC, truth, seen)
    fit = risk.fit_thresholds if several else fit_thresholds
    thresholds = fit(calibrated(held.logits_NC, seen, temperatures, several), truth, seen, alpha)
    return Calibration(temperatures, thresholds, alpha, counts(behind), several=several)


def measure_held(held: OutOfFold, material: Material, alpha: float, ordered: bool = False) -> Measured:
    """Return the out-of-fold measures; each fold is calibrated on the others, so not even a temperature has seen its rows.

    `ordered` says that the labels stand in an order, from least to most.
    """
    answers = dataclasses.replace(held_answers(held, material, alpha), ordered=ordered)
    return measure(answers, "out-of-fold")


def held_answers(held: OutOfFold, material: Material, alpha: float) -> Answers:
    """Return the out-of-fold answers, calibrated fold by fold on the other folds, in the order of `held`.

    Of a run that was stopped with one fold, two halves of it calibrate each other: on its own rows a threshold keeps any promise.
    """
    patterns = material.patterns()
    seen = [patterns[row] for row in held.rows_N]
    labels_N = material.labels_N[held.rows_N]
    probabilities_NC = np.zeros_like(held.logits_NC)
    sets_NC = np.zeros(held.logits_NC.shape, dtype=bool)
    place_N = held.fold_N if len(np.unique(held.fold_N)) > 1 else _halves(material, held.rows_N)
    for fold in np.unique(place_N):
        inside = np.flatnonzero(place_N == fold)
        others = np.flatnonzero(place_N != fold) if (place_N != fold).any() else inside
        part = OutOfFold(held.epoch, held.rows_N[others], held.logits_NC[others], held.fold_N[others])
        fitted = fit_calibration(part, material.labels_N, patterns, alpha)
        apply_calibration(fitted, held.logits_NC, seen, inside, probabilities_NC, sets_NC)
    names = [label.name for label in material.labels]
    return Answers(probabilities_NC, labels_N, seen, names, sets_NC, alpha)


def _halves(material: Material, rows_N: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0 or 1 for each row: halves between which no group is split; all 0 where there is too little to halve."""
    groups, labels = [material.groups[row] for row in rows_N], material.labels_N[rows_N].tolist()
    place_N = np.zeros(len(rows_N), dtype=np.int64)
    if len(rows_N) >= 2 * _FEWEST_HELD and len(np.unique(material.labels_N[rows_N], axis=0)) > 1:
        for fold in make_folds(groups, labels, 2, 0)[1:]:
            place_N[fold.held] = 1
    return place_N


def apply_calibration(
    fitted: Calibration,
    logits_NC: NDArray[np.float64],
    patterns: Sequence[str],
    rows: NDArray[np.int64],
    probabilities_NC: NDArray[np.float64],
    sets_NC: NDArray[np.bool_],
) -> None:
    """Write calibrated probabilities and conformal sets of some rows into the two arrays."""
    chosen = [patterns[row] for row in rows]
    probabilities_NC[rows] = calibrated(logits_NC[rows], chosen, fitted.temperature, fitted.several)
    for row, pattern in zip(rows, chosen, strict=True):
        sets_NC[row, list(label_set(probabilities_NC[row], fitted.threshold_of(pattern)))] = True


def fit_novelty(
    kept: Kept,
    material: Material,
    config: StudentConfig,
    folds: Sequence[str],
    facts: Sequence[InputFacts],
    device: DeviceInfo,
) -> Reference:
    """Return what predictions are compared with; each training row is judged by the student that never saw it."""
    fold_N = np.full(material.size, -1, dtype=np.int64)
    fold_N[kept.held.rows_N] = kept.held.fold_N
    views = [_vectors(kept.folds[name], material, config, device) if name in kept.folds else None for name in folds]
    return fit_reference(_vectors(kept.weights, material, config, device), views, fold_N, facts)


def _vectors(weights: dict[str, Tensor], material: Material, config: StudentConfig, device: DeviceInfo) -> Vectors:
    student = student_with(weights, material, config)
    said = answer(student.to(torch_device(device)), material, range(material.size), device)
    return Vectors(said.fused_ND, said.pooled_NMD, said.present_NM)


def student_with(weights: dict[str, Tensor], material: Material, config: StudentConfig) -> Student:
    """Return a student of the run's shape with the given weights, in evaluation mode."""
    student = build_student(config, material.preparation, len(material.labels))
    student.load_state_dict(weights)
    return student.eval().requires_grad_(False)
