"""A run that is started from the form and stopped from its button leaves a model that answers the next dropped case."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.schema.base import MODALITIES
from engine.schema.event import Routing
from tests.end_to_end.conftest import PATIENCE_MS, SMALL, Open, Shared, sample
from tests.end_to_end.test_drop import answered
from tests.workbench.drops import drop
from workbench.rooms import Rooms
from workbench.state.routing import Snapshot, unpack
from workbench.views.training import TrainingView

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("ward")]
EPOCHS = 1000
"""More passes than anybody would wait for."""


def _training(rooms: Rooms) -> TrainingView:
    rooms.window.go("training")
    view = rooms.window.place("training")
    assert isinstance(view, TrainingView)
    return view


def _started_by_the_form(qtbot: QtBot, view: TrainingView) -> str:
    """Fill the form of a new run, press its button, and return the id of the run that begins."""
    qtbot.waitUntil(lambda: view.catalog is not None and view.drawn == "live", timeout=PATIENCE_MS)
    qtbot.mouseClick(view.new, Qt.MouseButton.LeftButton)
    dialog = view.dialog
    assert dialog is not None
    dialog.recipes.choose("quick")
    for setting in (*SMALL, f"optim.epochs={EPOCHS}", "name=Night shift"):
        key, _, value = setting.partition("=")
        dialog.form.rows[key].set_value(value)
    known = {job.job_id for job in view.jobs.all()}
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.monitor.job is not None and view.monitor.job.job_id not in known, timeout=PATIENCE_MS)
    assert view.monitor.job is not None
    return view.monitor.job.job_id


def _told(shared: Shared, run: str, shown: Snapshot) -> Routing:
    """Return the event behind what the heatmap shows, as the database holds it."""
    bodies = [event.body for event in shared.ward.told(run)]
    key = (shown.stage, shown.source, shown.step)
    return next(body for body in bodies if isinstance(body, Routing) and (body.stage, body.source, body.step) == key)


def test_run_when_stopped_and_kept_by_its_button_leaves_a_model_that_answers(
    qtbot: QtBot, open_window: Open, shared: Shared
) -> None:
    rooms = open_window(shared.ward.project)
    view = _training(rooms)
    run = _started_by_the_form(qtbot, view)
    monitor = view.monitor
    heatmap = monitor.routing.heatmap
    qtbot.waitUntil(lambda: heatmap.snapshot is not None and bool(monitor.error.plot.newest()), timeout=PATIENCE_MS)
    shown = heatmap.snapshot
    assert shown is not None
    assert heatmap.shown_counts().tolist() == unpack(_told(shared, run, shown).counts).sum(2).tolist()
    assert "CPU" in monitor.head.device.text()
    qtbot.mouseClick(monitor.head.buttons.keep, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: monitor.job is not None and monitor.job.has_ended, timeout=PATIENCE_MS)
    ended = shared.ward.job(run)
    assert (ended.state, ended.config.optim.epochs if ended.config else 0) == ("done", EPOCHS)
    assert int(ended.result["epochs"]) < EPOCHS
    qtbot.waitUntil(monitor.head.use.isVisible, timeout=PATIENCE_MS)
    assert "Night shift" in monitor.head.success.headline.text()
    qtbot.mouseClick(monitor.head.use, Qt.MouseButton.LeftButton)
    model = str(ended.result["model"])
    qtbot.waitUntil(lambda: _in_use(rooms) == model, timeout=PATIENCE_MS)
    rooms.window.go("home")
    assert drop(rooms.window, sample("clinic-02"))
    made = answered(qtbot, rooms)
    assert made.model_id == model
    assert sum(made.probabilities) == pytest.approx(1)
    assert made.modalities == MODALITIES


def _in_use(rooms: Rooms) -> str:
    project = rooms.session.project
    return project.model_in_use if project is not None else ""
