"""Upcycling as a setting of a run: each stage starts from copies of the dense student that may speak for it."""

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.schema.case import Case
from engine.schema.config import Choice
from engine.schema.errors import UserError
from tests.train.runs import STUDENT, make_run, tiny_config

DENSE = STUDENT.model_copy(
    update={"experts": 1, "router": Choice(name="token-choice", settings={"experts_per_token": 1})}
)


def _config(**changes: Any) -> Any:
    return tiny_config(**{"teachers": (), "start_from": "model-dense", "upcycle": True} | changes)


@pytest.fixture(scope="module")
def dense(project: Path, cases: list[Case]) -> Path:
    run = make_run(project, "train-dense", cases[:60], tiny_config(teachers=(), student=DENSE))
    train(RunFolder(run))
    return run / "final"


def test_run_when_upcycled_then_every_stage_starts_from_copies_of_its_own_dense_student(
    project: Path, cases: list[Case], dense: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import engine.train.run as module

    started: dict[str, dict[str, Tensor]] = {}
    real = module.train_stage

    def watched(around: Any, stage: Any) -> Any:
        started[stage.name] = stage.start
        return real(around, stage)

    monkeypatch.setattr(module, "train_stage", watched)
    run = make_run(project, "train-upcycled", cases[:60], _config(upcycle_noise=0.0), str(dense))
    train(RunFolder(run))
    assert set(started) == {"fold-1", "fold-2", "final"}
    for stage, start in started.items():
        path = dense / "model.safetensors" if stage == "final" else dense / "folds" / f"{stage}.safetensors"
        before = load_file(path)
        assert all(torch.equal(start[name], before[name]) for name in before if not name.startswith("blocks."))
        for copies in (start["blocks.0.experts.into_EH2D"], start["blocks.1.experts.into_EH2D"]):
            assert copies.shape[0] == STUDENT.experts
        name = "blocks.1.experts.back_EHD"
        assert torch.equal(start[name], before[name].expand_as(start[name]))
    council = load_council(run / "final")
    assert council.config.experts == STUDENT.experts
    assert council.config.router == STUDENT.router
    after = council.student.state_dict()["blocks.1.experts.back_EHD"]
    assert not torch.equal(after[0], after[1]), "fresh routers alone let equal experts part ways"


def test_run_when_upcycling_has_noise_then_is_the_same_run_for_the_same_seed(
    project: Path, cases: list[Case], dense: Path
) -> None:
    made = []
    for name in ("one", "two"):
        run = make_run(project, f"train-noisy-{name}", cases[:60], _config(), str(dense))
        train(RunFolder(run))
        made.append(load_file(run / "final" / "model.safetensors"))
    assert all(torch.equal(made[0][name], made[1][name]) for name in made[0])


def test_run_when_there_is_nothing_to_upcycle_then_says_so(project: Path, cases: list[Case]) -> None:
    run = make_run(project, "train-nothing-dense", cases[:60], _config(start_from=""))
    with pytest.raises(UserError, match="no model to start from"):
        train(RunFolder(run))
