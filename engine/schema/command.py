"""Commands and replies of the HTTP API. Every command carries a client-made id: a repeat is a no-op with the same answer."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from engine.schema.base import Answering, Identifier, Message, Modality, Sha256, ShortText
from engine.schema.case import Case, Dataset, Label, Split
from engine.schema.config import RunConfig
from engine.schema.errors import ErrorBody
from engine.schema.knowledge import BYTES_LIMIT
from engine.schema.model import ModelSummary

JobKind = Literal["import", "train", "evaluate", "demo"]
JobState = Literal["queued", "preparing", "running", "paused", "stopping", "done", "failed", "cancelled"]
ENDED: frozenset[JobState] = frozenset(("done", "failed", "cancelled"))
Action = Literal["pause", "resume", "stop-and-keep", "cancel"]


class Command(Message):
    """Base of all commands."""

    command_id: Identifier


class Health(Message):
    """Answer of `GET /v1/health`."""

    protocol: int
    version: str
    pid: int
    project: str
    session: str = Field(description="Fresh at each start of the service: a client sees that it was restarted.")
    predictor: Literal["starting", "ready", "failed"] = "starting"


class ProjectInfo(Message):
    """Answer of `GET /v1/project`."""

    name: str
    datasets: tuple[Dataset, ...]
    models: tuple[ModelSummary, ...]
    model_in_use: str = ""
    cases: int
    last_event: int = Field(description="Sequence number of the newest event; the stream resumes after it.")


class CreateCase(Command):
    """Make an empty case; `case_id` is chosen by the client, so a repeat finds the same one."""

    case_id: Identifier
    title: ShortText = ""


class AddPart(Command):
    """Add a blob that was already PUT to a case; it is decoded before the answer comes."""

    sha256: Sha256
    name: ShortText
    modality: Modality | None = Field(None, description="None lets the content decide.")
    replaces: str = Field("", description="Id of a part that this one takes the place of.")


class EditCase(Command):
    """Change fields of a case; `version` must be the one that was seen, else 409. None leaves a field as it is.

    A view is one answer or a set of labels: naming `own_view` forgets `own_labels`, and the other way round; so with the truth.
    """

    version: int
    title: ShortText | None = None
    group: ShortText | None = None
    label: str | None = None
    labels: tuple[str, ...] | None = None
    own_view: str | None = None
    own_labels: tuple[str, ...] | None = None

    def fields(self) -> dict[str, Any]:
        """Return what is to be set; what was said before in the other way is forgotten."""
        fields: dict[str, Any] = self.model_dump(exclude={"command_id", "version"}, exclude_none=True)
        for one, several in (("label", "labels"), ("own_view", "own_labels")):
            if several in fields:
                fields[one] = ""
            elif one in fields:
                fields[several] = None
        return fields


class Predict(Command):
    """Ask for an answer; an empty `model_id` takes the model in use."""

    model_id: str = ""
    spare: bool = Field(
        False, description="Read no input that can no longer change the answer; contributions are then not told."
    )


class UseModel(Command):
    """Choose the model in use."""

    model_id: Identifier


class ColumnRoles(Message):
    """Which columns of a manifest mean what; an empty string or tuple is found by name.

    Several labels a case stand in the column `label`, parted by `;` or `|`, or in `flags`: one column a label, of 0 and 1.
    """

    case_id: str = ""
    text: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    audio: tuple[str, ...] = ()
    label: str = ""
    flags: tuple[str, ...] = ()
    answers: Answering | Literal[""] = Field(
        "", description="Whether a case has one answer or several labels; empty is found from what stands there."
    )
    group: str = ""
    split: str = ""
    image_findings: tuple[str, ...] = Field(
        (), description="What pictures show: names separated by semicolons, or a column of 0 and 1 for one finding."
    )
    audio_findings: tuple[str, ...] = Field((), description="What is heard in sounds, in the same way.")


class PlanImport(Command):
    """Read a manifest that was PUT as a blob and say which files it wants."""

    manifest: Sha256
    name: ShortText
    roles: ColumnRoles = ColumnRoles()
    sidecar: Sha256 | None = Field(None, description="`dataset.yaml`, where there is one beside the manifest.")
    listing: tuple[str, ...] = Field(
        (), description="Relative paths in `images/` and `audio/` beside a table without file columns."
    )


class SeenFindings(Message):
    """What a row says of its pictures or its sounds; `looked_for` is None where every finding was looked for."""

    seen: tuple[str, ...] = ()
    looked_for: tuple[str, ...] | None = None


class FindingCount(Message):
    """A finding that a table names: in how many rows it was seen, of how many in which somebody looked for it."""

    modality: Modality
    name: str
    seen: int
    looked: int


class PlannedCase(Message):
    """One row of a manifest: inline text and relative paths, in the table's order."""

    case_id: str
    row: int = Field(description="Row in the file as an editor counts it; the header is row 1.")
    texts: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    audios: tuple[str, ...] = ()
    label: str = ""
    labels: tuple[str, ...] | None = Field(None, description="Where a case may have several; empty for none of them.")
    group: str = ""
    split: Split = ""
    findings: dict[Modality, SeenFindings] = {}


