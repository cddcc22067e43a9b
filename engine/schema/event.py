"""Events: what happened, in order. The screen is a fold of them, so a live run, an old one and a recovery are one code."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from engine.schema.base import Array, Message, Modality
from engine.schema.case import Case
from engine.schema.command import JobInfo
from engine.schema.errors import ErrorBody
from engine.schema.model import ModelSummary, TeacherReport


class JobChanged(Message):
    """A job entered a state, or its facts changed."""

    kind: Literal["job"] = "job"
    job: JobInfo


class Progress(Message):
    """How far a job is. Phases: `reading`, `teaching`, `fold`, `training`, `measuring`, `weighing`, `generating`, `saving`."""

    kind: Literal["progress"] = "progress"
    phase: str
    done: int
    total: int
    detail: str = ""
    seconds_left: float | None = None


class Metrics(Message):
    """Named values at a step; `split` is `train`, `check` (out of fold, on training rows) or `teacher`.

    Names: `loss`, `hard`, `distil`, `hidden`, `balance`, `router_z`, `auxiliary`, `consistency`, `accuracy`, `nll`,
    `learning_rate`, `gradient_norm`. Where a case may have several labels, `accuracy` counts cases with all of them right and
    `label_accuracy` single labels.
    """

    kind: Literal["metrics"] = "metrics"
    step: int
    epoch: float
    split: Literal["train", "check", "teacher"]
    values: dict[str, float]
    stage: str = Field("final", description="`teacher`, `fold-1`, ... or `final`; only curves of one stage join.")


class Gate(Message):
    """How sure the routers were, as sums over tokens: divide by `tokens` for the mean. p_t = softmax(h_t), whatever the weights are.

    `tokens` are int64 (modalities), the others (layers, modalities): `unserved`, int64, the tokens that no expert took; float32 `top`,
    max_e p; `entropy`, H(p)/ln E, left out with one expert; `margin`, p_(k) - p_(k+1) where a token takes k of E, as a mean over the tokens
    with 0 < k < E times `tokens`: not a number where there is none of them, left out where there can be none.
    """

    tokens: Array
    unserved: Array
    top: Array
    entropy: Array | None = None
    margin: Array | None = None


class Routing(Message):
    """Who worked on what: int64 counts (layers, experts, modalities).

    `source` says over what: `training`, the steps since the last such event; `check`, the check cases once through in
    evaluation mode with the weights of `checkpoint`. Measures are per layer: `entropy` is H(f)/ln E (1 = even),
    `max_violation` is MaxVio = max n/mean n - 1 (0 = even).
    """

    kind: Literal["routing"] = "routing"
    step: int
    source: Literal["training", "check"]
    stage: str = "final"
    counts: Array
    entropy: tuple[float, ...]
    max_violation: tuple[float, ...]
    modalities: tuple[Modality, ...] = ("text", "image", "audio")
    checkpoint: str = ""
    dropped: int = Field(
        0, description="Tokens without an expert over all layers; 0 where every token takes K of them."
    )
    gate: Gate | None = None
    changed: Array | None = Field(
        None,
        description="Of a check: int64 (layers, modalities), tokens whose first choice changed since the last checkpoint of the stage.",
    )
    together: Array | None = Field(
        None,
        description="Of a check: int32 (layers, experts, experts), tokens that two experts both worked on. Where that is too large: "
        "uint8 (layers, pairs i < j), 255 times the share of the less busy one's tokens. Left out where that is too large too.",
    )


class Saturation(Message):
    """At the end of a stage: how far its routing had settled at each earlier checkpoint (arXiv:2409.02060).

    `kept` are float32 sums of |TopK_t and TopK_final|/K over the tokens of the check cases, (checkpoints, layers, modalities), `tokens`
    int64 (modalities). It can be told only when the stage has ended: `checkpoint` is its last.
    """

    kind: Literal["saturation"] = "saturation"
    step: int
    stage: str
    steps: tuple[int, ...]
    kept: Array
    tokens: Array
    modalities: tuple[Modality, ...] = ("text", "image", "audio")
    checkpoint: str = ""


class PinnedCase(Message):
    """One pinned case as the model of this moment sees it."""

    case_id: str
    title: str
    truth: str
    label: str
    probability: float
    probabilities: tuple[float, ...]
    truths: tuple[str, ...] | None = Field(
        None, description="Where a case may have several labels: those that are true."
    )
    suggested: tuple[str, ...] = Field(
        (), description="Where a case may have several labels: those that are suggested."
    )


class PinnedPredictions(Message):
    """The same few cases, predicted live at an evaluation."""

    kind: Literal["pinned"] = "pinned"
    step: int
    labels: tuple[str, ...]
    cases: tuple[PinnedCase, ...]


class Checkpoint(Message):
    """A checkpoint was written: safetensors and JSON, named by the sha256 of its weights."""

    kind: Literal["checkpoint"] = "checkpoint"
    step: int
    name: str
    sha256: str


class TeacherReady(Message):
    """A teacher was calibrated and measured; its lessons are cached."""

    kind: Literal["teacher"] = "teacher"
    report: TeacherReport


class Resource(Message):
    """What the machine is doing for the job; bytes and shares, 0 where unknown."""

    kind: Literal["resource"] = "resource"
    device: str
    threads: int
    cpu: float
    memory: int
    gpu_memory: int = 0
    gpu_total: int = 0


class Log(Message):
    """A line for the run's log, as a code with parameters; never free text from a case."""

    kind: Literal["log"] = "log"
    level: Literal["info", "warning", "error"]
    code: str
    parameters: dict[str, str | int | float] = {}


