"""A small council with fresh weights and everything fitted around it: what it says is chance, how it is said is real."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import torch

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.model.calibrated import Calibration
from engine.model.pretrained import Council
from engine.model.student import build_student
from engine.predict.conformal import counts
from engine.predict.inputs import describe
from engine.predict.reference import Vectors, fit_reference
from engine.preprocess.batch import collate
from engine.preprocess.preparation import Preparation
from engine.schema.case import Case
from engine.schema.config import StudentConfig
from engine.schema.model import Interval, Measured, ModelSummary
from engine.store.blobs import Blobs

CONFIG = StudentConfig(width=32, layers=2, heads=4, experts=4, hidden=32)
NOW = datetime(2030, 1, 1, tzinfo=UTC)
CASES = 120


def small_cases(blobs: Blobs, count: int = CASES) -> list[Case]:
    """Return generated clinic cases."""
    return list(keep_cases(DOMAINS["clinic"], "train", count, 7, blobs, "tiny", NOW))


def build_council(cases: Sequence[Case], blobs: Blobs, seed: int = 3) -> Council:
    """Return a council with fresh weights, a fixed calibration and a fitted reference."""
    labels = DOMAINS["clinic"].world.labels
    preparation = Preparation.fit(cases, blobs, CONFIG)
    torch.manual_seed(seed)
    student = build_student(CONFIG, preparation, len(labels)).eval().requires_grad_(False)
    with torch.inference_mode():
        said = student(collate([preparation.prepare(case.parts, blobs) for case in cases], preparation))
    view = Vectors(said.fused_BD.numpy(), said.own_BMD.numpy(), said.present_BM.numpy())
    fold_N = np.arange(len(cases)) % 2
    reference = fit_reference(view, [view, view], fold_N, [describe(case.parts, blobs) for case in cases])
    n = counts([case.pattern() for case in cases])
    calibration = Calibration({"all": 1.3, "text+image+audio": 0.9}, {"all": 0.95, "text+image+audio": 0.9}, 0.1, n)
    return Council(student, preparation, labels, CONFIG, calibration, reference, summary())


def summary() -> ModelSummary:
    """Return a summary with figures that are made up."""
    return ModelSummary(
        model_id="model-tiny",
        name="Tiny",
        dataset="tiny",
        labels=DOMAINS["clinic"].world.labels,
        recipe="quick",
        parameters=1,
        layers=2,
        experts=4,
        out_of_fold=_measured(),
        synthetic=True,
        created_at=NOW,
    )


def _measured() -> Measured:
    return Measured(
        split="out-of-fold",
        accuracy=Interval(value=0.75, low=0.66, high=0.82, n=CASES),
        balanced_accuracy=0.7,
        macro_f1=0.7,
        ece=0.05,
        nll=0.9,
        by_pattern={
            "text+image+audio": Interval(value=0.8, low=0.7, high=0.88, n=90),
            "text": Interval(value=0.5, low=0.1, high=0.9, n=4),
        },
    )
