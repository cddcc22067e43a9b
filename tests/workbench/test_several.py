"""Answers of several labels in the window: what is suggested, what stays open, the person's own labels, the report."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.schema.case import Case
from engine.schema.event import PinnedCase
from engine.schema.prediction import Evidence, Prediction, Reason
from tests.workbench.conftest import example
from tests.workbench.fakes.answers import LABELS, answer_for, several_model
from tests.workbench.fakes.engine import FakeEngine
from workbench.actions.report import CaseReport
from workbench.rooms import Rooms
from workbench.state.look import needs_look
from workbench.state.several import SeveralWords, truth_chance, words_of
from workbench.views.case_detail import CaseView
from workbench.widgets.own_view import NONE, UNSURE, OwnView
from workbench.widgets.run_words import accuracy_sentence


@pytest.fixture
def answer(tmp_path: Path, qapp: object) -> Prediction:
    case: Case = FakeEngine(tmp_path).add_case("a", ("a.txt", b"x"), ("a.png", b"x"), ("a.wav", b"x"))
    return answer_for(case, several_model())


def _words(answer: Prediction, **changes: object) -> SeveralWords:
    made = words_of(answer.model_copy(update=changes), LABELS)
    assert isinstance(made, SeveralWords)
    return made


def test_answer_when_labels_are_settled_names_all_of_them_and_what_the_set_promises(answer: Prediction) -> None:
    words = _words(answer)
    assert words.headline() == "Suggests Pneumonia and Asthma"
    assert words.short() == "Pneumonia and Asthma"
    assert "at most 10 % of a case's true labels are not named here" in words.meaning()
    assert "about 82 had all their labels told right (n = 240)" in words.meaning()
    assert [(bar.percent(), bar.in_set, bar.mark) for bar in words.bars()] == [
        ("90 %", True, 0.5),
        ("70 %", True, 0.5),
        ("3 %", False, 0.5),
        ("2 %", False, 0.5),
    ]


def test_answer_when_none_holds_says_so_and_never_names_the_likeliest(answer: Prediction) -> None:
    none = (Reason(code="none-of-them"),)
    words = _words(answer, suggested=(), label_set=(), probabilities=(0.04, 0.03, 0.02, 0.01), reasons=none)
    assert words.headline() == "Suggests none of them"
    assert words.reason_sentences() == ["Each label is so unlikely that it can be left out."]
    assert not any(bar.in_set for bar in words.bars())
    assert words.short() == "none of them"


def test_answer_when_labels_stay_open_tells_them_apart_from_what_is_suggested(answer: Prediction) -> None:
    words = _words(answer, outcome="unclear", label_set=("pneumonia", "asthma", "copd"), suggested=("pneumonia",))
    assert words.headline() == "Suggests Pneumonia; Asthma or COPD cannot be excluded"
    assert [bar.shown for bar in words.bars()][:3] == [
        "Pneumonia",
        "Asthma · cannot be excluded",
        "COPD · cannot be excluded",
    ]
    nothing = _words(answer, outcome="unclear", label_set=("asthma",), suggested=())
    assert nothing.headline() == "Suggests none for now; Asthma cannot be excluded"


def test_answer_when_labels_are_many_says_how_high_the_hidden_ones_reach(answer: Prediction) -> None:
    names = tuple(f"label_{n}" for n in range(8))
    chances = (0.9, 0.8, 0.7, 0.6, 0.3, 0.2, 0.1, 0.05)
    words = _words(answer, labels=names, probabilities=chances, label_set=names[:4], suggested=names[:4])
    last = words.bars()[-1]
    assert (len(words.bars()), last.shown, last.percent()) == (6, "3 others, each at most", "20 %")


def test_answer_when_few_cases_were_measured_says_so_beside_its_promise(answer: Prediction) -> None:
    assert _words(answer, evidence=Evidence(n=12, right=12)).meaning().endswith("to say how often it is right.")


def test_question_when_several_may_hold_takes_any_number_and_nothing_that_denies_itself(qtbot: QtBot) -> None:
    question = OwnView()
    qtbot.addWidget(question)
    question.ask(LABELS, several=True)
    assert not question.save.isEnabled()
    for name in ("asthma", "copd"):
        question.choices[name].setChecked(True)
    with qtbot.waitSignal(question.labels_given) as given:
        question.save.click()
    assert given.args == [("asthma", "copd")]
    question.choices[NONE].setChecked(True)
    assert [name for name, made in question.choices.items() if made.isChecked()] == [NONE]
    with qtbot.waitSignal(question.labels_given) as none:
        question.save.click()
    assert none.args == [()]
    question.choices[UNSURE].setChecked(True)
    with qtbot.waitSignal(question.given) as unsure:
        question.save.click()
    assert unsure.args == [UNSURE]
    question.choices["copd"].setChecked(True)
    assert not question.choices[UNSURE].isChecked()


def test_case_of_several_labels_when_answered_asks_first_keeps_the_labels_and_can_take_them_back(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    fake.models[0] = several_model().model_copy(update={"model_id": fake.models[0].model_id})
    case = fake.add_case("P-7", example("note.txt"), example("xray.png"), example("cough.wav"))
    rooms.window.go("case", case.case_id)
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    qtbot.waitUntil(lambda: view.drawn == "live" and view.viewer.shown_part is not None)
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "covered")
    question = view.result.question
    question.choices["pneumonia"].setChecked(True)
    question.choices["asthma"].setChecked(True)
    question.save.click()
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    assert fake.cases[case.case_id].own_labels == ("pneumonia", "asthma")
    assert view.result.answer.own.text() == "Your own view: Pneumonia and Asthma. It agrees."
    assert view.result.answer.headline.text() == "Suggests Pneumonia and Asthma"
    assert not needs_look(fake.cases[case.case_id])
    view.changes.undo()
    qtbot.waitUntil(lambda: not fake.cases[case.case_id].seen())
    view.changes.redo()
    qtbot.waitUntil(lambda: fake.cases[case.case_id].own_labels == ("pneumonia", "asthma"))


def test_report_when_several_labels_hold_names_them_and_says_that_each_chance_is_its_own(
    answer: Prediction, tmp_path: Path
) -> None:
    case = (
        FakeEngine(tmp_path)
        .add_case("P", ("a.txt", b"x"))
        .model_copy(update={"prediction": answer, "own_labels": ("copd",)})
    )
    text = CaseReport(case, LABELS).text()
    assert "Suggests Pneumonia and Asthma" in text
    assert "Calibrated probabilities, each label by itself" in text
    assert "COPD" in text
    assert needs_look(case)
    none = CaseReport(case.model_copy(update={"own_labels": ()}), LABELS).text()
    assert "none of them" in none


def test_model_of_several_labels_when_told_names_its_main_figure(qapp: object) -> None:
    assert accuracy_sentence(several_model()).startswith("All labels right (exact match) in ")


def test_pinned_case_of_several_labels_when_drawn_shows_the_chance_of_all_of_its_truth() -> None:
    pinned = PinnedCase(
        case_id="c", title="t", truth="", label="a", probability=0.8, probabilities=(0.8, 0.3), truths=("a",)
    )
    assert truth_chance(pinned, ("a", "b")) == pytest.approx(0.8 * 0.7)
    one = pinned.model_copy(update={"truths": None, "truth": "b"})
    assert truth_chance(one, ("a", "b")) == 0.3
