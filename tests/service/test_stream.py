"""The live stream: resumed without a gap, ended when idle, and indifferent to readers that do not read."""

import socket

import httpx
import pytest

from engine.client import Client
from engine.schema.base import new_id
from engine.schema.case import Case
from engine.schema.command import CreateCase, Health, ProjectInfo
from engine.schema.event import Event
from tests.engines import Engine


def _make(client: Client, count: int) -> list[str]:
    names = [new_id("case") for _ in range(count)]
    for name in names:
        client.post("/v1/cases", CreateCase(command_id=new_id("c"), case_id=name), Case)
    return names


def _cases(events: list[Event]) -> list[str]:
    return [event.body.case.case_id for event in events if event.body.kind == "case"]


def test_stream_when_it_catches_up_ends_only_if_asked(engine: Engine) -> None:
    names = _make(engine.client, 5)
    assert _cases(engine.events()) == names


def test_stream_when_resumed_by_the_last_id_has_no_gap_and_no_repeat(engine: Engine) -> None:
    names = _make(engine.client, 450)
    seen: list[Event] = []
    transport = httpx.HTTPTransport(uds=engine.client.address.socket)
    with httpx.Client(transport=transport, base_url="http://localhost") as raw:
        last = 0
        while True:
            headers = {"Last-Event-ID": str(last)}
            taken = 0
            with raw.stream("GET", "/v1/events?until_idle=true", headers=headers) as response:
                for line in response.iter_lines():
                    if line.startswith("data: "):
                        seen.append(Event.model_validate_json(line[6:]))
                        taken += 1
                    if taken == 70:
                        break
            if not taken:
                break
            last = seen[-1].seq
    assert _cases(seen) == names
    assert [event.seq for event in seen] == sorted({event.seq for event in seen})


def test_stream_when_followed_live_brings_each_event_as_it_is_committed(engine: Engine) -> None:
    start = engine.client.get("/v1/project", ProjectInfo).last_event
    with Client(engine.client.address) as reader:
        stream = reader.events(start)
        for _ in range(3):
            (name,) = _make(engine.client, 1)
            event = next(event for event in stream if event.body.kind == "case")
            assert _cases([event]) == [name]


def test_stream_when_the_service_was_killed_goes_on_where_it_stopped(engine: Engine) -> None:
    first = _make(engine.client, 3)
    last = engine.events()[-1].seq
    engine.kill()
    second = _make(engine.again(), 3)
    assert _cases(engine.events(last)) == second
    assert _cases(engine.events()) == first + second


def test_service_when_fifty_readers_never_read_answers_others(engine: Engine) -> None:
    _make(engine.client, 30)
    deaf = []
    for _ in range(50):
        line = socket.socket(socket.AF_UNIX)
        line.connect(engine.client.address.socket)
        line.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        deaf.append(line)
    names = _make(engine.client, 30)
    assert engine.client.get("/v1/health", Health).pid == engine.pid
    assert _cases(engine.events())[-30:] == names
    for line in deaf:
        line.close()


@pytest.mark.parametrize("value", ["-1", "x", "1.5"])
def test_stream_when_the_last_id_is_nonsense_is_refused(shared: Engine, value: str) -> None:
    transport = httpx.HTTPTransport(uds=shared.client.address.socket)
    with httpx.Client(transport=transport, base_url="http://localhost") as raw:
        assert raw.get("/v1/events?until_idle=true", headers={"Last-Event-ID": value}).status_code == 422
