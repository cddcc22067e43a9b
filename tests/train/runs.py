"""Whole training runs on a few generated cases, small enough for a test."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.demo.domains import DOMAINS
from engine.device import choose_device
from engine.jobs.run_folder import CASES_FILE, EVENTS_FILE, TASK_FILE, RunFolder
from engine.schema.case import Case
from engine.schema.config import Choice, LossConfig, OptimConfig, RunConfig, StudentConfig
from engine.schema.domain_folder import find
from engine.schema.knowledge import KNOWLEDGE_FILE, KnowledgeVersion, version_of
from engine.schema.knowledge_file import read
from engine.schema.worker import Control, Task
from engine.store.blobs import Blobs
from engine.train.material import Material
from engine.train.telemetry import Pinned
from engine.train.trainer import Surroundings

STUDENT = StudentConfig(width=32, layers=2, heads=4, experts=4, hidden=16, image_size=16)
DENSE = Choice(name="fusion", settings={"width": 32, "hidden": 32, "epochs": 1})
LABELS = DOMAINS["clinic"].world.labels


def tiny_config(**changes: Any) -> RunConfig:
    """Return a run of seconds."""
    settings: dict[str, Any] = {
        "recipe": "distil",
        "student": STUDENT,
        "teachers": (DENSE,),
        "loss": LossConfig(),
        "optim": OptimConfig(epochs=3, batch=16),
        "folds": 2,
        "threads": 1,
        "device": "cpu",
    }
    return RunConfig(**settings | changes)


def heard_by_nobody(run: Path, material: Material) -> Surroundings:
    """Return the surroundings of a stage that is trained by itself, on the CPU: nobody listens, and nobody stops it."""
    return Surroundings(
        run=run,
        material=material,
        device=choose_device("cpu"),
        sink=lambda _: None,
        stopping=lambda: False,
        progress=lambda stage, done, total: None,
        check_rows=(),
        pinned=Pinned((), (), (), ()),
    )


def clinic_knowledge() -> str:
    """Return the knowledge file that ships with the clinic."""
    folder = find("clinic")
    return (folder / KNOWLEDGE_FILE).read_text(encoding="utf-8")


def kept_knowledge(project: Path, text: str, number: int = 1) -> KnowledgeVersion:
    """Keep a knowledge file as the service would, and return its version."""
    sha256 = Blobs(project / "blobs").put(text.encode())
    return version_of(read(text.encode(), [label.name for label in LABELS]), number, sha256, "2030-01-01")


def make_run(
    project: Path,
    job_id: str,
    cases: Sequence[Case],
    config: RunConfig,
    model: str = "",
    knowledge: KnowledgeVersion | None = None,
) -> Path:
    """Make a run folder as the service would and return its path."""
    run = project / "runs" / job_id
    run.mkdir(parents=True)
    task = Task(
        job_id=job_id,
        kind="train",
        project=str(project),
        labels=LABELS,
        train=config,
        model_folder=model,
        knowledge=knowledge,
    )
    (run / TASK_FILE).write_text(task.model_dump_json(), encoding="utf-8")
    (run / CASES_FILE).write_text("".join(case.model_dump_json() + "\n" for case in cases), encoding="utf-8")
    return run


def events(run: Path, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of a run's events of a kind."""
    lines = (json.loads(line)["body"] for line in (run / EVENTS_FILE).read_text(encoding="utf-8").splitlines())
    return [body for body in lines if body["kind"] == kind]


class PowerCut(BaseException):
    """Ends a run as a kill does: nothing is saved on the way out."""


class FolderWithOrders(RunFolder):
    """A run folder whose control says `order` from the `after`-th look within a stage on; the order `cut` is a power cut."""

    def __init__(self, path: Path, order: str, stage: str, after: int) -> None:
        super().__init__(path)
        self._order, self._stage, self._after = order, stage, after
        self._looks, self._reached = 0, False

    def progress(self, phase: str, done: int, total: int, detail: str = "") -> None:
        """Take note of the stage."""
        self._reached = self._reached or detail == self._stage
        super().progress(phase, done, total, detail)

    def control(self) -> Control:
        """Return the order when its time has come."""
        self._looks += self._reached
        if self._looks <= self._after:
            return Control()
        if self._order == "cut":
            raise PowerCut
        return Control.model_validate({"action": self._order})
