"""The ledger's page: what was kept, tables with intervals, controls with their ties, cases that open, and its three other states."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.schema.errors import ErrorBody
from engine.schema.ledger import Against, Estimate
from tests.workbench.fakes.ledgers import compared, ledger
from tests.workbench.fakes.stand_in_engine import StandInSession, model, preferences, project
from workbench.state.ledgers import LedgersState
from workbench.views.ledger import LedgerView
from workbench.views.models import ModelsView
from workbench.widgets.item_list import _Row
from workbench.widgets.ledger_words import facts, headline, measured_on, verdict

PATH = "/v1/models/model-1/ledger"
MISSING = ErrorBody(code="not-found", parameters={"what": "ledger", "id": "model-1"})


@pytest.fixture
def session() -> StandInSession:
    made = StandInSession(project(model(), in_use="model-1"))
    made.stand_in.answers["GET", PATH] = ledger()
    return made


@pytest.fixture
def view(qtbot: QtBot, session: StandInSession, tmp_path: Path) -> LedgerView:
    made = LedgerView(session, preferences(tmp_path))
    session.setParent(made)
    qtbot.addWidget(made)
    made.resize(1192, 800)
    made.show()
    qtbot.waitExposed(made)
    return made


def _rows(view: LedgerView, name: str) -> list[list[str]]:
    table = view.page.by_label.table if name == "label" else view.page.by_pattern.table
    return [[table.item(row, at).text() for at in range(table.columnCount())] for row in range(table.rowCount())]


def test_ledger_when_shown_says_in_one_sentence_what_was_kept_and_then_the_facts(view: LedgerView) -> None:
    view.show_item("model-1")
    assert view.drawn == "live"
    (card,) = view.page.teachers
    kept = "This model keeps 99.2 % of the accuracy of MiniLM-L6-v2 (95 % interval 97.8 to 100.6 %)."
    assert card.headline.text() == f"{kept} It answers 31.2 times as fast."
    for fact in (
        "one case at a time: 31.2 times as fast (29.8 to 33) 1.21 instead of 37.8 ms",
        "32 cases at once: 11.7 times as fast",
        "612000 instead of 22.7 million",
        "2.3 MB of weights instead of 86.6 MB",
        "91.2 % (89.9 to 92.5 % n = 1876)",
    ):
        assert fact in card.words.replace(",", "")


def test_tables_when_shown_give_both_sides_with_intervals_and_say_where_cases_are_too_few(view: LedgerView) -> None:
    view.show_item("model-1")
    rows = _rows(view, "label")
    assert rows[0] == ["Croup", "84.0 (81–87)", "86.0 (83–89)", "90.0 (87–93)", "512"]
    assert rows[-1] == ["Asthma", "too few", "too few", "too few", "15"]
    assert [row[0] for row in _rows(view, "pattern")] == ["text + image + sound", "text + image", "text"]
    assert "off by 3.1 points on average, the teacher by 5.2 points" in view.page.sure.text()


def test_controls_when_their_interval_holds_zero_are_called_a_tie(view: LedgerView) -> None:
    view.show_item("model-1")
    plain, dense = view.page.controls
    assert (plain.word.text(), dense.word.text()) == ("better", "a tie")
    assert "+3.2 points (95 % interval +1.1 to +5.3)" in plain.said.text()
    assert verdict(Estimate(value=-0.02, low=-0.03, high=-0.01))[0] == "worse"


def test_ledger_of_too_few_cases_or_a_slower_model_says_so() -> None:
    assert headline(compared(cases=96)) == "Only 96 cases: too few to say what this model kept of MiniLM-L6-v2."
    single = compared().latency[0]
    slow = single.model_copy(update={"ratio": Estimate(value=0.5, low=0.4, high=0.8), "quiet": 3})
    words = dict(facts(compared(latency=(slow,)), ledger()))
    assert words["Speed"].startswith("one case at a time: takes 2 times as long (1.25 to 2.5)")
    assert headline(compared(latency=(slow,))).endswith("100.6 %).")
    said = measured_on(
        compared(latency=(slow,)), ledger().model_copy(update={"machine": "x86_64, no GPU: CPU (1 threads)"})
    )
    assert said.startswith("Speed was measured on x86_64, no GPU: CPU (1 thread), one thread")
    assert said.endswith("take the times as rough.")


def test_ledger_of_several_labels_when_shown_says_what_right_means_and_names_each_answer_whole(
    view: LedgerView, session: StandInSession
) -> None:
    parted = compared().parted[0].model_copy(update={"student": ("croup", "asthma"), "teacher": ()})
    made = ledger(compared(parted=(parted,))).model_copy(update={"answers": "several"})
    session.stand_in.answers["GET", PATH] = made
    view.show_item("model-1")
    assert "All labels right (exact match)" in view.page.teachers[0].words
    assert view.page.by_label.head.text() == "All labels right in % of the cases that bear one (95 % interval)"
    assert view.page.controls[0].said.text().startswith("All labels right in ")
    (item,) = view.page.parted.items
    assert item.detail == "truth: Croup · this model: Croup + Asthma, 54 % · teacher: none of them, 81 %"


def test_ledger_without_controls_says_how_to_get_them(view: LedgerView, session: StandInSession) -> None:
    session.stand_in.answers["GET", PATH] = ledger().model_copy(update={"controls": tuple[Against, ...]()})
    view.show_item("model-1")
    assert not view.page.controls
    assert "Controls for the ledger" in view.page._no_controls.text()
    assert view.page._no_controls.isVisible()


def test_case_when_clicked_in_the_list_is_opened(qtbot: QtBot, view: LedgerView) -> None:
    view.show_item("model-1")
    assert "this model alone is right in 62, the teacher alone in 75, neither in 28" in view.page.parted_said.text()
    assert [item.word for item in view.page.parted.items] == [
        "the teacher is right", "this model is right", "neither is right",
    ]  # fmt: skip
    first = view.page.parted.findChildren(_Row)[0]
    with qtbot.waitSignal(view.place_wanted) as wanted:
        qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    assert wanted.args == ["case", "demo-0412"]


def test_second_teacher_when_chosen_brings_its_own_tables(
    qtbot: QtBot, view: LedgerView, session: StandInSession
) -> None:
    other = compared("labels.csv", cost=None, latency=(), retention=None, by_label=(), parted=())
    session.stand_in.answers["GET", PATH] = ledger(compared(), other)
    view.show_item("model-1")
    qtbot.mouseClick(view.page.tabs[1], Qt.MouseButton.LeftButton)
    assert view.page.by_label.isHidden()
    assert not view.page.parted.items
    assert "labels.csv was never right" in view.page.teachers[1].headline.text()
    assert "no network of this run" in view.page.teachers[1].words


@pytest.mark.parametrize("taught", [True, False])
def test_model_without_a_ledger_says_so(view: LedgerView, session: StandInSession, taught: bool) -> None:
    if not taught:
        session.change(models=(model(teachers=()),))
    session.stand_in.answers["GET", PATH] = lambda _message: MISSING
    view.show_item("model-1")
    assert view.drawn == "empty"
    said = view.empty.sentence.text()
    assert said == "This model learned from no teacher." or (taught and "before there were ledgers" in said)


def test_ledger_when_it_cannot_be_read_is_an_error_that_can_be_tried_again(
    view: LedgerView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = lambda _message: ErrorBody(code="engine-unreachable", fault=True)
    view.show_item("model-1")
    assert view.drawn == "error"
    session.stand_in.answers["GET", PATH] = ledger()
    view.error.again.click()
    assert view.drawn == "live"


def test_ledger_while_it_is_read_is_drawn_as_loading(view: LedgerView, session: StandInSession) -> None:
    del session.stand_in.answers["GET", PATH]
    view.show_item("model-1")
    assert view.drawn == "loading"


def test_button_when_a_model_has_a_ledger_leads_to_it_and_is_hidden_otherwise(
    qtbot: QtBot, session: StandInSession, tmp_path: Path
) -> None:
    session.change(models=(model(), model("model-2"), model("model-3", teachers=())))
    session.stand_in.answers["GET", "/v1/models/model-2/ledger"] = lambda _message: MISSING
    models = ModelsView(session, preferences(tmp_path))
    session.setParent(models)
    qtbot.addWidget(models)
    models.resize(1192, 800)
    models.show()
    qtbot.waitExposed(models)
    assert [models.cards[f"model-{n}"].ledger.isHidden() for n in (1, 2, 3)] == [False, True, True]
    assert ("GET", "/v1/models/model-3/ledger", None) not in session.stand_in.asked
    with qtbot.waitSignal(models.place_wanted) as wanted:
        qtbot.mouseClick(models.cards["model-1"].ledger, Qt.MouseButton.LeftButton)
    assert wanted.args == ["ledger", "model-1"]


def test_ledger_when_asked_for_twice_is_read_once(qapp: QApplication, session: StandInSession) -> None:
    state = LedgersState(session)
    state.ask(["model-1"])
    state.ask(["model-1"])
    assert session.stand_in.asked.count(("GET", PATH, None)) == 1
