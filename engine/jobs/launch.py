"""Starting worker processes that outlive their starter, and finding them again."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from engine.jobs.run_folder import WORKER_FILE
from engine.schema.worker import WorkerFile, worker_environment
from engine.store.blobs import write_whole

_ROOT = Path(__file__).resolve().parents[2]
_CLOCK_SLACK = 2.0
"""Seconds by which two readings of one process's start may differ, because the system's clock was set in between."""
_WINDOWS_DETACHED: int = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


class Worker:
    """A worker process, whether this service started it or found it."""

    def __init__(self, process: psutil.Process, child: subprocess.Popen[bytes] | None = None) -> None:
        self._process = process
        self._child = child

    def alive(self) -> bool:
        """Whether it still runs; takes notice of a child's end, so that it does not stay as a zombie."""
        if self._child is not None:
            return self._child.poll() is None
        try:
            return self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(self._process.terminate)

    def kill(self) -> None:
        """End it."""
        self._signal(self._process.kill)

    @staticmethod
    def _signal(send: Callable[[], None]) -> None:
        try:
            send()
        except psutil.NoSuchProcess:
            return


def launch(run: Path) -> Worker:
    """Start the worker of a run folder in a session of its own and write down who it is."""
    module = os.environ.get("CONSILIUM_WORKER", "engine.jobs.worker")
    with open(run / "worker.log", "ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", module, str(run)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=_ROOT,
            env=worker_environment(),
            start_new_session=sys.platform != "win32",
            creationflags=_WINDOWS_DETACHED,
        )
    process = psutil.Process(child.pid)
    write_down(run, process)
    return Worker(process, child)


def write_down(run: Path, process: psutil.Process) -> None:
    """Write who works on a run: enough to find the process again and not to mistake another for it."""
    who = WorkerFile(pid=process.pid, started=process.create_time())
    write_whole(run / WORKER_FILE, who.model_dump_json().encode())


def begun(run: Path) -> bool:
    """Whether a worker was ever started for this run."""
    return (run / WORKER_FILE).exists()


def adopt(run: Path) -> Worker | None:
    """Return the live worker of a run, or None where it has ended."""
    try:
        who = WorkerFile.model_validate_json((run / WORKER_FILE).read_bytes())
        process = psutil.Process(who.pid)
        same = abs(process.create_time() - who.started) < _CLOCK_SLACK
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
    found = Worker(process)
    return found if same and found.alive() else None
