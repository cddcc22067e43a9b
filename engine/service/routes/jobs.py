"""Routes of jobs: queue one, look at them, steer them, read what a run told."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from engine.jobs import queue, supervisor
from engine.schema.command import (
    Command,
    ControlJob,
    ImportPlan,
    JobInfo,
    JobList,
    PlanImport,
    StartDemo,
    StartEvaluation,
    StartImport,
    StartTraining,
)
from engine.schema.event import EventPage
from engine.service.core import Service
from engine.service.routes.here import Here, Id
from engine.store import events, jobs

router = APIRouter()


@router.post("/imports/plan")
async def plan_import(command: PlanImport, here: Here) -> ImportPlan:
    """Read a manifest in the sandbox and say which files it wants; changes nothing, so it is not remembered."""
    return await here.decoding.plan(command)


@router.post("/imports")
async def start_import(command: StartImport, here: Here) -> JobInfo:
    """Queue an import."""
    return await _queued(here, command, lambda c: queue.add_import(c, here.folder, command))


@router.post("/demo")
async def start_demo(command: StartDemo, here: Here) -> JobInfo:
    """Queue generated cases and, where a recipe is named, a training on them."""
    return await _queued(here, command, lambda c: queue.add_demo(c, here.folder, command))


@router.post("/training")
async def start_training(command: StartTraining, here: Here) -> JobInfo:
    """Queue a training."""
    return await _queued(here, command, lambda c: queue.add_training(c, here.folder, command.config))


@router.post("/evaluations")
async def start_evaluation(command: StartEvaluation, here: Here) -> JobInfo:
    """Queue a measurement on a manifest or on a data set of the project."""
    return await _queued(here, command, lambda c: queue.add_evaluation(c, here.folder, command))


@router.get("/jobs")
async def list_jobs(here: Here) -> JobList:
    """Return all jobs, newest first."""
    return JobList(jobs=await here.read(jobs.every))


@router.get("/jobs/{job_id}")
async def get_job(job_id: Id, here: Here) -> JobInfo:
    """Return one job."""
    return (await here.read(jobs.find, job_id)).info


@router.post("/jobs/{job_id}/control")
async def control_job(job_id: Id, command: ControlJob, here: Here) -> JobInfo:
    """Pause, resume, stop and keep, or cancel a job; resume a training that failed and can go on, too."""

    def control(connection: Connection) -> JobInfo:
        return supervisor.obey(connection, here.folder, job_id, command.action)

    await here.obey(command, JobInfo, control, job_id)
    return await _looked_after(here, job_id)  # one that goes on waits for its turn


@router.get("/jobs/{job_id}/events")
async def job_events(
    job_id: Id,
    here: Here,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> EventPage:
    """Return what a job's worker told after line `after`, in order."""

    def look(connection: Connection) -> EventPage:
        jobs.find(connection, job_id)
        return EventPage(events=tuple(events.of_job(connection, job_id, after, limit)))

    return await here.read(look)


async def _queued(here: Service, command: Command, add: Callable[[Connection], JobInfo]) -> JobInfo:
    return await _looked_after(here, (await here.obey(command, JobInfo, add)).job_id)


async def _looked_after(here: Service, job_id: str) -> JobInfo:
    """Let whoever waits have its turn, and return the job as it is then: the stream may have told of it before this reply arrives."""
    await here.supervisor.look()
    return (await here.read(jobs.find, job_id)).info
