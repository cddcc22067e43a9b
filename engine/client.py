"""The client of the service for programs without a window: it finds the engine of a project, or starts it, and speaks to it."""

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self, TypeVar

import httpx
from pydantic import ValidationError

from engine.schema import PROTOCOL_VERSION
from engine.schema.base import Message
from engine.schema.command import ENDED, Health, JobInfo, ProjectInfo
from engine.schema.errors import EngineFault, ErrorBody, UserError
from engine.schema.event import Event
from engine.schema.runtime import (
    LOG_FILE,
    PROBLEM_FILE,
    EngineAddress,
    protocol_of,
    read_address,
    runtime_folder,
)

M = TypeVar("M", bound=Message)

_ROOT = Path(__file__).resolve().parents[1]
_PATIENCE = 180.0
"""Seconds an answer may take: a case that waits for a cold predictor."""
_WORTH_ASKING = 1 << 20
"""Bytes below which sending is no dearer than asking whether it is needed."""
_PIECE = 1 << 18
_START_SECONDS = 30.0
_AGAIN_SECONDS = 3.0
"""Seconds after which a start is repeated where another engine held the project and then did not answer."""
_LOOK_SECONDS = 0.05
_AFTER_A_BREAK = 0.25
"""Seconds before a stream that broke is asked for again."""
_SILENCE = 40.0
"""Seconds the stream may be silent; the service sends a sign of life every 15."""
_WINDOWS_DETACHED: int = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)


