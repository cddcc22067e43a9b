"""Experts that a knowledge file named bear their names beside their chips: in an answer, in a run, in both languages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.workbench.fakes.answers import answer_for, clinic_model
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.reports import report
from tests.workbench.fakes.run_events import routing
from tests.workbench.fakes.stand_in_engine import model
from workbench.i18n import Languages
from workbench.state.experts import called, expert_names
from workbench.state.routing import RoutingState
from workbench.widgets.case_routing import CaseRouting
from workbench.widgets.cell_map import Cell
from workbench.widgets.routing_strip import Cell as Piece
from workbench.widgets.run_monitor import RunMonitor


@pytest.fixture
def languages(qapp: QApplication) -> Iterator[Languages]:
    made = Languages(qapp)
    yield made
    made.switch("en")


def test_names_when_a_model_has_none_are_none() -> None:
    assert expert_names(None) == {}
    assert expert_names(model()) == {}
    assert (called(0, {0: "Infections"}), called(1, {0: "Infections"})) == ("1 · Infections", "2")


def test_answer_of_a_model_with_named_experts_shows_them_and_in_the_language_of_the_moment(
    qtbot: QtBot, tmp_path: Path, languages: Languages
) -> None:
    case = FakeEngine(tmp_path).add_case("a", ("a.txt", b"x"), ("a.wav", b"x"))
    card = CaseRouting()
    qtbot.addWidget(card)
    card.show_answer(answer_for(case, clinic_model()), model(knowledge=report()))
    assert [row[1] for row in card.strip.table()[1:4]] == ["1 · Infections", "2 · Airways", "3"]
    assert "module 1 · Infections:" in card.strip.sentence(Piece(layer=0, expert=0, token=0))
    languages.switch("zh")
    card.retranslate()
    assert card.strip.table()[1][1] == "1 · 感染"
    card.show_answer(answer_for(case, clinic_model()), None)
    assert card.strip.table()[1][1] == "1"


def test_strip_when_experts_have_names_gives_them_room_and_still_finds_its_cells(qtbot: QtBot, tmp_path: Path) -> None:
    case = FakeEngine(tmp_path).add_case("a", ("a.txt", b"x"))
    card = CaseRouting()
    qtbot.addWidget(card)
    card.resize(640, 600)
    card.show_answer(answer_for(case, clinic_model()), model(knowledge=report()))
    card.show()
    qtbot.waitExposed(card)
    assert card.strip.cell_at(100, 40) is None
    card.show_answer(answer_for(case, clinic_model()), None)
    assert card.strip.cell_at(100, 40) is not None


def test_run_whose_model_has_named_experts_shows_them_below_the_heatmap_and_in_its_words(qtbot: QtBot) -> None:
    state = RoutingState()
    state.apply(routing(300))
    monitor = RunMonitor()
    qtbot.addWidget(monitor)
    monitor.routing.show_routing(state, "final")
    monitor.show_model(model(knowledge=report()), "")
    assert monitor.routing.names.names == {0: "Infections", 1: "Airways"}
    assert not monitor.routing.names.isHidden()
    assert "module 1 · Infections:" in monitor.routing.heatmap.sentence(Cell(0, 0))
    monitor.show_model(None, "")
    assert monitor.routing.names.isHidden()
    assert "module 1:" in monitor.routing.heatmap.sentence(Cell(0, 0))
