"""Training on generated cases in a worker process of its own, exactly as a project would."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from engine.schema.case import Case, Label
from engine.schema.config import RunConfig
from engine.schema.worker import Task, worker_environment

_TASK_FILE, _CASES_FILE = "task.json", "cases.jsonl"


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
    subprocess.run([sys.executable, "-m", "engine.jobs.worker", str(run)], check=True, env=around)
    return run
