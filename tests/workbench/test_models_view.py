"""The models: their figures with n and interval, the one in use, and a removal that can be taken back."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.schema.command import ControlJob, UseModel
from engine.schema.model import InsideEncoder, Measured, OrderedMeasured
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.reports import report
from tests.workbench.fakes.run_events import job_info
from tests.workbench.fakes.stand_in_engine import StandInSession, interval, model, preferences, project
from workbench.dialogs.closing import ClosingDialog, may_close
from workbench.rooms import Rooms
from workbench.state.recipes import recipe_names
from workbench.views.models import ModelsView
from workbench.widgets.expert_chip import ExpertChip
from workbench.widgets.run_words import accuracy_sentence

HOUR_MS: Final = 3_600_000


@pytest.fixture
def session(qtbot: QtBot) -> StandInSession:
    return StandInSession(
        project(model(), model("model-2", name="Second", created_at=model().created_at), in_use="model-1")
    )


@pytest.fixture
def view(qtbot: QtBot, session: StandInSession, tmp_path: Path) -> ModelsView:
    made = ModelsView(session, preferences(tmp_path))
    session.setParent(made)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    qtbot.waitExposed(made)
    return made


def _words(view: ModelsView, model_id: str) -> str:
    return " | ".join(value.text() for _, value in view.cards[model_id]._facts)


def test_card_when_shown_tells_figures_with_n_and_interval(view: ModelsView) -> None:
    card = view.cards["model-1"]
    assert card.right.text() == "Right in 86.1 % (82.2 to 90.0 %, n = 300) of cases kept aside for validation."
    assert not card.synthetic.isHidden()
    words = _words(view, "model-1")
    for part in ("distil", "MiniLM-L6-v2", "2 layers of 8 modules", "3.1 points", "91 %", "no GPU: CPU (1 thread)"):
        assert part in words


def test_card_when_the_recipe_is_known_bears_its_title(
    view: ModelsView, session: StandInSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipe_names(), "_titles", {"distil": ("Teach the small model", "教小模型（蒸馏）")})
    session.change(models=(model(), model("model-2")))
    assert _words(view, "model-2").startswith("Teach the small model | ")


def test_card_when_there_are_no_layers_says_that_there_are_no_modules(
    view: ModelsView, session: StandInSession
) -> None:
    session.change(models=(model(), model("model-2", layers=0)))
    assert "no modules" in _words(view, "model-2")
    assert "0 layers" not in _words(view, "model-2")


def test_card_when_an_encoder_is_kept_inside_names_it(view: ModelsView, session: StandInSession) -> None:
    kept = InsideEncoder(modality="text", name="MiniLM", sha256="0" * 64, parameters=22_713_216, width=384, size=1)
    session.change(models=(model(), model("model-2", inside=(kept,))))
    assert "MiniLM kept inside" in _words(view, "model-2")
    assert "kept inside" not in _words(view, "model-1")


def test_card_when_its_experts_have_not_parted_says_so(view: ModelsView, session: StandInSession) -> None:
    session.change(models=(model(), model("model-2", alike=True)))
    assert "its modules are one network still" in _words(view, "model-2")
    assert "one network still" not in _words(view, "model-1")


def test_card_when_answers_have_an_order_says_how_far_off_they_are(view: ModelsView, session: StandInSession) -> None:
    ordered = OrderedMeasured(places_off=interval(0.42, 300), within_one=0.934, kappa=0.8)
    found = model("model-2").validation
    assert found is not None
    rising = found.model_copy(update={"ordered": ordered})
    session.change(models=(model(), model("model-2", validation=rising)))
    off = ordered.places_off
    said = f"4 in their order: 0.42 places from the truth on average (95 % {off.low:.2f} to {off.high:.2f}), at most one in 93 %, weighted kappa 0.80"
    assert said in _words(view, "model-2")
    assert "in their order" not in _words(view, "model-1")


def test_patterns_when_unfolded_are_listed_with_their_own_n(qtbot: QtBot, view: ModelsView) -> None:
    card = view.cards["model-1"]
    qtbot.mouseClick(card.details, Qt.MouseButton.LeftButton)
    rows = [[card.patterns.item(row, column).text() for column in range(3)] for row in range(card.patterns.rowCount())]
    assert [row[0] for row in rows] == ["text + image + sound", "text + image"]
    assert "n = 232" in rows[0][1]


def test_model_when_chosen_is_asked_for_and_marked(qtbot: QtBot, view: ModelsView, session: StandInSession) -> None:
    qtbot.mouseClick(view.cards["model-2"].use, Qt.MouseButton.LeftButton)
    (command,) = session.stand_in.commands("/v1/project/model")
    assert isinstance(command, UseModel)
    assert command.model_id == "model-2"
    session.change(model_in_use="model-2")
    assert view.cards["model-2"].in_use
    assert not view.cards["model-1"].in_use


def test_removal_when_undone_leaves_everything_as_it_was(
    qtbot: QtBot, view: ModelsView, session: StandInSession
) -> None:
    qtbot.mouseClick(view.cards["model-2"].remove, Qt.MouseButton.LeftButton)
    assert list(view.cards) == ["model-1"]
    qtbot.mouseClick(view.undo, Qt.MouseButton.LeftButton)
    assert sorted(view.cards) == ["model-1", "model-2"]
    assert not any(verb == "DELETE" for verb, _, _ in session.stand_in.asked)


def test_removal_when_not_undone_in_time_reaches_the_engine(
    qtbot: QtBot, view: ModelsView, session: StandInSession
) -> None:
    view._undo_time.setInterval(1)
    qtbot.mouseClick(view.cards["model-2"].remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("DELETE", "/v1/models/model-2", None) in session.stand_in.asked)
    assert not view._undo_strip.isVisible()


def _leave_for_home(rooms: Rooms) -> None:
    rooms.window.go("home")


def _close(rooms: Rooms) -> None:
    rooms.window.leave()


@pytest.mark.parametrize("leave", [_leave_for_home, _close])
def test_removal_when_the_place_is_left_or_the_window_closes_reaches_the_engine_at_once(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine, leave: Callable[[Rooms], None]
) -> None:
    (gone,) = fake.models
    rooms.window.go("models")
    place = rooms.window.place("models")
    assert isinstance(place, ModelsView)
    place._undo_time.setInterval(HOUR_MS)
    qtbot.mouseClick(place.cards[gone.model_id].remove, Qt.MouseButton.LeftButton)
    leave(rooms)
    qtbot.waitUntil(lambda: f"DELETE /v1/models/{gone.model_id}" in fake.requests)
    assert not place._undo_time.isActive()


def test_removal_when_the_program_ends_is_with_the_engine_before(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    (gone,) = fake.models
    rooms.window.go("models")
    place = rooms.window.place("models")
    assert isinstance(place, ModelsView)
    qtbot.mouseClick(place.cards[gone.model_id].remove, Qt.MouseButton.LeftButton)
    place._on_app_last_window_closed()
    assert f"DELETE /v1/models/{gone.model_id}" in fake.requests


def test_removal_when_the_window_is_made_small_can_still_be_taken_back(
    qtbot: QtBot, view: ModelsView, session: StandInSession
) -> None:
    qtbot.mouseClick(view.cards["model-2"].remove, Qt.MouseButton.LeftButton)
    view.showMinimized()
    view.showNormal()
    assert view._undo_time.isActive()
    qtbot.mouseClick(view.undo, Qt.MouseButton.LeftButton)
    assert not any(verb == "DELETE" for verb, _, _ in session.stand_in.asked)


def test_removal_when_another_project_was_opened_meanwhile_is_not_sent_there(
    qtbot: QtBot, view: ModelsView, session: StandInSession
) -> None:
    qtbot.mouseClick(view.cards["model-2"].remove, Qt.MouseButton.LeftButton)
    session.change(models=(model("of-another-project"),))
    view.hide()
    assert not any(verb == "DELETE" for verb, _, _ in session.stand_in.asked)


def test_place_without_models_leads_to_training(qtbot: QtBot, tmp_path: Path) -> None:
    session = StandInSession(project())
    view = ModelsView(session, preferences(tmp_path))
    session.setParent(view)
    qtbot.addWidget(view)
    view.show()
    assert view.drawn == "empty"
    with qtbot.waitSignal(view.place_wanted) as wanted:
        qtbot.mouseClick(view.empty.action, Qt.MouseButton.LeftButton)
    assert wanted.args == ["training", ""]


def test_accuracy_when_few_cases_were_measured_is_not_given_as_a_share() -> None:
    few = Measured(split="val", accuracy=interval(0.9, 40), balanced_accuracy=0.9, macro_f1=0.9, ece=0.0, nll=0.0)
    assert accuracy_sentence(model(validation=few)) == "Only 40 validation cases: too few to say how often it is right."
    assert accuracy_sentence(model(validation=None, out_of_fold=None)) == "It has not been measured."


@pytest.mark.parametrize(("name", "choice"), [("close_window", "close"), ("stop", "stop"), ("stay", "stay")])
def test_closing_while_training_asks_and_keeps_the_answer(qtbot: QtBot, name: str, choice: str) -> None:
    dialog = ClosingDialog(job_info("running", seconds_left=2280.0))
    qtbot.addWidget(dialog)
    dialog.show()
    assert "about 38 min left" in dialog._sentence.text()
    qtbot.mouseClick(getattr(dialog, name), Qt.MouseButton.LeftButton)
    assert dialog.choice == choice


def test_closing_without_a_run_asks_nothing(view: ModelsView, session: StandInSession) -> None:
    assert may_close(session, view)


def test_closing_with_stop_and_keep_tells_the_engine(
    monkeypatch: pytest.MonkeyPatch, view: ModelsView, session: StandInSession
) -> None:
    session.job = job_info("running")
    monkeypatch.setattr(ClosingDialog, "exec", lambda dialog: dialog.stop.click())
    assert may_close(session, view)
    (command,) = session.stand_in.commands("/v1/jobs/run-1/control")
    assert isinstance(command, ControlJob)
    assert command.action == "stop-and-keep"


def test_card_when_the_data_speak_against_a_rule_marks_it_and_says_all_sentences(
    qtbot: QtBot, session: StandInSession, view: ModelsView
) -> None:
    told = report()
    session.change(models=(model(knowledge=told),))
    findings = view.cards["model-1"].knowledge
    assert findings is not None
    assert findings.head.text().startswith("Knowledge file, version 3: the data speak against 1 rule")
    assert findings.head.property("tone") == "care"
    qtbot.mouseClick(findings.details, Qt.MouseButton.LeftButton)
    assert [sentence for sentence, _ in findings.said] == told.sentences("en")
    (against,) = [sentence for sentence, is_against in findings.said if is_against]
    assert against.startswith("“Wheeze” speaks for Pneumonia (+0.6): THE DATA SPEAK AGAINST IT")
    assert [chip.expert for chip in findings.findChildren(ExpertChip)] == [0, 1]


def test_card_when_no_rule_is_contradicted_says_so_calmly_and_without_a_file_says_nothing(
    session: StandInSession, view: ModelsView
) -> None:
    assert view.cards["model-1"].knowledge is None
    calm = report().model_copy(update={"rules": report().rules[:1]})
    session.change(models=(model(knowledge=calm),))
    findings = view.cards["model-1"].knowledge
    assert findings is not None
    assert findings.head.text() == "It learned with the knowledge file, version 3"
    assert findings.head.property("tone") == ""
