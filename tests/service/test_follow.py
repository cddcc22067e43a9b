"""Following a job from a program without a window, over a line that breaks."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.client import Client
from engine.schema.base import new_id
from engine.schema.command import ControlJob, JobInfo
from engine.schema.errors import EngineFault
from engine.schema.event import Event
from tests.engines import Engine


class Line:
    """A line to the engine that somebody can cut: what is being said on it breaks off, and the next call gets through."""

    def __init__(self, path: Path, engine: str) -> None:
        self._engine = engine
        self._calls: list[socket.socket] = []
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(path))
        self._door.listen()
        threading.Thread(target=self._answer, daemon=True).start()

    def cut(self) -> None:
        """Break every call off."""
        for call in self._calls:
            with contextlib.suppress(OSError):
                call.shutdown(socket.SHUT_RDWR)
        self._calls.clear()

    def close(self) -> None:
        """Break every call off and take no more."""
        self._door.close()
        self.cut()

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._engine)
                self._calls += [near, far]
                for of, to in ((near, far), (far, near)):
                    threading.Thread(target=_pass_on, args=(of, to), daemon=True).start()


def _pass_on(of: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := of.recv(65536):
            to.sendall(data)
    with contextlib.suppress(OSError):
        to.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line(engine: Engine, _private_runtime: Path) -> Iterator[Line]:
    made = Line(_private_runtime / "line", engine.client.address.socket)
    yield made
    made.close()


@pytest.fixture
def far(engine: Engine, line: Line, _private_runtime: Path) -> Iterator[Client]:
    """Return a client whose every word goes over the line."""
    address = engine.client.address.model_copy(update={"socket": str(_private_runtime / "line")})
    with Client(address) as client:
        yield client


def _keep(client: Client, job: str) -> None:
    client.post(f"/v1/jobs/{job}/control", ControlJob(command_id=new_id("c"), action="stop-and-keep"), JobInfo)


def test_following_when_the_line_breaks_goes_on_to_the_end_without_a_gap_and_without_a_repeat(
    engine: Engine, line: Line, far: Client
) -> None:
    engine.demo()
    before = engine.events()[-1].seq
    job = engine.train("steps:20 wait").job_id
    seen: list[Event] = []
    for event in far.follow(job):
        seen.append(event)
        line.cut()
        if len(seen) == 1:
            _keep(engine.client, job)
    last = seen[-1].body
    assert last.kind == "job"
    assert last.job.state == "done"
    told = [event.seq for event in engine.events(before) if event.job == job]
    assert [event.seq for event in seen] == told[-len(seen) :]


def test_following_when_the_engine_is_gone_says_so(engine: Engine, far: Client) -> None:
    engine.demo()
    job = engine.train("steps:3 wait").job_id
    stream = far.follow(job)
    next(stream)
    engine.kill()
    with pytest.raises(EngineFault) as caught:
        list(stream)
    assert caught.value.code == "engine-unreachable"
