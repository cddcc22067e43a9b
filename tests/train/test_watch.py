"""Alerts from held-out answers: told where they are true beyond luck, and nowhere else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.schema.base import MODALITIES
from engine.schema.case import Case
from engine.schema.config import OptimConfig
from engine.train import trainer, watch
from engine.train.watch import getting_worse, ignored_inputs
from tests.train.runs import events, make_run, tiny_config

LABELS_H = np.arange(400) % 4


def _said(skill: float, seed: int) -> np.ndarray:
    noise_HC = np.random.default_rng(seed).normal(size=(400, 4))
    return (noise_HC + skill * np.eye(4)[LABELS_H]).astype(np.float32)


@pytest.mark.parametrize(
    ("skills", "told"),
    [
        ((1.0, 2.0, 1.0, 1.0, 1.0), [2]),
        ((1.0, 2.0, 1.0, 1.0), []),  # two evaluations back: it may yet pass
        ((1.0, 1.5, 2.0, 2.0, 2.0), []),
        ((2.0, 2.0, 2.0, 2.0, 2.0, 2.0), []),
    ],
)
def test_held_answers_when_they_have_got_worse_for_a_while_are_told_with_the_best_pass(
    skills: tuple[float, ...], told: list[int]
) -> None:
    logits = [_said(skill, seed) for seed, skill in enumerate(skills)]
    found = getting_worse(range(1, len(skills) + 1), logits, LABELS_H, "fold-1")
    assert [alert.parameters for alert in found] == [{"stage": "fold-1", "epoch": epoch} for epoch in told]


def test_held_answers_when_only_louder_are_not_worse() -> None:
    said = _said(2.0, 0)
    assert getting_worse(range(1, 6), [said, said, 3 * said, 5 * said, 9 * said], LABELS_H, "fold-1") == []


def test_inputs_when_hidden_one_by_one_then_those_that_change_nothing_are_told() -> None:
    whole = _said(2.0, 1)
    present_HM = np.ones((400, 3), dtype=bool)
    present_HM[:, 2] = np.arange(400) < 40  # too few to say
    worth = {"text": 0.0, "image": 1.5, "audio": 0.0}

    def without(modality: str, rows: np.ndarray) -> np.ndarray:
        return (whole - worth[modality] * np.eye(4)[LABELS_H].astype(np.float32))[rows]

    found = ignored_inputs(whole, LABELS_H, present_HM, without, "fold-1")
    assert [alert.parameters for alert in found] == [{"stage": "fold-1", "modality": "text"}]
    lone_HM = np.eye(3, dtype=bool)[np.arange(400) % 3]
    assert ignored_inputs(whole, LABELS_H, lone_HM, without, "fold-1") == []


def test_run_when_inputs_change_less_than_asked_says_so_once_a_fold_of_what_its_own_students_answered(
    project: Path, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [case for case in cases if case.split == "train"]
    asked: dict[str, list[int]] = {}
    real = trainer.ignored_inputs

    def watched(whole_HC: np.ndarray, labels_H: np.ndarray, present_HM: np.ndarray, without: Any, stage: str) -> Any:
        asked[stage] = [len(without("image", np.flatnonzero(present_HM[:, 1]))), int(present_HM[:, 1].sum())]
        hidden_HC = without("image", np.arange(len(labels_H)))
        absent_H = ~present_HM[:, 1]
        assert np.allclose(hidden_HC[absent_H], whole_HC[absent_H], atol=1e-5), "nothing was there to hide"
        assert (np.abs(hidden_HC - whole_HC)[~absent_H].max(1) > 1e-4).all()
        return real(whole_HC, labels_H, present_HM, without, stage)

    monkeypatch.setattr(trainer, "ignored_inputs", watched)
    monkeypatch.setattr(watch, "_FEWEST", 20)
    for hardly, told in ((1e-9, set()), (10.0, {(f"fold-{n}", m) for n in (1, 2) for m in MODALITIES})):
        monkeypatch.setattr(watch, "HARDLY", hardly)
        run = make_run(project, f"watch-{hardly}", rows, tiny_config(optim=OptimConfig(epochs=1, batch=32)))
        train(RunFolder(run))
        found = [alert["parameters"] for alert in events(run, "alert") if alert["code"] == "input-ignored"]
        assert sorted((one["stage"], one["modality"]) for one in found) == sorted(told)
    assert sorted(asked) == ["fold-1", "fold-2"], "neither teachers nor the final student"
    assert all(answered == there > 0 for answered, there in asked.values())


def test_run_when_a_label_is_one_groups_alone_then_says_that_it_could_not_be_checked(
    project: Path, cases: list[Case]
) -> None:
    rows = [case for case in cases if case.split == "train"]
    lone = rows[0].label
    grouped = [
        case.model_copy(update={"group": "one patient" if case.label == lone else f"p{n}"})
        for n, case in enumerate(rows)
    ]
    config = tiny_config(teachers=(), optim=OptimConfig(epochs=1, batch=32))
    for name, kept, told in (("alone", grouped, [lone]), ("spread", rows, [])):
        run = make_run(project, f"watch-{name}", kept, config)
        train(RunFolder(run))
        logs = [one for one in events(run, "log") if one["code"] == "labels-in-one-fold"]
        assert [one["parameters"]["labels"] for one in logs] == told