class ImportPlan(Message):
    """What a manifest holds: `paths` are the files the client shall PUT, relative to the manifest's folder."""

    encoding: str
    roles: ColumnRoles
    rows: int
    paths: tuple[str, ...]
    labels: tuple[Label, ...]
    answers: Answering = "one"
    cases: tuple[PlannedCase, ...] = Field(
        (), description="Filled for workers and for `evaluate`; left out for clients."
    )
    findings: tuple[FindingCount, ...] = ()
    problems: tuple[ErrorBody, ...] = ()
    title: str = ""
    licence: str = ""
    synthetic: bool = False
    domain: str = Field("", description="Id of the domain that the cases belong to, as `dataset.yaml` says.")


class FileFound(Message):
    """A file of a plan as the client found it: its blob, or nothing where it could not be read."""

    path: str
    sha256: Sha256 | None = None


class StartImport(Command):
    """Import a planned manifest; files that are missing are listed, the other rows come in."""

    manifest: Sha256
    name: ShortText
    roles: ColumnRoles = ColumnRoles()
    sidecar: Sha256 | None = None
    knowledge: Sha256 | None = Field(None, description="`knowledge.yaml`, where there is one beside the manifest.")
    files: tuple[FileFound, ...]


class StartTraining(Command):
    """Queue a training run; `then` in its configuration chains the next."""

    config: RunConfig


class StartEvaluation(Command):
    """Measure a model on a manifest without importing it, or on a data set of the project; an empty `split` takes all rows."""

    model_id: str
    manifest: Sha256 | None = None
    dataset: str = Field("", description="Id of a data set of the project, instead of a manifest.")
    name: ShortText
    roles: ColumnRoles = ColumnRoles()
    sidecar: Sha256 | None = None
    files: tuple[FileFound, ...] = ()
    split: Split = ""
    experts: bool = Field(
        False, description="Whether to find out what each expert is worth, which asks the model many times."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.manifest is None) == (not self.dataset):
            raise ValueError("a manifest or a data set, one of them")
        return self


class StartDemo(Command):
    """Generate synthetic cases as a data set and, where a recipe is named, train on them."""

    domain: Identifier = Field("clinic", description="Id of a domain: the project's own, or one that ships.")
    train: int = Field(2000, ge=40, le=20_000)
    val: int = Field(300, ge=0, le=20_000)
    seed: int = 1
    recipe: str = ""


class SaveKnowledge(Command):
    """Keep a knowledge file as the newest version of a data set's; `based_on` is the version that was edited, 0 for none."""

    dataset: Identifier
    text: str = Field(max_length=BYTES_LIMIT)
    based_on: int = Field(0, ge=0)


class ControlJob(Command):
    """Pause, resume, stop and keep what was learnt, or cancel to the trash; `resume` also takes up a failed job that `can_go_on`."""

    action: Action


class JobInfo(Message):
    """A job as lists show it."""

    job_id: Identifier
    kind: JobKind
    name: str
    state: JobState
    position: int = Field(0, description="Place in the queue, from 1; 0 when not queued.")
    phase: str = ""
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    device: str = ""
    recipe: str = ""
    config: RunConfig | None = None
    result: dict[str, str | int | float] = {}
    problem: ErrorBody | None = None
    can_go_on: bool = Field(False, description="Whether `resume` takes it up where it was, though it has failed.")
    problems: tuple[ErrorBody, ...] = Field((), description="Rows or files that could not be read; the job went on.")
    created_at: datetime
    ended_at: datetime | None = None
    follows: str = Field("", description="Job whose model this one starts from.")
    weighs: str = Field("", description="Model whose experts it finds the worth of; empty for any other job.")


class JobList(Message):
    """Answer of `GET /v1/jobs`, newest first."""

    jobs: tuple[JobInfo, ...]


class ModelList(Message):
    """Answer of `GET /v1/models`, newest first."""

    models: tuple[ModelSummary, ...]
    in_use: str = ""


class PartAdded(Message):
    """Answer to `AddPart`: the case as it is now and the part's id."""

    case: Case
    part_id: str
