"""A run whose students leave a fold out in parts, and its teachers whole."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

import engine.train.run as module
from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.schema.case import Case
from engine.schema.config import OptimConfig
from engine.schema.ledger import LEDGER_FILE, Ledger
from engine.train.stage import Stage
from tests.train.runs import events, make_run, tiny_config

SHORT = OptimConfig(epochs=2, batch=16)
OWN_SEED = 11
"""No other run of the project's has it, so no teacher's answers lie ready."""
PARTS = ("fold-1", "fold-2", "fold-3", "fold-4")


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> dict[str, Stage]:
    """The stages of the run that is trained, as they begin."""
    begun: dict[str, Stage] = {}
    real = module.train_stage

    def watched(around: Any, stage: Stage) -> Any:
        begun[stage.name] = stage
        return real(around, stage)

    monkeypatch.setattr(module, "train_stage", watched)
    return begun


def test_run_when_folds_are_left_out_in_parts_then_no_student_hears_of_what_it_is_asked_and_starts_are_its_own(
    project: Path, cases: list[Case], stages: dict[str, Stage]
) -> None:
    run = make_run(project, "parts-whole", cases, tiny_config(parts=2, optim=SHORT, seed=OWN_SEED))
    train(RunFolder(run))
    teachers = {name: stage for name, stage in stages.items() if name.startswith("teacher")}
    assert list(teachers) == ["teacher-1", "teacher-2"]
    assert list(stages) == [*teachers, *PARTS, "final"]
    held = [set(stages[name].held.tolist()) for name in PARTS]
    assert sorted(row for rows in held for row in rows) == list(range(96))
    for name, rows, teacher in zip(PARTS, held, ("teacher-1", "teacher-1", "teacher-2", "teacher-2"), strict=True):
        assert rows.isdisjoint(stages[name].learn.tolist())
        assert len(stages[name].learn) + len(rows) == 96
        assert rows.isdisjoint(teachers[teacher].learn.tolist())
        own, other = (stages[part].lessons[0].answers_NVC for part in (name, PARTS[0 if name in PARTS[:2] else 2]))
        assert torch.equal(own, other), "both parts of a fold are taught by those who left all of it out"
    assert not torch.equal(stages["fold-1"].lessons[0].answers_NVC, stages["fold-3"].lessons[0].answers_NVC)
    mean = torch.stack([stages[name].lessons[0].answers_NVC.exp() for name in ("fold-1", "fold-3")]).mean(0)
    known = stages["final"].lessons[0].known_NV
    torch.testing.assert_close(stages["final"].lessons[0].answers_NVC.exp()[known], mean[known])

    ledger = Ledger.model_validate_json((run / "final" / LEDGER_FILE).read_bytes())
    assert (ledger.folds, ledger.cases) == (4, 96)
    assert (ledger.learned, ledger.taught) == (72, 48)
    summary = load_council(run / "final").summary
    assert summary is not None
    assert ledger.teachers[0].whole.teacher.accuracy == summary.teachers[0].accuracy

    stages.clear()
    config = tiny_config(recipe="fuse", start_from="model-whole", parts=1, optim=SHORT, seed=OWN_SEED)
    again = make_run(project, "parts-fuse", cases, config, model=str(run / "final"))
    train(RunFolder(again))
    assert "start-without-folds" not in {log["code"] for log in events(again, "log")}
    for name, rows in zip(PARTS, held, strict=True):
        assert set(stages[name].held.tolist()) == rows
        start = stages[name].start
        assert start is not None
        kept = load_file(run / "final" / "folds" / f"{name}.safetensors")
        assert all(torch.equal(start[key], tensor) for key, tensor in kept.items())
    assert not [name for name in stages if name.startswith("teacher")], "the same folds whole: their lessons lie ready"
