"""The client speaks typed HTTP over the socket and turns every failure into an error body."""

import functools
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from engine.schema.base import new_id
from engine.schema.case import Case
from engine.schema.command import CreateCase, Health, Predict
from engine.schema.errors import ErrorBody
from engine.schema.prediction import Prediction
from engine.schema.runtime import EngineAddress, read_address
from tests.workbench.fakes.engine import FakeEngine
from workbench.link.client import EngineClient, sha256_of


@pytest.fixture
def client(qapp: object, fake: FakeEngine) -> EngineClient:
    made = EngineClient()
    made.set_address(read_address(fake.project))
    return made


def test_get_when_the_engine_answers_hands_over_the_typed_message(
    qtbot: QtBot, client: EngineClient, fake: FakeEngine
) -> None:
    got: list[Health] = []
    client.get("/v1/health", Health, got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert got[0].project == str(fake.project)


def test_put_blob_when_confirmed_hands_over_the_hash_and_the_bytes_come_back(
    qtbot: QtBot, client: EngineClient
) -> None:
    digests: list[str] = []
    data: list[bytes] = []
    client.put_blob(b"\x00cough\xff", digests.append)
    qtbot.waitUntil(lambda: bool(digests))
    client.get_blob(digests[0], data.append)
    qtbot.waitUntil(lambda: bool(data))
    assert (digests, data) == ([sha256_of(b"\x00cough\xff")], [b"\x00cough\xff"])


def test_request_when_refused_hands_the_engines_error_to_failed(qtbot: QtBot, client: EngineClient) -> None:
    problems: list[ErrorBody] = []
    client.get("/v1/cases/case-none", Case, lambda _case: None, problems.append)
    qtbot.waitUntil(lambda: bool(problems))
    assert problems[0].code == "not-found"


def test_request_when_refused_and_nobody_takes_it_tells_the_signal(qtbot: QtBot, client: EngineClient) -> None:
    with qtbot.waitSignal(client.failed) as told:
        client.get("/v1/cases/case-none", Case, lambda _case: None)
    assert told.args is not None
    assert told.args[0].code == "not-found"


def test_request_when_the_reply_is_of_another_shape_fails_as_internal(qtbot: QtBot, client: EngineClient) -> None:
    problems: list[ErrorBody] = []
    client.get("/v1/health", Case, lambda _case: None, problems.append)
    qtbot.waitUntil(lambda: bool(problems))
    assert problems[0].code == "internal"
    assert problems[0].fault


def test_request_when_no_engine_listens_fails_as_unreachable(qtbot: QtBot, qapp: object, tmp_path: Path) -> None:
    client = EngineClient()
    client.set_address(EngineAddress(protocol=1, pid=1, project="p", socket=str(tmp_path / "nobody.sock")))
    problems: list[ErrorBody] = []
    with qtbot.waitSignal(client.unreachable):
        client.get("/v1/health", Health, lambda _health: None, problems.append)
    assert [problem.code for problem in problems] == ["engine-unreachable"]


def test_requests_under_way_when_another_engine_is_found_fail_as_unreachable(
    qtbot: QtBot, client: EngineClient, fake: FakeEngine, tmp_path: Path
) -> None:
    fake.hold.clear()
    case = fake.add_case("A")
    got: list[Prediction] = []
    problems: list[ErrorBody] = []
    pings: list[ErrorBody] = []
    predict = Predict(command_id=new_id("predict"))
    client.post(f"/v1/cases/{case.case_id}/predict", predict, Prediction, got.append, problems.append)
    client.ping("/v1/health", lambda _raw: None, pings.append)
    again = EngineAddress(protocol=1, pid=2, project="p", socket=str(tmp_path / "again.sock"))
    client.set_address(again)
    assert problems == []  # told at the next turn of the loop
    with qtbot.waitSignal(client.failed) as told:
        client.get("/v1/health", Health, lambda _health: None)
        client.set_address(again.model_copy(update={"pid": 3}))
    fake.hold.set()
    assert told.args is not None
    assert [problem.code for problem in (*problems, *told.args)] == ["engine-unreachable"] * 2
    assert (got, pings) == ([], [])


def test_requests_under_way_when_the_project_is_left_are_nobodys_any_more(
    qtbot: QtBot, client: EngineClient, fake: FakeEngine
) -> None:
    problems: list[ErrorBody] = []
    client.get("/v1/health", Health, lambda _health: None, problems.append)
    client.set_address(None)
    client.set_address(read_address(fake.project))
    later: list[Health] = []
    client.get("/v1/health", Health, later.append)
    qtbot.waitUntil(lambda: bool(later))
    assert problems == []


def test_requests_when_refused_many_times_fail_each_at_once_and_come_through_when_the_engine_is_back(
    qtbot: QtBot, client: EngineClient, fake: FakeEngine
) -> None:
    fake.stop()
    problems: list[ErrorBody] = []
    for asked in range(1, 9):
        client.get("/v1/health", Health, lambda _health: None, problems.append)
        qtbot.waitUntil(lambda wanted=asked: len(problems) == wanted, timeout=2_000)  # type: ignore[misc]
    for _ in range(8):
        client.get("/v1/health", Health, lambda _health: None, problems.append)
    qtbot.waitUntil(lambda: len(problems) == 16, timeout=2_000)
    fake.start()
    got: list[Health] = []
    client.get("/v1/health", Health, got.append, problems.append)
    qtbot.waitUntil(lambda: bool(got), timeout=2_000)
    assert {problem.code for problem in problems} == {"engine-unreachable"}


def test_stream_when_refused_many_times_leaves_the_way_free(
    qtbot: QtBot, client: EngineClient, fake: FakeEngine
) -> None:
    fake.stop()
    for _ in range(8):
        reply = client.open(client.request("/v1/events"))
        qtbot.waitUntil(reply.isFinished, timeout=2_000)
        reply.deleteLater()


class _Receiver(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.got: list[object] = []

    def take(self, health: Health) -> None:
        self.got.append(health)


def test_reply_when_its_receiver_was_deleted_is_dropped(qtbot: QtBot, client: EngineClient) -> None:
    receiver = _Receiver()
    client.get("/v1/health", Health, receiver.take)
    client.get("/v1/health", Health, functools.partial(receiver.take))
    got = receiver.got
    with qtbot.waitSignal(receiver.destroyed):
        receiver.deleteLater()
    later: list[Health] = []
    client.get("/v1/health", Health, later.append)
    qtbot.waitUntil(lambda: bool(later))
    assert got == []


def test_post_when_repeated_finds_the_same_case(qtbot: QtBot, client: EngineClient, fake: FakeEngine) -> None:
    command = CreateCase(command_id=new_id("create"), case_id="case-1", title="A")
    got: list[Case] = []
    client.post("/v1/cases", command, Case, got.append)
    client.post("/v1/cases", command, Case, got.append)
    qtbot.waitUntil(lambda: len(got) == 2)
    assert list(fake.cases) == ["case-1"]
