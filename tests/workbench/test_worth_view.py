"""What modules are worth, on the page: offered, on its way, shown with what is clear and what is not, failed, and stopped."""

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.schema.command import ControlJob, JobInfo, StartEvaluation
from engine.schema.errors import ErrorBody
from engine.schema.event import Event, JobChanged
from engine.schema.model import Change, ExpertEffect, Measured, Worth
from tests.workbench.fakes.run_events import BEGAN
from tests.workbench.fakes.stand_in_engine import StandInSession, dataset, interval, model, preferences, project
from workbench.views.models import ModelsView
from workbench.views.worth import WorthView
from workbench.widgets.cell_map import Cell

PATH = "/v1/models/model-1/worth"
NOT_ASKED = ErrorBody(code="not-found", parameters={"what": "worth", "id": "model-1"})


def change(value: float, half: float = 0.02, n: int = 300) -> Change:
    """Return a change with its interval."""
    return Change(value=value, low=value - half, high=value + half, n=n)


def worth() -> Worth:
    """Return two layers of two modules: one that everything hangs on, one that does harm, two that do not matter."""
    effects = (
        ExpertEffect(layer=0, expert=1, whole=change(0.005)),
        ExpertEffect(
            layer=0, expert=0, whole=change(0.31), by_modality={"text": change(0.02, 0.05), "audio": change(0.4)},
            by_label={"croup": change(0.9)},
        ),
        ExpertEffect(layer=1, expert=0, whole=change(-0.06)),
        ExpertEffect(layer=1, expert=1, whole=change(0.001, 0.0005)),
    )  # fmt: skip
    measured = Measured(
        split="val",
        accuracy=interval(0.86, 300),
        balanced_accuracy=0.85,
        macro_f1=0.85,
        ece=0.03,
        nll=0.4,
        effects=effects,
    )
    return Worth(name="Demo clinic", dataset="demo-clinic", at=BEGAN, measured=measured)


def job(state: str, **facts: object) -> JobInfo:
    """Return the measurement as a job."""
    info = JobInfo.model_validate(
        {
            "job_id": "evaluate-1",
            "kind": "evaluate",
            "name": "Demo clinic",
            "weighs": "model-1",
            "state": state,
            "created_at": BEGAN + timedelta(minutes=5),
        }
    )
    return info.model_copy(update=facts)


@pytest.fixture
def session() -> StandInSession:
    made = StandInSession(project(model(), in_use="model-1"))
    made.stand_in.answers["GET", PATH] = worth()
    return made


@pytest.fixture
def view(qtbot: QtBot, session: StandInSession, tmp_path: Path) -> WorthView:
    made = WorthView(session, preferences(tmp_path))
    session.setParent(made)
    qtbot.addWidget(made)
    made.resize(1192, 800)
    made.show()
    qtbot.waitExposed(made)
    return made


def ends(session: StandInSession, state: str, **facts: object) -> None:
    """Let the engine tell that the measurement has changed."""
    info = job(state, **facts)
    session._on_stream_arrived(Event(seq=1, n=0, at=BEGAN, job=info.job_id, body=JobChanged(job=info)))


def test_worth_when_known_says_how_many_modules_count_and_shows_only_what_is_clear(view: WorthView) -> None:
    view.show_item("model-1")
    assert view.drawn == "live"
    assert view.page.headline.text() == "Without 2 of the 4 modules, answers become clearly worse."
    assert view.page.measured.text().startswith("300 cases of Demo clinic that it did not learn from · ")
    (_, card, first), (_, _, second) = view.page.cards
    assert card.title.text() == "Layer 1"
    texts = [[first.shown_text(Cell(row, expert)) for expert in (0, 1)] for row in range(4)]
    assert texts == [["+0.31", ""], ["", "–"], ["+0.40", "–"], ["+0.90", "–"]]
    assert "A dash: not known" in view.page.meaning.text()
    assert [second.shown_text(Cell(0, expert)) for expert in (0, 1)] == ["\N{MINUS SIGN}0.06", "≈ 0"]
    assert first.levels()[0].tolist() == [int(127.5 + 127.5 * 0.31 / 0.9 + 0.5), 128]


