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
        self._found: dict[str, Worth] = {}
        self._problems: dict[str, ErrorBody] = {}
        self._jobs: dict[str, str] = {}
        session.event_arrived.connect(self._on_session_event_arrived)

    def worth(self, model_id: str) -> Worth | None:
        """Return what was found out last; None where nobody asked, or nobody knows yet."""
        return self._found.get(model_id)

    def problem(self, model_id: str) -> ErrorBody | None:
        """Return why nothing can be told; `not-found` where nobody has asked the engine yet."""
        return self._problems.get(model_id)

    def job(self, model_id: str) -> JobInfo | None:
        """Return the measurement that is on its way; None where there is none."""
        info = self._session.jobs.get(self._jobs.get(model_id, ""))
        return info if info is not None and info.state not in ENDED else None

    def ask(self, model_id: str) -> None:
        """Ask what was found out before."""
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

    def start(self, model: ModelSummary) -> None:
        """Find it out, on cases that were set aside from learning; nothing happens where there are none."""
        dataset = self.dataset_for(model)
        if dataset is None:
            return
        command = StartEvaluation(
            command_id=new_id("worth"),
            model_id=model.model_id,
            dataset=dataset.dataset,
            name=dataset.title or dataset.dataset,
            split=_SPLIT,
            experts=True,
        )
        started = functools.partial(self._on_started, model.model_id)
        self._session.client.post(
            "/v1/evaluations", command, JobInfo, started, functools.partial(self._on_failed, model.model_id)
        )

    def stop(self, model_id: str) -> None:
        """Stop finding it out; what was known before stays."""
        info = self.job(model_id)
        if info is not None:
            command = ControlJob(command_id=new_id("control"), action="cancel")
            self._session.client.post(f"/v1/jobs/{info.job_id}/control", command, JobInfo, self._take)

    def _on_started(self, model_id: str, info: JobInfo) -> None:
        self._problems.pop(model_id, None)
        self._jobs[model_id] = info.job_id
        self._session.jobs.setdefault(info.job_id, info)  # its own events may have come before
        self.changed.emit(model_id)

    def _take(self, info: JobInfo) -> None:
        self._session.jobs[info.job_id] = info
        self._look_at(info.job_id)

    def _on_answered(self, model_id: str, found: Worth) -> None:
        self._problems.pop(model_id, None)
        self._found[model_id] = found
        self.changed.emit(model_id)

    def _on_failed(self, model_id: str, problem: ErrorBody) -> None:
        self._problems[model_id] = problem
        self.changed.emit(model_id)

    @Slot(object)
    def _on_session_event_arrived(self, event: Event) -> None:
        if isinstance(event.body, JobChanged | Progress):
            self._look_at(event.job)

    def _look_at(self, job_id: str) -> None:
        """Tell how far a measurement of ours is; once it has ended, ask what it found, or keep why it failed."""
        model_id = next((one for one, mine in self._jobs.items() if mine == job_id), "")
        info = self._session.jobs.get(job_id)
        if not model_id or info is None:
            return
        if info.state in ENDED:
            del self._jobs[model_id]
            if info.problem is not None:
                self._problems[model_id] = info.problem
            else:
                self.ask(model_id)
        self.changed.emit(model_id)
