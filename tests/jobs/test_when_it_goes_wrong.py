"""What must survive when something fails late: what was learned, a model that is whole, a worker that is at work, a word of it."""

import asyncio
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.jobs import launch, results, tail, train_job, worker
from engine.jobs.queue import _add, _task
from engine.jobs.run_folder import EVENTS_FILE, REPORT_FILE, TASK_FILE, EventWriter, RunFolder
from engine.jobs.supervisor import Supervisor, Timing
from engine.model.pretrained import load_council
from engine.schema.command import StartEvaluation
from engine.schema.config import RunConfig
from engine.schema.errors import UserError
from engine.schema.event import Finished, Log
from engine.schema.worker import ALONE_FILE
from engine.store import jobs
from engine.store.blobs import Blobs
from engine.store.database import Database
from engine.store.project import ProjectFolder
from tests.small_council import small_cases
from tests.train.runs import FolderWithOrders, PowerCut, events, make_run, tiny_config


class Full:
    """A file on a disk that has room for so many bytes more."""

    def __init__(self, path: Path, room: int) -> None:
        self._file, self._room = open(path, "ab", buffering=0), room  # noqa: SIM115, it stays open for the whole test

    def fileno(self) -> int:
        return self._file.fileno()

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        some = data[: self._room]
        self._room -= len(some)
        return self._file.write(some)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "blobs").mkdir()
    return tmp_path


@pytest.mark.parametrize("stage", ["fold-2", "final"])
def test_run_when_it_dies_after_the_order_to_keep_then_the_next_worker_keeps_what_was_learned(
    project: Path, stage: str
) -> None:
    cases = small_cases(Blobs(project / "blobs"), 40)
    run = make_run(project, "train-died", cases, tiny_config())
    with pytest.raises(PowerCut):
        train_job.run(FolderWithOrders(run, "cut", stage, 3))
    learned = {path.parent.name for path in run.glob("stages/*/resume.json")}
    assert "fold-1" in learned
    train_job.run(FolderWithOrders(run, "stop-and-keep", "", -1))  # the order stands from its first look on
    (end,) = events(run, "finished")
    assert end["outcome"] == "stopped"
    assert load_council(run / "final").calibration is not None
    assert "nothing-to-keep" not in [one["code"] for one in events(run, "log")]


def test_run_when_a_file_of_a_validation_case_is_gone_then_keeps_its_model_and_says_what_is_missing(
    project: Path,
) -> None:
    blobs = Blobs(project / "blobs")
    *cases, last = small_cases(blobs, 41)
    last = last.model_copy(update={"split": "val"})
    others = {part.decoded for case in cases for part in case.parts}
    gone = next(part.decoded for part in last.parts if part.decoded not in others)
    blobs.path(gone).unlink()
    run = make_run(project, "train-measured", [*cases, last], tiny_config(teachers=()))
    assert worker.work(RunFolder(run)) == 0
    (end,) = events(run, "finished")
    assert (end["outcome"], end["folder"]) == ("done", "final")
    summary = load_council(run / "final").summary
    assert summary is not None
    assert summary.validation is None
    assert [one["fatal"] for one in events(run, "problem")] == [False]
    assert "not-measured" in [one["code"] for one in events(run, "log")]


def test_model_when_the_disk_is_full_on_its_way_into_the_project_then_says_so(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = project / "made"
    made.mkdir()
    (made / "model.safetensors").write_bytes(b"weights")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    folder = ProjectFolder(project / "project")
    folder.make()
    with pytest.raises(UserError) as told:
        results.publish_model(folder, made, "model-1", "train-1")
    assert told.value.code == "disk-full"


def test_event_when_only_half_of_it_finds_room_then_leaves_no_half_line(tmp_path: Path) -> None:
    path = tmp_path / EVENTS_FILE
    writer = EventWriter(path)
    writer.emit(Log(level="info", code="first"))
    whole = path.read_bytes()
    writer._file = Full(path, 20)  # type: ignore[assignment]
    with pytest.raises(OSError, match="No space"):
        writer.emit(Log(level="info", code="lost"))
    assert path.read_bytes() == whole
    writer._file = Full(path, 10_000)  # type: ignore[assignment]
    writer.emit(Log(level="info", code="second"))
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(line["n"], line["body"]["code"]) for line in told] == [(1, "first"), (2, "second")]


