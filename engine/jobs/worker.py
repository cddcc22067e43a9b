"""What every worker does: take the run, do the job its task names, and say how it ended, whatever happened.

Started as `python -m engine.jobs.worker RUN_FOLDER`. Exit codes: 0 done or stopped, 2 a problem a person can mend, 1 a fault,
75 another worker has this run.
"""

import contextlib
import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from engine.jobs.launch import write_down
from engine.jobs.run_folder import REPORT_FILE, WORKER_LOCK, RunFolder, Stopped
from engine.schema.errors import ConsiliumError, EngineFault, ErrorBody
from engine.schema.event import Finished, Problem
from engine.store.blobs import disk_full, is_disk_full
from engine.store.locks import Held, hold

TAKEN = 75
_NICENESS = 5
"""A job yields to the window and the service: both must answer while it computes."""


def main(arguments: list[str]) -> int:
    """Work on the run folder that is the only argument and return the exit code."""
    path = Path(arguments[0])
    with _taken(path) as held:
        if held is None:
            return TAKEN
        write_down(path, psutil.Process())
        if hasattr(os, "nice"):
            os.nice(_NICENESS)
        return work(RunFolder(path))


def work(folder: RunFolder, job: Callable[[RunFolder], None] | None = None) -> int:
    """Do the job and tell its end; the one place where every exception of a job arrives."""
    try:
        (job or _job(folder.task.kind))(folder)
    except Stopped as stopped:
        folder.events.emit(Finished(outcome="stopped" if stopped.keep else "cancelled"))
        return _end(folder, 0)
    except ConsiliumError as error:
        return _failed(folder, error.body(), error)
    except MemoryError as error:
        return _failed(folder, ErrorBody(code="out-of-memory"), error)
    except Exception as error:  # where a worker ends: nothing may pass without a word
        return _failed(folder, _meaning(error), error)
    return _end(folder, 0)


def _job(kind: str) -> Callable[[RunFolder], None]:
    """Return the job of a kind; only here is its module, and all that it needs, loaded."""
    module = importlib.import_module(f"engine.jobs.{kind}_job")
    run: Callable[[RunFolder], None] = module.run
    return run


def _meaning(error: Exception) -> ErrorBody:
    """Tell a full disk, and memory that ran out on a GPU, apart from a defect; the latter is named so that no GPU library is needed."""
    if type(error).__name__ == "OutOfMemoryError":
        return ErrorBody(code="out-of-memory")
    if is_disk_full(error):
        return disk_full().body()
    return EngineFault("internal", detail=type(error).__name__).body()


def _failed(folder: RunFolder, problem: ErrorBody, error: BaseException) -> int:
    folder.events.emit(Problem(problem=problem, fatal=True))
    with contextlib.suppress(OSError):  # after the word itself, which matters more: the disk may be full
        (folder.path / REPORT_FILE).write_text(report(error), encoding="utf-8")
    return _end(folder, 1 if problem.fault else 2)


def report(error: BaseException) -> str:
    """Return where an error came from: types, files and lines, never a message or a value, which could quote a case."""
    lines = []
    seen: BaseException | None = error
    while seen is not None:
        lines.append(f"{type(seen).__module__}.{type(seen).__qualname__}")
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(seen.__traceback__)
        ]
        seen = seen.__cause__ or seen.__context__
    return "\n".join(lines) + "\n"


def _end(folder: RunFolder, code: int) -> int:
    folder.events.sync()
    return code


@contextlib.contextmanager
def _taken(path: Path) -> Iterator[Held | None]:
    """Hold the run: two workers in one folder would write over each other's checkpoints."""
    held = hold(path / WORKER_LOCK)
    try:
        yield held
    finally:
        if held is not None:
            held.release()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
