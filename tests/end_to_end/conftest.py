"""The whole of Consilium in one test: real window, real service, real workers, real database, and cases that are quickly learnt."""

import contextlib
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from engine.cli.training import configured
from engine.schema.base import new_id
from engine.schema.command import ENDED, ControlJob, JobInfo, JobList, StartDemo, StartTraining
from engine.schema.event import Event
from engine.schema.places import assets
from tests.conftest import ROOT
from tests.engines import Engine, until
from workbench.app import Workbench
from workbench.rooms import Rooms

PATIENCE_S = 240.0
"""Far beyond what anything here takes, because the machine may be busy."""
PATIENCE_MS = int(1000 * PATIENCE_S)
CASES = 120
SMALL = (
    "student.width=32", "student.layers=2", "student.experts=4", "student.hidden=32", "student.image_size=32",
    "student.audio_seconds=1", "student.text_tokens=24", "optim.epochs=4", "optim.batch=32", "folds=2", "threads=1",
    "device=cpu",
)  # fmt: skip
"""A council that learns in seconds; one thread of one kind of device, so that the same weights count the same again."""
LONG = (*SMALL, "optim.epochs=400")
"""The same for as long as a test may need it."""


class Ward(Engine):
    """A project with a real engine, labelled cases to learn from, and whatever was trained on them so far."""

    def generate(self, cases: int = CASES) -> JobInfo:
        """Make synthetic cases of the clinic, through the queue as the window's button does."""
        command = StartDemo(command_id=new_id("demo"), train=cases, val=0)
        return self.done(self.client.post("/v1/demo", command, JobInfo).job_id)

    def learn(self, *settings: str, recipe: str = "quick") -> str:
        """Queue a training with some settings, as the command line does; returns the job's id."""
        config = configured(recipe, list(settings), seed=1)
        return self.client.post(
            "/v1/training", StartTraining(command_id=new_id("train"), config=config), JobInfo
        ).job_id

    def done(self, job_id: str) -> JobInfo:
        """Wait until a job has ended well."""
        until(lambda: self.job(job_id).state in ENDED, PATIENCE_S)
        ended = self.job(job_id)
        assert ended.state == "done", ended.problem
        return ended

    def steps(self, job_id: str) -> list[tuple[str, int]]:
        """Return the stage and step of each measurement that a run's own file holds, in order."""
        bodies = [line["body"] for line in self.lines(job_id)]
        return [
            (body["stage"], body["step"]) for body in bodies if body["kind"] == "metrics" and body["split"] == "train"
        ]

    def lines(self, job_id: str) -> list[dict[str, Any]]:
        """Return the whole lines of a run's `events.jsonl`."""
        file = self.project / "runs" / job_id / "events.jsonl"
        if not file.exists():
            return []
        whole, _, _torn = file.read_text(encoding="utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]

    def worker_pid(self, job_id: str) -> int:
        """Return which process works, or worked last, on a run."""
        who: dict[str, int] = json.loads((self.project / "runs" / job_id / "worker.json").read_text(encoding="utf-8"))
        return who["pid"]

    def told(self, job_id: str) -> list[Event]:
        """Return the events of a job as the database holds them."""
        return [event for event in self.events() if event.job == job_id]

    def rest(self) -> None:
        """Cancel whatever is still under way, so that the next test finds the queue empty."""
        jobs = self.client.get("/v1/jobs", JobList).jobs
        for job in [job for job in jobs if job.state not in ENDED]:
            self.client.post(
                f"/v1/jobs/{job.job_id}/control", ControlJob(command_id=new_id("c"), action="cancel"), JobInfo
            )
        until(lambda: all(job.state in ENDED for job in self.client.get("/v1/jobs", JobList).jobs), PATIENCE_S)


@contextlib.contextmanager
def runtime_of_its_own() -> Iterator[Path]:
    """Give engines a folder for their sockets; short, because a socket's path may have 108 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="cr-", dir="/tmp" if os.name != "nt" else None))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CONSILIUM_RUNTIME", str(folder))
        yield folder
    shutil.rmtree(folder, ignore_errors=True)


@dataclasses.dataclass(frozen=True)
class Shared:
    """A ward that tests share, with the folder in which its engine can be found."""

    ward: Ward
    runtime: Path
    first_run: str


@pytest.fixture(scope="session")
def _shared_ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with runtime_of_its_own() as runtime:
        ward = Ward(tmp_path_factory.mktemp("shared") / "ward")
        try:
            ward.generate()
            run = ward.learn(*SMALL)
            ward.done(run)
            yield Shared(ward, runtime, run)
        finally:
            ward.end()


@pytest.fixture
def shared(_shared_ward: Shared, _private_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    """Return the ward with one finished run; its tests carry `xdist_group("ward")`, so that it is made once."""
    monkeypatch.setenv("CONSILIUM_RUNTIME", str(_shared_ward.runtime))
    _shared_ward.ward.again()
    yield _shared_ward
    _shared_ward.ward.rest()


@pytest.fixture
def ward(tmp_path: Path, _private_runtime: Path) -> Iterator[Ward]:
    """Return an empty project with a real engine of its own."""
    made = Ward(tmp_path / "ward")
    yield made
    made.end()


Open = Callable[[Path], Rooms]


@pytest.fixture
def open_window(qtbot: QtBot, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens the real window on a project and waits until its engine answers."""
    opened: list[Workbench] = []

    def open_on(project: Path) -> Rooms:
        store = QSettings(str(tmp_path / f"preferences-{len(opened)}.ini"), QSettings.Format.IniFormat)
        store.setValue("language", "en")
        store.setValue("theme", "light")
        made = Workbench(store, project)
        opened.append(made)
        made.window.show()
        qtbot.waitUntil(lambda: made.rooms is not None and made.rooms.session.is_live, timeout=PATIENCE_MS)
        assert made.rooms is not None
        return made.rooms

    yield open_on
    for made in opened:
        if made.rooms is not None:
            made.rooms.session.close()
        made.window.close()
        made.window.deleteLater()
        made.deleteLater()


@dataclasses.dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


Command = Callable[..., Said]


@pytest.fixture
def command(_private_runtime: Path) -> Command:
    """Return a function that runs `python -m engine ...` as a person does in a terminal."""

    def run(*words: object) -> Said:
        call = [sys.executable, "-m", "engine", *map(str, words)]
        done = subprocess.run(call, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        return Said(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def demo_model() -> Path:
    """Return the folder of the clinic's demo model; skips loudly where this checkout does not hold it."""
    folder = assets() / "models" / "clinic"
    if not (folder / "config.json").is_file():
        pytest.skip(
            "SKIPPED: the clinic's demo model is not among the assets: python -m engine.demo.ship clinic makes it"
        )
    return folder


def sample(name: str) -> list[Path]:
    """Return the files of a sample case that ships."""
    return sorted(path for path in (assets() / "cases" / name).iterdir() if path.is_file())
