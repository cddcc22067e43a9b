"""Training on generated cases in a worker process of its own, exactly as a project would."""

import contextlib
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.schema.case import Case, Label
from engine.schema.config import RunConfig
from engine.schema.worker import ALIVE_FILE, Task, worker_environment

_TASK_FILE, _CASES_FILE = "task.json", "cases.jsonl"
_WATCHED_S = 5.0
"""How often a worker is told that somebody still waits for it."""


def train_apart(
    project: Path, name: str, cases: Sequence[Case], labels: Sequence[Label], config: RunConfig, domain: str = ""
) -> Path:
    """Train on cases whose parts are in `project`'s blobs and return the run folder; raises where the worker failed."""
    job_id = f"job-{name}"
    run = project / "runs" / job_id
    run.mkdir(parents=True)
    task = Task(
        job_id=job_id,
        kind="train",
        project=str(project),
        labels=tuple(labels),
        synthetic=True,
        domain=domain,
        train=config,
    )
    (run / _TASK_FILE).write_text(task.model_dump_json(), encoding="utf-8")
    lines = (case.model_dump_json() for case in cases)
    (run / _CASES_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    around = worker_environment() | {"HF_HUB_OFFLINE": "1"}
    _watched([sys.executable, "-m", "engine.jobs.worker", str(run)], around, run / ALIVE_FILE)
    return run


def _watched(command: list[str], around: dict[str, str], alive: Path) -> None:
    """Run a worker to its end, as a service watches over one: a run that nobody watches gives up after some minutes."""
    with subprocess.Popen(command, env=around) as worker:
        while worker.poll() is None:
            alive.touch()
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(_WATCHED_S)
    if worker.returncode:
        raise subprocess.CalledProcessError(worker.returncode, command)
