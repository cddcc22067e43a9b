"""Taking up a training where it was: by itself after its worker died, or because a person asks for it after it failed."""

from sqlalchemy import Connection

from engine.jobs import launch
from engine.jobs.run_folder import EVENTS_FILE
from engine.schema.command import ENDED, JobInfo
from engine.schema.errors import ErrorBody
from engine.schema.event import Checkpoint, Log
from engine.schema.worker import Control
from engine.store import events, jobs
from engine.store.project import ProjectFolder

_MOST_RESUMES = 2
_AGAIN_THE_SAME = frozenset(("not-finite", "bad-setting"))
"""Problems that a training brought upon itself: taken up from the same step it would meet them again."""


def should_resume(connection: Connection, job_id: str) -> bool:
    """Whether a worker that ended without a word shall be started again; the try is spent before it is made.

    Only tries from one and the same checkpoint count: a run that got further in between had a machine that was switched off.
    """
    job = jobs.find(connection, job_id)
    ended = job.info.state in ENDED or job.info.problem is not None or job.control.action == "cancel"
    if ended or events.last_told(connection, job_id, "finished") or job.info.kind != "train":
        return False
    told = events.last_told(connection, job_id, "checkpoint")
    if told is None:
        return False
    here = Checkpoint.model_validate_json(told).sha256
    before = events.last_logged(connection, job_id, "resumed")
    tried = job.resumes if before is not None and before.parameters.get("checkpoint") == here else 0
    if tried >= _MOST_RESUMES:
        return False
    jobs.count_resume(connection, job_id, tried + 1)
    warning = Log(level="warning", code="resumed", parameters={"attempt": tried + 1, "checkpoint": here})
    events.append(connection, warning, job=job_id)
    return True


def can_go_on(connection: Connection, job: jobs.Job, problem: ErrorBody) -> bool:
    """Whether a training left something to take up: a checkpoint, or the whole model that could not be taken over.

    Where the same steps would only fail again there is nothing to take up.
    """
    if job.info.kind != "train" or job.control.action == "cancel" or problem.code in _AGAIN_THE_SAME:
        return False
    return any(events.last_told(connection, job.info.job_id, kind) for kind in ("finished", "checkpoint"))


def go_on(connection: Connection, folder: ProjectFolder, job: jobs.Job) -> JobInfo:
    """Queue a failed training once more as it is; what it was told to do stays, but for a pause. Others stay as they are."""
    job_id = job.info.job_id
    if not job.info.can_go_on:
        return job.info
    run = folder.run(job_id)
    if not launch.begun(run) or not (run / EVENTS_FILE).exists():  # somebody made room by hand
        return jobs.enter(connection, job_id, "failed", can_go_on=False)
    jobs.count_resume(connection, job_id, 0)
    if job.control.action == "pause":
        jobs.set_control(connection, job_id, Control(action="run"))
    return jobs.enter(connection, job_id, "queued", problem=None, ended_at=None, can_go_on=False)