def test_cell_when_pointed_at_says_its_interval_or_that_cases_are_too_few(view: WorthView) -> None:
    view.show_item("model-1")
    shown = view.page.cards[0][2]
    said = "Croup: without module 1 the error changes by +0.900 (95 % +0.880 to +0.920; 300 cases)"
    assert shown.sentence(Cell(3, 0)) == said
    assert shown.sentence(Cell(3, 1)) == "Croup: too few cases to tell what module 2 is worth"
    QApplication.processEvents()  # the page takes its size
    middle = shown._rect_of(Cell(3, 0)).center()
    assert shown.cell_at(middle) == Cell(3, 0)
    picture = shown.grab().toImage()
    assert (
        picture.pixelColor(middle.toPoint() + QPoint(0, 9)).name() == "#d97a1e"
    )  # beside the number: as orange as can be


def test_worth_when_nobody_asked_is_offered_on_the_cases_that_were_set_aside(
    qtbot: QtBot, view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = NOT_ASKED
    session.stand_in.answers["POST", "/v1/evaluations"] = job("queued")
    view.show_item("model-1")
    assert view.drawn == "empty"
    assert "the 300 cases of Demo clinic" in view.empty.sentence.text()
    qtbot.mouseClick(view.empty.action, Qt.MouseButton.LeftButton)
    (command,) = session.stand_in.commands("/v1/evaluations")
    assert isinstance(command, StartEvaluation)
    assert (command.dataset, command.split, command.experts, command.manifest) == ("demo-clinic", "val", True, None)
    assert view.empty.sentence.text() == "Finding out: waiting for its turn"
    ends(session, "running", phase="weighing", done=3, total=12)
    assert view.empty.sentence.text() == "Finding out: weighing the modules · 25 %"
    session.stand_in.answers["GET", PATH] = worth()
    ends(session, "done")
    assert view.drawn == "live"
    assert view.again.isVisible()
    assert view.hasFocus()
    assert view._area.verticalScrollBar().value() == 0


def test_worth_when_the_project_has_no_fitting_cases_is_not_offered(view: WorthView, session: StandInSession) -> None:
    session.stand_in.answers["GET", PATH] = NOT_ASKED
    for without in ({"counts": {"train": 2000}}, {"labels": dataset().labels[:2]}, {"answers": "several"}):
        session.change(datasets=(dataset().model_copy(update=without),))
        view.show_item("model-1")
        assert "has no cases with this model's answers" in view.empty.sentence.text()
        assert not view.empty.action.isVisible()


def test_worth_when_its_own_data_set_is_there_takes_it_and_not_a_newer_one(
    view: WorthView, session: StandInSession
) -> None:
    newer = dataset().model_copy(update={"dataset": "other", "created_at": BEGAN + timedelta(days=1)})
    session.change(datasets=(dataset(), newer))
    found = view.state.dataset_for(model())
    assert found is not None
    assert found.dataset == "demo-clinic"
    session.change(datasets=(newer,))
    found = view.state.dataset_for(model())
    assert found is not None
    assert found.dataset == "other"


def test_measurement_when_it_fails_says_why_and_can_be_tried_again(
    qtbot: QtBot, view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = NOT_ASKED
    session.stand_in.answers["POST", "/v1/evaluations"] = job("queued")
    view.show_item("model-1")
    qtbot.mouseClick(view.empty.action, Qt.MouseButton.LeftButton)
    ends(session, "failed", problem=ErrorBody(code="nothing-set-aside", parameters={"name": "Demo clinic"}))
    assert view.drawn == "error"
    assert view.error._happened.text().startswith("Demo clinic has no cases with answers that were set aside")
    qtbot.mouseClick(view.error.again, Qt.MouseButton.LeftButton)
    assert len(session.stand_in.commands("/v1/evaluations")) == 2
    assert view.empty.sentence.text() == "Finding out: waiting for its turn"


def test_measurement_when_stopped_is_cancelled_and_what_was_known_stays(
    qtbot: QtBot, view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["POST", "/v1/evaluations"] = job("running")
    session.stand_in.answers["POST", "/v1/jobs/evaluate-1/control"] = job("cancelled")
    view.show_item("model-1")
    qtbot.mouseClick(view.again, Qt.MouseButton.LeftButton)
    assert view.drawn == "empty"
    assert not view.again.isVisible()
    qtbot.mouseClick(view.empty.action, Qt.MouseButton.LeftButton)
    (command,) = session.stand_in.commands("/v1/jobs/evaluate-1/control")
    assert isinstance(command, ControlJob)
    assert command.action == "cancel"
    assert view.drawn == "live"


def test_measurement_when_somebody_else_began_it_is_shown_and_its_answer_too(
    view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = NOT_ASKED
    session.jobs["evaluate-1"] = job("running", phase="weighing", done=1, total=2)
    view.show_item("model-1")
    assert view.empty.sentence.text() == "Finding out: weighing the modules · 50 %"
    session.stand_in.answers["GET", PATH] = worth()
    ends(session, "done")
    assert view.drawn == "live"


def test_measurement_when_it_ended_while_the_engine_was_away_is_asked_for_once_it_is_back(
    view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = NOT_ASKED
    session.jobs["evaluate-1"] = job("running")
    view.show_item("model-1")
    assert view.empty.action.text() == "Stop"
    session.jobs["evaluate-1"] = job("done")
    session.stand_in.answers["GET", PATH] = worth()
    session.attached.emit()
    assert view.drawn == "live"


def test_button_when_its_measurement_has_just_ended_does_not_begin_another(
    qtbot: QtBot, view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = NOT_ASKED
    session.jobs["evaluate-1"] = job("running")
    view.show_item("model-1")
    session.jobs["evaluate-1"] = job("done")
    qtbot.mouseClick(view.empty.action, Qt.MouseButton.LeftButton)
    assert session.stand_in.commands("/v1/evaluations") == []


def test_reading_when_it_fails_is_tried_again_without_measuring(
    qtbot: QtBot, view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = ErrorBody(code="engine-unreachable")
    view.show_item("model-1")
    assert view.drawn == "error"
    session.stand_in.answers["GET", PATH] = worth()
    qtbot.mouseClick(view.error.again, Qt.MouseButton.LeftButton)
    assert view.drawn == "live"
    assert session.stand_in.commands("/v1/evaluations") == []


def test_measurement_when_it_cannot_begin_says_why_and_what_was_known_is_there_again(
    qtbot: QtBot, view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["POST", "/v1/evaluations"] = ErrorBody(code="disk-full")
    view.show_item("model-1")
    qtbot.mouseClick(view.again, Qt.MouseButton.LeftButton)
    assert view.drawn == "error"
    view.show_item("model-1")
    assert view.drawn == "live"


def test_measurement_when_it_ends_before_the_window_hears_that_it_began_is_not_lost(
    qtbot: QtBot, view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = NOT_ASKED
    view.show_item("model-1")

    def refused(_message: object) -> JobInfo:
        session.jobs["evaluate-1"] = job("failed", problem=ErrorBody(code="disk-full"))
        return job("queued")

    session.stand_in.answers["POST", "/v1/evaluations"] = refused
    qtbot.mouseClick(view.empty.action, Qt.MouseButton.LeftButton)
    assert view.drawn == "error"


def test_worth_when_it_cannot_be_found_out_again_offers_no_button(view: WorthView, session: StandInSession) -> None:
    session.change(datasets=())
    view.show_item("model-1")
    assert view.drawn == "live"
    assert not view.again.isVisible()


def test_page_when_its_model_is_removed_says_so_and_leads_back(
    qtbot: QtBot, view: WorthView, session: StandInSession
) -> None:
    view.show_item("model-1")
    wanted: list[tuple[str, str]] = []
    view.place_wanted.connect(lambda place, item: wanted.append((place, item)))
    session.change(models=())
    assert view.empty.sentence.text() == "This model is no longer in the project."
    assert not view.again.isVisible()
    qtbot.mouseClick(view.empty.action, Qt.MouseButton.LeftButton)
    assert wanted == [("models", "")]


def test_words_when_a_table_was_measured_promise_nothing_about_it_and_name_the_error_of_several_labels(
    view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = worth().model_copy(update={"dataset": ""})
    view.show_item("model-1")
    assert view.page.measured.text().startswith("300 cases of Demo clinic · ")
    session.change(models=(model(answers="several"),))
    assert "of each label" in view.page.meaning.text()


def test_headline_when_there_was_one_case_alone_does_not_speak_of_the_modules(
    view: WorthView, session: StandInSession
) -> None:
    measured = worth().measured.model_copy(update={"accuracy": interval(1.0, 1), "effects": ()})
    session.stand_in.answers["GET", PATH] = worth().model_copy(update={"measured": measured})
    view.show_item("model-1")
    assert view.page.headline.text() == "One case is too few to say what a module is worth."


def _measured(*effects: ExpertEffect) -> Worth:
    return worth().model_copy(update={"measured": worth().measured.model_copy(update={"effects": effects})})


def _alone() -> ExpertEffect:
    """Return a module whose pieces no other one could take."""
    nothing = {"text": 0, "image": 0, "audio": 0}
    return ExpertEffect(layer=0, expert=1, tokens=nothing | {"image": 40}, moved=nothing)


def test_module_when_nobody_else_could_take_its_pieces_is_not_known_and_does_not_count(
    view: WorthView, session: StandInSession
) -> None:
    useful = ExpertEffect(
        layer=0, expert=0, whole=change(0.3), by_modality={"text": change(0.3)}, tokens={"text": 9}, moved={"text": 9}
    )
    session.stand_in.answers["GET", PATH] = _measured(useful, _alone())
    view.show_item("model-1")
    assert view.page.headline.text() == "Without 1 of the 1 modules, answers become clearly worse."
    shown = view.page.cards[0][2]
    assert [row[0] for row in shown.table().rows[::2]] == ["all cases", "pieces of the text", "pieces of the image"]
    assert [[shown.shown_text(Cell(row, expert)) for expert in (0, 1)] for row in range(3)] == [
        ["+0.30", "–"], ["+0.30", "–"], ["–", "–"],
    ]  # fmt: skip
    said = "no other module could take the pieces of module 2, so its worth is not known"
    assert shown.sentence(Cell(0, 1)) == f"all cases: {said}"
    assert shown.sentence(Cell(2, 1)) == f"pieces of the image: {said}"
    assert "too few cases" in shown.sentence(Cell(1, 1))


def test_page_when_no_piece_could_go_elsewhere_says_so_and_shows_no_map(
    view: WorthView, session: StandInSession
) -> None:
    session.stand_in.answers["GET", PATH] = _measured(_alone())
    view.show_item("model-1")
    assert (
        view.page.headline.text() == "No piece could go to another module, so it is not known what a module is worth."
    )
    assert view.page.cards == []
    session.stand_in.answers["GET", PATH] = _measured()
    view.show_item("model-1")
    assert view.page.headline.text() == "What the modules are worth was not found out."


def test_models_when_a_card_is_asked_lead_to_the_page_and_models_without_modules_offer_none(
    qtbot: QtBot, session: StandInSession, tmp_path: Path
) -> None:
    plain = model("model-2", layers=0, experts=0)
    session.change(models=(model(), plain))
    models = ModelsView(session, preferences(tmp_path))
    qtbot.addWidget(models)
    models.resize(1192, 800)
    models.show()
    qtbot.waitExposed(models)
    wanted: list[tuple[str, str]] = []
    models.place_wanted.connect(lambda place, item: wanted.append((place, item)))
    qtbot.mouseClick(models.cards["model-1"].worth, Qt.MouseButton.LeftButton)
    assert wanted == [("worth", "model-1")]
    assert not models.cards["model-2"].worth.isVisible()


def test_page_when_the_language_changes_says_all_of_it_anew(view: WorthView) -> None:
    view.show_item("model-1")
    QApplication.sendEvent(view.page, QEvent(QEvent.Type.LanguageChange))
    assert view.page.cards[0][2].shown_text(Cell(0, 0)) == "+0.31"
