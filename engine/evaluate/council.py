"""Measuring a finished council on labelled cases: calibrated probabilities, conformal sets, by pattern and by label.

Shapes: N cases, C labels.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch

from engine.device import autocast, torch_device
from engine.evaluate.dynamic import measure_dynamic
from engine.evaluate.measures import Answers, measure
from engine.model.pretrained import Council
from engine.predict.calibration import calibrated
from engine.predict.conformal import label_set
from engine.preprocess.batch import collate
from engine.preprocess.preparation import PreparedCase
from engine.preprocess.truth import truth_of
from engine.schema.case import Case
from engine.schema.catalog import DeviceInfo
from engine.schema.model import Measured
from engine.store.blobs import Blobs
from engine.store.reading import in_order

_BATCH = 256


def _silent(done: int, total: int) -> None:
    """Tell nobody."""


@torch.inference_mode()
def council_answers(
    council: Council,
    cases: Sequence[Case],
    blobs: Blobs,
    device: DeviceInfo,
    progress: Callable[[int, int], None] = _silent,
) -> tuple[Answers, list[PreparedCase]]:
    """Return what the council says about these cases, whose labels must be known to it, and how each was prepared."""
    names = [label.name for label in council.labels]
    prepared: list[PreparedCase] = []
    logits = []
    student = council.student.to(torch_device(device)).eval()
    for start in range(0, len(cases), _BATCH):
        some = cases[start : start + _BATCH]
        chunk = list(in_order(lambda case: council.preparation.prepare(case.parts, blobs), some))
        prepared += chunk
        with autocast(device):
            logits.append(student(collate(chunk, council.preparation).to(torch_device(device))).logits_BC.float().cpu())
        progress(min(start + _BATCH, len(cases)), len(cases))
    student.cpu()
    patterns = [case.pattern() for case in prepared]
    temperatures = council.calibration.temperature if council.calibration else {}
    several = council.answers == "several"
    probabilities_NC = calibrated(torch.cat(logits).double().numpy(), patterns, temperatures, several)
    sets_NC = None
    if council.calibration is not None:
        sets_NC = np.zeros(probabilities_NC.shape, dtype=bool)
        for row, pattern in enumerate(patterns):
            sets_NC[row, list(label_set(probabilities_NC[row], council.calibration.threshold_of(pattern)))] = True
    labels_N = truth_of(cases, names, council.answers)
    alpha = council.calibration.alpha if council.calibration else 0.1
    ordered = council.summary is not None and council.summary.ordered
    return Answers(probabilities_NC, labels_N, patterns, names, sets_NC, alpha, ordered), prepared


@torch.inference_mode()
def measure_council(
    council: Council,
    cases: Sequence[Case],
    blobs: Blobs,
    split: str,
    device: DeviceInfo,
    progress: Callable[[int, int], None] = _silent,
) -> Measured:
    """Return what the council is worth on these cases; their labels must be known to it."""
    answers, prepared = council_answers(council, cases, blobs, device, progress)
    measured = measure(answers, split)
    if council.calibration is None:
        return measured
    dynamic = measure_dynamic(
        council.student, council.calibration, council.preparation, prepared, answers.labels_N, len(answers.label_names)
    )
    return measured.model_copy(update={"dynamic": dynamic})
