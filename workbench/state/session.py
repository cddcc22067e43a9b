"""The session: which project is open, how its engine is, and every event it sends."""

from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.schema.base import new_id
from engine.schema.case import Case
from engine.schema.catalog import Catalog
from engine.schema.command import ENDED, Health, JobInfo, JobList, ProjectInfo, UseModel
from engine.schema.domain import DomainList
from engine.schema.errors import ErrorBody
from engine.schema.event import EngineChanged, Event, JobChanged, ModelChanged, Progress
from engine.schema.model import ModelSummary
from workbench.link.client import EngineClient
from workbench.link.engine_process import EngineProcess
from workbench.link.event_stream import EventStream
from workbench.state.domains import domain_words
from workbench.state.recipes import recipe_names

CATALOG_RETRY_MS: Final = 2_000

EngineLight = Literal["none", "starting", "ready", "busy", "offline", "failed"]
"""`none`: no project is open; `offline`: it was there and is being looked for; `failed`: looking for it ended."""


class Session(QObject):
    """One open project and its engine; everything shown is asked through `client` or told by `event_arrived`.

    Signals:
        light_changed: the engine's light, or the job it is busy with, changed.
        project_changed: `project` was read anew: models, model in use, data sets, counts.
        event_arrived: one `Event`, in order, each once.
        attached: an engine answers and events flow; states read their lists anew.
        went_offline: the engine is out of reach; carries the number of the try.
        failed: an `ErrorBody` that no view took.
    """

    light_changed = Signal()
    project_changed = Signal()
    event_arrived = Signal(object)
    attached = Signal()
    went_offline = Signal(int)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.client = EngineClient(self)
        self.process = EngineProcess(self.client, self)
        self.stream = EventStream(self.client, self)
        self.folder: Path | None = None
        self.project: ProjectInfo | None = None
        self.health: Health | None = None
        self.problem: ErrorBody | None = None
        """Why the engine failed, while the light is `failed`."""
        self.predictor: Literal["starting", "ready", "failed"] = "starting"
        self.job: JobInfo | None = None
        """The job that is running now, the newest where several are."""
        self._light: EngineLight = "none"
        self.jobs: dict[str, JobInfo] = {}
        """Every job of the project by its id, as it is now."""
        self._refresh = QTimer(self, singleShot=True, interval=50)
        self._refresh.timeout.connect(self.read_project)
        self._catalog_again = QTimer(self, singleShot=True, interval=CATALOG_RETRY_MS)
        self._catalog_again.timeout.connect(self._read_catalog)
        self.domains = domain_words()
        self.client.failed.connect(self.failed)
        self.process.found.connect(self._on_process_found)
        self.process.failed.connect(self._on_process_failed)
        self.stream.arrived.connect(self._on_stream_arrived)
        self.stream.opened.connect(self._on_stream_opened)
        self.stream.lost.connect(self._on_stream_lost)

    @property
    def light(self) -> EngineLight:
        """How the engine is: the running job makes a ready one busy."""
        return "busy" if self._light == "ready" and self.job is not None else self._light

    @property
    def is_live(self) -> bool:
        """Whether commands can be sent."""
        return self._light == "ready" and self.project is not None

    def open(self, folder: Path) -> None:
        """Open the project in `folder`; its engine is found or started."""
        self.close()
        self.folder = folder
        self._set_light("starting")
        self.process.attach(folder)

    def close(self) -> None:
        """Leave the project; its engine and its jobs go on."""
        self.process.stop_looking()
        self.stream.stop()
        self.client.set_address(None)
        self.folder = self.project = self.health = self.problem = self.job = None
        self.jobs.clear()
        self.domains.learn(DomainList(domains=()))
        self._set_light("none")

    def try_again(self) -> None:
        """Look for the engine once more."""
        if self.folder is not None:
            self.stream.stop()
            self._set_light("starting")
            self._attach_again(self.folder)

    def model_in_use(self) -> ModelSummary | None:
        """Return the chosen model; None where there is none."""
        if self.project is None:
            return None
        return self.model(self.project.model_in_use)

    def model(self, model_id: str) -> ModelSummary | None:
        """Return a model of the project by its id."""
        models = self.project.models if self.project is not None else ()
        return next((model for model in models if model.model_id == model_id), None)

    def domain_of(self, case: Case | None = None) -> str:
        """Return the id of the domain of a case, else of the project as it is used now; empty where nobody knows."""
        datasets = self.project.datasets if self.project is not None else ()
        known = {dataset.dataset: dataset.domain for dataset in datasets}
        answered = self.model(case.prediction.model_id) if case is not None and case.prediction is not None else None
        told = [known.get(case.dataset, "")] if case is not None else []
        told += [model.domain for model in (answered, self.model_in_use()) if model is not None]
        newest = max(datasets, key=lambda dataset: dataset.created_at, default=None)
        told += [self.domains.own, newest.domain if newest is not None else ""]
        return next(filter(None, told), "")

    def use_model(self, model_id: str) -> None:
        """Choose the model in use; `project_changed` tells when it is done."""
        command = UseModel(command_id=new_id("use"), model_id=model_id)
        self.client.post("/v1/project/model", command, ModelSummary, self._on_model_chosen)

    def newest_jobs(self) -> list[JobInfo]:
        """Return the jobs, newest first."""
        return sorted(self.jobs.values(), key=lambda job: job.created_at, reverse=True)

    @Slot()
    def read_project(self) -> None:
        """Read the project's models, data sets and counts anew."""
        self.client.get("/v1/project", ProjectInfo, self._on_project_answered)

    @Slot(object)
    def _on_process_found(self, health: Health) -> None:
        self.health = health
        self.predictor = health.predictor
        self.problem = None
        self.client.get("/v1/project", ProjectInfo, self._on_first_project_answered)

    def _on_first_project_answered(self, project: ProjectInfo) -> None:
        self._on_project_answered(project)
        self.client.get("/v1/domains", DomainList, self._on_domains_answered, self._on_domains_failed)
        self.client.get("/v1/jobs", JobList, self._on_jobs_answered)

    def _on_domains_answered(self, listed: DomainList) -> None:
        self.domains.learn(listed)
        self.domains.choose(self.domain_of())
        if listed.problem is not None:
            self.failed.emit(listed.problem)

    def _on_domains_failed(self, _problem: ErrorBody) -> None:
        """Keep the usual words: nothing depends on a domain's own."""

    def _on_model_chosen(self, _model: ModelSummary) -> None:
        self.read_project()

    def _on_project_answered(self, project: ProjectInfo) -> None:
        self.project = project
        self.project_changed.emit()

    def _on_jobs_answered(self, jobs: JobList) -> None:
        """Take the jobs, and only then follow the events since the project was read: the newer word comes last."""
        self.jobs = {job.job_id: job for job in jobs.jobs}
        self._choose_job()
        if self.project is not None:
            self.stream.start(self.project.last_event)

    @Slot()
    def _read_catalog(self) -> None:
        """Learn what the recipes are called; without it their ids are shown, so a refusal is nobody's trouble."""
        if self.is_live:
            self.client.get("/v1/catalog", Catalog, self._on_catalog_answered, self._on_catalog_failed)

    def _on_catalog_answered(self, catalog: Catalog) -> None:
        recipe_names().learn(catalog.recipes)

    def _on_catalog_failed(self, problem: ErrorBody) -> None:
        if problem.code == "busy":  # it is still reading itself
            self._catalog_again.start()

    @Slot(object)
    def _on_process_failed(self, problem: ErrorBody) -> None:
        self.problem = problem
        self._set_light("failed")

    @Slot()
    def _on_stream_opened(self) -> None:
        if self._light != "ready":
            self._set_light("ready")
            self.attached.emit()
            self._read_catalog()

    @Slot(int)
    def _on_stream_lost(self, tries: int) -> None:
        self._set_light("offline")
        self.went_offline.emit(tries)
        if self.folder is not None and tries > 1:  # a first break may be a hiccup; after a second the engine is gone
            self.stream.stop()
            self._attach_again(self.folder)

    def _attach_again(self, folder: Path) -> None:
        """Find or start the engine of a project that was open; one that was deleted meanwhile is not made again behind the person's back."""
        self.process.attach(folder, create=self.project is None)

    @Slot(object)
    def _on_stream_arrived(self, event: Event) -> None:
        body = event.body
        if isinstance(body, JobChanged):
            self.jobs[body.job.job_id] = body.job
            self._choose_job()
            if body.job.state in ENDED:
                self._refresh.start()
        elif isinstance(body, Progress):
            self._take_progress(event.job, body)
        elif isinstance(body, ModelChanged):
            self._refresh.start()
        elif isinstance(body, EngineChanged):
            self.predictor = body.predictor
            self.light_changed.emit()
        self.event_arrived.emit(event)

    def _take_progress(self, job_id: str, progress: Progress) -> None:
        job = self.jobs.get(job_id)
        if job is None:
            return
        facts = {
            "phase": progress.phase,
            "done": progress.done,
            "total": progress.total,
            "seconds_left": progress.seconds_left,
        }
        self.jobs[job_id] = job.model_copy(update=facts)
        self._choose_job()

    def _choose_job(self) -> None:
        running = [job for job in self.jobs.values() if job.state in ("preparing", "running", "stopping")]
        self.job = max(running, key=lambda job: job.created_at, default=None)
        self.light_changed.emit()

    def _set_light(self, light: EngineLight) -> None:
        if light != self._light:
            self._light = light
            self.light_changed.emit()
