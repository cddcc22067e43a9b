"""The API, whole: every route, what it takes and what it answers. What is not here is refused by the guard.

Errors are `ErrorBody` with a 4xx or 5xx status. Commands carry a `command_id`; a repeat is a no-op with the same answer (a DELETE
needs none: it is one by nature). Ids in paths are `Identifier`s, blobs are named by their sha256.
"""

import dataclasses
import re

from engine.schema.base import Message
from engine.schema.case import Case, CasePage
from engine.schema.catalog import Catalog
from engine.schema.command import (
    AddPart,
    Command,
    ControlJob,
    CreateCase,
    EditCase,
    Health,
    ImportPlan,
    JobInfo,
    JobList,
    ModelList,
    PartAdded,
    PlanImport,
    Predict,
    ProjectInfo,
    SaveKnowledge,
    StartDemo,
    StartEvaluation,
    StartImport,
    StartTraining,
    UseModel,
)
from engine.schema.domain import DomainList
from engine.schema.event import Event, EventPage
from engine.schema.knowledge import CheckKnowledge, KnowledgeChecked, KnowledgeText, KnowledgeVersion, KnowledgeVersions
from engine.schema.ledger import Ledger
from engine.schema.model import ModelSummary, Worth
from engine.schema.prediction import Prediction

MEGABYTE = 1 << 20
SMALL = 1 * MEGABYTE
LARGE = 64 * MEGABYTE
"""Largest body of a blob, and of a command that lists the files of a manifest."""

Body = type[Message] | type[bytes] | None


@dataclasses.dataclass(frozen=True)
class Route:
    """One method of one path: the message it takes, the message it answers, what it is for."""

    method: str
    path: str
    takes: Body
    answers: Body
    summary: str
    largest: int = SMALL

    def pattern(self) -> re.Pattern[str]:
        """Return what a request's path must match in full."""
        return re.compile(re.sub(r"\{\w+\}", "[A-Za-z0-9][A-Za-z0-9._-]{0,127}", self.path))


ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/health", None, Health, "Who answers, and whether it can predict yet."),
    Route("GET", "/v1/project", None, ProjectInfo, "The project at a glance."),
    Route("POST", "/v1/project/model", UseModel, ModelSummary, "Choose the model in use."),
    Route("GET", "/v1/catalog", None, Catalog, "Recipes, registries and the device; 503 while it is being read."),
    Route("GET", "/v1/domains", None, DomainList, "The domains there are, and whether cases of them can be generated."),
    Route("HEAD", "/v1/blobs/{sha256}", None, None, "Whether a blob is there: 200 or 404."),
    Route("PUT", "/v1/blobs/{sha256}", bytes, None, "Keep bytes under their sha256.", LARGE),
    Route("GET", "/v1/blobs/{sha256}", None, bytes, "The bytes of a blob."),
    Route("GET", "/v1/cases", None, CasePage, "?search=&offset=&limit=&show=all|mine|train|val|trash, newest first."),
    Route("POST", "/v1/cases", CreateCase, Case, "Make an empty case."),
    Route("GET", "/v1/cases/{case_id}", None, Case, "A case with its whole latest answer."),
    Route("PATCH", "/v1/cases/{case_id}", EditCase, Case, "Change fields; 409 where it was changed meanwhile."),
    Route("DELETE", "/v1/cases/{case_id}", None, Case, "Put a case into the trash."),
    Route("POST", "/v1/cases/{case_id}/restore", Command, Case, "Take it out of the trash."),
    Route(
        "POST",
        "/v1/cases/{case_id}/parts",
        AddPart,
        PartAdded,
        "Add a blob; an unreadable one is kept with its problem.",
    ),
    Route("DELETE", "/v1/cases/{case_id}/parts/{part_id}", None, Case, "Take a part out."),
    Route("POST", "/v1/cases/{case_id}/parts/{part_id}/restore", Command, Case, "Put a part back."),
    Route("POST", "/v1/cases/{case_id}/predict", Predict, Prediction, "Answer the case and keep the answer."),
    Route("POST", "/v1/imports/plan", PlanImport, ImportPlan, "Read a manifest; which files does it want?", LARGE),
    Route("POST", "/v1/imports", StartImport, JobInfo, "Queue an import.", LARGE),
    Route("POST", "/v1/demo", StartDemo, JobInfo, "Queue generated cases and, where a recipe is named, a training."),
    Route("POST", "/v1/training", StartTraining, JobInfo, "Queue a training."),
    Route("POST", "/v1/evaluations", StartEvaluation, JobInfo, "Queue a measurement on a manifest or data set.", LARGE),
    Route("GET", "/v1/jobs", None, JobList, "All jobs, newest first."),
    Route("GET", "/v1/jobs/{job_id}", None, JobInfo, "One job."),
    Route("POST", "/v1/jobs/{job_id}/control", ControlJob, JobInfo, "Pause, resume, stop and keep, cancel."),
    Route("GET", "/v1/jobs/{job_id}/events", None, EventPage, "?after=&limit=: what its worker told after line n."),
    Route(
        "GET", "/v1/datasets/{dataset}/knowledge", None, KnowledgeVersions, "Versions of a data set's knowledge file."
    ),
    Route(
        "GET",
        "/v1/datasets/{dataset}/knowledge/{version}",
        None,
        KnowledgeText,
        "One version by its number, or `latest`.",
    ),
    Route("POST", "/v1/knowledge", SaveKnowledge, KnowledgeVersion, "Keep a knowledge file as the newest version."),
    Route("POST", "/v1/knowledge/check", CheckKnowledge, KnowledgeChecked, "Read a knowledge file without keeping it."),
    Route("GET", "/v1/models", None, ModelList, "All models, newest first."),
    Route("GET", "/v1/models/{model_id}", None, ModelSummary, "One model."),
    Route("GET", "/v1/models/{model_id}/ledger", None, Ledger, "What a model kept of its teachers, and its cost."),
    Route("GET", "/v1/models/{model_id}/worth", None, Worth, "What its experts are worth, as last found out."),
    Route("DELETE", "/v1/models/{model_id}", None, ModelSummary, "Put a model into the trash."),
    Route(
        "GET", "/v1/events", None, Event, "Server-sent events after Last-Event-ID or ?after=; ?until_idle=true ends."
    ),
    Route("POST", "/v1/shutdown", Command, Health, "End the service; jobs that run go on."),
)
