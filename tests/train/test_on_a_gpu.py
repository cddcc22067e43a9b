"""A run on a device that refuses what a GPU refuses (`tests.pretend_gpu`): a tensor left behind on the CPU ends it."""

import subprocess
import sys
from pathlib import Path

import pytest
from torch.utils import backend_registration

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.schema.case import Case
from engine.schema.config import Choice, LossConfig, OptimConfig
from tests.conftest import ROOT
from tests.train.runs import DENSE, STUDENT, clinic_knowledge, events, kept_knowledge, make_run, tiny_config

PARTS = {
    "student": STUDENT.model_copy(update={"fusion": Choice(name="attention")}),
    "loss": LossConfig(
        attention=0.1,
        relation_distance=0.1,
        relation_angle=0.1,
        contrast=0.1,
        consistency=0.1,
        importance=0.01,
        local_entropy=0.01,
        global_entropy=0.01,
        more_not_worse=0.1,
        class_weight=0.5,
    ),
    "optim": OptimConfig(epochs=1, batch=16),
    "teachers": (DENSE.model_copy(update={"settings": DENSE.settings | {"states": True}}),),
}

pytestmark = pytest.mark.skipif(
    not hasattr(backend_registration, "_setup_privateuseone_for_python_backend"),
    reason="this torch knows no devices that are written in Python",
)


def on_the_pretended(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240
    )


def test_run_on_a_gpu_when_every_part_is_on_then_ends_as_the_same_run_on_a_cpu_does(
    project: Path, cases: list[Case]
) -> None:
    knowledge = kept_knowledge(project, clinic_knowledge())
    there = make_run(project, "on-a-gpu", cases, tiny_config(device="cuda", **PARTS), knowledge=knowledge)
    done = on_the_pretended("-m", "tests.pretend_gpu", str(there))
    report = there / "report.txt"
    assert done.returncode == 0, f"{done.stderr}\n{report.read_text() if report.exists() else ''}"
    (device,) = [log for log in events(there, "log") if log["code"] == "device"]
    assert device["parameters"]["kind"] == "cuda"
    here = make_run(project, "on-a-cpu", cases, tiny_config(**PARTS), knowledge=knowledge)
    train(RunFolder(here))
    (found,), (expected,) = ([event["values"] for event in events(run, "finished")] for run in (there, here))
    assert {"accuracy", "nll", "val"} <= set(found)
    for name in ("epochs", "accuracy", "nll", "val"):
        assert found[name] == pytest.approx(expected[name], abs=0.02), name


REFUSED = {
    "torch.stack([x, torch.zeros(())])": "on the same device",
    "x + torch.zeros(2)": "on the same device",
    "x.numpy()": "can't convert",
    "torch.randperm(4, device=x.device, generator=torch.Generator())": "device type for generator",
}
_ASKS = """
import sys, torch
from tests.pretend_gpu import pretend, NAME
pretend()
x = torch.zeros((), device=NAME)
for wrong in sys.argv[1:]:
    try:
        eval(wrong)
    except (RuntimeError, TypeError) as error:
        print(error)
"""


def test_pretended_gpu_when_asked_what_a_gpu_refuses_then_refuses_it() -> None:
    told = on_the_pretended("-c", _ASKS, *REFUSED).stdout.splitlines()
    for said, expected in zip(told, REFUSED.values(), strict=True):
        assert expected in said
