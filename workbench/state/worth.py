"""What the modules of models are worth: what the engine found out before, and the measurement that finds it out now."""

import functools

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.base import new_id
from engine.schema.case import Dataset
from engine.schema.command import ENDED, ControlJob, JobInfo, StartEvaluation
from engine.schema.errors import ErrorBody
from engine.schema.event import Event, JobChanged, Progress
from engine.schema.model import ModelSummary, Worth
from workbench.state.session import Session

NONE = "not-found"
"""The engine's word for a model of which nobody asked it yet."""
_SPLIT = "val"
"""Cases that were set aside: on those it learned from, every module looks better than it is."""


class WorthState(QObject):
    """What modules are worth, by model.

    Signals:
        changed: the engine answered about a model, or its measurement got further; carries the model's id.
    """

    changed = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._folder = session.folder
        self._found: dict[str, Worth] = {}
        self._problems: dict[str, ErrorBody] = {}
        self._failures: dict[str, ErrorBody] = {}
        self._starting: set[str] = set()
        session.event_arrived.connect(self._on_session_event_arrived)

    def worth(self, model_id: str) -> Worth | None:
        """Return what was found out last; None where nobody asked, or nobody knows yet."""
        return self._found.get(model_id)

    def problem(self, model_id: str) -> ErrorBody | None:
        """Return why what was found out cannot be told; `not-found` where nobody has asked the engine yet."""
        return self._problems.get(model_id)

    def failure(self, model_id: str) -> ErrorBody | None:
        """Return why the last measurement failed, or could not begin; None where it did not."""
        return self._failures.get(model_id)

    def job(self, model_id: str) -> JobInfo | None:
        """Return the measurement that is on its way, whoever began it; None where there is none."""
        going = (job for job in self._session.newest_jobs() if job.weighs == model_id and job.state not in ENDED)
        return next(going, None)

    def is_starting(self, model_id: str) -> bool:
        """Tell whether a measurement was asked for that the engine has not taken yet."""
        return model_id in self._starting

    def ask(self, model_id: str) -> None:
        """Ask what was found out before; how a measurement failed is forgotten."""
        if self._session.folder != self._folder:
            self._folder = self._session.folder
            for kept in (self._found, self._problems, self._failures, self._starting):
                kept.clear()
        self._failures.pop(model_id, None)
        self._session.client.get(
            f"/v1/models/{model_id}/worth",
            Worth,
            functools.partial(self._on_answered, model_id),
            functools.partial(self._on_failed, model_id),
        )

    def dataset_for(self, model: ModelSummary) -> Dataset | None:
        """Return the data set to find it out on: its own, else the newest with the same answers; None where none has cases set aside."""
        datasets = self._session.project.datasets if self._session.project is not None else ()
        names = {label.name for label in model.labels}
        fitting = [
            one
            for one in datasets
            if one.counts.get(_SPLIT) and one.answers == model.answers and {label.name for label in one.labels} == names
        ]
        own = (one for one in fitting if one.dataset == model.dataset)
        return next(own, max(fitting, key=lambda one: one.created_at, default=None))

    def start(self, model: ModelSummary, dataset: Dataset) -> None:
        """Find it out, on the cases of a data set that were set aside from learning."""
        command = StartEvaluation(
            command_id=new_id("worth"),
            model_id=model.model_id,
            dataset=dataset.dataset,
            name=dataset.title or dataset.dataset,
            split=_SPLIT,
            experts=True,
        )
        self._failures.pop(model.model_id, None)
        self._starting.add(model.model_id)
        self._session.client.post(
            "/v1/evaluations",
            command,
            JobInfo,
            functools.partial(self._on_started, model.model_id),
            functools.partial(self._on_start_failed, model.model_id),
        )

    def stop(self, job_id: str) -> None:
        """Stop finding it out; what was known before stays."""
        command = ControlJob(command_id=new_id("control"), action="cancel")
        self._session.client.post(f"/v1/jobs/{job_id}/control", command, JobInfo, self._take)

    def _on_started(self, model_id: str, info: JobInfo) -> None:
        self._starting.discard(model_id)
        self._take(self._session.jobs.get(info.job_id, info))  # its own events may have come before

    def _on_start_failed(self, model_id: str, problem: ErrorBody) -> None:
        self._starting.discard(model_id)
        self._failures[model_id] = problem
        self.changed.emit(model_id)

    def _on_answered(self, model_id: str, found: Worth) -> None:
        self._problems.pop(model_id, None)
        self._found[model_id] = found
        self.changed.emit(model_id)

    def _on_failed(self, model_id: str, problem: ErrorBody) -> None:
        self._problems[model_id] = problem
        self.changed.emit(model_id)

    @Slot(object)
    def _on_session_event_arrived(self, event: Event) -> None:
        info = self._session.jobs.get(event.job)
        if info is not None and info.weighs and isinstance(event.body, JobChanged | Progress):
            self._take(info)

    def _take(self, info: JobInfo) -> None:
        """Tell how far a measurement is; once it has ended, ask what it found, or keep why it failed."""
        self._session.jobs[info.job_id] = info
        if info.state in ENDED and info.problem is not None:
            self._failures[info.weighs] = info.problem
        elif info.state in ENDED:
            self.ask(info.weighs)
        self.changed.emit(info.weighs)
