"""Every router trains a council that is kept, loaded and asked; a run that was cut off goes on to the same bits."""

import hashlib
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.model.student import Outcome
from engine.model.trunk.routers import routers
from engine.preprocess.batch import collate
from engine.schema.case import Case
from engine.schema.config import Choice, LossConfig
from engine.store.blobs import Blobs
from tests.train.runs import STUDENT, FolderWithOrders, PowerCut, events, make_run, tiny_config

EVERYTHING = LossConfig(
    distil=0.0,
    hidden=0.0,
    balance=0.01,
    importance=0.01,
    local_entropy=0.01,
    global_entropy=0.01,
    modality_entropy=0.01,
)


@pytest.mark.parametrize("name", routers.names())
def test_run_when_it_takes_any_router_then_it_ends_in_a_council_that_answers_and_goes_on_after_a_power_cut(
    name: str, project: Path, cases: list[Case]
) -> None:
    loss = EVERYTHING.model_copy(update={"load": 0.01 if name == "noisy-top-k" else 0.0})
    settings = {"scope": "per-modality", "experts_per_token": 2}
    student = STUDENT.model_copy(update={"router": Choice(name=name, settings=settings)})
    config = tiny_config(student=student, loss=loss, teachers=())
    whole, cut = (make_run(project, f"router-{name}-{which}", cases[:60], config) for which in ("whole", "cut"))
    train(RunFolder(whole))
    told = [metric["values"] for metric in events(whole, "metrics") if metric["split"] == "train"]
    assert {"importance", "local_entropy", "global_entropy", "modality_entropy"} <= set(told[-1])
    assert ("load" in told[-1]) == (name == "noisy-top-k")
    with pytest.raises(PowerCut):
        train(FolderWithOrders(cut, "cut", "fold-2", 5))
    train(RunFolder(cut))
    weights = [(run / "final" / "model.safetensors").read_bytes() for run in (whole, cut)]
    assert hashlib.sha256(weights[0]).digest() == hashlib.sha256(weights[1]).digest()
    council = load_council(whole / "final")
    blobs = Blobs(project / "blobs")
    prepared = [council.preparation.prepare(case.parts, blobs) for case in cases[:6]]
    with torch.inference_mode():
        together = council.student(collate(prepared, council.preparation))
        alone = [council.student(collate([one], council.preparation)).logits_BC for one in prepared]
    assert together.logits_BC.isfinite().all()
    same_B = (together.logits_BC - torch.cat(alone)).abs().amax(1) < 1e-4
    assert (same_B | _tied(together)).all()
    assert same_B.sum() >= 5


def _tied(outcome: Outcome) -> Tensor:
    """Return which cases have a token whose experts score alike to the last digits, so that either may be taken."""
    tied_B = torch.zeros(len(outcome.present_BM), dtype=torch.bool)
    for routing in outcome.routing:
        best_TE = routing.logits_TE.sort(1, descending=True).values
        tied_B[outcome.owner_T[((best_TE[:, :-1] - best_TE[:, 1:]) < 1e-5).any(1)]] = True
    return tied_B
