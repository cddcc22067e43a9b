"""Jobs as rows: what they are, where they stand, how far their events were read."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from engine.schema.command import ENDED, JobInfo, JobState
from engine.schema.errors import ErrorBody, UserError
from engine.schema.event import JobChanged
from engine.schema.worker import Control, Task
from engine.store import events, tables

MOST_PROBLEMS = 200
"""Problems kept with a job; a table of 100,000 bad rows must not become one message. All of them are events."""


@dataclasses.dataclass(frozen=True)
class Job:
    """A job with what only the service needs: its task, the bytes of its events read so far, its automatic resumes from one checkpoint."""

    info: JobInfo
    task: Task
    read: int
    resumes: int
    control: Control


def add(connection: Connection, info: JobInfo, task: Task) -> JobInfo:
    """Queue a job."""
    row = {"job_id": info.job_id, "kind": info.kind, "state": info.state}
    row |= {"body": info.model_dump_json(), "task": task.model_dump_json()}
    connection.execute(insert(tables.jobs).values(row))
    return tell(connection, info.job_id)


def find(connection: Connection, job_id: str) -> Job:
    """Return a job; raises `not-found`."""
    row = connection.execute(select(tables.jobs).where(tables.jobs.c.job_id == job_id)).one_or_none()
    if row is None:
        raise UserError("not-found", what="job", id=job_id)
    return _job(connection, row)


def every(connection: Connection) -> tuple[JobInfo, ...]:
    """Return all jobs, newest first."""
    rows = connection.execute(select(tables.jobs).order_by(tables.jobs.c.number.desc())).all()
    waiting = [row.job_id for row in reversed(rows) if row.state == "queued"]
    places = {job_id: place for place, job_id in enumerate(waiting, start=1)}
    infos = (JobInfo.model_validate_json(row.body) for row in rows)
    return tuple(info.model_copy(update={"position": places.get(info.job_id, 0)}) for info in infos)


def unfinished(connection: Connection) -> list[Job]:
    """Return the jobs that have not ended, in the order they were queued."""
    table = tables.jobs
    rows = connection.execute(select(table).where(table.c.state.not_in(ENDED)).order_by(table.c.number)).all()
    return [_job(connection, row) for row in rows]


def put(connection: Connection, job_id: str, **fields: Any) -> JobInfo:
    """Change fields of a job's info without telling anyone: progress has events of its own."""
    info = find(connection, job_id).info.model_copy(update={**fields, "position": 0})
    values = {"body": info.model_dump_json(), "state": info.state}
    connection.execute(update(tables.jobs).where(tables.jobs.c.job_id == job_id).values(values))
    return info


def enter(connection: Connection, /, job_id: str, state: JobState, **fields: Any) -> JobInfo:
    """Bring a job into a state and let the stream know."""
    if state in ENDED:
        fields |= {"ended_at": datetime.now(UTC), "seconds_left": None}
    put(connection, job_id, state=state, **fields)
    return tell(connection, job_id)


def tell(connection: Connection, job_id: str) -> JobInfo:
    """Let the stream know how a job stands."""
    info = find(connection, job_id).info
    events.append(connection, JobChanged(job=info), job=job_id)
    return info


def problem(connection: Connection, job_id: str, found: ErrorBody) -> None:
    """Keep a problem with its job, up to a bound."""
    known = find(connection, job_id).info.problems
    if len(known) < MOST_PROBLEMS:
        put(connection, job_id, problems=(*known, found))


def keep_place(connection: Connection, job_id: str, read: int) -> None:
    """Remember how many bytes of a job's events were taken over; belongs into the transaction that took them."""
    connection.execute(update(tables.jobs).where(tables.jobs.c.job_id == job_id).values(read=read))


def count_resume(connection: Connection, job_id: str, resumes: int) -> None:
    """Remember how often a job was started again; committed before the try, or a job that kills the service would try for ever."""
    connection.execute(update(tables.jobs).where(tables.jobs.c.job_id == job_id).values(resumes=resumes))


def set_control(connection: Connection, job_id: str, control: Control) -> None:
    """Remember what a job was told to do."""
    connection.execute(update(tables.jobs).where(tables.jobs.c.job_id == job_id).values(control=control.action))


def set_task(connection: Connection, job_id: str, task: Task) -> None:
    """Replace a job's task by what it became when its turn came."""
    connection.execute(update(tables.jobs).where(tables.jobs.c.job_id == job_id).values(task=task.model_dump_json()))


def _job(connection: Connection, row: Row[Any]) -> Job:
    info = JobInfo.model_validate_json(row.body)
    if row.state == "queued":
        table = tables.jobs
        before = select(table.c.job_id).where(table.c.state == "queued", table.c.number <= row.number)
        info = info.model_copy(update={"position": len(connection.execute(before).all())})
    return Job(
        info=info,
        task=Task.model_validate_json(row.task),
        read=row.read,
        resumes=row.resumes,
        control=Control(action=row.control),
    )
