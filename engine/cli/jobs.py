"""`jobs`, `resume` and `stop`: look at the queue and steer it."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.cli.progress import command_id, duration, followed
from engine.client import attach
from engine.schema.command import ENDED, Command, ControlJob, Health, JobInfo, JobList
from engine.schema.errors import UserError


def jobs(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    follow: Annotated[str, typer.Option(help="Watch this job to its end.")] = "",
) -> dict[str, Any]:
    """List the project's jobs, newest first."""
    with attach(project) as client:
        if follow:
            ended = followed(client, client.get(f"/v1/jobs/{follow}", JobInfo))
            return {"jobs": [ended.model_dump(mode="json")]}
        known = client.get("/v1/jobs", JobList).jobs
    for job in known:
        left = f", {duration(job.seconds_left)} left" if job.seconds_left is not None else ""
        place = f" (place {job.position})" if job.position else ""
        print(f"{job.job_id}  {job.state}{place}  {job.name}  {job.phase} {job.done}/{job.total}{left}")
    return {"jobs": [job.model_dump(mode="json") for job in known]}


def resume(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    job: Annotated[
        str, typer.Argument(help="The job; empty takes one that is paused, else the newest that can go on.")
    ] = "",
) -> dict[str, Any]:
    """Go on with a training that is paused, or that failed and left a checkpoint."""
    with attach(project) as client:
        known = client.get("/v1/jobs", JobList).jobs
        able = [one for one in known if one.state == "paused" or one.can_go_on]
        waiting = [one.job_id for one in sorted(able, key=lambda one: one.state != "paused")]
        if not job and not waiting:
            raise UserError("nothing-to-resume")
        control = ControlJob(command_id=command_id(), action="resume")
        told = client.post(f"/v1/jobs/{job or waiting[0]}/control", control, JobInfo)
        if told.state in ENDED:
            raise UserError("nothing-to-resume")
    print(f"{told.job_id} is {told.state}.")
    return {"resumed": told.job_id, "state": told.state}


def stop(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    job: Annotated[str, typer.Argument(help="The job; empty takes the one that runs.")] = "",
    cancel: Annotated[bool, typer.Option("--cancel", help="Keep nothing: the run goes to the trash.")] = False,
    engine: Annotated[bool, typer.Option("--engine", help="End the engine itself; trainings go on.")] = False,
) -> dict[str, Any]:
    """Stop a job and keep what it learnt, or cancel it, or end the engine."""
    with attach(project, start=not engine) as client:
        if engine:
            client.post("/v1/shutdown", Command(command_id=command_id()), Health)
            return {"stopped": "engine"}
        known = client.get("/v1/jobs", JobList).jobs
        active = [one.job_id for one in known if one.state not in ENDED and one.state != "queued"]
        if not job and not active:
            raise UserError("nothing-runs")
        chosen = job or active[0]
        control = ControlJob(command_id=command_id(), action="cancel" if cancel else "stop-and-keep")
        told = client.post(f"/v1/jobs/{chosen}/control", control, JobInfo)
    print(f"{told.job_id} is {told.state}.")
    return {"stopped": told.job_id, "state": told.state}
