"""A run folder as its worker sees it: the task, the cases, the events it appends, the control it obeys."""

import contextlib
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from engine.schema.case import Case
from engine.schema.event import EventBody, Progress, RunLine
from engine.schema.worker import ALIVE_FILE, Control, Task
from engine.store.blobs import Blobs, write_whole

TASK_FILE = "task.json"
CASES_FILE = "cases.jsonl"
CONTROL_FILE = "control.json"
EVENTS_FILE = "events.jsonl"
WORKER_FILE = "worker.json"
WORKER_LOCK = "worker.lock"
REPORT_FILE = "report.txt"
_MOMENT_S = 20.0


class Stopped(Exception):
    """The run was asked to end; `keep` says whether what was learnt shall be kept."""

    def __init__(self, keep: bool) -> None:
        super().__init__("stop-and-keep" if keep else "cancel")
        self.keep = keep


class EventWriter:
    """Appends numbered lines to `events.jsonl`; after a restart it goes on where whole lines end."""

    def __init__(self, path: Path) -> None:
        self._drop_torn_line(path)
        self._n = path.read_bytes().count(b"\n") if path.exists() else 0
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115, it stays open for the whole run

    def emit(self, body: EventBody) -> None:
        """Append one event; it is readable by others when this returns."""
        self._n += 1
        line = RunLine(n=self._n, at=datetime.now(UTC), body=body)
        rest = memoryview(line.model_dump_json().encode() + b"\n")
        whole = os.fstat(self._file.fileno()).st_size
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:  # on a full disk; half a line would take the next one with it
            os.truncate(self._file.fileno(), whole)
            self._n -= 1
            raise

    def sync(self) -> None:
        """Make all lines so far survive a power cut."""
        os.fsync(self._file.fileno())

    @staticmethod
    def _drop_torn_line(path: Path) -> None:
        """Cut off a last line without an end: its writer was killed in the middle, so nobody has read it."""
        if not path.exists():
            return
        data = path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            os.truncate(path, whole)


class RunFolder:
    """The worker's side of `runs/<job id>/`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.task = Task.model_validate_json((path / TASK_FILE).read_bytes())
        self.events = EventWriter(path / EVENTS_FILE)
        self.blobs = Blobs(Path(self.task.project) / "blobs")
        self._clock = _Clock()
        self._alone_since: float | None = None

    def cases(self) -> Iterator[Case]:
        """Yield the cases the job was given, in the database's order."""
        with contextlib.suppress(FileNotFoundError), open(self.path / CASES_FILE, encoding="utf-8") as lines:
            for line in lines:
                yield Case.model_validate_json(line)

    def control(self) -> Control:
        """Return what the worker shall do next; a missing file means: go on."""
        try:
            return Control.model_validate_json((self.path / CONTROL_FILE).read_bytes())
        except (OSError, ValueError):
            return Control()

    def obey(self, paused: float = 0.2) -> None:
        """Look at the control once; waits while paused, raises `Stopped` where the run shall end."""
        while (action := self.control().action) == "pause":
            time.sleep(paused)
        if action in ("stop-and-keep", "cancel"):
            raise Stopped(keep=action == "stop-and-keep")

    def orphaned(self, minutes: float) -> bool:
        """Whether no service has watched this run for so long; one that was never watched is as old as its task.

        A machine that slept looks like that, too, until the service has shown itself: it is given a moment to do so.
        """
        watched = self.path / ALIVE_FILE
        seen = (watched if watched.exists() else self.path / TASK_FILE).stat().st_mtime
        if time.time() - seen <= minutes * 60:
            self._alone_since = None
            return False
        if self._alone_since is None:
            self._alone_since = time.monotonic()
        return time.monotonic() - self._alone_since >= _MOMENT_S

    def progress(self, phase: str, done: int, total: int, detail: str = "") -> None:
        """Tell how far the job is, at most five times a second and always at the end; time left is estimated."""
        left = self._clock.seconds_left(phase, done, total)
        if done >= total or self._clock.due():
            self.events.emit(Progress(phase=phase, done=done, total=total, detail=detail, seconds_left=left))

    def write(self, name: str, data: bytes) -> None:
        """Write a file of the run whole; `name` may hold folders."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, data)


class _Clock:
    """Estimates time left within one phase, and says when the next progress line is due."""

    def __init__(self) -> None:
        self._phase = ""
        self._began = 0.0
        self._last = 0.0

    def seconds_left(self, phase: str, done: int, total: int) -> float | None:
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._began = phase, now
        if done <= 0 or now - self._began < 1.0:
            return None
        return (now - self._began) / done * (total - done)

    def due(self) -> bool:
        now = time.monotonic()
        if now - self._last < 0.2:
            return False
        self._last = now
        return True
