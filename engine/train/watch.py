"""What a person should look at in the answers to held-out cases: they get worse, or one kind of input is hardly used.

Shapes: V evaluations, H held-out rows, C labels, M modalities.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.intervals import Z95
from engine.predict.calibration import fit_temperature, negative_log_likelihoods
from engine.schema.base import MODALITIES, Modality
from engine.schema.event import Alert
from engine.train.choose import clearly_worse

PATIENT = 3
"""Evaluations since the best one after which a worse one is no passing dip."""
HARDLY = 0.01
"""Share of the loss that hiding an input must change at least; below that the model does without it."""
_FEWEST = 50
"""Cases below which one of them could decide whether an input is used."""

Logits = NDArray[np.float32]
Integers = NDArray[np.int64]


def getting_worse(epochs: Sequence[int], logits: Sequence[Logits], labels_H: Integers, stage: str) -> list[Alert]:
    """Return an alert where the newest answers are worse than the best ones, beyond luck, and these lie some evaluations back.

    `logits` are those of each evaluation, (H, C). Calibrated losses are compared: what counts is what is known, not how loudly it is said.
    """
    if len(logits) <= PATIENT:
        return []
    losses_VH = np.stack([_losses(one, labels_H) for one in logits])
    best = int(losses_VH.mean(1).argmin())
    if len(losses_VH) - 1 - best < PATIENT or not clearly_worse(losses_VH[-1], losses_VH[best]):
        return []
    return [Alert(code="getting-worse", parameters={"stage": stage, "epoch": epochs[best]})]


def ignored_inputs(
    whole_HC: Logits,
    labels_H: Integers,
    present_HM: NDArray[np.bool_],
    without: Callable[[Modality, Integers], Logits],
    stage: str,
) -> list[Alert]:
    """Return an alert for each modality that may be hidden from cases with others without changing their loss by `HARDLY`.

    `without` answers some of the held-out rows with a modality hidden. Only what is sure is told: the change with its 95 % interval lies
    within the bound.
    """
    temperature = fit_temperature(whole_HC.astype(np.float64), labels_H)
    found = []
    for m, modality in enumerate(MODALITIES):
        rows = np.flatnonzero(present_HM[:, m] & (present_HM.sum(1) > 1))
        if len(rows) < _FEWEST:
            continue
        whole_R = _losses(whole_HC[rows], labels_H[rows], temperature)
        change_R = _losses(without(modality, rows), labels_H[rows], temperature) - whole_R
        half = Z95 * change_R.std(ddof=1) / len(rows) ** 0.5
        if abs(change_R.mean()) + half < HARDLY * whole_R.mean():
            found.append(Alert(code="input-ignored", parameters={"stage": stage, "modality": modality}))
    return found


def _losses(logits_HC: Logits, labels_H: Integers, temperature: float = 0.0) -> NDArray[np.float64]:
    logits = logits_HC.astype(np.float64)
    return negative_log_likelihoods(logits, labels_H, temperature or fit_temperature(logits, labels_H))
