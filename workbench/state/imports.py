"""A table of cases on its way in: read, planned, its files sent one by one, then the engine's job and what it could not read."""

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Literal

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.schema.base import Answering, new_id
from engine.schema.command import (
    ENDED,
    ColumnRoles,
    ControlJob,
    FileFound,
    ImportPlan,
    JobInfo,
    PlanImport,
    StartImport,
)
from engine.schema.errors import ErrorBody
from engine.schema.event import Event, JobChanged, Problem, Progress
from engine.schema.knowledge import KNOWLEDGE_FILE
from workbench.link.turns import Turns
from workbench.state.cases import LARGEST_FILE
from workbench.state.session import Session

SIDECAR: Final = "dataset.yaml"
Phase = Literal["idle", "planning", "planned", "sending", "importing", "done", "failed"]


class TableImport(QObject):
    """One import, from the table to its last row.

    Signals:
        changed: the phase, the counts or the list of problems changed.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.phase: Phase = "idle"
        self.table = Path()
        self.plan: ImportPlan | None = None
        self.problems: list[ErrorBody] = []
        """What could not be read, so far."""
        self.done = 0
        self.total = 0
        self.job: JobInfo | None = None
        self.roles = ColumnRoles()
        """What the person said of the columns."""
        self._manifest = ""
        self._sidecar: str | None = None
        self._knowledge: str | None = None
        self._paths: deque[str] = deque()
        self._found: list[FileFound] = []
        self._turns = Turns()
        session.attached.connect(self._on_session_attached)
        session.event_arrived.connect(self._on_session_event_arrived)

    def read(self, table: Path) -> None:
        """Send a table, and its `dataset.yaml` where there is one, and ask what it holds."""
        self._turns.next()
        self.table = table
        self.plan = self.job = None
        self.problems = []
        self.roles = ColumnRoles()
        self._move("planning")
        data = self._bytes_of(table)
        sidecar = self._bytes_of(table.parent / SIDECAR)
        if data is None:
            self._fail(ErrorBody(code="file-unreadable", parameters={"name": table.name}))
        elif sidecar is None:
            self._send_table(data, None)
        else:
            self._put(sidecar, lambda digest: self._send_table(data, digest))

    def start(self) -> None:
        """Send the files that the plan names, and a `knowledge.yaml` beside the table, then import."""
        assert self.plan is not None
        self._knowledge = None
        self._paths = deque(self.plan.paths)
        self._found = []
        self.done, self.total = 0, len(self.plan.paths)
        self._move("sending")
        knowledge = self._bytes_of(self.table.parent / KNOWLEDGE_FILE)
        if knowledge is None:
            self._send_next()
        else:
            self._put(knowledge, self._on_knowledge_sent)

    def stop(self) -> None:
        """Send no more and begin nothing; an import that the engine has begun is its own."""
        if self.phase in ("planning", "planned", "sending"):
            self._turns.next()
            self._paths.clear()
            self._move("idle")

    def _send_table(self, data: bytes, sidecar: str | None) -> None:
        self._sidecar = sidecar

        def sent(digest: str) -> None:
            self._manifest = digest
            self._ask_plan()

        self._put(data, sent)

    def read_answers_as(self, answers: Answering) -> None:
        """Plan the same table again with one answer, or any number of labels, a case."""
        self.roles = ColumnRoles(answers=answers)
        self._move("planning")
        self._ask_plan()

    def _ask_plan(self) -> None:
        command = PlanImport(
            command_id=new_id("plan"),
            manifest=self._manifest,
            name=self.table.name,
            roles=self.roles,
            sidecar=self._sidecar,
        )
        planned, failed = self._turns.only_now(self._on_planned), self._turns.only_now(self._fail)
        self._session.client.post("/v1/imports/plan", command, ImportPlan, planned, failed)

    def _on_planned(self, plan: ImportPlan) -> None:
        self.plan = plan
        self.problems = list(plan.problems)
        self._move("planned")

    @Slot()
    def _send_next(self) -> None:
        """Send one file and come back for the next, so that the window stays lively in between."""
        if self.phase != "sending":
            return
        if not self._paths:
            self._start_job()
            return
        path = self._paths.popleft()
        data = self._bytes_of(self._inside(path))
        if data is None:
            self._sent(path, None)
        else:
            self._put(data, lambda digest: self._sent(path, digest))

    def _on_knowledge_sent(self, digest: str) -> None:
        self._knowledge = digest
        self._send_next()

    def _sent(self, path: str, digest: str | None) -> None:
        self._found.append(FileFound(path=path, sha256=digest))
        self.done += 1
        self.changed.emit()
        QTimer.singleShot(0, self, self._send_next)

    def _inside(self, path: str) -> Path | None:
        """Return a planned file's place, or None where it leads out of the table's folder: the plan is not ours to trust."""
        folder = self.table.parent.resolve()
        place = (folder / path).resolve()
        return place if place.is_relative_to(folder) else None

    @staticmethod
    def _bytes_of(path: Path | None) -> bytes | None:
        try:
            if path is None or path.stat().st_size > LARGEST_FILE:
                return None
            return path.read_bytes()
        except OSError:
            return None

    def _put(self, data: bytes, then: Callable[[str], None]) -> None:
        self._session.client.put_blob(data, self._turns.only_now(then), self._turns.only_now(self._fail))

    def _start_job(self) -> None:
        command = StartImport(
            command_id=new_id("import"),
            manifest=self._manifest,
            name=self.table.name,
            roles=self.roles,
            sidecar=self._sidecar,
            knowledge=self._knowledge,
            files=tuple(self._found),
        )
        client = self._session.client

        def unwanted(job: JobInfo) -> None:  # it was stopped while the engine took it
            cancel = ControlJob(command_id=new_id("control"), action="cancel")
            client.post(f"/v1/jobs/{job.job_id}/control", cancel, JobInfo, lambda _info: None)

        begun = self._turns.only_now(self._on_job, unwanted)
        client.post("/v1/imports", command, JobInfo, begun, self._turns.only_now(self._fail))

    def _on_job(self, job: JobInfo) -> None:
        known = self._session.jobs.get(job.job_id)
        self.done, self.total = 0, 0
        self._take_job(known or job)

    def _take_job(self, job: JobInfo) -> None:
        self.job = job
        if job.state == "failed":
            self._fail(job.problem or ErrorBody(code="worker-died", parameters={"what": "import"}, fault=True))
        elif job.state in ENDED:
            self.problems = list(job.problems) or self.problems
            self._move("done")
        else:
            self._move("importing")

    def _fail(self, problem: ErrorBody) -> None:
        self.problems = [problem, *self.problems]
        self._move("failed")

    def _move(self, phase: Phase) -> None:
        self.phase = phase
        self.changed.emit()

    @Slot()
    def _on_session_attached(self) -> None:
        """Take the import as the engine has it now: it may have ended while nobody heard of it."""
        job = self._session.jobs.get(self.job.job_id) if self.job is not None else None
        if job is not None and self.phase == "importing":
            self.done, self.total = job.done, job.total
            self._take_job(job)

    @Slot(object)
    def _on_session_event_arrived(self, event: Event) -> None:
        if self.job is None or (event.job != self.job.job_id and not _is_about(event, self.job.job_id)):
            return
        body = event.body
        if isinstance(body, JobChanged):
            self._take_job(body.job)
        elif isinstance(body, Progress):
            self.done, self.total = body.done, body.total
            self.changed.emit()
        elif isinstance(body, Problem):
            self.problems.append(body.problem)
            self.changed.emit()


class ImportWords(QObject):
    """What became of a table, in a sentence."""

    def sentence(self, result: Mapping[str, str | int | float]) -> str:
        """Return how many cases came in and, of a table that came in before, how many are the same, changed, or no longer in it."""
        new, same, changed, missing = (result.get(name) for name in ("cases", "same", "changed", "missing"))
        if not isinstance(new, int):
            return self.tr("The cases came in.")
        if not isinstance(same, int):
            return self.tr("%n case(s) came in.", "", new)
        said = self.tr("%n case(s) were already here, {changed} changed, {new} new.", "", same)
        said = said.format(changed=changed, new=new)
        if not isinstance(missing, int) or not missing:
            return said
        gone = self.tr("%n case(s) of before are not in this table; they stay.", "", missing)
        return f"{said} {gone}"


def _is_about(event: Event, job_id: str) -> bool:
    return isinstance(event.body, JobChanged) and event.body.job.job_id == job_id
