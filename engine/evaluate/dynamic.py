"""The dynamic choice of modalities at work: what the council says when it reads no more than it needs, and what that saves.

Shapes: N cases, C labels.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from engine.evaluate.intervals import mean_interval
from engine.model.calibrated import Calibration
from engine.model.flops import forward_flops
from engine.model.student import Student
from engine.predict.answers import told, true
from engine.predict.calibration import chances
from engine.predict.conformal import label_set
from engine.predict.contributions import Subset, pattern_of
from engine.predict.enough import steps_for
from engine.preprocess.batch import Batch, collate
from engine.preprocess.preparation import Preparation, PreparedCase
from engine.schema.base import MODALITIES, Modality
from engine.schema.model import DynamicChoice

_BATCH = 256
_SAMPLED = 8
"""Cases whose operations are counted for all of their pattern: counting takes a forward pass a case and subset."""


@dataclasses.dataclass(frozen=True)
class Told:
    """What is told of N cases from one subset of their inputs: the answer, conformal sets, sureness at first sight."""

    answer_NC: NDArray[np.bool_]
    sets: tuple[frozenset[int], ...]
    sure_N: NDArray[np.float64]

    def same(self, other: "Told") -> NDArray[np.bool_]:
        """Return where both suggest the same: the answer, and the labels that are named."""
        answer_N = (self.answer_NC == other.answer_NC).all(1)
        named_N = np.array([a == b for a, b in zip(self.sets, other.sets, strict=True)], dtype=bool)
        return np.asarray(answer_N & named_N)


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
        sure.append(seen.sure_B(calibration.several))
        logits.append(student.conclude(seen).logits_BC)
    pattern = pattern_of(chosen)
    logits_NC, several = torch.cat(logits).double().numpy(), calibration.several
    probabilities_NC = chances(logits_NC, calibration.temperature_of(pattern), several)
    threshold = calibration.threshold_of(pattern)
    sets = tuple(frozenset(label_set(row_C, threshold)) for row_C in probabilities_NC)
    return Told(told(probabilities_NC, several), sets, torch.cat(sure).double().numpy())


def costs_of(
    student: Student, preparation: Preparation, case: PreparedCase, wanted: Sequence[Subset]
) -> dict[Subset, float]:
    """Return the operations of an answer to a case from each subset of its inputs; nothing of it may be known before."""
    whole = collate([preparation.fresh(case)], preparation)
    return {chosen: float(forward_flops(student, hidden_but(whole, chosen))) for chosen in wanted}


def mean_costs(
    student: Student, preparation: Preparation, cases: Sequence[PreparedCase], wanted: Sequence[Subset]
) -> dict[Subset, float]:
    """Return the mean operations of an answer from each subset of the inputs, over at most eight cases spread over all.

    Every case must have these inputs. Each sampled one is the middle of its eighth: one long first case is not all of them.
    """
    sampled = min(_SAMPLED, len(cases))
    middles = [(2 * place + 1) * len(cases) // (2 * sampled) for place in range(sampled)]
    counted = [costs_of(student, preparation, cases[middle], wanted) for middle in middles]
    return {chosen: float(np.mean([costs[chosen] for costs in counted])) for chosen in wanted}


def measure_dynamic(
    student: Student,
    calibration: Calibration,
    preparation: Preparation,
    cases: Sequence[PreparedCase],
    labels_N: NDArray[np.integer],
    classes: int,
) -> DynamicChoice | None:
    """Return what reading no more than needed saves on labelled cases and what it changes; None where nothing may be skipped."""
    rows: dict[tuple[Modality, ...], list[int]] = {}
    for row, case in enumerate(cases):
        there = tuple(modality for modality, present in zip(MODALITIES, case.present(), strict=True) if present)
        rows.setdefault(there, []).append(row)
    if not any(steps_for(calibration.enough, present) for present in rows):
        return None
    found = _Tally(true(labels_N, classes))
    for present, inside in rows.items():
        found.add(student, calibration, preparation, [cases[row] for row in inside], present, np.array(inside))
    return found.measured()


class _Tally:
    """Both ways of answering, case by case."""

    def __init__(self, truth_NC: NDArray[np.bool_]) -> None:
        n, self._truth_NC = len(truth_NC), truth_NC
        self.whole_N, self.spared_N = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
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
        truth_nC, every = self._truth_NC[inside], told_from(student, calibration, preparation, cases, whole)
        steps = steps_for(calibration.enough, present)
        costs = mean_costs(student, preparation, cases, [*(step.chosen for step in steps), whole])
        self.whole_N[inside] = self.spared_N[inside] = (every.answer_NC == truth_nC).all(1)
        self.full_N[inside] = costs[whole]
        left_N = np.ones(len(cases), dtype=bool)
        for step in steps:
            less = told_from(student, calibration, preparation, cases, step.chosen)
            stops_N = left_N & (less.sure_N >= step.sure)
            self.spent_N[inside[stops_N]] = costs[step.chosen]
            self.spared_N[inside[stops_N]] = (less.answer_NC == truth_nC).all(1)[stops_N]
            self.same_N[inside[stops_N]] = less.same(every)[stops_N]
            for modality in whole - step.chosen:
                self.skipped[modality] += int(stops_N.sum())
            left_N &= ~stops_N
        self.spent_N[inside[left_N]] = costs[whole]
        for modality in whole:
            self.had[modality] += len(cases)

    def measured(self) -> DynamicChoice:
        """Return the figures; `whole_N` and `spared_N` say where either way of answering was right."""
        lost_N = self.spared_N.astype(np.float64) - self.whole_N
        return DynamicChoice(
            n=len(lost_N),
            accuracy=float(self.spared_N.mean()),
            accuracy_whole=float(self.whole_N.mean()),
            difference=mean_interval(lost_N, -1.0, 1.0),
            told_otherwise=float((~self.same_N).mean()),
            skipped={name: self.skipped[name] / self.had[name] for name in MODALITIES if self.had[name]},
            saved=1.0 - float(self.spent_N.sum() / self.full_N.sum()),
        )
