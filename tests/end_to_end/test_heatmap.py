"""The heatmap is the truth: what it shows is what the engine counted, and what anybody counts again from the saved weights."""

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider
from pytestqt.qtbot import QtBot

from engine.schema.base import MODALITIES
from engine.schema.case import Case
from engine.schema.event import Routing
from engine.store.blobs import Blobs
from engine.train.check import recompute_check_counts
from engine.utilisation import Counts
from tests.end_to_end.conftest import PATIENCE_MS, Open, Shared
from workbench.state.routing import unpack
from workbench.views.training import TrainingView
from workbench.widgets.routing_panel import RoutingPanel
from workbench.widgets.tabs import Tab

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("ward")]
CHECKPOINTS = ("fold-1 at its first", "fold-2 in its middle", "final at its last")
FILTERS = {"All": None, "Text": "text", "Image": "image", "Sound": "audio"}


@pytest.fixture
def checks(shared: Shared) -> list[Routing]:
    """Return what was told of the check cases at three checkpoints: at the first, in the middle, with the finished weights."""
    bodies = [event.body for event in shared.ward.told(shared.first_run)]
    told = [body for body in bodies if isinstance(body, Routing) and body.source == "check"]
    by_stage = {stage: [body for body in told if body.stage == stage] for stage in ("fold-1", "fold-2", "final")}
    middle = by_stage["fold-2"][len(by_stage["fold-2"]) // 2]
    return [by_stage["fold-1"][0], middle, by_stage["final"][-1]]


def _counted(body: Routing) -> Counts:
    return unpack(body.counts)


@pytest.mark.parametrize("number", range(3), ids=CHECKPOINTS)
def test_counts_of_a_checkpoint_when_made_again_from_its_weights_are_the_same_integers(
    shared: Shared, checks: list[Routing], number: int
) -> None:
    run = shared.ward.project / "runs" / shared.first_run
    cases = [Case.model_validate_json(line) for line in (run / "cases.jsonl").read_text(encoding="utf-8").splitlines()]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the run did: the order of additions is then the same
    try:
        again = recompute_check_counts(run, checks[number].checkpoint, cases, Blobs(shared.ward.project / "blobs"))
    finally:
        torch.set_num_threads(threads)
    assert again.sum() > 0
    assert again.tolist() == _counted(checks[number]).tolist()
    assert all(again[:, :, m].sum() > 0 for m in range(len(MODALITIES)))


def test_counts_when_checkpoints_differ_are_not_the_same(checks: list[Routing]) -> None:
    counted = [_counted(body).tolist() for body in checks]
    assert counted[0] != counted[1] != counted[2] != counted[0]


@pytest.mark.parametrize("number", range(3), ids=CHECKPOINTS)
def test_heatmap_when_scrubbed_to_a_checkpoint_shows_the_events_integers_for_each_modality(
    qtbot: QtBot, open_window: Open, shared: Shared, checks: list[Routing], number: int
) -> None:
    body = checks[number]
    panel = _panel(qtbot, open_window, shared, body)
    _scrub(qtbot, panel, body)
    counts_LEM = _counted(body)
    for word, modality in FILTERS.items():
        tab = next(tab for tab in panel.findChildren(Tab) if tab.text() == word)
        qtbot.mouseClick(tab, Qt.MouseButton.LeftButton)
        expected_LE = counts_LEM.sum(2) if modality is None else counts_LEM[:, :, body.modalities.index(modality)]
        assert panel.heatmap.shown_counts().tolist() == expected_LE.tolist(), word
        assert [row[2] for row in panel.heatmap.table().rows] == [str(count) for count in expected_LE.ravel()], word
        shares_LE = expected_LE / expected_LE.sum(1, keepdims=True)
        assert np.allclose(panel.heatmap.shown_values(), shares_LE), word


def _panel(qtbot: QtBot, open_window: Open, shared: Shared, body: Routing) -> RoutingPanel:
    """Return the heatmap's panel in a real window, on the run, its stage and the check cases."""
    rooms = open_window(shared.ward.project)
    rooms.window.go("training", shared.first_run)
    view = rooms.window.place("training")
    assert isinstance(view, TrainingView)
    monitor = view.monitor
    qtbot.waitUntil(lambda: monitor.job is not None and monitor.job.job_id == shared.first_run, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: monitor.job is not None and monitor.job.finished is not None, timeout=PATIENCE_MS)
    words = monitor.head.stepper.stage_word(body.stage)
    qtbot.waitUntil(lambda: words in monitor.head.stepper.shown(), timeout=PATIENCE_MS)
    stage = next(tab for tab in monitor.head.stepper.findChildren(Tab) if tab.text() == words)
    qtbot.mouseClick(stage, Qt.MouseButton.LeftButton)
    panel = monitor.routing
    panel.source.setCurrentIndex(1)
    qtbot.waitUntil(lambda: _shows(panel, body), timeout=PATIENCE_MS)
    return panel


def _shows(panel: RoutingPanel, body: Routing) -> bool:
    shown = panel.heatmap.snapshot
    return shown is not None and (shown.stage, shown.source) == (body.stage, "check")


def _scrub(qtbot: QtBot, panel: RoutingPanel, body: Routing) -> None:
    """Move the scrubber from its left end until the checkpoint's step is shown."""
    slider = panel.findChild(QSlider)
    assert isinstance(slider, QSlider)
    slider.setValue(slider.minimum())
    while panel.heatmap.snapshot is None or panel.heatmap.snapshot.step != body.step:
        assert slider.value() < slider.maximum(), "the checkpoint is not on the scrubber"
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert panel.heatmap.snapshot.checkpoint == body.checkpoint
