"""Many small files in a row through one reading process: for imports, where a fork a file would cost ten times the reading.

A process that fails takes no file with it: the file that it was reading is read again alone, in a fresh one.
"""

import contextlib
import dataclasses
import threading
from types import TracebackType
from typing import Self

from engine.ingest import confine, frames, parts
from engine.ingest.sandbox import Sandbox
from engine.schema.base import Modality
from engine.schema.case import Part

SMALL_BYTES = 2**20
"""A larger file gets a process of its own: it pays for the fork, and bombs are at home among them."""
FILES_A_PROCESS = 64


@dataclasses.dataclass
class _Line:
    """An open way to a process, and how many files it has read."""

    pipe: frames.Pipe
    closing: contextlib.ExitStack
    files: int = 0


class Batch:
    """Reads small files through kept lines, one for each thread that asks at once; to be left with `with`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._idle: list[_Line] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._idle:
            self._idle.pop().closing.close()

    def decode(self, data: bytes, name: str, modality: Modality | None) -> tuple[Part, bytes]:
        """Return what `Sandbox.decode` returns."""
        if len(data) > SMALL_BYTES:
            return self._sandbox.decode_now(data, name, modality)
        try:
            line = self._taken()
        except OSError:
            return self._sandbox.decode_now(data, name, modality)
        try:
            reply, decoded = self._sandbox.ask(line.pipe, data, name, modality)
        except (OSError, frames.Broken):
            line.closing.close()
            return self._sandbox.decode_now(data, name, modality)
        self._give_back(line)
        return parts.accepted(reply, decoded, data, name, modality)

    def _taken(self) -> _Line:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        closing = contextlib.ExitStack()
        return _Line(closing.enter_context(self._sandbox.line(confine.BATCH_LIMITS)), closing)

    def _give_back(self, line: _Line) -> None:
        line.files += 1
        if line.files >= FILES_A_PROCESS:
            line.closing.close()
            return
        with self._lock:
            self._idle.append(line)
