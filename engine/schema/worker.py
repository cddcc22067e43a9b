"""What the service hands to its workers, as files in a run folder or as lines on a pipe.

A run folder `runs/<job id>/` holds `task.json` (a `Task`), `cases.jsonl` (a `Case` a line, no database needed),
`control.json` (a `Control`, replaced whole), `events.jsonl` (`RunLine`s, appended by the worker), `worker.json` (pid and start
time) and what the worker makes. A worker is started as `python -m engine.jobs.worker RUN_FOLDER`.

What the service takes over when a worker has appended its `Finished`, by kind: `import` and `demo` leave `RESULT_FILE` (a `Case`
a line) and `DATASET_FILE` (a `Dataset`) in the run folder; `train` leaves the model in `Finished.folder` (`MODEL_FOLDER`) with a
`SUMMARY_FILE` (a `ModelSummary`; the service sets its `model_id`, `size` and `sha256`); `evaluate` puts its figures in
`Finished.values`.
"""

import os
from typing import Literal

from pydantic import Field

from engine.schema.base import Answering, Message
from engine.schema.case import Case, Dataset, Label, Part
from engine.schema.command import Action, ImportPlan, StartDemo, StartEvaluation, StartImport
from engine.schema.config import RunConfig
from engine.schema.errors import ErrorBody
from engine.schema.knowledge import KnowledgeVersion
from engine.schema.prediction import Prediction

RESULT_FILE = "result.jsonl"
DATASET_FILE = "dataset.json"
KNOWN_FILE = "known.jsonl"
"""The `KnownRow`s of the data sets that a table may be of, a line each; an import finds it."""
CHANGED_FILE = "changed.jsonl"
ROWS_FILE = "rows.jsonl"
"""What an import of a known table leaves besides: the cases whose rows have changed, as they were read now under the ids they have, and a
`KnownRow` a line of every case that its rows are."""
KNOWLEDGE_VERSION_FILE = "knowledge.json"
"""The `KnowledgeVersion` that came in with the cases of an import or a demo, where there is one; its text is a blob."""
SUMMARY_FILE = "summary.json"
MODEL_CONFIG_FILE = "config.json"
MODEL_FOLDER = "final"
ALIVE_FILE = "service.alive"
ALONE_FILE = "left.alone"
"""Touched by the service every few seconds while it watches a run; an old one means that nobody does."""

_TUNED = {
    # Tensors of a step are freed and taken again: without these glibc returns them to the system each time and faults them back.
    "MALLOC_MMAP_THRESHOLD_": "268435456",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    # Threads of torch wait for each other by spinning: on two cores of which one is busy with something else a training step took
    # 3.3 s instead of 0.2 s. Spinning only shortly costs 5 % where nothing else runs and keeps it at 0.4 s.
    "GOMP_SPINCOUNT": "3000",
}


def worker_environment() -> dict[str, str]:
    """Return the environment of a process that computes; what the person has set stays as it is."""
    return {**_TUNED, **os.environ}


class Task(Message):
    """What a worker shall do; exactly one of the four bodies is set, as `kind` says."""

    job_id: str
    kind: Literal["import", "train", "evaluate", "demo"]
    project: str = Field(
        description="Absolute path of the project folder; workers read blobs from it and add new ones."
    )
    labels: tuple[Label, ...] = ()
    answers: Answering = "one"
    synthetic: bool = False
    domain: str = ""
    train: RunConfig | None = None
    imports: StartImport | None = None
    evaluate: StartEvaluation | None = None
    demo: StartDemo | None = None
    plan: ImportPlan | None = None
    datasets: tuple[Dataset, ...] = Field((), description="Of an import: the data sets that came in as tables before.")
    model_folder: str = Field("", description="Folder of the model to start from or to evaluate.")
    knowledge: KnowledgeVersion | None = Field(
        None, description="The knowledge file a training learns with; its text is the blob of that sha256."
    )


class Control(Message):
    """What the worker shall do next; looked at once a step. `run` goes on."""

    action: Action | Literal["run"] = "run"


class WorkerFile(Message):
    """Who works on a run: enough to find the process again and not to mistake another for it."""

    pid: int
    started: float = Field(description="The process's start time as the system counts it (psutil `create_time`).")


class PredictRequest(Message):
    """A line to the predictor: answer for these parts with the model in this folder."""

    request: str
    ask: Literal["predict", "catalog", "forget"] = "predict"
    model_folder: str = ""
    parts: tuple[Part, ...] = ()
    blobs: str = Field("", description="Folder of the blobs.")
    explain: bool = True
    spare: bool = False


class PredictReply(Message):
    """A line from the predictor: one of `prediction`, `catalog` (JSON of a `Catalog`) and `problem`; none where it was to forget."""

    request: str
    prediction: Prediction | None = None
    catalog: str = ""
    problem: ErrorBody | None = None


class DecodedPart(Message):
    """What the decode process found: the part, and how many bytes of its decoded form follow on the pipe."""

    part: Part
    length: int = 0


MEASURED_FILE = "measured.json"
"""What `evaluate` leaves in its run folder: a `Measured`."""

CaseLine = Case
"""A line of `cases.jsonl`."""
