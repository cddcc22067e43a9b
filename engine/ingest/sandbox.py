"""The client of the decode sandbox: untrusted bytes go out to a process without rights, a checked part comes back.

Pure Python and the standard library: whoever imports this loads no decoder.
"""

import asyncio
import concurrent.futures
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeVar

from pydantic import ValidationError

from engine.ingest import confine, frames, parts
from engine.ingest.kept import KeptReaders
from engine.schema.base import Modality
from engine.schema.case import Part
from engine.schema.command import ColumnRoles, ImportPlan
from engine.schema.errors import EngineFault, ErrorBody, UserError

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0
"""A cold disk may take long to load the decoders; a warm one needs a third of a second."""
_GRACE_SECONDS = 2.0
_KEPT_VARIABLES = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")

T = TypeVar("T")


class Readers(Protocol):
    """Where reading processes come from."""

    def open(self, limits: confine.Limits) -> contextlib.AbstractContextManager[frames.Pipe]:
        """Return a line to a process that answers one request within the limits."""

    def held(self) -> confine.Held:
        """Which walls stand around these processes."""

    def close(self) -> None:
        """End every process."""


class Sandbox:
    """Decodes files and plans manifests in processes without rights.

    `decode` and `plan` are for asyncio; `decode_now`, `plan_now` and `each` block. All are safe from several threads.
    Nothing is started before the first use, or `start`.
    """

    def __init__(self, at_once: int = 4, readers: Readers | None = None) -> None:
        self._readers = readers or default_readers()
        self._threads = concurrent.futures.ThreadPoolExecutor(at_once, thread_name_prefix="sandbox")
        self._at_once = at_once

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def start(self) -> confine.Held:
        """Start the warm process, so that the first file need not wait for it; return which walls stand."""
        return await self._elsewhere(self._readers.held)

    async def decode(self, data: bytes, name: str, modality: Modality | None = None) -> tuple[Part, bytes]:
        """Return a part and its decoded form; an unreadable file gives a part with its problem and no bytes."""
        return await self._elsewhere(lambda: self.decode_now(data, name, modality))

    async def plan(
        self,
        manifest: bytes,
        name: str,
        roles: ColumnRoles | None = None,
        sidecar: bytes | None = None,
        listing: Sequence[str] = (),
    ) -> ImportPlan:
        """Return what a manifest holds; raises `UserError` where nothing of it can be used."""
        return await self._elsewhere(lambda: self.plan_now(manifest, name, roles, sidecar, listing))

    def held(self) -> confine.Held:
        """Return which walls stand around the reading processes of this computer."""
        return self._readers.held()

    def decode_now(self, data: bytes, name: str, modality: Modality | None = None) -> tuple[Part, bytes]:
        """Return what `decode` returns, waiting for it."""
        if len(data) > frames.DATA_LIMIT:
            parameters: dict[str, str | int | float] = {
                "name": parts.shown_name(name),
                "megabytes": frames.DATA_LIMIT // 2**20,
            }
            return parts.unreadable(ErrorBody(code="too-large", parameters=parameters), data, name, modality), b""
        began = time.monotonic()
        try:
            with self.line(confine.DECODE_LIMITS) as line:
                reply, decoded = self.ask(line, data, name, modality)
        except (OSError, frames.Broken):
            code = _end_code(time.monotonic() - began, confine.DECODE_LIMITS)
            return parts.crashed(data, name, modality, code), b""
        return parts.accepted(reply, decoded, data, name, modality)

    def line(self, limits: confine.Limits) -> contextlib.AbstractContextManager[frames.Pipe]:
        """Return a line to a fresh reading process."""
        return self._readers.open(limits)

    def ask(self, line: frames.Pipe, data: bytes, name: str, modality: Modality | None) -> tuple[bytes, bytes]:
        """Send one file along a line; return the reply and the decoded form, both unchecked."""
        request = frames.ReadRequest(ask="decode", name=parts.shown_name(name), modality=modality)
        frames.send_frame(line, request.model_dump_json().encode(), data)
        return frames.receive_frame(line, frames.REPLY_LIMIT, max(parts.DECODED_LIMITS.values()))

    def plan_now(
        self,
        manifest: bytes,
        name: str,
        roles: ColumnRoles | None = None,
        sidecar: bytes | None = None,
        listing: Sequence[str] = (),
    ) -> ImportPlan:
        """Return what `plan` returns, waiting for it."""
        shown = parts.shown_name(name)
        if len(manifest) + len(sidecar or b"") > frames.DATA_LIMIT:
            raise UserError("too-large", name=shown, megabytes=frames.DATA_LIMIT // 2**20)
        request = frames.ReadRequest(
            ask="plan", name=shown, roles=roles or ColumnRoles(), manifest_bytes=len(manifest),
            has_sidecar=sidecar is not None, listing=tuple(listing),
        )  # fmt: skip
        try:
            with self._readers.open(confine.PLAN_LIMITS) as line:
                frames.send_frame(line, request.model_dump_json().encode(), manifest, sidecar or b"")
                problem, made = frames.receive_frame(line, frames.REPLY_LIMIT, frames.PLAN_LIMIT)
            if not problem:
                return ImportPlan.model_validate_json(made)
            raise ErrorBody.model_validate_json(problem).error()
        except (OSError, frames.Broken, ValidationError, KeyError) as error:
            raise UserError("manifest-unreadable", name=shown) from error

    def each(self, work: Iterator[Callable[[], T]]) -> Iterator[T]:
        """Do pieces of work, each of which may call `decode_now`, several at once; yield the results in order."""
        waiting: list[concurrent.futures.Future[T]] = []
        try:
            for piece in work:
                waiting.append(self._threads.submit(piece))
                if len(waiting) > 4 * self._at_once:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()
        finally:  # who stops asking shall not leave work behind that still uses what it is about to close
            concurrent.futures.wait([future for future in waiting if not future.cancel()])

    def close(self) -> None:
        """End every reading process; files being read then come back as unreadable."""
        self._readers.close()
        self._threads.shutdown(cancel_futures=True)

    async def _elsewhere(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


def _end_code(seconds: float, limits: confine.Limits) -> str:
    """Return why a reader ended without an answer: processor time is never more than wall time."""
    return "decode-timeout" if seconds > 0.95 * min(limits.cpu_seconds, limits.wall_seconds) else "decode-crashed"


def default_readers() -> Readers:
    """Return forked readers where the system has what they need, otherwise one kept process at a time."""
    return ForkedReaders() if sys.platform == "linux" and hasattr(os, "pidfd_open") else KeptReaders(_environment)


def _environment() -> dict[str, str]:
    """Return the little that a reading process may know of its surroundings; one thread each, many at once."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    return {**kept, "PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}


class ForkedReaders:
    """A warm process that forks a reader for each file; it is started again where it died."""

    def __init__(self, module: str = "engine.ingest.zygote") -> None:
        self._module = module
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._held = confine.Held()
        self._closed = False

    @contextlib.contextmanager
    def open(self, limits: confine.Limits) -> Iterator[frames.Pipe]:
        """Fork a reader and yield the line to it."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._hand_over(theirs, confine.LETTERS[limits])
            yield _Deadline(ours, time.monotonic() + limits.wall_seconds + _GRACE_SECONDS)

    def held(self) -> confine.Held:
        """Return which walls stand; starts the warm process to learn it."""
        with self._lock:
            self._started()
            return self._held

    def close(self) -> None:
        """End the warm process, which ends its readers."""
        with self._lock:
            self._closed = True
            self._end()

    def _hand_over(self, end: socket.socket, letter: bytes) -> None:
        with self._lock:
            try:
                socket.send_fds(self._started(), [letter], [end.fileno()])
            except OSError:  # it died since the last file: once more with a fresh one
                self._end()
                socket.send_fds(self._started(), [letter], [end.fileno()])

    def _started(self) -> socket.socket:
        if self._closed:
            raise frames.Broken
        if self._control is None:
            self._start()
        if self._control is None:
            raise EngineFault("internal", detail="the reading process did not start")
        return self._control

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", self._module, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,  # a Ctrl-C at the terminal is for the engine to handle
            )
        ours.settimeout(_START_SECONDS)
        self._control = ours
        try:
            self._held = confine.Held.model_validate_json(ours.recv(4096))
        except (OSError, ValidationError) as error:
            self._end()
            raise EngineFault("internal", detail="the reading process did not start") from error

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            try:
                self._process.wait(_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


class _Deadline:
    """A socket as a `Pipe` that breaks at a moment."""

    def __init__(self, end: socket.socket, deadline: float) -> None:
        self._end = end
        self._deadline = deadline

    def send(self, data: bytes | memoryview) -> None:
        """Write all of `data`, or raise at the deadline."""
        self._end.settimeout(self._left())
        self._end.sendall(data)

    def receive(self, size: int) -> bytes:
        """Read at most `size` bytes, or raise at the deadline; a reader that was ended is the end."""
        self._end.settimeout(self._left())
        return self._end.recv(size)

    def _left(self) -> float:
        return max(0.001, self._deadline - time.monotonic())