class Alert(Message):
    """Something a person should look at: `dead-expert`, `collapse`, `input-ignored`, `getting-worse`."""

    kind: Literal["alert"] = "alert"
    code: str
    parameters: dict[str, str | int | float] = {}


class Problem(Message):
    """A row or a file was left out, or the job failed (`fatal`)."""

    kind: Literal["problem"] = "problem"
    problem: ErrorBody
    fatal: bool = False


class Finished(Message):
    """A worker's last word: what it made. `folder` is relative to the run folder; `values` are its figures."""

    kind: Literal["finished"] = "finished"
    outcome: Literal["done", "stopped", "cancelled"]
    folder: str = ""
    values: dict[str, str | int | float] = {}


class CaseChanged(Message):
    """A case is new or changed."""

    kind: Literal["case"] = "case"
    case: Case
    removed: bool = False


class ModelChanged(Message):
    """A model was added, chosen or removed."""

    kind: Literal["model"] = "model"
    model: ModelSummary
    in_use: bool = False
    removed: bool = False


class EngineChanged(Message):
    """The service's own state: the predictor became ready, or failed."""

    kind: Literal["engine"] = "engine"
    predictor: Literal["starting", "ready", "failed"]
    problem: ErrorBody | None = None


EventBody = Annotated[
    JobChanged
    | Progress
    | Metrics
    | Routing
    | Saturation
    | PinnedPredictions
    | Checkpoint
    | TeacherReady
    | Resource
    | Log
    | Alert
    | Problem
    | Finished
    | CaseChanged
    | ModelChanged
    | EngineChanged,
    Field(discriminator="kind"),
]


class RunLine(Message):
    """One line of a run's `events.jsonl`; `n` grows by one from 1, so the service takes each line once."""

    n: int
    at: datetime
    body: EventBody


class Event(Message):
    """An event of the project; `seq` is the database's number and the id of the server-sent event."""

    seq: int
    at: datetime
    job: str = Field("", description="The job it belongs to; empty for cases, models and the engine itself.")
    n: int = Field(0, description="Line number in the job's `events.jsonl`.")
    body: EventBody


class EventPage(Message):
    """Answer of `GET /v1/jobs/{id}/events?after=n`: the job's numbered events after line `n`, in order; empty at the end."""

    events: tuple[Event, ...]
