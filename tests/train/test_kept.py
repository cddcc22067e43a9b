"""What a run that was stopped keeps: weights with what these very weights said, never with what others did."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.jobs import train_job
from engine.schema.config import OptimConfig, StudentConfig
from engine.store.blobs import Blobs
from engine.train import finish
from engine.train.checkpoint import save_weights
from engine.train.choose import OutOfFold
from engine.train.folds import Fold
from engine.train.run import Trained
from engine.train.stage import Held, StageResult
from engine.train.trainer import answer
from tests.small_council import small_cases
from tests.train.runs import FolderWithOrders, make_run, tiny_config

LABELS_N = np.arange(40) % 2


def test_run_when_stopped_after_a_pass_that_was_not_looked_at_then_keeps_what_its_weights_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blobs").mkdir()
    # A pass is one step, and every second pass is looked at: stopped after the third.
    config = tiny_config(teachers=(), optim=OptimConfig(epochs=16, batch=64, learning_rate=0.01, warmup=0.0))
    run = make_run(tmp_path, "train-stopped", small_cases(Blobs(tmp_path / "blobs"), 40), config)
    seen = {}

    def kept(trained: Trained, *rest: object) -> finish.Kept | None:
        seen["kept"] = choose(trained, *rest)  # type: ignore[arg-type]
        return seen["kept"]

    def measured(held: object, material: object, *rest: object) -> object:
        seen["material"] = material
        return measure(held, material, *rest)  # type: ignore[arg-type]

    choose, measure = finish.choose_kept, finish.measure_held
    monkeypatch.setattr(train_job, "choose_kept", kept)
    monkeypatch.setattr(train_job, "measure_held", measured)
    train_job.run(FolderWithOrders(run, "stop-and-keep", "fold-1", 2))
    found, material = seen["kept"], seen["material"]
    assert found.result.epoch == found.result.held.epochs[-1] == 3
    student = finish.student_with(found.weights, material, config.student)
    now_NC = answer(student, material, found.held.rows_N, train_job.choose_device("cpu")).logits_NC
    assert np.allclose(now_NC, found.held.logits_NC, atol=1e-5)


@pytest.mark.parametrize(("passes", "kept"), [(1, "fold-1"), (4, "final")])
def test_final_student_when_stopped_before_any_fold_was_looked_at_then_is_not_told_by_what_folds_became_later(
    tmp_path: Path, passes: int, kept: str
) -> None:
    (tmp_path / "checkpoints").mkdir()
    rows = np.arange(len(LABELS_N))
    sure_NC = np.where(np.eye(2)[LABELS_N] > 0, 6.0, 0.0).astype(np.float32)
    folds = tuple(Fold(k + 1, rows[rows % 4 // 2 != k], rows[rows % 4 // 2 == k]) for k in range(2))
    results = tuple(
        StageResult(fold.name, {}, Held((4, 8), np.stack([sure_NC[fold.held]] * 2)), 8, True, (1, 1)) for fold in folds
    )
    final = StageResult("final", {}, Held((), np.zeros((0, 0, 2), np.float32)), passes, False, (1, 1))
    found = finish.choose_kept(Trained(folds, results, final, 8, ()), LABELS_N, tmp_path)
    assert found is not None
    assert found.result.name == kept


def test_fold_students_when_kept_then_are_those_whose_answers_speak_for_the_model(tmp_path: Path) -> None:
    rows, truth_NC = np.arange(len(LABELS_N)), np.eye(2)[LABELS_N]
    folds = tuple(Fold(k + 1, rows[rows % 4 // 2 != k], rows[rows % 4 // 2 == k]) for k in range(2))
    sureness = {4: (6.0, 0.1), 8: (0.1, 6.0)}  # the first fold is best early, the second late
    results = []
    for place, fold in enumerate(folds):
        for epoch in sureness:
            weights = {"made": torch.tensor([float(fold.number), float(epoch)])}
            facts = {"stage": fold.name, "step": epoch, "epoch": epoch, "student": StudentConfig(), "labels": 2}
            save_weights(tmp_path, facts, weights)
        logits = np.stack([strength[place] * truth_NC[fold.held] for strength in sureness.values()])
        held = Held(tuple(sureness), logits.astype(np.float32))
        results.append(StageResult(fold.name, weights, held, 8, True, (1, 1)))
    final = StageResult("final", {}, Held((), np.zeros((0, 0, 2), np.float32)), 8, True, (1, 1))
    found = finish.choose_kept(Trained(folds, tuple(results), final, 8, ()), LABELS_N, tmp_path)
    assert found is not None
    assert found.held.logits_NC[: len(folds[0].held)].max() == pytest.approx(0.1)
    assert {name: weights["made"].tolist() for name, weights in found.folds.items()} == {
        "fold-1": [1.0, 8.0],
        "fold-2": [2.0, 4.0],
    }


@pytest.mark.parametrize("groups", [1, 4])
def test_measures_of_a_run_that_was_stopped_with_one_fold_when_repeated_then_coverage_is_no_constant(
    groups: int,
) -> None:
    found = []
    for seed in range(30):
        dice = np.random.default_rng(seed)
        logits_NC = dice.normal(size=(60, 4)) * 2
        chances_NC = np.exp(logits_NC) / np.exp(logits_NC).sum(1, keepdims=True)
        labels_N = np.array([dice.choice(4, p=p_C) for p_C in chances_NC])
        held = OutOfFold(3, np.arange(60), logits_NC, np.full(60, 1))
        material = SimpleNamespace(
            labels=[SimpleNamespace(name=name) for name in "abcd"], labels_N=labels_N,
            groups=[f"g{row // groups}" for row in range(60)], patterns=lambda: ["text"] * 60,
        )  # fmt: skip
        measured = finish.measure_held(held, material, 0.1)  # type: ignore[arg-type]
        assert measured.coverage is not None
        found.append(measured.coverage)
    assert np.std(found) > 0.02, "calibrated on its own rows it would be the promise itself, each time"
    assert np.mean(found) == pytest.approx(0.9, abs=0.03)
