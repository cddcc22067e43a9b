"""What every worker does, whatever its job: it says how it ended, and its report quotes nobody."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from engine.jobs import worker
from engine.jobs.launch import adopt, begun, launch
from engine.jobs.run_folder import RunFolder, Stopped
from engine.schema.errors import EngineFault, UserError
from engine.schema.event import Finished, Problem, RunLine
from engine.schema.worker import Task, WorkerFile
from tests.conftest import ROOT
from tests.engines import until


@pytest.fixture
def run(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "train-1"
    path.mkdir(parents=True)
    (path / "task.json").write_text(Task(job_id="train-1", kind="train", project=str(tmp_path)).model_dump_json())
    return path


def _ended(run: Path, job: Callable[[RunFolder], None]) -> tuple[int, Finished | Problem | None]:
    code = worker.work(RunFolder(run), job)
    lines = (run / "events.jsonl").read_bytes().splitlines()
    body = RunLine.model_validate_json(lines[-1]).body if lines else None
    return code, body if isinstance(body, Finished | Problem) else None


def _raising(error: BaseException) -> Callable[[RunFolder], None]:
    def job(_: RunFolder) -> None:
        raise error

    return job


@pytest.mark.parametrize(
    ("error", "code", "named"),
    [
        (UserError("too-few-cases", have=1, need=40), 2, "too-few-cases"),
        (EngineFault("internal", detail="x"), 1, "internal"),
        (MemoryError(), 2, "out-of-memory"),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"), 2, "out-of-memory"),
        (ValueError("Mrs Example, born 1950"), 1, "internal"),
        (ZeroDivisionError(), 1, "internal"),
    ],
)
def test_worker_when_its_job_raises_tells_a_fatal_problem(run: Path, error: Exception, code: int, named: str) -> None:
    ended, told = _ended(run, _raising(error))
    assert ended == code
    assert isinstance(told, Problem)
    assert (told.fatal, told.problem.code) == (True, named)
    report = (run / "report.txt").read_text()
    assert type(error).__qualname__ in report
    assert "test_worker.py" in report
    assert "Example" not in report + told.problem.text()


@pytest.mark.parametrize(("keep", "outcome"), [(True, "stopped"), (False, "cancelled")])
def test_worker_when_it_was_stopped_says_how(run: Path, keep: bool, outcome: str) -> None:
    assert _ended(run, _raising(Stopped(keep))) == (0, Finished(outcome=outcome))  # type: ignore[arg-type]


def test_worker_when_its_job_returns_adds_nothing(run: Path) -> None:
    assert _ended(run, lambda folder: folder.events.emit(Finished(outcome="done"))) == (0, Finished(outcome="done"))


def test_process_when_its_job_is_impossible_says_so_in_the_run_folder(run: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "engine.jobs.worker", str(run)], cwd=ROOT, check=False, timeout=120)
    line = RunLine.model_validate_json((run / "events.jsonl").read_bytes().splitlines()[-1])
    assert done.returncode == 2
    assert isinstance(line.body, Problem)
    assert line.body.problem.code == "no-training-data"
    who = WorkerFile.model_validate_json((run / "worker.json").read_bytes())
    assert not psutil.pid_exists(who.pid)


def test_worker_when_launched_is_found_again_until_it_has_ended(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONSILIUM_WORKER", "tests.fake_worker")
    task = Task.model_validate_json((run / "task.json").read_text())
    config = {"recipe": "distil", "name": "hang"}
    (run / "task.json").write_text(Task.model_validate(task.model_dump() | {"train": config}).model_dump_json())
    assert not begun(run)
    started = launch(run)
    try:
        found = adopt(run)
        assert found is not None
        assert found.alive()
    finally:
        started.kill()
    until(lambda: not started.alive())
    assert begun(run)
    assert adopt(run) is None
    assert not found.alive()


@pytest.mark.parametrize(("set_by_person", "expected"), [("", "3000"), ("7", "7")])
def test_worker_when_started_does_not_spin_for_long_unless_the_person_wants_it(
    run: Path, monkeypatch: pytest.MonkeyPatch, set_by_person: str, expected: str
) -> None:
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    if set_by_person:
        monkeypatch.setenv("GOMP_SPINCOUNT", set_by_person)
    monkeypatch.setenv("CONSILIUM_WORKER", "tests.fake_worker")
    started = launch(run)
    try:
        who = WorkerFile.model_validate_json((run / "worker.json").read_bytes())
        assert psutil.Process(who.pid).environ()["GOMP_SPINCOUNT"] == expected
    finally:
        started.kill()