class Client:
    """Speaks to one engine: typed messages out, typed messages back, our errors raised."""

    def __init__(self, address: EngineAddress) -> None:
        self.address = address
        headers = {"Authorization": f"Bearer {address.token}"} if address.token else {}
        self._http = httpx.Client(
            transport=httpx.HTTPTransport(uds=address.socket or None),
            base_url="http://localhost" if address.socket else f"http://127.0.0.1:{address.port}",
            headers=headers,
            timeout=httpx.Timeout(_PATIENCE, connect=5.0),
            trust_env=False,  # a site's proxy would swallow loopback
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the engine goes on."""
        self._http.close()

    def raw(self, path: str) -> bytes:
        """Ask for `path` and return the answer as it came."""
        return self._answer("GET", path)

    def get(self, path: str, reply: type[M]) -> M:
        """Ask for `path` and read the answer as a `reply`."""
        return reply.model_validate_json(self._answer("GET", path))

    def post(self, path: str, message: Message, reply: type[M]) -> M:
        """Send a command."""
        body = message.model_dump_json().encode()
        return reply.model_validate_json(self._answer("POST", path, body, "application/json"))

    def patch(self, path: str, message: Message, reply: type[M]) -> M:
        """Send a change."""
        body = message.model_dump_json().encode()
        return reply.model_validate_json(self._answer("PATCH", path, body, "application/json"))

    def delete(self, path: str, reply: type[M]) -> M:
        """Ask for something to be put away."""
        return reply.model_validate_json(self._answer("DELETE", path))

    def put_blob(self, data: bytes) -> str:
        """Send bytes, unless they are many and the engine has them, and return their sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if len(data) < _WORTH_ASKING or self._sent("HEAD", f"/v1/blobs/{sha256}").status_code != 200:
            self._answer("PUT", f"/v1/blobs/{sha256}", data, "application/octet-stream")
        return sha256

    def get_blob(self, sha256: str) -> bytes:
        """Return the bytes of a blob."""
        return self.raw(f"/v1/blobs/{sha256}")

    def events(self, after: int, until_idle: bool = False) -> Iterator[Event]:
        """Yield the project's events after number `after`, for ever or until there are no more."""
        path = f"/v1/events?after={after}&until_idle={str(until_idle).lower()}"
        try:
            with self._http.stream("GET", path, timeout=httpx.Timeout(_SILENCE, connect=5.0)) as response:
                for line in response.iter_lines():
                    if line.startswith("data: "):
                        yield Event.model_validate_json(line.removeprefix("data: "))
        except httpx.TransportError as error:
            raise EngineFault("engine-unreachable") from error

    def follow(self, job_id: str) -> Iterator[Event]:
        """Yield what happens to a job from now on until it has ended; goes on where the stream breaks and the engine still answers."""
        last, ended = self.get("/v1/project", ProjectInfo).last_event, False
        while not ended:
            ended = self.get(f"/v1/jobs/{job_id}", JobInfo).state in ENDED  # then only what was missed is left to tell
            try:
                for event in self.events(last, until_idle=ended):
                    last = event.seq
                    if event.job == job_id:
                        yield event
                    if event.job == job_id and event.body.kind == "job" and event.body.job.state in ENDED:
                        return
            except EngineFault:
                # A lid that was closed meanwhile ends a stream; whether the engine ended, too, is what the next look tells.
                ended = False
                time.sleep(_AFTER_A_BREAK)

    def _sent(self, method: str, path: str, body: bytes = b"", media_type: str = "") -> httpx.Response:
        headers = {"Content-Type": media_type, "Content-Length": str(len(body))} if body else {}
        try:
            return self._http.request(method, path, content=_pieces(body) if body else None, headers=headers)
        except httpx.TransportError as error:
            raise EngineFault("engine-unreachable") from error

    def _answer(self, method: str, path: str, body: bytes = b"", media_type: str = "") -> bytes:
        response = self._sent(method, path, body, media_type)
        if response.is_success:
            return response.content
        try:
            raise ErrorBody.model_validate_json(response.content).error()
        except (ValidationError, KeyError) as error:
            raise EngineFault("internal", detail=f"HTTP {response.status_code}") from error


def _pieces(body: bytes) -> Iterator[bytes]:
    """Cut a body up: the library below copies what is left of a piece each time the socket takes a part of it."""
    for start in range(0, len(body), _PIECE):
        yield body[start : start + _PIECE]


def attach(project: Path, start: bool = True, create: bool = False) -> Client:
    """Return a client of the project's engine; where none answers, start one that outlives this program.

    Two programs that start one at the same moment end with the same engine: the second finds the project locked and ends.
    """
    project = project.resolve()
    client = _found(project)
    if client is not None:
        return client
    if not start:
        raise EngineFault("engine-unreachable")
    began = time.monotonic()
    tries = 0
    process = None
    while time.monotonic() - began < _START_SECONDS:
        if time.monotonic() - began >= tries * _AGAIN_SECONDS and (process is None or process.poll() == 0):
            process, tries = _start(project, create), tries + 1  # the one that held the project may just have ended
        if client := _found(project):
            return client
        if process is not None and process.poll() not in (None, 0):
            raise _why(project)
        time.sleep(_LOOK_SECONDS)
    raise EngineFault("engine-unreachable")


def _found(project: Path) -> Client | None:
    """Return a client where an engine of our protocol answers; what only its address says may be a dead one's word.

    Raises `protocol-mismatch` where one of another version answers.
    """
    address = read_address(project)
    if address is None:
        return None
    client = Client(address)
    try:
        raw = client.raw("/v1/health")
        theirs = protocol_of(raw)
        if theirs != PROTOCOL_VERSION:
            raise UserError("protocol-mismatch", ours=PROTOCOL_VERSION, theirs=theirs)
        if Health.model_validate_json(raw).pid == address.pid:
            return client
    except (EngineFault, ValidationError):
        client.close()
        return None
    except UserError:
        client.close()
        raise
    client.close()
    return None  # nobody answers, or a fresh engine does, which is about to replace the old one's address


def _start(project: Path, create: bool) -> subprocess.Popen[bytes]:
    runtime = runtime_folder(project)
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    (runtime / PROBLEM_FILE).unlink(missing_ok=True)
    command = [sys.executable, "-m", "engine", "serve", str(project), *(["--create"] if create else [])]
    with open(runtime / LOG_FILE, "ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=_ROOT,
            start_new_session=sys.platform != "win32",
            creationflags=_WINDOWS_DETACHED,
        )


def _why(project: Path) -> UserError | EngineFault:
    """Return why an engine did not start."""
    try:
        body = ErrorBody.model_validate_json((runtime_folder(project) / PROBLEM_FILE).read_bytes())
    except (OSError, ValueError):
        return EngineFault("worker-died", what="engine")
    error = body.error()
    return error if isinstance(error, UserError | EngineFault) else EngineFault("internal", detail=body.code)
