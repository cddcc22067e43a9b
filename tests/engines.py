"""Real engines for tests: started as a user's would be, with a fake worker and a fake predictor, and gone at the end."""

import contextlib
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine.client import Client, attach
from engine.schema.base import new_id
from engine.schema.command import ENDED, Action, ControlJob, JobInfo, StartDemo, StartTraining
from engine.schema.config import RunConfig
from engine.schema.event import Event, JobChanged
from engine.schema.runtime import read_address

FAKES = {"CONSILIUM_WORKER": "tests.fake_worker", "CONSILIUM_PREDICTOR": "tests.fake_predictor"}
"""Environment of a service that shall use the worker and the predictor of `tests.fakes`."""
PATIENCE = 60.0


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait for a condition; the deadline is far, because the machine may be busy."""
    deadline = time.monotonic() + seconds
    waiter = _Waiter()
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        waiter.rest()


class _Waiter:
    """Looks often at first, then less often."""

    def __init__(self) -> None:
        self._pause = 0.005

    def rest(self) -> None:
        """Let the others work."""
        with contextlib.suppress(ProcessLookupError):
            signal.sigtimedwait([], self._pause)
        self._pause = min(0.1, self._pause * 1.5)


class Engine:
    """The engine of one project in a test."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.client = attach(project, create=True)

    @property
    def pid(self) -> int:
        """The service's process."""
        return self.client.address.pid

    def again(self) -> Client:
        """Attach once more, starting an engine where none runs, and speak to that one from now on."""
        self.client.close()
        self.client = attach(self.project)
        return self.client

    def kill(self) -> None:
        """Kill the service as a crash would."""
        os.kill(self.pid, signal.SIGKILL)
        until(lambda: not psutil.pid_exists(self.pid) or psutil.Process(self.pid).status() == psutil.STATUS_ZOMBIE)

    def demo(self) -> JobInfo:
        """Bring in three labelled cases."""
        return self.ended(self.client.post("/v1/demo", StartDemo(command_id=new_id("c")), JobInfo).job_id)

    def train(self, words: str, **config: object) -> JobInfo:
        """Start a training whose fake job does these words."""
        if not any(job_dir.name.startswith("demo") for job_dir in (self.project / "runs").iterdir()):
            self.demo()
        asked = RunConfig(recipe="distil", name=words).model_copy(update=config)
        return self.client.post("/v1/training", StartTraining(command_id=new_id("c"), config=asked), JobInfo)

    def job(self, job_id: str) -> JobInfo:
        """Look at a job."""
        return self.client.get(f"/v1/jobs/{job_id}", JobInfo)

    def tell(self, job_id: str, action: Action) -> JobInfo:
        """Steer a job."""
        return self.client.post(
            f"/v1/jobs/{job_id}/control", ControlJob(command_id=new_id("c"), action=action), JobInfo
        )

    def states(self, job_id: str) -> list[str]:
        """Return the states a job was told to be in, in order."""
        told = (event.body for event in self.events() if event.job == job_id)
        return [body.job.state for body in told if isinstance(body, JobChanged)]

    def ended(self, job_id: str) -> JobInfo:
        """Wait for a job's end."""
        until(lambda: self.job(job_id).state in ENDED)
        return self.job(job_id)

    def in_state(self, job_id: str, state: str) -> JobInfo:
        """Wait until a job is in a state."""
        until(lambda: self.job(job_id).state == state)
        return self.job(job_id)

    def events(self, after: int = 0) -> list[Event]:
        """Return all events so far."""
        return list(self.client.events(after, until_idle=True))

    def worker(self, job_id: str) -> psutil.Process:
        """Return the process of a job's worker."""
        file = self.project / "runs" / job_id / "worker.json"
        until(file.exists)
        return psutil.Process(json.loads(file.read_text())["pid"])

    def end(self) -> None:
        """End the service and every worker it started."""
        self.client.close()
        address = read_address(self.project) or self.client.address
        pids = [json.loads(file.read_text())["pid"] for file in self.project.glob("runs/*/worker.json")]
        for pid in [self.client.address.pid, address.pid, *pids]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                if "engine" in " ".join(process.cmdline()) or "fake_worker" in " ".join(process.cmdline()):
                    process.kill()
                    process.wait(10)


@contextlib.contextmanager
def engine_of(project: Path) -> Iterator[Engine]:
    """Start the engine of a project and end it afterwards."""
    engine = Engine(project)
    try:
        yield engine
    finally:
        engine.end()


@contextlib.contextmanager
def shared_engine(project: Path) -> Iterator[Engine]:
    """Start an engine with the fakes for tests that leave it as they found it; its address is in a runtime folder of its own."""
    runtime = tempfile.mkdtemp(prefix="cr-", dir="/tmp")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**FAKES, "CONSILIUM_RUNTIME": runtime}.items():
            environment.setenv(name, value)
        running = Engine(project)
    try:
        yield running
    finally:
        running.end()
        shutil.rmtree(runtime, ignore_errors=True)
