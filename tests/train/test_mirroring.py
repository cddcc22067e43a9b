"""Mirrored pictures in training: only where a run allows it, then about half of them, and the same ones for the same seed."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.model.student import Outcome, Student
from engine.preprocess.batch import Batch
from engine.preprocess.preparation import Preparation
from engine.schema.case import Case
from engine.schema.config import LossConfig, OptimConfig
from engine.store.blobs import Blobs
from engine.train.material import Material, prepare_material, training_cases
from engine.train.stage import Stage
from engine.train.trainer import train_stage
from tests.train.runs import LABELS, STUDENT, heard_by_nobody


@pytest.fixture(scope="module")
def material(project: Path, cases: list[Case]) -> Material:
    """Return cases whose pictures are dark on the left and bright on the right."""
    learned = training_cases(cases, LABELS)
    blobs = Blobs(project / "blobs")
    made = prepare_material(
        learned, LABELS, blobs, Preparation.fit(learned, blobs, STUDENT), 1, lambda done, total: None
    )
    views = tuple(
        tuple(
            dataclasses.replace(
                case,
                images=tuple(
                    dataclasses.replace(image, pixels_HWC=_dark_left(image.pixels_HWC)) for image in case.images
                ),
            )
            for case in versions
        )
        for versions in made.views
    )
    return dataclasses.replace(made, views=views)


def _dark_left(pixels_HWC: np.ndarray) -> np.ndarray:
    drawn_HWC = np.zeros_like(pixels_HWC)
    drawn_HWC[:, drawn_HWC.shape[1] // 2 :] = 255
    return drawn_HWC


def _pictures(material: Material, run: Path, monkeypatch: pytest.MonkeyPatch, optim: OptimConfig) -> Tensor:
    """Return all pictures that the student is shown while it learns."""
    shown: list[Tensor] = []
    forward = Student.forward

    def seen(student: Student, batch: Batch, *rest: object) -> Outcome:
        if student.training:
            shown.append(batch.images.pixels_NCHW)
        return forward(student, batch, *rest)  # type: ignore[arg-type]

    around = heard_by_nobody(run, material)
    rows = np.arange(material.size)
    with monkeypatch.context() as patch:
        patch.setattr(Student, "forward", seen)
        train_stage(around, Stage("fold-1", 1, rows, rows[:0], STUDENT, LossConfig(), optim))
    return torch.cat(shown)


def _share_mirrored(pixels_NCHW: Tensor) -> float:
    middle = pixels_NCHW.shape[3] // 2
    left_N, right_N = pixels_NCHW[..., :middle].mean((1, 2, 3)), pixels_NCHW[..., middle:].mean((1, 2, 3))
    return float((left_N > right_N).float().mean())


def test_pictures_when_a_run_does_not_ask_for_it_then_none_is_mirrored(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = _pictures(material, tmp_path, monkeypatch, OptimConfig(epochs=1, batch=16))
    assert len(plain) > 50
    assert _share_mirrored(plain) == 0
    assert OptimConfig().flip is False


def test_pictures_when_a_run_allows_it_then_about_half_are_mirrored_and_the_same_for_the_same_seed(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    optim = OptimConfig(epochs=2, batch=16, flip=True)
    first, again = (_pictures(material, tmp_path / name, monkeypatch, optim) for name in ("first", "again"))
    assert 0.4 < _share_mirrored(first) < 0.6
    assert torch.equal(first, again)
