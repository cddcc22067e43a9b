"""The training place in each of its states, steered as a person would: by clicking what is there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from engine.schema.command import ControlJob, JobInfo, JobState, StartDemo, StartTraining
from engine.schema.config import RunConfig
from engine.schema.errors import ErrorBody
from engine.schema.event import Event, JobChanged, Problem
from engine.schema.model import ModelSummary
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.run_events import BEGAN, bodies, changed, events, job_info, routing
from tests.workbench.fakes.stand_in_engine import StandInSession, catalog, dataset, model, preferences, project
from workbench.i18n import Language, Languages
from workbench.rooms import Rooms
from workbench.state.jobs import JobState as RunState
from workbench.theme import SMALL, theme
from workbench.views.training import TrainingView
from workbench.widgets.run_header import report
from workbench.widgets.run_list import second_line
from workbench.widgets.run_words import device_sentence, progress_in_short

CONFIG = RunConfig(recipe="distil", folds=4, dataset="demo-clinic")
RUN = events(bodies(steps=80))
Make = Callable[..., TrainingView]


@pytest.fixture
def make(qtbot: QtBot, tmp_path: Path) -> Make:
    def made(jobs: list[JobInfo], told: list[Event] | None = None, *models: ModelSummary) -> TrainingView:
        session = StandInSession(project(*models))
        session.knows(jobs, told)
        session.stand_in.answers["GET", "/v1/catalog"] = catalog()
        view = TrainingView(session, preferences(tmp_path))
        session.setParent(view)
        qtbot.addWidget(view)
        view.resize(1200, 760)
        view.show()
        qtbot.waitExposed(view)
        return view

    return made


def _session(view: TrainingView) -> StandInSession:
    assert isinstance(view.session, StandInSession)
    return view.session


def _click(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_place_without_runs_offers_the_demo_run_with_one_click(qtbot: QtBot, make: Make) -> None:
    view = make([])
    assert view.drawn == "empty"
    _click(qtbot, view.empty.action)
    (command,) = _session(view).stand_in.commands("/v1/demo")
    assert isinstance(command, StartDemo)
    assert (command.train, command.val, command.recipe) == (2000, 300, "quick")


def test_run_when_opened_shows_its_whole_past(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("running", config=CONFIG)], RUN)
    monitor = view.monitor
    assert view.drawn == "live"
    assert monitor.job is not None
    assert monitor.job.last_n == len(RUN)
    assert monitor.head.stepper.shown() == ["Fold 1 of 4", "Fold 2 of 4", "Final council"]
    assert monitor.error.plot.newest().keys() == {"training", "check set"}
    qtbot.waitUntil(lambda: monitor.routing.heatmap.snapshot is not None)
    assert monitor.routing.heatmap.shown_counts().sum() == sum(routing(80).counts.flat())
    assert [name for name, _ in monitor.teachers.shown()] == ["MiniLM-L6-v2", "Dense multimodal teacher"]
    assert "22.7 million parameters · right in 71.2 % (69.1 to 73.1 %, n = 2000)" in monitor.teachers.shown()[0][
        1
    ].replace("2,000", "2000")
    assert monitor.head.device.text().startswith("no GPU: CPU (1 thread)")


def test_pinned_cases_when_their_data_set_is_made_after_the_run_was_shown_are_told_in_its_words(
    qtbot: QtBot, make: Make
) -> None:
    view = make([job_info("running", config=CONFIG)], RUN)
    shown, (made,) = view.monitor.pinned.list, (dataset(),)
    _session(view).change(datasets=())
    first = made.labels[0]
    qtbot.waitUntil(lambda: shown._word(first.name) == first.name.replace("_", " "))
    _session(view).change(datasets=(made,))
    qtbot.waitUntil(lambda: shown._word(first.name) == first.shown("en"))
    assert first.shown("en") != first.name.replace("_", " ")


def test_events_when_they_arrive_live_reach_the_charts(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("running", config=CONFIG)], [])
    for event in RUN:
        _session(view).event_arrived.emit(event)
    qtbot.waitUntil(lambda: view.monitor.error.plot.newest().get("training") is not None)
    qtbot.waitUntil(lambda: view.monitor.routing.heatmap.snapshot is not None)
    qtbot.waitUntil(lambda: view.monitor.check.right.text().startswith("Right in"))
    assert view.monitor.pinned.list.shown()[0][0] == "Case 0412"


def test_stage_when_chosen_shows_its_own_numbers(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("running", config=CONFIG)], RUN)
    first = view.monitor.head.stepper._buttons["fold-1"]
    _click(qtbot, first)
    assert view.monitor.job is not None
    series = view.monitor.job.series("fold-1", "train", "loss")
    assert view.monitor.error.plot.curves()[0].series is series
    _session(view).event_arrived.emit(events(iter([routing(90)]), first=len(RUN) + 1)[0])
    assert view.monitor.error.plot.curves()[0].series is series


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        ("queued", {"cancel"}),
        ("preparing", {"pause", "keep", "cancel"}),
        ("running", {"pause", "keep", "cancel"}),
        ("paused", {"resume", "keep", "cancel"}),
        ("stopping", set()),
        ("done", set()),
        ("failed", set()),
        ("cancelled", set()),
    ],
)
def test_buttons_when_a_run_is_in_a_state_are_those_that_help(make: Make, state: JobState, shown: set[str]) -> None:
    view = make([job_info(state, config=CONFIG, position=1 if state == "queued" else 0)])
    buttons = view.monitor.head.buttons
    names = ("pause", "resume", "keep", "cancel", "discard")
    assert {name for name in names if not getattr(buttons, name).isHidden()} == shown


@pytest.mark.parametrize(("name", "action"), [("pause", "pause"), ("keep", "stop-and-keep")])
def test_button_when_clicked_steers_the_run(qtbot: QtBot, make: Make, name: str, action: str) -> None:
    view = make([job_info("running", config=CONFIG)], RUN)
    _click(qtbot, getattr(view.monitor.head.buttons, name))
    (command,) = _session(view).stand_in.commands("/v1/jobs/run-1/control")
    assert isinstance(command, ControlJob)
    assert command.action == action


def test_discarding_when_clicked_asks_once_in_place(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("running", config=CONFIG)], RUN)
    buttons = view.monitor.head.buttons
    _click(qtbot, buttons.cancel)
    assert _session(view).stand_in.commands("/v1/jobs/run-1/control") == []
    _click(qtbot, buttons._back)
    assert not buttons.cancel.isHidden()
    _click(qtbot, buttons.cancel)
    _click(qtbot, buttons.discard)
    (command,) = _session(view).stand_in.commands("/v1/jobs/run-1/control")
    assert isinstance(command, ControlJob)
    assert command.action == "cancel"


def test_finished_run_when_shown_tells_its_figures_and_offers_the_model(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("done", config=CONFIG)], RUN, model())
    head = view.monitor.head
    assert not head.success.isHidden()
    said = "Right in 86.1 % (82.2 to 90.0 %, n = 300) of cases kept aside for validation."
    assert head.success.rest.text() == f"{said} Synthetic demo – meaningless for patients."
    _click(qtbot, head.use)
    (command,) = _session(view).stand_in.commands("/v1/project/model")
    assert command.model_id == "model-1"
    _session(view).change(model_in_use="model-1")
    assert not head.use.isEnabled()
    assert head.use.text() == "In use"


def test_failed_run_when_shown_says_why_and_copies_a_report(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("failed", config=CONFIG, problem=ErrorBody(code="out-of-memory"))], RUN)
    head = view.monitor.head
    assert head.failure.rest.text().startswith("Memory ran out.")
    _click(qtbot, head._copy)
    copied = QGuiApplication.clipboard().text()
    assert "out-of-memory" in copied
    assert "Checkpoint" in copied or "Module 8" in copied
    _click(qtbot, head.again)
    (command,) = _session(view).stand_in.commands("/v1/training")
    assert isinstance(command, StartTraining)
    assert command.config == CONFIG


def test_failed_run_when_it_can_go_on_offers_that_first_and_is_steered_to_it(qtbot: QtBot, make: Make) -> None:
    problem = ErrorBody(code="disk-full", parameters={"megabytes": 200})
    view = make([job_info("failed", config=CONFIG, problem=problem, can_go_on=True)], RUN)
    head, session = view.monitor.head, _session(view)
    assert not head.go_on.isHidden()
    _click(qtbot, head.go_on)
    (command,) = session.stand_in.commands("/v1/jobs/run-1/control")
    assert isinstance(command, ControlJob)
    assert command.action == "resume"
    job = view.monitor.head._job
    assert job is not None
    job.set_info(job_info("running", config=CONFIG))
    qtbot.waitUntil(head.failure.isHidden)
    assert job.failure is None
    job.set_info(job_info("failed", config=CONFIG, problem=problem))
    qtbot.waitUntil(lambda: not head.failure.isHidden())
    assert head.go_on.isHidden()


def test_failed_run_when_it_had_failed_before_for_something_else_says_why_it_did_now(qtbot: QtBot, make: Make) -> None:
    full = Problem(problem=ErrorBody(code="disk-full", parameters={"megabytes": 200}), fatal=True)
    died = ErrorBody(code="worker-died", parameters={"what": "train"})
    view = make([job_info("failed", config=CONFIG, problem=died)], events(iter([full])))
    head = view.monitor.head
    assert head._job is not None
    qtbot.waitUntil(lambda: head._job is not None and head._job.last_n == 1)
    head._draw()
    assert "disk" not in head.failure.rest.text()
    assert "worker-died" in report(head._job)
    head._job.set_info(job_info("done", config=CONFIG))
    assert "disk-full" not in report(head._job).partition("\n\n")[0].splitlines()[2]


def test_engine_when_out_of_reach_leaves_the_last_numbers_and_says_so(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("running", config=CONFIG)], RUN)
    _session(view).went_offline.emit(3)
    assert not view.monitor.offline.isHidden()
    assert "try 3" in view.monitor.offline.rest.text()
    assert view.monitor.error.plot.newest()
    _session(view).attached.emit()
    assert view.monitor.offline.isHidden()


def test_next_run_of_a_chain_when_it_starts_comes_to_the_front(make: Make) -> None:
    view = make([job_info("done", config=CONFIG)], RUN, model())
    _session(view).event_arrived.emit(
        changed(job_info("running", "run-2", config=CONFIG, follows="run-1", created_at=BEGAN))
    )
    assert view.monitor.job is not None
    assert view.monitor.job.job_id == "run-2"


def test_place_when_the_project_changes_lets_go_of_the_run_and_follows_those_of_the_next(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], fake: FakeEngine, tmp_path: Path
) -> None:
    fake.jobs, fake.events = [job_info("done", config=CONFIG)], list(RUN)
    rooms = open_window(fake.project)
    rooms.window.go("training")
    view = rooms.window.place("training")
    assert isinstance(view, TrainingView)
    qtbot.waitUntil(lambda: view.monitor.job is not None and view.monitor.job.last_n == len(RUN))
    assert view.monitor.job is not None
    other = tmp_path / "other"
    other.mkdir()
    with FakeEngine(other).serving() as next_engine:
        with qtbot.waitSignal(view.monitor.job.destroyed):
            rooms.use_project(other)
            assert view.monitor.job is None
            assert view.drawn == "loading"
        rooms.window.go("training")
        qtbot.waitUntil(lambda: view.drawn == "empty")
        assert not view.monitor.error.plot.newest()
        next_engine.tell(JobChanged(job=job_info("running", "run-2", config=CONFIG)), "run-2")
        qtbot.waitUntil(lambda: view.monitor.job is not None and view.monitor.job.job_id == "run-2")
        next_engine.tell(JobChanged(job=job_info("paused", "run-2", config=CONFIG)), "run-2")
        qtbot.waitUntil(view.monitor.head.buttons.resume.isVisible)
        rooms.session.close()


def test_run_when_chosen_in_the_list_stays_though_another_one_runs(make: Make) -> None:
    view = make([job_info("running", config=CONFIG), job_info("done", "run-0", name="Old one")], RUN)
    view.runs.setCurrentIndex(view.runs.model().index(1, 0))
    assert view.monitor.head.name.text() == "Old one"
    _session(view).event_arrived.emit(changed(job_info("paused", config=CONFIG)))
    assert view.monitor.head.name.text() == "Old one"


def test_form_when_the_catalog_is_not_ready_opens_once_it_is(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("done", config=CONFIG)])
    view.catalog = None
    session = _session(view)
    session.stand_in.answers["GET", "/v1/catalog"] = ErrorBody(code="busy", parameters={"what": "the predictor"})
    _click(qtbot, view.new)
    assert view.dialog is None
    session.stand_in.answers["GET", "/v1/catalog"] = catalog()
    with qtbot.waitSignal(view._catalog_retry.timeout, timeout=3000):
        pass
    qtbot.waitUntil(lambda: view.dialog is not None)


def test_form_when_the_engine_refuses_says_it_at_the_field(qtbot: QtBot, make: Make) -> None:
    view = make([job_info("done", config=CONFIG)])
    _click(qtbot, view.new)
    assert view.dialog is not None
    problem = ErrorBody(
        code="bad-setting", parameters={"key": "optim.learning_rate", "value": "0.9", "detail": "too large"}
    )
    _session(view).stand_in.answers["POST", "/v1/training"] = problem
    _click(qtbot, view.dialog.start)
    assert view.dialog is not None
    assert "too large" in view.dialog.form.rows["optim.learning_rate"].problem.text()
    assert view.dialog.start.isEnabled()


def test_device_when_worded_names_the_card_or_that_there_is_none() -> None:
    assert device_sentence("no GPU: CPU (4 threads)") == "no GPU: CPU (4 threads)"
    assert device_sentence("NVIDIA H200, 141 GB") == "NVIDIA H200, 141 GB"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_run_in_the_list_when_there_is_little_room_keeps_share_and_time_left_whole(
    qapp: QApplication, language: Language
) -> None:
    languages = Languages(qapp)
    languages.switch(language)
    try:
        info = job_info().model_copy(update={"phase": "fold", "done": 153, "total": 180, "seconds_left": 240.0})
        job, metrics = RunState(info), QFontMetrics(theme().font(SMALL))
        does, far = progress_in_short(job)
        assert far == ("85 % · about 4 min left" if language == "en" else "85 % · 约剩 4 分钟")
        wide, narrow, tiny = (second_line(job, metrics, width) for width in (600, 220, 60))
        assert wide == f"{does} · {far}"
        assert narrow.endswith(f"… · {far}") or narrow in (wide, far)
        for room in range(60, 600, 5):
            said = second_line(job, metrics, room).removesuffix(far).removesuffix(" · ")
            assert not said or 2 * len(said) >= len(does)
        assert metrics.horizontalAdvance(narrow) <= 220
        assert tiny == far
    finally:
        languages.switch("en")
