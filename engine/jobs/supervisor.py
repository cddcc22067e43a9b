"""The supervisor: queues jobs, starts and watches their workers, takes over what they made. Loads no torch."""

import asyncio
import dataclasses
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from engine.jobs import going_on, launch, prepare, results, tail
from engine.jobs.run_folder import CONTROL_FILE
from engine.schema.command import ENDED, Action, JobInfo, JobKind, JobState
from engine.schema.errors import ConsiliumError, EngineFault, ErrorBody, UserError
from engine.schema.event import Finished
from engine.schema.worker import ALIVE_FILE, ALONE_FILE, Control
from engine.store import events, jobs
from engine.store.blobs import write_whole
from engine.store.database import Database
from engine.store.project import ProjectFolder

P = ParamSpec("P")
T = TypeVar("T")

_LANES: dict[JobKind, str] = {"train": "heavy", "evaluate": "heavy", "import": "light", "demo": "light"}
"""One job a lane: a training takes the whole machine, but nobody should wait an hour to import a table."""
_STATES: dict[Action, JobState] = {
    "pause": "paused",
    "resume": "running",
    "stop-and-keep": "stopping",
    "cancel": "stopping",
}
_log = logging.getLogger("consilium.jobs")


@dataclasses.dataclass(frozen=True)
class Timing:
    """How often the supervisor looks, and how long it waits; seconds."""

    look: float = 0.08
    alive: float = 3.0
    cancel: float = 15.0
    silence: float = 1800.0
    again: float = 5.0


class Supervisor:
    """Sees each job through, one task a job; everything it must remember lies in the database."""

    def __init__(
        self, folder: ProjectFolder, database: Database, wake: Callable[[], None], timing: Timing | None = None
    ) -> None:
        self._folder = folder
        self._database = database
        self._wake = wake
        self._timing = timing or Timing()
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._closing = False

    async def end(self) -> None:
        """Let go of the workers; they go on, and the next service finds them."""
        self._closing = True
        watching = list(self._lanes.values())
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)

    async def look(self) -> None:
        """Give each free lane its next job: one that was under way when a service ended, else the one that waits longest."""
        waiting = await self._database.run(jobs.unfinished)
        for job in sorted(waiting, key=lambda job: job.info.state == "queued"):
            lane = _LANES[job.info.kind]
            if lane not in self._lanes and not self._closing:
                self._lanes[lane] = asyncio.create_task(self._see_through(lane, job.info.job_id))

    async def _see_through(self, lane: str, job_id: str) -> None:
        """Bring one job to its end, then give its lane to the next.

        Where the service stumbles while a worker is at work, such as over a full disk, the worker is not to blame: it is watched again
        after a while, and what it told meanwhile is taken over then.
        """
        try:
            while not await self._is_through(job_id):
                await asyncio.sleep(self._timing.again)
        finally:
            del self._lanes[lane]
        await self.look()

    async def _is_through(self, job_id: str) -> bool:
        try:
            await self._work(job_id)
        except Exception as error:  # where a worker ends: a job that cannot be settled has failed, the others go on
            _log.error("job %s could not be seen through", job_id, exc_info=error)
            if await asyncio.to_thread(self._is_worked_on, job_id):
                return False
            try:
                await self._fail(job_id, _meaning(error))
            except Exception as other:  # nothing can be written: the job stays as it is until something can
                _log.error("job %s could not be called failed", job_id, exc_info=other)
                return False
        return True

    def _is_worked_on(self, job_id: str) -> bool:
        run = self._folder.run(job_id)
        worker = launch.adopt(run) if launch.begun(run) else None
        return worker is not None and worker.alive()

    async def _work(self, job_id: str) -> None:
        worker = await self._worker(job_id)
        while True:
            if worker is not None:
                await self._watch(job_id, worker)
            while await self._take(job_id):
                pass
            if not self._left_alone(job_id) and not await self._write(going_on.should_resume, job_id):
                break
            worker = await self._launch(job_id)
        await self._settle(job_id)

    def _left_alone(self, job_id: str) -> bool:
        """Whether the worker ended because nobody watched it, which is no failure and costs it no try."""
        mark = self._folder.run(job_id) / ALONE_FILE
        left = mark.exists()
        mark.unlink(missing_ok=True)
        return left

    async def _worker(self, job_id: str) -> launch.Worker | None:
        """Return the job's worker: the live one, a new one where none was ever started, or None where it has ended."""
        job = await self._read(job_id)
        run = self._folder.run(job_id)
        if job.info.state in ENDED:
            return None
        if job.info.state == "queued":
            await self._write(jobs.enter, job_id, "preparing")
        if launch.begun(run):
            return launch.adopt(run)
        await prepare.run_folder(self._folder, self._database, job)
        return await self._launch(job_id)

    async def _launch(self, job_id: str) -> launch.Worker | None:
        run = self._folder.run(job_id)
        job = await self._write(write_control, run, job_id)
        if job.control.action == "cancel":
            return None
        await asyncio.to_thread(prepare.settle_place, self._folder, run)
        await asyncio.to_thread((run / ALIVE_FILE).touch)
        return await asyncio.to_thread(launch.launch, run)

    async def _watch(self, job_id: str, worker: launch.Worker) -> None:
        """Take over what the worker tells until it has ended; press it where it does not obey or says nothing."""
        run = self._folder.run(job_id)
        read = (await self._read(job_id)).read
        pressure = Pressure(self._timing)
        while worker.alive():
            if tail.has_more(run, read):
                read += await self._take(job_id)
                pressure.heard()
            pressure.press(worker, (await self._read(job_id)).control if pressure.due() else None)
            if pressure.beat():
                (run / ALIVE_FILE).touch()
            await asyncio.sleep(self._timing.look)

    async def _take(self, job_id: str) -> int:
        return await self._write(tail.take, job_id, self._folder.run(job_id))

    async def _settle(self, job_id: str) -> None:
        """Bring a job whose worker has ended into its last state, with what it made."""
        job = await self._read(job_id)
        said = await self._database.run(events.last_told, job_id, "finished")
        finished = Finished.model_validate_json(said) if said else None
        if job.info.state in ENDED:
            return
        if job.info.problem is not None:
            await self._fail(job_id, job.info.problem)
        elif finished is not None and finished.outcome != "cancelled":
            await self._keep(job, finished)
        elif finished is not None or job.control.action == "cancel":
            await self._write(jobs.enter, job_id, "cancelled")
            await asyncio.to_thread(results.to_trash, self._folder, job_id)
        else:
            await self._fail(job_id, EngineFault("worker-died", what=job.info.kind).body())

    async def _keep(self, job: jobs.Job, finished: Finished) -> None:
        """Take over what a worker made: its files first, then all rows in one transaction."""
        kept = await asyncio.to_thread(results.files, self._folder, job, finished)
        await self._write(results.rows, self._folder, job, finished, kept)

    async def _fail(self, job_id: str, problem: ErrorBody) -> None:
        def failed(connection: Connection) -> JobInfo:
            can_go_on = going_on.can_go_on(connection, jobs.find(connection, job_id), problem)
            return jobs.enter(connection, job_id, "failed", problem=problem, can_go_on=can_go_on)

        await self._write(failed)

    async def _read(self, job_id: str) -> jobs.Job:
        return await self._database.run(jobs.find, job_id)

    async def _write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **options: P.kwargs) -> T:
        done = await self._database.run(work, *args, **options)
        self._wake()
        return done


