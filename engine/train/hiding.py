"""Temperatures and thresholds of kinds of input that few training cases have, from fuller ones of which the rest is hidden.

A threshold that most cases share promises too much to a case that has less than they: where all training cases are complete, sets of a
text alone would hold the truth far more rarely than promised. Students of the folds answer the cases they never saw with nothing but
these inputs; what these answers show holds where inputs are missing for reasons that have nothing to do with the answer.
Shapes: N cases, C labels.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluate.dynamic import hidden_but
from engine.model.calibrated import Calibration
from engine.model.student import Student
from engine.predict import risk
from engine.predict.calibration import OWN_TEMPERATURE, chances, fit_temperature
from engine.predict.conformal import OWN_THRESHOLD, fit_thresholds
from engine.predict.contributions import Subset, pattern_of, subsets
from engine.preprocess.batch import collate
from engine.preprocess.preparation import Preparation, PreparedCase
from engine.preprocess.truth import is_several
from engine.schema.base import MODALITIES
from engine.schema.config import StudentConfig
from engine.train.finish import Kept, student_with
from engine.train.material import Material

_MOST = 3000
"""Cases that are asked of one kind of input; more would move a threshold by less than chance does."""
_BATCH = 64


def fit_hidden(
    kept: Kept, material: Material, config: StudentConfig, folds: Sequence[str], calibration: Calibration
) -> Calibration:
    """Return the calibration with what rare kinds of input need, each from at least `OWN_THRESHOLD` cases; others stay as they are."""
    patterns = material.patterns()
    rare = [chosen for chosen in subsets(MODALITIES) if chosen and pattern_of(chosen) not in calibration.thresholds]
    students: dict[str, Student] = {}
    fitted = calibration
    for chosen in rare:
        there = [i for i, row in enumerate(kept.held.rows_N) if chosen <= set(patterns[row].split("+"))]
        known = [i for i in there if folds[kept.held.fold_N[i]] in kept.folds]
        places = np.asarray(known[:: max(1, len(known) // _MOST)], dtype=np.int64)
        labels_N = material.labels_N[kept.held.rows_N[places]]
        if _behind(labels_N) < OWN_THRESHOLD:
            continue
        students = students or {name: student_with(one, material, config) for name, one in kept.folds.items()}
        logits_NC = _answers(students, kept, material, folds, places, chosen)
        fitted = _with(fitted, pattern_of(chosen), logits_NC, labels_N)
    return fitted


def _behind(labels_N: NDArray[np.int64]) -> int:
    """Return the cases that a threshold can rest on: of several labels, those that have one."""
    return int(labels_N.any(1).sum()) if is_several(labels_N) else len(labels_N)


def _with(
    fitted: Calibration, pattern: str, logits_NC: NDArray[np.float64], labels_N: NDArray[np.int64]
) -> Calibration:
    own = len(labels_N) >= OWN_TEMPERATURE
    temperature = fit_temperature(logits_NC, labels_N) if own else fitted.temperature_of(pattern)
    probs_NC = chances(logits_NC, temperature, fitted.several)
    fit = risk.fit_thresholds if fitted.several else fit_thresholds
    threshold = fit(probs_NC, labels_N, [pattern] * len(labels_N), fitted.alpha)[pattern]
    return dataclasses.replace(
        fitted,
        temperature={**fitted.temperature, pattern: temperature},
        thresholds={**fitted.thresholds, pattern: threshold},
        hidden={**fitted.hidden, pattern: _behind(labels_N)},
    )


def _answers(
    students: dict[str, Student],
    kept: Kept,
    material: Material,
    folds: Sequence[str],
    places: NDArray[np.int64],
    chosen: Subset,
) -> NDArray[np.float64]:
    """Return the logits of held-out cases that show nothing but `chosen`, each by the student that never saw it, (N, C)."""
    logits_NC = np.zeros((len(places), len(material.labels)))
    fold_N = kept.held.fold_N[places]
    for number in np.unique(fold_N):
        inside = np.flatnonzero(fold_N == number)
        cases = [material.views[int(kept.held.rows_N[places[i]])][0] for i in inside]
        logits_NC[inside] = _said(students[folds[number]], material.preparation, cases, chosen)
    return logits_NC


@torch.inference_mode()
def _said(
    student: Student, preparation: Preparation, cases: Sequence[PreparedCase], chosen: Subset
) -> NDArray[np.float64]:
    starts = range(0, len(cases), _BATCH)
    batches = (hidden_but(collate(cases[start : start + _BATCH], preparation), chosen) for start in starts)
    return np.asarray(torch.cat([student(batch).logits_BC for batch in batches]).double().numpy())
