"""Jobs as the window sees them: each one a fold of its events, so a live run, an old run and a recovery are one code."""

import dataclasses
from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.command import ENDED, JobInfo
from engine.schema.errors import ErrorBody
from engine.schema.event import (
    Alert,
    Checkpoint,
    Event,
    EventBody,
    Finished,
    JobChanged,
    Log,
    Metrics,
    PinnedCase,
    PinnedPredictions,
    Problem,
    Progress,
    Resource,
    Routing,
    Saturation,
    TeacherReady,
)
from engine.schema.model import TeacherReport
from workbench.state.routing import RoutingState
from workbench.state.series import Series
from workbench.state.several import truth_chance

LINES_KEPT: Final = 500
PINNED_KEPT: Final = 400


class CurveKey(NamedTuple):
    """Which curve: only values of one stage and split join."""

    stage: str
    split: str
    name: str


@dataclasses.dataclass(frozen=True)
class Line:
    """One line of a run's log."""

    at: datetime
    body: Log | Alert | Checkpoint | Problem


@dataclasses.dataclass(frozen=True)
class PinnedMoment:
    """One pinned case at one evaluation; `truth` is the probability of its truth, 0 where that is unknown."""

    step: int
    case: PinnedCase
    truth: float = 0.0


class JobState(QObject):
    """One job as the window sees it: a fold of its events.

    Signals:
        info_changed: its state, name, place in the queue or result changed.
        progress_changed: it got further.
        curves_changed: a step was added.
        routing_changed: a new routing measurement arrived.
        pinned_changed: the pinned cases were predicted again.
        teachers_changed: a teacher was measured.
        log_changed: a line, an alert or a checkpoint was added.
        resource_changed: the machine reported what it does for the job.
        history_wanted: events are missing; whoever shows the job fetches those after `last_n`.
        ended: the job finished, stopped or failed; carries its `JobInfo`.
    """

    info_changed = Signal()
    progress_changed = Signal()
    curves_changed = Signal()
    routing_changed = Signal()
    pinned_changed = Signal()
    teachers_changed = Signal()
    log_changed = Signal()
    resource_changed = Signal()
    history_wanted = Signal()
    ended = Signal(object)

    def __init__(self, info: JobInfo, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.info = info
        self.progress: Progress | None = None
        self.curves: dict[CurveKey, Series] = {}
        self.stages: list[str] = []
        self.routing = RoutingState(self)
        self.pinned: dict[str, deque[PinnedMoment]] = {}
        self.teachers: dict[str, TeacherReport] = {}
        self.resource: Resource | None = None
        self.lines: deque[Line] = deque(maxlen=LINES_KEPT)
        self.alerts: dict[str, Line] = {}
        self.checkpoint: Checkpoint | None = None
        self.finished: Finished | None = None
        self._fatal: ErrorBody | None = None
        self._device = ""
        self.last_n = 0
        self.highest_n = 0
        self.routing.changed.connect(self.routing_changed)

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self.info.job_id

    @property
    def is_behind(self) -> bool:
        """Whether events are known to exist that were not folded yet."""
        return self.highest_n > self.last_n

    @property
    def has_ended(self) -> bool:
        """Whether the job is done, failed or cancelled."""
        return self.info.state in ENDED

    @property
    def failure(self) -> ErrorBody | None:
        """Why it failed: what its end says; until that arrives, what its worker said last. An earlier end may have been another one."""
        return self.info.problem if self.has_ended else self._fatal

    @property
    def device(self) -> str:
        """What the job computes on, as the engine said it; empty before it did."""
        return self._device or self.info.device or (self.resource.device if self.resource is not None else "")

    @property
    def stage(self) -> str:
        """The stage the run is in: the newest one that has a value."""
        return self.stages[-1] if self.stages else ""

    def series(self, stage: str, split: str, name: str) -> Series | None:
        """Return a curve, or None where no such value was measured yet."""
        return self.curves.get(CurveKey(stage, split, name))

    def newest(self, stage: str, split: str, name: str) -> float | None:
        """Return the newest value of a curve, or None."""
        series = self.series(stage, split, name)
        last = series.last() if series is not None else None
        return last[1] if last else None

    @Slot(object)
    def apply(self, event: Event) -> None:
        """Fold one event in: each numbered one once and in order; the service's own (n = 0) whenever it comes."""
        if event.n == 0:
            self._fold(event.at, event.body)
            return
        was_behind = self.is_behind
        self.highest_n = max(self.highest_n, event.n)
        if event.n == self.last_n + 1:
            self.last_n = event.n
            self._fold(event.at, event.body)
        elif event.n > self.last_n and isinstance(event.body, Progress):
            self._on_progress(event.body)
        if self.is_behind and not was_behind:
            self.history_wanted.emit()

    def apply_all(self, events: Iterable[Event]) -> None:
        """Fold a page of old events in."""
        for event in events:
            self.apply(event)

    def set_info(self, info: JobInfo) -> None:
        """Take the job's facts as the service lists them."""
        had_ended = self.has_ended
        self.info = info
        self.info_changed.emit()
        if self.has_ended and not had_ended:
            self.ended.emit(info)

    def _fold(self, at: datetime, body: EventBody) -> None:
        match body:
            case Metrics():
                self._on_metrics(body)
            case Routing():
                self._enter(body.stage)
                self.routing.apply(body)
            case Saturation():
                self.routing.settle(body)
            case Progress():
                self._on_progress(body)
            case Resource():
                self.resource = body
                self.resource_changed.emit()
            case Log() | Alert() | Checkpoint() | Problem():
                self._on_line(Line(at, body))
            case PinnedPredictions():
                self._on_pinned(body)
            case TeacherReady():
                self.teachers[body.report.name] = body.report
                self.teachers_changed.emit()
            case Finished():
                self.finished = body
                self.info_changed.emit()
            case JobChanged():
                self.set_info(body.job)
            case _:
                """Cases, models and the engine itself are no job's business."""

    def _enter(self, stage: str) -> None:
        if stage not in self.stages:
            self.stages.append(stage)

    def _on_progress(self, body: Progress) -> None:
        self.progress = body
        self.progress_changed.emit()

    def _on_metrics(self, body: Metrics) -> None:
        self._enter(body.stage)
        for name, value in body.values.items():
            key = CurveKey(body.stage, body.split, name)
            series = self.curves.get(key)
            if series is None:
                series = self.curves[key] = Series()
            series.append(body.step, value)
        self.curves_changed.emit()

    def _on_pinned(self, body: PinnedPredictions) -> None:
        for case in body.cases:
            moment = PinnedMoment(body.step, case, truth_chance(case, body.labels))
            kept = self.pinned.setdefault(case.case_id, deque(maxlen=PINNED_KEPT))
            while kept and kept[-1].step >= body.step:  # another stage began, or the run went back to a checkpoint
                kept.pop()
            kept.append(moment)
        self.pinned_changed.emit()

    def _on_line(self, line: Line) -> None:
        self.lines.append(line)
        match line.body:
            case Log(code="device"):
                self._device = str(line.body.parameters.get("sentence", ""))
                self.info_changed.emit()
            case Alert():
                self.alerts[line.body.code] = line
            case Checkpoint():
                self.checkpoint = line.body
            case Problem(fatal=True):
                self._fatal = line.body.problem
        self.log_changed.emit()


class JobsState(QObject):
    """All jobs of the project.

    Signals:
        jobs_changed: a job came, or one changed its state, name or place in the queue.
        job_added: a job was seen for the first time; carries its id.
        job_progressed: a job got further; carries its id.
        job_ended: a job ended while the window watched; carries its id.
        job_dropped: a job is no longer in the list; carries its `JobState`, which is deleted at the next turn of the loop.
    """

    jobs_changed = Signal()
    job_added = Signal(str)
    job_progressed = Signal(str)
    job_ended = Signal(str)
    job_dropped = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: dict[str, JobState] = {}

    def job(self, job_id: str) -> JobState | None:
        """Return a job, or None where the id is not known."""
        return self._jobs.get(job_id)

    def all(self) -> list[JobState]:
        """Return the jobs, newest first."""
        return sorted(self._jobs.values(), key=lambda job: job.info.created_at, reverse=True)

    def active(self) -> list[JobState]:
        """Return the jobs that have not ended, the running ones first, then by their place in the queue."""
        waiting = [job for job in self._jobs.values() if not job.has_ended]
        return sorted(waiting, key=lambda job: (job.info.position, job.info.created_at))

    @Slot(object)
    def load(self, jobs: Iterable[JobInfo]) -> None:
        """Take the list as the service has it now; jobs that are gone from it are dropped."""
        infos = {info.job_id: info for info in jobs}
        for job_id in [known for known in self._jobs if known not in infos]:
            dropped = self._jobs.pop(job_id)
            self.job_dropped.emit(dropped)
            dropped.deleteLater()
        for info in infos.values():
            self._take(info)
        self.jobs_changed.emit()

    @Slot(object)
    def apply(self, event: Event) -> None:
        """Fold one event of the project's stream in; events without a job are not this state's."""
        if not event.job:
            return
        if isinstance(event.body, JobChanged) and event.job not in self._jobs:
            self._take(event.body.job)
            self.jobs_changed.emit()
        job = self._jobs.get(event.job)
        if job is not None:
            job.apply(event)

    def _take(self, info: JobInfo) -> None:
        known = self._jobs.get(info.job_id)
        if known is not None:
            known.set_info(info)
            return
        job = JobState(info, self)
        self._jobs[info.job_id] = job
        job.info_changed.connect(self.jobs_changed)
        job.progress_changed.connect(lambda: self.job_progressed.emit(info.job_id))
        job.ended.connect(lambda _: self.job_ended.emit(info.job_id))
        self.job_added.emit(info.job_id)