class Pressure:
    """How long a worker has been silent or disobedient, and what follows from it: asked to end, then ended."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._heard = self._beat = self._looked = time.monotonic()
        self._cancelled: float | None = None

    def heard(self) -> None:
        """Note that the worker said something."""
        self._heard = time.monotonic()

    def beat(self) -> bool:
        """Whether it is time to show that somebody watches."""
        return self._passed("_beat", self._timing.alive)

    def due(self) -> bool:
        """Whether it is time to compare what the worker does with what it was told."""
        return self._passed("_looked", self._timing.alive / 4)

    def press(self, worker: launch.Worker, control: Control | None) -> None:
        """End a worker that was cancelled long ago, or has been silent for longer than any honest work takes."""
        now = time.monotonic()
        if control is None:
            return
        if control.action == "pause":
            self._heard = now  # a paused worker has nothing to say
        self._cancelled = (self._cancelled or now) if control.action == "cancel" else None
        since_cancel = now - self._cancelled if self._cancelled is not None else 0.0
        if since_cancel > 2 * self._timing.cancel or now - self._heard > self._timing.silence:
            worker.kill()
        elif since_cancel > self._timing.cancel:
            worker.terminate()

    def _passed(self, since: str, seconds: float) -> bool:
        now = time.monotonic()
        if now - getattr(self, since) < seconds:
            return False
        setattr(self, since, now)
        return True


def obey(connection: Connection, folder: ProjectFolder, job_id: str, action: Action) -> JobInfo:
    """Tell a job what to do, in the caller's transaction; a job that has ended is left as it is, unless it failed and can go on."""
    job = jobs.find(connection, job_id)
    if job.info.state == "failed" and action == "resume":
        return going_on.go_on(connection, folder, job)
    if job.info.state in ENDED or (job.control.action == "cancel"):
        return job.info
    if job.info.state == "queued":
        if action != "cancel":
            raise UserError("job-waits")
        results.to_trash(folder, job_id)  # there is one where it failed and was to go on
        return jobs.enter(connection, job_id, "cancelled")
    if job.control.action == "stop-and-keep" and action != "cancel":
        return job.info
    jobs.set_control(connection, job_id, Control(action="run" if action == "resume" else action))
    if folder.run(job_id).is_dir():
        write_control(connection, folder.run(job_id), job_id)
    return jobs.enter(connection, job_id, _STATES[action])


def write_control(connection: Connection, run: Path, job_id: str) -> jobs.Job:
    """Write what the database says a job shall do where its worker looks; on the database's thread, so never out of order."""
    job = jobs.find(connection, job_id)
    write_whole(run / CONTROL_FILE, job.control.model_dump_json().encode())
    return job


def _meaning(error: Exception) -> ErrorBody:
    if isinstance(error, ConsiliumError):
        return error.body()
    return EngineFault("internal", detail=type(error).__name__).body()
