"""The stream hands out each event once and in order, whatever breaks in between."""

import time
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from engine.schema.event import EngineChanged, Event, Log
from engine.schema.runtime import read_address
from tests.workbench.fakes.engine import FakeEngine
from workbench.link.client import EngineClient
from workbench.link.event_stream import SLICE, SLICE_MS, EventStream


@pytest.fixture
def stream(qapp: object, fake: FakeEngine) -> Iterator[EventStream]:
    client = EngineClient()
    client.set_address(read_address(fake.project))
    made = EventStream(client)
    yield made
    made.stop()
    client.deleteLater()


def _collect(stream: EventStream) -> list[Event]:
    got: list[Event] = []
    stream.arrived.connect(got.append)
    return got


def test_stream_when_started_late_replays_what_was_missed_and_follows(
    qtbot: QtBot, stream: EventStream, fake: FakeEngine
) -> None:
    for _ in range(3):
        fake.tell(EngineChanged(predictor="ready"))
    got = _collect(stream)
    with qtbot.waitSignal(stream.opened):
        stream.start(after=1)
    fake.tell(Log(level="info", code="late"))
    qtbot.waitUntil(lambda: len(got) == 3)
    assert [event.seq for event in got] == [2, 3, 4]


def test_stream_when_the_engine_vanishes_and_returns_has_no_gap_and_no_double(
    qtbot: QtBot, stream: EventStream, fake: FakeEngine
) -> None:
    got = _collect(stream)
    fake.tell(EngineChanged(predictor="starting"))
    stream.start(after=0)
    qtbot.waitUntil(lambda: len(got) == 1)
    with qtbot.waitSignal(stream.lost):
        fake.stop()
    fake.tell(EngineChanged(predictor="ready"))
    fake.start()
    qtbot.waitUntil(lambda: len(got) == 2)
    fake.tell(Log(level="info", code="after"))
    qtbot.waitUntil(lambda: len(got) == 3)
    assert [event.seq for event in got] == [1, 2, 3]


def test_stream_when_a_backlog_comes_hands_it_out_in_slices(
    qtbot: QtBot, stream: EventStream, fake: FakeEngine
) -> None:
    for number in range(3 * SLICE):
        fake.tell(Log(level="info", code=f"n{number}"))
    got, at = _collect(stream), list[float]()
    stream.arrived.connect(lambda _: at.append(time.monotonic()))
    stream.start(after=0)
    qtbot.waitUntil(lambda: len(got) == 3 * SLICE)
    # Slices are at least a pause apart; a busy machine makes pauses longer, and never a slice larger.
    breaks = [i for i in range(1, len(at)) if at[i] - at[i - 1] > SLICE_MS / 2000]
    slices = [after - before for before, after in zip([0, *breaks], [*breaks, len(at)], strict=True)]
    assert max(slices) <= SLICE
    assert [event.seq for event in got] == list(range(1, 3 * SLICE + 1))


def test_stream_when_an_event_is_of_an_unknown_kind_goes_on_with_the_next(
    qtbot: QtBot, stream: EventStream, fake: FakeEngine
) -> None:
    got = _collect(stream)
    with qtbot.waitSignal(stream.opened):
        stream.start(after=0)
    fake.tell_raw(b'id: 1\ndata: {"seq": 1, "at": "2026-01-01T00:00:00Z", "body": {"kind": "of-tomorrow"}}\n\n')
    fake.tell(Log(level="info", code="known"))
    qtbot.waitUntil(lambda: bool(got))
    assert [event.body.kind for event in got] == ["log"]


def test_stream_when_stopped_asks_no_more(qtbot: QtBot, stream: EventStream, fake: FakeEngine) -> None:
    got = _collect(stream)
    with qtbot.waitSignal(stream.opened):
        stream.start(after=0)
    stream.stop()
    with qtbot.assertNotEmitted(stream.lost):
        fake.stop()
    assert not got
