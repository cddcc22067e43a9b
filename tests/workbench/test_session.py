"""The session finds its engine, notices when it goes, and comes back by itself."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.schema.command import JobInfo
from engine.schema.event import JobChanged, Progress
from tests.workbench.fakes.answers import clinic_model
from tests.workbench.fakes.engine import FakeEngine
from workbench.link.engine_process import EngineProcess
from workbench.state.session import Session


@pytest.fixture
def no_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no real engine be started where a test is about the one that is there."""
    monkeypatch.setattr(EngineProcess, "_start", lambda _self: True)


def _job(state: str = "running") -> JobInfo:
    return JobInfo.model_validate(
        {"job_id": "run-1", "kind": "train", "name": "night run", "state": state, "created_at": datetime.now(UTC)}
    )


def test_session_when_an_engine_answers_is_ready_and_knows_the_project(session: Session, fake: FakeEngine) -> None:
    assert session.light == "ready"
    assert session.is_live
    model = session.model_in_use()
    assert model is not None
    assert model.name == fake.models[0].name


def test_session_when_the_engine_vanishes_goes_offline_and_comes_back(
    qtbot: QtBot, session: Session, fake: FakeEngine, no_start: None
) -> None:
    fake.stop()
    qtbot.waitUntil(lambda: session.light == "offline")
    assert not session.is_live
    with qtbot.waitSignal(session.attached):
        fake.start()
    assert session.light == "ready"


def test_session_when_the_protocol_differs_fails_with_both_versions(qtbot: QtBot, project: Path) -> None:
    fake = FakeEngine(project)
    fake.protocol = 99
    session = Session()
    with fake.serving():
        session.open(project)
        qtbot.waitUntil(lambda: session.light == "failed")
    assert session.problem is not None
    assert "99" in session.problem.text("en")
    session.close()


def test_session_when_a_job_runs_is_busy_with_its_share(qtbot: QtBot, session: Session, fake: FakeEngine) -> None:
    fake.tell(JobChanged(job=_job()), "run-1")
    qtbot.waitUntil(lambda: session.light == "busy")
    fake.tell(Progress(phase="training", done=63, total=100, seconds_left=240), "run-1")
    qtbot.waitUntil(lambda: session.job is not None and session.job.done == 63)
    fake.tell(JobChanged(job=_job("done")), "run-1")
    qtbot.waitUntil(lambda: session.light == "ready")
    assert session.jobs["run-1"].state == "done"


def test_use_model_when_chosen_is_what_the_engine_uses(qtbot: QtBot, session: Session, fake: FakeEngine) -> None:
    other = clinic_model("Second")
    fake.models.append(other)
    with qtbot.waitSignal(session.project_changed):
        session.use_model(other.model_id)
    assert fake.model_in_use == other.model_id
    assert session.model_in_use() == other


def test_session_when_closed_forgets_the_project(session: Session) -> None:
    session.close()
    assert session.light == "none"
    assert session.project is None
    assert session.jobs == {}
