"""`kill -9` of the service, or of the worker, while a run goes on: nothing that was acknowledged is lost, and the run ends well."""

import os
import signal

import psutil
import pytest

from engine.schema.base import new_id
from engine.schema.command import ControlJob, JobInfo
from engine.schema.event import Event
from tests.end_to_end.conftest import LONG, PATIENCE_S, SMALL, Ward
from tests.engines import until

pytestmark = pytest.mark.end_to_end
FEW_CASES = 60


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _holds_each_line_once(ward: Ward, job_id: str) -> None:
    """Check that the database holds the run's own file: every line once, in order, without a gap."""
    lines = ward.lines(job_id)
    told = [event for event in ward.told(job_id) if event.n]
    assert [line["n"] for line in lines] == list(range(1, len(lines) + 1))
    assert [event.n for event in told] == [line["n"] for line in lines]
    assert [event.body.model_dump(mode="json") for event in told] == [line["body"] for line in lines]


def _goes_on(ward: Ward, job_id: str, steps: int = 3) -> None:
    """Wait until a run has told of some more steps in its own file, which needs no service."""
    before = len(ward.steps(job_id))
    until(lambda: len(ward.steps(job_id)) >= before + steps, PATIENCE_S)


def _numbers(events: list[Event]) -> list[int]:
    return [event.seq for event in events]


def test_run_when_its_service_is_killed_goes_on_is_adopted_and_ends_well(ward: Ward) -> None:
    ward.generate(FEW_CASES)
    run = ward.learn(*LONG)
    until(lambda: len(ward.steps(run)) >= 3, PATIENCE_S)
    worker = ward.worker(run)
    acknowledged = ward.events()
    first = ward.pid
    ward.kill()
    _goes_on(ward, run)
    assert _alive(worker)
    ward.again()
    assert ward.pid != first
    until(lambda: ward.job(run).state == "running" and ward.told(run)[-1].n > acknowledged[-1].n, PATIENCE_S)
    assert ward.worker_pid(run) == worker.pid
    _goes_on(ward, run)
    stop = ControlJob(command_id=new_id("c"), action="stop-and-keep")
    ward.client.post(f"/v1/jobs/{run}/control", stop, JobInfo)
    ended = ward.done(run)
    assert (ward.project / "models" / str(ended.result["model"]) / "model.safetensors").is_file()
    events = ward.events()
    assert events[: len(acknowledged)] == acknowledged
    assert _numbers(events) == list(range(events[0].seq, events[0].seq + len(events)))
    _holds_each_line_once(ward, run)


def test_run_when_service_and_worker_are_killed_goes_on_from_its_checkpoint(ward: Ward) -> None:
    ward.generate(FEW_CASES)
    run = ward.learn(*SMALL)
    until(lambda: any(line["body"]["kind"] == "checkpoint" for line in ward.lines(run)), PATIENCE_S)
    worker = ward.worker(run)
    acknowledged = ward.events()
    ward.kill()
    os.kill(worker.pid, signal.SIGKILL)
    until(lambda: not _alive(worker))
    ward.again()
    ward.done(run)
    assert ward.worker_pid(run) != worker.pid
    codes = [event.body.code for event in ward.told(run) if event.body.kind == "log"]
    assert codes.count("resumed") == 1
    assert ward.events()[: len(acknowledged)] == acknowledged
    _holds_each_line_once(ward, run)
