"""The heatmap is the truth: its numbers are the event's, integer for integer, whatever is chosen or scrubbed to."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from engine.schema.base import MODALITIES, Modality
from tests.workbench.fakes.run_events import routing
from workbench.i18n import Languages
from workbench.state.routing import RoutingState, Snapshot
from workbench.widgets.cell_map import Cell
from workbench.widgets.heatmap import Heatmap
from workbench.widgets.pinned_cases import PinnedPanel
from workbench.widgets.routing_panel import RoutingPanel
from workbench.widgets.utilisation import UtilisationPanel


@pytest.fixture
def state(qtbot: QtBot) -> RoutingState:
    made = RoutingState()
    for step in range(10, 310, 10):
        made.apply(routing(step))
    return made


@pytest.fixture
def panel(qtbot: QtBot, state: RoutingState) -> RoutingPanel:
    made = RoutingPanel()
    qtbot.addWidget(made)
    made.resize(640, 360)
    made.show_routing(state, "final")
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.mark.parametrize("modality", [None, *MODALITIES])
def test_numbers_when_shown_are_those_of_the_event(panel: RoutingPanel, modality: Modality | None) -> None:
    panel.heatmap.show_modality(modality)
    counts = np.array(routing(300).counts.flat(), np.int64).reshape(2, 8, 3)
    expected = counts.sum(axis=2) if modality is None else counts[:, :, MODALITIES.index(modality)]
    assert panel.heatmap.shown_counts().tolist() == expected.tolist()
    assert panel.heatmap.table().rows[0][2] == str(expected[0, 0])
    text = panel.heatmap.shown_text(Cell(0, 3))
    assert text == f"{100 * expected[0, 3] / expected[0].sum():.0f}"


def test_new_measurement_when_live_is_shown(qtbot: QtBot, panel: RoutingPanel, state: RoutingState) -> None:
    with qtbot.waitSignal(panel.snapshot_shown):
        state.apply(routing(310))
    assert panel.heatmap.shown_counts().sum() == sum(routing(310).counts.flat())


def test_scrubber_when_moved_goes_back_and_live_returns(qtbot: QtBot, panel: RoutingPanel, state: RoutingState) -> None:
    panel._scrubber.setValue(4)
    assert not panel.is_live
    assert panel.heatmap.snapshot is not None
    assert panel.heatmap.snapshot.step == 50
    assert panel.heatmap.shown_counts().sum() == sum(routing(50).counts.flat())
    state.apply(routing(310))
    panel._redraw.flush()
    assert panel.heatmap.snapshot.step == 50
    qtbot.mouseClick(panel._live, Qt.MouseButton.LeftButton)
    panel._redraw.flush()
    assert panel.is_live
    assert panel.heatmap.snapshot.step == 310


def test_sentence_when_hovering_says_layer_module_share_and_times(panel: RoutingPanel) -> None:
    panel.heatmap.show_modality("audio")
    counts = panel.heatmap.shown_counts()
    share = counts[1, 3] / counts[1].sum()
    expected = f"Layer 2, module 4: {100 * share:.0f} % of the sound pieces, {8 * share:.1f} times its even share ({counts[1, 3]} pieces)"
    assert panel.heatmap.sentence(Cell(1, 3)) == expected


def test_pointer_when_over_a_cell_finds_it(panel: RoutingPanel) -> None:
    heatmap = panel.heatmap
    for cell in (Cell(0, 0), Cell(1, 7), Cell(0, 5)):
        assert heatmap.cell_at(heatmap._rect_of(cell).center()) == cell
    assert heatmap.cell_at(QPointF(1, 1)) is None


def test_arrow_keys_when_pressed_walk_and_speak(qtbot: QtBot, panel: RoutingPanel) -> None:
    qtbot.keyClick(panel.heatmap, Qt.Key.Key_Right)
    qtbot.keyClick(panel.heatmap, Qt.Key.Key_Right)
    assert panel.heatmap._cell == Cell(0, 1)
    QToolTip.hideText()


def test_lift_when_shown_is_times_the_usual_share(panel: RoutingPanel) -> None:
    panel.heatmap.show_modality("text")
    panel._measure.setCurrentIndex(1)
    counts = np.array(routing(300).counts.flat(), np.int64).reshape(2, 8, 3)
    overall = counts.sum(axis=2) / counts.sum(axis=(1, 2))[:, None]
    text = counts[:, :, 0] / counts[:, :, 0].sum(axis=1)[:, None]
    assert panel.heatmap.shown_values() == pytest.approx(text / overall)


@pytest.mark.parametrize(("layers", "experts"), [(1, 1), (2, 8), (12, 64), (64, 256)])
def test_heatmap_of_any_size_when_painted_keeps_its_colours_apart(qtbot: QtBot, layers: int, experts: int) -> None:
    heatmap = Heatmap()
    qtbot.addWidget(heatmap)
    heatmap.resize(900, 500)
    counts = np.random.default_rng(1).integers(0, 900, (layers, experts, 3))
    heatmap.show_snapshot(Snapshot(300, "training", "final", counts))
    image = heatmap.grab().toImage()
    colours = {image.pixel(x, int(heatmap._area().center().y())) for x in range(60, 700, 3)}
    assert len(colours) >= min(3, experts)


def test_empty_stage_when_shown_says_when_numbers_come(qtbot: QtBot, panel: RoutingPanel) -> None:
    panel.show_stage("fold-9")
    panel._redraw.flush()
    assert panel.heatmap.snapshot is None
    assert "20 steps" in panel._sentence.text()


def test_words_when_the_language_changes_follow(qtbot: QtBot, panel: RoutingPanel) -> None:
    languages = Languages(panel)
    languages.switch("zh")
    qtbot.waitUntil(lambda: panel.title.text() != "Who works on what")
    languages.switch("en")
    qtbot.waitUntil(lambda: panel.title.text() == "Who works on what")


def test_check_cases_when_chosen_are_shown_as_counted_at_the_checkpoint(
    qtbot: QtBot, panel: RoutingPanel, state: RoutingState
) -> None:
    for step in (100, 200):
        state.apply(routing(step, source="check"))
    with qtbot.waitSignal(panel.snapshot_shown):
        panel.source.setCurrentIndex(1)
    shown = panel.heatmap.snapshot
    assert shown is not None
    assert (shown.source, shown.step) == ("check", 200)
    assert panel.is_live
    with qtbot.waitSignal(panel.snapshot_shown):
        panel.source.setCurrentIndex(0)
    assert panel.heatmap.snapshot is not None
    assert (panel.heatmap.snapshot.source, panel.heatmap.snapshot.step) == ("training", 300)


def test_dead_module_when_the_check_set_shows_one_is_named(qtbot: QtBot, state: RoutingState) -> None:
    state.apply(routing(300, source="check"))
    panel = UtilisationPanel()
    qtbot.addWidget(panel)
    panel.show_routing(state, "final")
    assert "module 8 of layer 2" in panel.warning.text()
    assert not panel.warning.isHidden()
    panel._layer.setCurrentIndex(1)
    panel._redraw.flush()
    assert sum(panel.bars.shown_shares()) == pytest.approx(1.0)
    assert panel.bars.shown_shares()[7] < 0.01


def test_balance_when_written_gives_entropy_and_the_busiest_module(qtbot: QtBot) -> None:
    state = RoutingState()
    state.apply(routing(300))
    panel = UtilisationPanel()
    qtbot.addWidget(panel)
    panel.show_routing(state, "final")
    counts = np.array(routing(300).counts.flat(), np.int64).reshape(2, 8, 3).sum(axis=2)[0]
    violation = counts.max() / counts.mean() - 1
    assert f"{100 * violation:.0f} % more than its even share (MaxVio {violation:.2f})" in panel.balance.text()


def test_pinned_panel_without_a_run_says_when_cases_are_predicted(qtbot: QtBot) -> None:
    panel = PinnedPanel()
    qtbot.addWidget(panel)
    panel.show_job(None, ())
    assert "each check" in panel._sentence.text()
