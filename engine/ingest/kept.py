"""Reading processes for systems without fork and descriptors over sockets: kept between files, ended on any failure.

Each is an `engine.ingest.reader`. Weaker than a fork a file, because one file's reader reads the next; the wall clock is
this side's.
"""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

from engine.ingest import confine, frames


class KeptReaders:
    """Processes that wait for the next file; at most as many as files are read at once."""

    def __init__(self, environment: Callable[[], dict[str, str]]) -> None:
        self._environment = environment
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[bytes]] = []
        self._busy: set[subprocess.Popen[bytes]] = set()
        self._closed = False

    @contextlib.contextmanager
    def open(self, limits: confine.Limits) -> Iterator[frames.Pipe]:
        """Yield the line to a waiting process, or to a new one; it is ended where the answer does not come in time."""
        process = self._taken()
        timer = threading.Timer(limits.wall_seconds, process.kill)
        timer.start()
        whole = False
        try:
            if process.stdin is None or process.stdout is None:
                raise frames.Broken
            yield frames.StreamPipe(process.stdout, process.stdin)  # type: ignore[arg-type]
            whole = True
        finally:
            timer.cancel()
            self._give_back(process, whole)

    def held(self) -> confine.Held:
        """Return which walls stand: memory and files by limits where the system has them, nothing else."""
        return confine.Held(limits=os.name == "posix")

    def close(self) -> None:
        """End every process."""
        with self._lock:
            self._closed = True
            ended, self._idle = [*self._idle, *self._busy], []
        for process in ended:
            _end(process)

    def _taken(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise frames.Broken
            process = self._idle.pop() if self._idle else self._started()
            self._busy.add(process)
        return process

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.ingest.reader"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._environment(),
        )

    def _give_back(self, process: subprocess.Popen[bytes], whole: bool) -> None:
        with self._lock:
            self._busy.discard(process)
            if whole and not self._closed and process.poll() is None:
                self._idle.append(process)
                return
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):  # what was still to be written has no reader any more
                stream.close()
    process.wait()
