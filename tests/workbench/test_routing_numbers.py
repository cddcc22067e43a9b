"""Routing in numbers: what stands there is what the events say, in both languages, over time, and pair by pair."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QComboBox
from pytestqt.qtbot import QtBot

from engine import utilisation
from engine.schema.base import Array
from engine.schema.config import Choice, LossConfig, RunConfig, StudentConfig
from engine.schema.event import EventBody, Routing
from engine.train.objective import BALANCING
from tests.workbench.fakes.run_events import PIECES, bodies, events, job_info, routing, saturation
from workbench.i18n import Languages
from workbench.state.jobs import JobState
from workbench.state.routing import RoutingState
from workbench.theme import theme
from workbench.widgets.cell_map import Cell
from workbench.widgets.part_words import part_meaning
from workbench.widgets.routing_numbers import RoutingNumbers
from workbench.widgets.routing_words import _per_token
from workbench.widgets.run_monitor import RunMonitor

CHECKS = (32, 64, 96, 128)


def _state(*told: Routing) -> RoutingState:
    state = RoutingState()
    for body in told or (*(routing(step) for step in range(10, 310, 10)), *(routing(at, "check") for at in CHECKS)):
        state.apply(body)
    return state


@pytest.fixture
def state(qtbot: QtBot) -> RoutingState:
    return _state()


def _panel(qtbot: QtBot, state: RoutingState | None) -> RoutingNumbers:
    made = RoutingNumbers()
    qtbot.addWidget(made)
    made.resize(460, 820)
    made.show_routing(state, "final")
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def panel(qtbot: QtBot, state: RoutingState) -> RoutingNumbers:
    return _panel(qtbot, state)


@pytest.fixture
def languages(qapp: QApplication) -> Iterator[Languages]:
    made = Languages(qapp)
    yield made
    made.switch("en")


def _rows(panel: RoutingNumbers) -> dict[str, tuple[str, ...]]:
    """Return the values of each measure by its technical name."""
    return {row[1]: row[2:-1] for row in panel.pages.numbers.table().rows}


def test_numbers_of_the_check_cases_when_shown_are_those_of_the_event(panel: RoutingNumbers) -> None:
    panel.source.setCurrentIndex(1)
    panel.choose_layer(1)
    body = routing(CHECKS[-1], "check")
    counts_LEM = np.array(body.counts.flat(), np.int64).reshape(body.counts.shape)
    by_column = [counts_LEM.sum(2)[1:2], *(counts_LEM[1:2, :, m] for m in range(3))]
    found = _rows(panel)
    for name, measure, text in (
        ("H(f)/ln E", utilisation.entropy, "{:.2f}"),
        ("exp H", utilisation.effective_experts, "{:.1f}"),
        ("CV", utilisation.variation, "{:.2f}"),
        ("Gini", utilisation.gini, "{:.2f}"),
    ):
        assert found[name] == tuple(text.format(float(measure(counts)[0])) for counts in by_column), name
    over = [100 * float(utilisation.max_violation(counts)[0]) for counts in by_column]
    under = [100 * float(utilisation.min_violation(counts)[0]) for counts in by_column]
    assert found["MaxVio"] == tuple(f"+{value:.0f} %" for value in over)
    assert found["MinVio"] == tuple(f"\u2212{value:.0f} %" for value in under)
    assert found["f < 0.1/E"] == ("1", "", "", ""), "module 8 of layer 2 does nothing"
    assert found["N"] == tuple(QLocale().toString(pieces) for pieces in (sum(PIECES), *PIECES))
    assert found["Σn/N"] == ("2.00",) * 4
    assert found["π"] == ("", *(f"{100 * pieces / sum(PIECES):.0f} %" for pieces in PIECES))
    assert found["NMI"][0] == f"{float(utilisation.specialisation(counts_LEM)[1]):.2f}"
    lifts = [float(utilisation.lift(counts_LEM, m)[1].max()) for m in range(3)]
    assert found["max lift"] == ("", *(f"{lift:.1f}×" for lift in lifts))


def test_gate_when_shown_is_the_mean_over_all_tokens_of_the_window(panel: RoutingNumbers) -> None:
    told = [routing(step).gate for step in range(110, 310, 10)]
    top = sum(np.array(gate.top.flat()).reshape(2, 3) for gate in told if gate is not None)
    tokens = len(told) * np.array(PIECES)
    expected = [100 * float(top[0].sum() / tokens.sum()), *(100 * top[0] / tokens)]
    assert _rows(panel)["max p"] == tuple(f"{value:.0f} %" for value in expected)
    assert {"H(p)/ln E", "margin"} <= _rows(panel).keys()


def test_gate_when_every_piece_goes_to_every_module_has_no_margin(qtbot: QtBot) -> None:
    body = routing(10)
    assert body.gate is not None
    shown = _panel(qtbot, _state(body.model_copy(update={"gate": body.gate.model_copy(update={"margin": None})})))
    assert "margin" not in _rows(shown)
    assert "H(p)/ln E" in _rows(shown)


def test_run_when_it_is_older_than_gates_shows_its_counts_and_invents_nothing(qtbot: QtBot) -> None:
    nothing = {"gate": None, "changed": None, "together": None}
    panel = _panel(
        qtbot, _state(routing(10).model_copy(update=nothing), routing(32, "check").model_copy(update=nothing))
    )
    found = _rows(panel)
    assert found["H(f)/ln E"][0] == "1.00"
    assert not {"max p", "H(p)/ln E", "margin", "N", "Σn/N", "churn"} & found.keys()
    panel.tabs["together"].click()
    assert panel.pages.page is panel.pages.sentence
    assert panel.pages.sentence.text() == "This run did not record which modules work together."
    panel.tabs["time"].click()
    assert panel.pages.page is panel.pages.sentence


def test_pieces_that_nobody_took_when_there_are_some_get_a_line(qtbot: QtBot) -> None:
    body = routing(10)
    assert "dropped" not in _rows(_panel(qtbot, _state(body)))
    assert body.gate is not None
    unserved = Array.pack([0, 320, 0, 0, 0, 0], (2, 3))
    gate = body.gate.model_copy(update={"unserved": unserved})
    found = _rows(_panel(qtbot, _state(body.model_copy(update={"gate": gate}))))
    assert found["dropped"] == (f"{100 * 320 / sum(PIECES):.1f} %", "0.0 %", "10.0 %", "0.0 %")


def test_kind_of_input_when_it_is_missing_is_unknown_and_not_zero(qtbot: QtBot) -> None:
    counts = np.zeros((1, 4, 3), np.int64)
    counts[0, :, 0] = (4, 3, 2, 1)
    packed = Array.pack(counts.ravel().tolist(), counts.shape)
    body = Routing(step=1, source="training", counts=packed, entropy=(0.9,), max_violation=(0.6,))
    found = _rows(_panel(qtbot, _state(body)))
    assert found["H(f)/ln E"][1] == found["H(f)/ln E"][0] != "–"
    assert found["H(f)/ln E"][2:] == ("–", "–")
    assert found["NMI"][0] == "–", "one kind of input alone tells nothing of a split"


def test_panel_when_nothing_was_measured_says_when_it_will_be(qtbot: QtBot) -> None:
    for empty in (_panel(qtbot, None), _panel(qtbot, RoutingState())):
        assert empty._sentence.text() == "The first numbers come after about 20 steps."
        assert not empty._above.isVisible()
    waiting = _panel(qtbot, _state(routing(10)))
    waiting.source.setCurrentIndex(1)
    assert waiting.pages.sentence.text() == "The check cases are run through at the first checkpoint."
    assert waiting.source.isVisible(), "the way back stays open"


def test_panel_of_a_model_without_modules_says_so(qtbot: QtBot) -> None:
    body = Routing(step=1, source="training", counts=Array.pack([], (0, 0, 3)), entropy=(), max_violation=())
    monitor = RunMonitor()
    qtbot.addWidget(monitor)
    for shown in (monitor.numbers, monitor.busy):
        shown.show_routing(_state(body), "final")
        assert shown._sentence.text() == "This model has no modules: nothing is shared out."


def test_line_when_walked_to_by_keys_is_explained(qtbot: QtBot, panel: RoutingNumbers) -> None:
    assert panel.meaning.text().startswith("Evenness (H(f)/ln E). 1.00: all modules do as much")
    for _ in range(7):
        qtbot.keyClick(panel.pages.numbers, Qt.Key.Key_Down)
    assert panel.meaning.text().startswith("First choice (max p). "), "the question between two groups is passed over"
    state = panel._routing
    assert state is not None
    state.apply(routing(310))
    panel._redraw.flush()
    assert panel.meaning.text().startswith("First choice (max p). "), "new values leave the chosen line alone"


def test_numbers_when_read_aloud_are_a_table_with_names_and_meanings(panel: RoutingNumbers) -> None:
    told = QAccessible.queryAccessibleInterface(panel.pages.numbers)
    assert told is not None
    assert told.role() == QAccessible.Role.Table
    cells = [told.child(number) for number in range(told.childCount())]
    names = {cell.text(QAccessible.Text.Name): cell.text(QAccessible.Text.Description) for cell in cells if cell}
    assert names["Evenness (H(f)/ln E)"].startswith("1.00: all modules do as much")
    assert {"All", "Text", "Image", "Sound", "How the work is spread"} <= names.keys()
    assert panel.pages.numbers.accessibleName() == "Routing in numbers"


def test_layer_when_chosen_in_one_panel_is_shown_in_the_other(qtbot: QtBot, state: RoutingState) -> None:
    monitor = RunMonitor()
    qtbot.addWidget(monitor)
    for shown in (monitor.busy, monitor.numbers):
        shown.show_routing(state, "final")
    box = monitor.busy.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(1)
    assert monitor.numbers.layer.currentIndex() == 1
    monitor.numbers.layer.setCurrentIndex(0)
    assert box.currentIndex() == 0


def test_course_when_the_stage_has_ended_holds_churn_and_saturation(panel: RoutingNumbers, state: RoutingState) -> None:
    panel.tabs["time"].click()
    (changed,) = panel.pages.course.curves()
    assert changed.series.x.tolist() == list(CHECKS)
    told = [np.array(routing(at, "check").changed.flat()).reshape(2, 3)[0].sum() / sum(PIECES) for at in CHECKS]  # type: ignore[union-attr]
    assert changed.series.y.tolist() == pytest.approx([100 * churn for churn in told])
    assert "can be told only when" in panel.meaning.text()
    state.settle(saturation(CHECKS))
    panel._redraw.flush()
    changed, settled = panel.pages.course.curves()
    assert settled.series.x.tolist() == list(CHECKS[:-1])
    assert settled.series.y.tolist() == pytest.approx([100 * (1 - 0.6 * math.exp(-at / 150)) for at in CHECKS[:-1]])
    state.apply(routing(160, "check"))
    assert state.settling("final") is None, "a stage that goes on has not ended"


def test_pairs_when_shown_are_shares_of_the_rows_module(panel: RoutingNumbers) -> None:
    panel.tabs["together"].click()
    shown = panel.pages.together
    body = routing(CHECKS[-1], "check")
    assert body.together is not None
    both_EE = np.array(body.together.flat()).reshape(body.together.shape)[0]
    share = 100 * both_EE[2, 5] / both_EE[2, 2]
    assert shown.shown_text(Cell(2, 5)) == f"{share:.0f}"
    assert shown.shown_text(Cell(2, 2)) == ""
    said = f"Layer 1: of the {both_EE[2, 2]:.0f} pieces of module 3, {share:.0f} % went to module 6 as well"
    assert shown.sentence(Cell(2, 5)) == said
    assert len(shown.table().rows) == 8 * 7
    assert panel.chart.table() == shown.table()


def test_pairs_when_each_piece_goes_to_one_module_are_none(qtbot: QtBot) -> None:
    alone = Array.pack(np.diag([3, 4]).ravel().tolist(), (1, 2, 2), "int32")
    counts = Array.pack([1, 1, 1, 2, 1, 1], (1, 2, 3))
    body = Routing(step=1, source="check", counts=counts, entropy=(1.0,), max_violation=(0.0,), together=alone)
    panel = _panel(qtbot, _state(body))
    panel.tabs["together"].click()
    assert panel.pages.sentence.text() == "Each piece goes to one module alone, so none work together."


def test_pairs_when_too_many_to_count_out_are_shown_as_rounded(qtbot: QtBot) -> None:
    shares = Array.pack([255, 51, 0], (1, 3), "uint8")
    counts = Array.pack([10, 0, 0, 0, 20, 0, 0, 0, 30], (1, 3, 3))
    body = Routing(step=1, source="check", counts=counts, entropy=(1.0,), max_violation=(0.0,), together=shares)
    panel = _panel(qtbot, _state(body))
    panel.tabs["together"].click()
    assert panel.pages.together.sentence(Cell(0, 1)).endswith("10 pieces of module 1, 100 % went to module 2 as well")
    assert panel.pages.together.sentence(Cell(1, 0)).endswith("20 pieces of module 2, 50 % went to module 1 as well")
    assert panel.pages.together.sentence(Cell(2, 0)).endswith("30 pieces of module 3, 7 % went to module 1 as well")
    assert panel.meaning.text().endswith("the figures are rounded.")


def test_pairs_when_a_run_of_gates_tells_none_are_too_many(qtbot: QtBot) -> None:
    panel = _panel(qtbot, _state(routing(32, "check").model_copy(update={"together": None})))
    panel.tabs["together"].click()
    assert panel.pages.sentence.text().startswith("There are too many modules to tell of each two")


def test_panel_when_the_language_changes_says_everything_in_it(panel: RoutingNumbers, languages: Languages) -> None:
    languages.switch("zh")
    panel.retranslate()
    rows = panel.pages.numbers.table().rows
    assert len(rows) == 16
    assert not [row for row in rows if row[0].isascii() or row[-1].isascii()]
    assert panel.meaning.text().startswith("均匀度")


@pytest.mark.parametrize("percent", [100, 150])
@pytest.mark.parametrize("width", [390, 760])
def test_table_when_there_is_little_room_keeps_every_value_whole(
    qtbot: QtBot, panel: RoutingNumbers, percent: int, width: int
) -> None:
    theme().set_percent(percent)
    try:
        panel.resize(theme().px(width), panel.sizeHint().height())  # the columns of the page fold before it is less
        numbers = panel.pages.numbers

        def fits() -> bool:
            rows = sum(numbers.rowHeight(row) for row in range(numbers.rowCount()))
            return (
                numbers.horizontalHeader().length() <= numbers.viewport().width()
                and rows <= numbers.viewport().height()
            )

        qtbot.waitUntil(fits)
        for column in range(1, numbers.columnCount()):
            assert numbers.columnWidth(column) >= numbers.sizeHintForColumn(column)
        assert numbers.columnWidth(0) >= 80
    finally:
        theme().set_percent(100)


def test_run_when_folded_shows_its_numbers_and_names_the_kind_of_balance(qtbot: QtBot) -> None:
    job = JobState(job_info("running"))
    told: list[EventBody] = list(bodies(steps=70))
    job.apply_all(events(iter(told)))
    monitor = RunMonitor()
    qtbot.addWidget(monitor)
    monitor.show_job(job, ())
    assert _rows(monitor.numbers)["churn"][0] != "–"
    assert job.routing.settling("fold-1") is not None
    assert job.routing.settling("final") is None
    tips = {word.text(): word.toolTip() for word, _ in monitor.parts.parts._texts}
    assert tips["balance of modules"].startswith("Switch's balance, before weighting: 1.00 is even")
    assert tips["answer"] == ""
    config = RunConfig(recipe="quick", loss=LossConfig(balance_pooled=True))
    pooled = JobState(job_info("running", config=config))
    pooled.apply_all(events(iter(told)))
    monitor.show_job(pooled, ())
    tips = {word.text(): word.toolTip() for word, _ in monitor.parts.parts._texts}
    assert tips["balance of modules"].endswith("Taken over all pieces together.")


def test_meaning_of_a_part_when_the_run_is_known_says_over_what_and_what_collapse_is() -> None:
    plain, pooled = RunConfig(recipe="quick"), RunConfig(recipe="quick", loss=LossConfig(balance_pooled=True))
    for name in ("balance", "importance", "load"):
        assert "1.00 is even, the number of modules is collapse" in part_meaning(name, plain)
        assert part_meaning(name, plain).endswith("Taken within each kind of input.")
        assert part_meaning(name, pooled).endswith("Taken over all pieces together.")
        assert "Taken" not in part_meaning(name)
    nulls = RunConfig(recipe="quick", student=StudentConfig(router=Choice(name="null-experts")))
    assert "modules and null experts together (E + N) is collapse" in part_meaning("balance", nulls)
    assert "the number of modules is collapse" in part_meaning("importance", nulls)
    apart = RunConfig(
        recipe="quick", student=StudentConfig(router=Choice(name="token-choice", settings={"scope": "disjoint"}))
    )
    assert "the number of modules of one kind of input is collapse" in part_meaning("balance", apart)


def test_parts_when_of_the_routing_all_have_a_meaning() -> None:
    assert all(part_meaning(name) for name in ("balance", "router_z", *BALANCING))


def test_means_when_no_token_of_a_modality_had_a_boundary_then_leave_it_out_and_say_so() -> None:
    sums_M, tokens_M = np.array([2.0, np.nan, 3.0]), np.array([4, 10, 6])
    assert _per_token(sums_M, tokens_M, lambda value: f"{value:.2f}") == ("0.50", "0.50", "–", "0.50")
    nothing_M = np.full(3, np.nan)
    assert _per_token(nothing_M, tokens_M, str) == ("–",) * 4
