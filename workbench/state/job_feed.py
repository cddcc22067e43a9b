"""What keeps the jobs of the window up to date: the list when an engine answers, the stream after it, old events on demand."""

from PySide6.QtCore import QObject, Slot

from engine.schema.command import JobList
from engine.schema.errors import ErrorBody
from engine.schema.event import EventPage
from workbench.state.jobs import JobsState
from workbench.state.session import Session


class JobFeed(QObject):
    """Feeds `jobs` from a session: `read_list` once it is connected. A job's whole past is fetched only once somebody follows it."""

    def __init__(self, session: Session, jobs: JobsState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._followed: set[str] = set()
        self._asked: set[str] = set()
        session.attached.connect(self.read_list)
        session.event_arrived.connect(jobs.apply)
        jobs.job_added.connect(self._on_jobs_job_added)

    @Slot()
    def read_list(self) -> None:
        """Read the list of jobs anew; what is followed catches up."""
        self._asked.clear()
        self._session.client.get("/v1/jobs", JobList, self._on_list_answered)

    def follow(self, job_id: str) -> None:
        """Fetch what is missing of a job, now and whenever a gap shows."""
        self._followed.add(job_id)
        self._ask(job_id)

    def _on_list_answered(self, answer: JobList) -> None:
        self._jobs.load(answer.jobs)
        for job_id in self._followed:
            self._ask(job_id)

    @Slot(str)
    def _on_jobs_job_added(self, job_id: str) -> None:
        job = self._jobs.job(job_id)
        if job is not None:
            job.history_wanted.connect(lambda: self._ask(job_id) if job_id in self._followed else None)

    def _ask(self, job_id: str) -> None:
        job = self._jobs.job(job_id)
        if job is None or job_id in self._asked or not self._session.is_live:
            return
        self._asked.add(job_id)
        self._session.client.get(
            f"/v1/jobs/{job_id}/events?after={job.last_n}",
            EventPage,
            lambda page: self._on_page_answered(job_id, page),
            lambda problem: self._on_page_failed(job_id, problem),
        )

    def _on_page_answered(self, job_id: str, page: EventPage) -> None:
        self._asked.discard(job_id)
        job = self._jobs.job(job_id)
        if job is None:
            return
        before = job.last_n
        job.apply_all(page.events)
        if job.last_n > before:  # a page may be cut short: ask on until one brings nothing new
            self._ask(job_id)

    def _on_page_failed(self, job_id: str, problem: ErrorBody) -> None:
        self._asked.discard(job_id)
        self._session.failed.emit(problem)