def test_job_when_the_disk_is_full_then_says_that_before_it_writes_where_it_failed(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(project, "train-full", (), tiny_config())

    def full(folder: RunFolder) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def no_report(*_: object, **__: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", no_report)
    assert worker.work(RunFolder(run), full) == 2
    (told,) = events(run, "problem")
    assert (told["problem"]["code"], told["fatal"]) == ("disk-full", True)
    assert not (run / REPORT_FILE).exists()


def test_measurement_when_stopped_then_is_no_result(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path / "project")
    folder.make()
    database = Database(folder.database)
    asked = StartEvaluation(command_id="c", model_id="model-1", dataset="ward", name="Ward", split="val", experts=True)
    task = _task(folder, "evaluate").model_copy(update={"evaluate": asked})
    job_id = database.now(lambda connection: _add(connection, task, "Ward").job_id)
    database.now(jobs.enter, job_id, "running")
    job, stopped = database.now(jobs.find, job_id), Finished(outcome="stopped")
    kept = results.files(folder, job, stopped)
    told = database.now(results.rows, folder, job, stopped, kept)
    database.close()
    assert (told.state, told.result) == ("cancelled", {})


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[tuple[ProjectFolder, Database, str, subprocess.Popen[bytes]]]:
    """A project with a run that another process works on until its input ends."""
    folder = ProjectFolder(tmp_path / "project")
    folder.make()
    database = Database(folder.database)
    task = _task(folder, "train").model_copy(update={"train": RunConfig(recipe="quick")})
    job = database.now(lambda connection: _add(connection, task, "x", recipe="quick").job_id)
    database.now(jobs.enter, job, "running")
    folder.run(job).mkdir(parents=True)
    settled = database.now(jobs.find, job).task
    (folder.run(job) / TASK_FILE).write_text(settled.model_dump_json(), encoding="utf-8")
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    launch.write_down(folder.run(job), psutil.Process(child.pid))
    yield folder, database, job, child
    child.kill()
    child.wait()
    database.close()


async def _see_through(folder: ProjectFolder, database: Database) -> None:
    """Bring the project's job to its end, as its service would."""
    supervisor = Supervisor(folder, database, lambda: None, Timing(look=0.01, again=0.01))
    await supervisor.look()
    await asyncio.wait_for(asyncio.gather(*supervisor._lanes.values()), 60)
    await supervisor.end()


def test_worker_when_the_service_cannot_write_for_a_moment_then_is_watched_again_and_believed(
    busy: tuple[ProjectFolder, Database, str, subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, database, job, child = busy
    run = folder.run(job)
    EventWriter(run / EVENTS_FILE).emit(Log(level="info", code="begun"))
    real, asked = tail.take, []

    def full_at_first(*arguments: object) -> int:
        asked.append(child.poll() is None)
        if len(asked) == 1:
            raise UserError("disk-full", megabytes=200)
        if len(asked) == 2:  # it is heard again, so its work may end
            EventWriter(run / EVENTS_FILE).emit(Finished(outcome="stopped"))
            assert child.stdin is not None
            child.stdin.close()
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(tail, "take", full_at_first)

    asyncio.run(_see_through(folder, database))
    info = database.now(jobs.find, job).info
    assert info.state == "cancelled"  # it was stopped and had nothing to keep: its own last word
    assert info.problem is None
    assert asked[:2] == [True, True]


def test_worker_when_it_left_because_nobody_watched_then_is_started_again_and_no_try_is_spent(
    busy: tuple[ProjectFolder, Database, str, subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, database, job, child = busy
    run = folder.run(job)
    child.kill()
    child.wait()
    (run / ALONE_FILE).touch()
    started: list[Path] = []

    def start(path: Path) -> launch.Worker:
        started.append(path)
        EventWriter(path / EVENTS_FILE).emit(Finished(outcome="cancelled"))
        return launch.Worker(psutil.Process(os.getpid()), child)  # one that has ended

    monkeypatch.setattr(launch, "launch", start)

    asyncio.run(_see_through(folder, database))
    assert started == [run]
    assert database.now(jobs.find, job).resumes == 0
    assert database.now(jobs.find, job).info.state == "cancelled"
