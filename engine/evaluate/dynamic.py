"""The dynamic choice of modalities at work: what the council says when it reads no more than it needs, and what that saves.

Shapes: N cases, C labels.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluate.measures import Z95
from engine.model.calibrated import Calibration
from engine.model.flops import forward_flops
from engine.model.student import Student
from engine.predict.calibration import softmax
from engine.predict.conformal import label_set
from engine.predict.contributions import Subset, pattern_of
from engine.predict.enough import steps_for
from engine.preprocess.batch import Batch, collate
from engine.preprocess.preparation import Preparation, PreparedCase
from engine.schema.base import MODALITIES, Modality
from engine.schema.model import DynamicChoice, Interval

_BATCH = 256


@dataclasses.dataclass(frozen=True)
class Told:
    """What is told of N cases from one subset of their inputs: calibrated probabilities, conformal sets, sureness at first sight."""

    probabilities_NC: NDArray[np.float64]
    sets: tuple[frozenset[int], ...]
    sure_N: NDArray[np.float64]

    def same(self, other: "Told") -> NDArray[np.bool_]:
        """Return where both suggest the same: the most probable label, and the labels that are named."""
        top_N = self.probabilities_NC.argmax(1) == other.probabilities_NC.argmax(1)
        named_N = np.array([a == b for a, b in zip(self.sets, other.sets, strict=True)], dtype=bool)
        return np.asarray(top_N & named_N)


def hidden_but(batch: Batch, chosen: Subset) -> Batch:
    """Return the batch with nothing but some modalities."""
    hidden_M = torch.tensor([modality not in chosen for modality in MODALITIES])
    return batch.hide(hidden_M.expand(batch.size, -1))


@torch.inference_mode()
def told_from(
    student: Student, calibration: Calibration, preparation: Preparation, cases: Sequence[PreparedCase], chosen: Subset
) -> Told:
    """Return what a student on the CPU tells of cases when it reads `chosen` alone; every case must have these inputs."""
    logits, sure = [], []
    for start in range(0, len(cases), _BATCH):
        seen = student.look(hidden_but(collate(cases[start : start + _BATCH], preparation), chosen))
        sure.append(seen.sure_B)
        logits.append(student.conclude(seen).logits_BC)
    pattern = pattern_of(chosen)
    probabilities_NC = softmax(torch.cat(logits).double().numpy(), calibration.temperature_of(pattern))
    threshold = calibration.threshold_of(pattern)
    sets = tuple(frozenset(label_set(row_C, threshold)) for row_C in probabilities_NC)
    return Told(probabilities_NC, sets, torch.cat(sure).double().numpy())


def costs_of(
    student: Student, preparation: Preparation, case: PreparedCase, wanted: Sequence[Subset]
) -> dict[Subset, float]:
    """Return the operations of an answer to a case from each subset of its inputs; nothing of it may be known before."""
    whole = collate([preparation.fresh(case)], preparation)
    return {chosen: float(forward_flops(student, hidden_but(whole, chosen))) for chosen in wanted}


def measure_dynamic(
    student: Student,
    calibration: Calibration,
    preparation: Preparation,
    cases: Sequence[PreparedCase],
    labels_N: NDArray[np.int64],
) -> DynamicChoice | None:
    """Return what reading no more than needed saves on labelled cases and what it changes; None where nothing may be skipped."""
    rows: dict[tuple[Modality, ...], list[int]] = {}
    for row, case in enumerate(cases):
        there = tuple(modality for modality, present in zip(MODALITIES, case.present(), strict=True) if present)
        rows.setdefault(there, []).append(row)
    if not any(steps_for(calibration.enough, present) for present in rows):
        return None
    found = _Tally(len(cases))
    for present, inside in rows.items():
        found.add(student, calibration, preparation, [cases[row] for row in inside], present, np.array(inside))
    return found.measured(labels_N)


class _Tally:
    """Both ways of answering, case by case."""

    def __init__(self, n: int) -> None:
        self.whole_N, self.spared_N = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        self.same_N = np.ones(n, dtype=bool)
        self.spent_N, self.full_N = np.zeros(n), np.zeros(n)
        self.skipped: dict[str, int] = dict.fromkeys(MODALITIES, 0)
        self.had: dict[str, int] = dict.fromkeys(MODALITIES, 0)

    def add(
        self,
        student: Student,
        calibration: Calibration,
        preparation: Preparation,
        cases: Sequence[PreparedCase],
        present: Sequence[Modality],
        inside: NDArray[np.int64],
    ) -> None:
        """Take in the cases of one pattern."""
        whole = frozenset(present)
        told = told_from(student, calibration, preparation, cases, whole)
        steps = steps_for(calibration.enough, present)
        costs = costs_of(student, preparation, cases[0], [*(step.chosen for step in steps), whole])
        self.whole_N[inside] = self.spared_N[inside] = told.probabilities_NC.argmax(1)
        self.full_N[inside] = costs[whole]
        left_N = np.ones(len(cases), dtype=bool)
        for step in steps:
            less = told_from(student, calibration, preparation, cases, step.chosen)
            stops_N = left_N & (less.sure_N >= step.sure)
            self.spent_N[inside[stops_N]] = costs[step.chosen]
            self.spared_N[inside[stops_N]] = less.probabilities_NC.argmax(1)[stops_N]
            self.same_N[inside[stops_N]] = less.same(told)[stops_N]
            for modality in whole - step.chosen:
                self.skipped[modality] += int(stops_N.sum())
            left_N &= ~stops_N
        self.spent_N[inside[left_N]] = costs[whole]
        for modality in whole:
            self.had[modality] += len(cases)

    def measured(self, labels_N: NDArray[np.int64]) -> DynamicChoice:
        """Return the figures."""
        whole_N, spared_N = self.whole_N == labels_N, self.spared_N == labels_N
        lost_N = spared_N.astype(np.float64) - whole_N
        half = Z95 * float(lost_N.std()) / max(1, len(lost_N)) ** 0.5
        mean = float(lost_N.mean())
        return DynamicChoice(
            n=len(labels_N),
            accuracy=float(spared_N.mean()),
            accuracy_whole=float(whole_N.mean()),
            difference=Interval(value=mean, low=mean - half, high=mean + half, n=len(labels_N)),
            told_otherwise=float((~self.same_N).mean()),
            skipped={name: self.skipped[name] / self.had[name] for name in MODALITIES if self.had[name]},
            saved=1.0 - float(self.spent_N.sum() / self.full_N.sum()),
        )
