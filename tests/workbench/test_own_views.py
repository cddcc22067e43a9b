"""Own view first: no list tells what the page of a case still covers, and the question offers the labels of the answer."""

import pytest
from pytestqt.qtbot import QtBot

from engine.schema.case import Case, Label
from tests.workbench.conftest import example
from tests.workbench.fakes import answers
from tests.workbench.fakes.answers import answer_for, clinic_model
from tests.workbench.fakes.engine import FakeEngine
from workbench.rooms import Rooms
from workbench.state.own_views import own_views
from workbench.views.case_detail import CaseView
from workbench.views.cases import CasesView
from workbench.views.home import HomeView
from workbench.widgets.case_table import ANSWER, OUTCOME
from workbench.widgets.own_view import UNSURE


@pytest.fixture
def case(fake: FakeEngine) -> Case:
    """Return an answered case of which the person has not said what they think."""
    made = fake.add_case("P-118", *(example(name) for name in ("note.txt", "xray.png", "cough.wav")))
    fake.cases[made.case_id] = made.model_copy(update={"prediction": answer_for(made, fake.models[0])})
    return fake.cases[made.case_id]


def _view(qtbot: QtBot, rooms: Rooms, case_id: str) -> CaseView:
    rooms.window.go("case", case_id)
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    qtbot.waitUntil(lambda: view.state.case is not None and view.state.case.case_id == case_id)
    return view


def _home_says(qtbot: QtBot, rooms: Rooms, word: str) -> None:
    rooms.window.go("home")
    home = rooms.window.place("home")
    assert isinstance(home, HomeView)
    qtbot.waitUntil(lambda: [item.word for item in home.recent_cases.items] == [word])


def _list_says(qtbot: QtBot, rooms: Rooms, outcome: str, answer: str) -> None:
    rooms.window.go("cases")
    place = rooms.window.place("cases")
    assert isinstance(place, CasesView)
    model = place.table.model()
    said = lambda: tuple(model.index(0, column).data() for column in (OUTCOME, ANSWER))  # noqa: E731
    qtbot.waitUntil(lambda: said() == (outcome, answer))


def test_lists_when_the_own_view_is_due_say_only_that_an_answer_is_there(
    qtbot: QtBot, rooms: Rooms, case: Case, fake: FakeEngine
) -> None:
    _home_says(qtbot, rooms, "an answer is there")
    _list_says(qtbot, rooms, "Answered", "")
    view = _view(qtbot, rooms, case.case_id)
    assert view.result.shown == "covered"
    view.result.question.choices["asthma"].setChecked(True)
    view.result.question.save.click()
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    _home_says(qtbot, rooms, "Pneumonia 86 %")
    _list_says(qtbot, rooms, "Suggests", "Pneumonia  86 %")


def test_lists_when_the_question_was_skipped_tell_the_answer(qtbot: QtBot, rooms: Rooms, case: Case) -> None:
    _list_says(qtbot, rooms, "Answered", "")
    _view(qtbot, rooms, case.case_id).result.question.skip.click()
    _home_says(qtbot, rooms, "Pneumonia 86 %")
    _list_says(qtbot, rooms, "Suggests", "Pneumonia  86 %")


def test_lists_when_the_site_asks_for_no_own_view_tell_the_answer(qtbot: QtBot, rooms: Rooms, case: Case) -> None:
    rooms.preferences.own_view_first = False
    _home_says(qtbot, rooms, "Pneumonia 86 %")
    _list_says(qtbot, rooms, "Suggests", "Pneumonia  86 %")
    rooms.preferences.own_view_first = True
    _list_says(qtbot, rooms, "Answered", "")


@pytest.mark.parametrize("facts", [{"source": "demo"}, {"own_view": UNSURE}, {"own_labels": ()}, {"prediction": None}])
def test_cover_when_nothing_is_due_leaves_the_case_open(case: Case, facts: dict[str, object]) -> None:
    assert own_views().cover(case)
    assert not own_views().cover(case.model_copy(update=facts))


def test_question_when_another_model_answers_offers_its_labels(
    qtbot: QtBot, rooms: Rooms, case: Case, fake: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = _view(qtbot, rooms, case.case_id)
    view.result.question.choices["asthma"].setChecked(True)
    fake.keep(fake.cases[case.case_id].model_copy(update={"group": "ward 4"}))
    qtbot.waitUntil(lambda: view.state.case is not None and view.state.case.group == "ward 4")
    assert view.result.question.choices["asthma"].isChecked()
    others = tuple(Label(name=f"refund{number}", en=f"Refund {number}") for number in range(4))
    monkeypatch.setattr(answers, "LABELS", others)
    other = clinic_model("Support").model_copy(update={"labels": others})
    fake.models.insert(0, other)
    rooms.session.use_model(other.model_id)
    qtbot.waitUntil(lambda: rooms.session.model(other.model_id) is not None)
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "covered" and not view.state.is_busy)
    question = view.result.question
    assert list(question.choices) == [*(label.name for label in others), UNSURE]
    assert not question.save.isEnabled()
