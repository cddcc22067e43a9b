"""A run folder as its worker sees it: numbered lines that survive a death, control that is obeyed, a watch that may end."""

import os
import time
from pathlib import Path

import pytest

from engine.jobs.run_folder import EventWriter, RunFolder, Stopped
from engine.schema.event import Progress, RunLine
from engine.schema.worker import Control, Task
from tests.fakes import a_case


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    run = tmp_path / "runs" / "train-1"
    run.mkdir(parents=True)
    task = Task(job_id="train-1", kind="train", project=str(tmp_path))
    (run / "task.json").write_text(task.model_dump_json())
    return RunFolder(run)


def _lines(folder: RunFolder) -> list[RunLine]:
    return [RunLine.model_validate_json(line) for line in (folder.path / "events.jsonl").read_bytes().splitlines()]


def test_lines_when_appended_are_numbered_from_one(folder: RunFolder) -> None:
    for step in range(3):
        folder.events.emit(Progress(phase="training", done=step, total=3))
    assert [line.n for line in _lines(folder)] == [1, 2, 3]


@pytest.mark.parametrize("torn", [b"", b"{", b'{"n":3,"at":"2026-01-01T00:00:00Z","body":{"kind":"prog'])
def test_writer_when_started_again_goes_on_after_the_last_whole_line(folder: RunFolder, torn: bytes) -> None:
    path = folder.path / "events.jsonl"
    folder.events.emit(Progress(phase="training", done=1, total=3))
    folder.events.emit(Progress(phase="training", done=2, total=3))
    with open(path, "ab") as file:
        file.write(torn)
    EventWriter(path).emit(Progress(phase="training", done=3, total=3))
    assert [line.n for line in _lines(folder)] == [1, 2, 3]


def test_cases_when_listed_come_in_order_and_are_none_without_a_file(folder: RunFolder) -> None:
    assert list(folder.cases()) == []
    made = [a_case("b"), a_case("a")]
    folder.write("cases.jsonl", b"".join(case.model_dump_json().encode() + b"\n" for case in made))
    assert list(folder.cases()) == made


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"action": "explode"}'])
def test_control_when_missing_or_damaged_means_go_on(folder: RunFolder, content: bytes | None) -> None:
    if content is not None:
        (folder.path / "control.json").write_bytes(content)
    folder.obey()
    assert folder.control() == Control(action="run")


@pytest.mark.parametrize(("action", "keep"), [("stop-and-keep", True), ("cancel", False)])
def test_worker_when_told_to_end_stops_and_knows_whether_to_keep(folder: RunFolder, action: str, keep: bool) -> None:
    folder.write("control.json", b'{"action": "%s"}' % action.encode())
    with pytest.raises(Stopped) as stopped:
        folder.obey()
    assert stopped.value.keep is keep


def test_progress_when_told_often_is_thinned_but_its_end_is_always_told(folder: RunFolder) -> None:
    for done in range(1, 1001):
        folder.progress("reading", done, 1000)
    told = [line.body.done for line in _lines(folder) if isinstance(line.body, Progress)]
    assert told[-1] == 1000
    assert len(told) < 50


def test_run_when_nobody_watched_for_long_is_orphaned(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not folder.orphaned(minutes=10)
    long_ago = time.time() - 11 * 60
    os.utime(folder.path / "task.json", (long_ago, long_ago))
    now = [1000.0]
    monkeypatch.setattr("engine.jobs.run_folder.time.monotonic", lambda: now[0])
    assert not folder.orphaned(minutes=10)  # a machine that slept: whoever watches has a moment to show it
    now[0] += 60
    assert folder.orphaned(minutes=10)
    (folder.path / "service.alive").touch()
    assert not folder.orphaned(minutes=10)
