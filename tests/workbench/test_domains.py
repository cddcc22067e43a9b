"""The window speaks the language of a domain: its inputs, its people, its warnings, and which demo runs there are."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.schema.case import Case
from engine.schema.command import StartDemo
from engine.schema.domain import DomainList
from engine.schema.domain_folder import offered
from tests.demo.bakery import DOMAIN, write_bakery
from tests.workbench.conftest import example
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.run_events import job_info
from tests.workbench.fakes.stand_in_engine import StandInSession, catalog, dataset, model, preferences, project
from workbench.actions.report import CaseReport
from workbench.i18n import Languages
from workbench.link.demo_project import DemoProject
from workbench.rooms import Rooms
from workbench.state.domains import DomainWords, domain_words
from workbench.state.recipes import recipe_names
from workbench.views.case_detail import CaseView
from workbench.views.home import HomeView
from workbench.views.training import TrainingView

BAKERY_NOTICE = "Research use only – not a promise to deliver"
Open = Callable[[Path | None], Rooms]


@pytest.fixture
def bakery(open_window: Open, fake: FakeEngine) -> Rooms:
    """Return the window on a project that has a domain of its own."""
    write_bakery(fake.project / "domain")
    return open_window(fake.project)


def _told(rooms: Rooms) -> str:
    return rooms.window.top._use.text()


def _case_view(rooms: Rooms) -> CaseView:
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    return view


def _answered(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> tuple[CaseView, Case]:
    """Open a case of one input and have it answered: the fake council is not sure of it."""
    case = fake.add_case("Loaf", example("note.txt"), source="imported")
    rooms.window.go("case", case.case_id)
    view = _case_view(rooms)
    qtbot.waitUntil(lambda: view.state.case is not None)
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    assert view.state.case is not None
    return view, view.state.case


def test_strip_when_no_domain_is_known_keeps_the_medical_sentence(rooms: Rooms) -> None:
    assert _told(rooms) == "Research use only – not for patient care"


def test_strip_when_the_project_has_a_domain_says_its_notice_in_both_languages(qtbot: QtBot, bakery: Rooms) -> None:
    qtbot.waitUntil(lambda: _told(bakery) == BAKERY_NOTICE)
    bakery.set_language("zh")
    qtbot.waitUntil(lambda: _told(bakery) == "仅供研究使用，不构成交货承诺")


def test_strip_when_the_project_is_left_keeps_the_medical_sentence_again(qtbot: QtBot, bakery: Rooms) -> None:
    qtbot.waitUntil(lambda: _told(bakery) == BAKERY_NOTICE)
    bakery.session.close()
    qtbot.waitUntil(lambda: _told(bakery) == "Research use only – not for patient care")


def test_cards_when_the_project_has_a_domain_bear_its_names(qtbot: QtBot, bakery: Rooms) -> None:
    qtbot.waitUntil(lambda: _told(bakery) == BAKERY_NOTICE)
    inputs = _case_view(bakery).inputs
    assert [card._head.text() for card in inputs.cards.values()] == ["Order letter", "Order slip", "Call"]
    assert inputs.cards["image"].choose.text() == "Add: Order slip"
    assert inputs._group_label.text() == "Customer (optional)"
    assert "symptoms" not in inputs.cards["text"].editor.placeholderText()
    bakery.set_language("zh")
    qtbot.waitUntil(lambda: [card._head.text() for card in inputs.cards.values()] == ["订单来信", "订单小票", "来电"])
    assert inputs._group_label.text().startswith("顾客")


def test_demo_case_when_the_domain_ships_none_is_not_offered(qtbot: QtBot, bakery: Rooms) -> None:
    qtbot.waitUntil(lambda: _told(bakery) == BAKERY_NOTICE)
    home = bakery.window.place("home")
    assert isinstance(home, HomeView)
    qtbot.waitUntil(lambda: not home.drop.demo.isVisible())
    assert home.drop.choose.isVisible()
    bakery.actions.run("case.demo")
    assert bakery.window.place_id == "home"


def test_cards_when_the_domain_has_two_inputs_are_two(qtbot: QtBot, open_window: Open, fake: FakeEngine) -> None:
    described = DOMAIN.replace("  image: {en: Order slip, zh: 订单小票, file: slip.png}\n", "")
    write_bakery(fake.project / "domain", domain_yaml=described)
    rooms = open_window(fake.project)
    qtbot.waitUntil(lambda: _told(rooms) == BAKERY_NOTICE)
    rooms.new_case()
    inputs = _case_view(rooms).inputs
    qtbot.waitUntil(lambda: inputs.cards["text"].isVisible())
    assert not inputs.cards["image"].isVisible()
    assert inputs.cards["audio"].isVisible()


def test_answer_when_not_sure_says_whom_to_hand_the_case_to(qtbot: QtBot, bakery: Rooms, fake: FakeEngine) -> None:
    view, _ = _answered(qtbot, bakery, fake)
    answer = view.result.answer
    assert answer.hand_over.text() == "Ask the baker."
    assert answer.hand_over.isVisible()
    assert "Order letter: unlike the training data." in answer.why.words
    assert "Order slip: there is none yet" in answer.help.words
    bakery.set_language("zh")
    qtbot.waitUntil(lambda: answer.hand_over.text() == "请询问面包师。")


def test_answer_when_no_domain_is_known_hands_over_to_nobody(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    view, _ = _answered(qtbot, rooms, fake)
    assert not view.result.answer.hand_over.isVisible()
    assert "The note is unlike the training data." in view.result.answer.why.words


def test_report_when_the_domain_is_not_medical_has_its_notice_at_the_foot(
    qtbot: QtBot, bakery: Rooms, fake: FakeEngine
) -> None:
    _, case = _answered(qtbot, bakery, fake)
    said = CaseReport(case, ()).text()
    assert BAKERY_NOTICE in said
    assert "Ask the baker." in said
    assert "Order letter: note.txt" in said
    assert "medical" not in said
    assert "meaningless for patients" not in said


def test_words_when_the_model_in_use_is_of_another_domain_follow_it(
    qtbot: QtBot, bakery: Rooms, fake: FakeEngine
) -> None:
    qtbot.waitUntil(lambda: _told(bakery) == BAKERY_NOTICE)
    fake.models[0] = fake.models[0].model_copy(update={"domain": "clinic"})
    bakery.session.read_project()
    qtbot.waitUntil(lambda: _told(bakery) == "Research use only – not for patient care")
    inputs = _case_view(bakery).inputs
    qtbot.waitUntil(lambda: inputs.cards["image"]._head.text() == "Chest picture")


def test_own_domain_when_it_cannot_be_read_is_told_and_nothing_else_is_lost(
    qtbot: QtBot, open_window: Open, fake: FakeEngine
) -> None:
    write_bakery(fake.project / "domain", domain_yaml="id: [")
    rooms = open_window(fake.project)
    qtbot.waitUntil(lambda: "domain.yaml is not valid YAML" in rooms.toast.message)
    assert len(rooms.session.domains.generated()) >= 2
    assert _told(rooms) == "Research use only – not for patient care"


@pytest.fixture
def training(qtbot: QtBot, tmp_path: Path) -> TrainingView:
    session = StandInSession(project())
    session.knows([])
    session.stand_in.answers["GET", "/v1/catalog"] = catalog()
    session.stand_in.answers["POST", "/v1/demo"] = job_info("queued")
    write_bakery(tmp_path / "domain")
    session.domains.learn(offered(tmp_path))
    view = TrainingView(session, preferences(tmp_path))
    session.setParent(view)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    return view


def _started(view: TrainingView) -> StartDemo:
    session = view.session
    assert isinstance(session, StandInSession)
    command = session.stand_in.commands("/v1/demo")[-1]
    assert isinstance(command, StartDemo)
    return command


def test_demo_run_when_started_is_of_the_domain_that_was_chosen_by_its_title(training: TrainingView) -> None:
    titles = [training.domains.itemText(number) for number in range(training.domains.count())]
    assert titles[0] == "Order desk of a bakery"
    assert "Demo clinic" in titles
    training.domains.setCurrentIndex(titles.index("Demo clinic"))
    training.domains.activated.emit(titles.index("Demo clinic"))
    assert "Demo clinic" in training.demo.toolTip()
    training.demo.click()
    assert _started(training).domain == "clinic"
    training.retranslate()
    assert training.domains.currentText() == "Demo clinic"


def test_demo_run_when_the_domain_of_the_moment_generates_is_of_that_one(training: TrainingView) -> None:
    training.session.domains.choose("bakery")
    training.empty.action.click()
    assert _started(training).domain == "bakery"


def test_words_when_a_domain_is_chosen_tell_it_once() -> None:
    words, told = DomainWords(), []
    words.changed.connect(lambda: told.append(words.domain))
    words.learn(DomainList(domains=()))
    words.choose("nobody")
    assert (told, words.domain, words.is_medical()) == ([], None, True)
    assert domain_words() is domain_words()


def test_domain_of_a_case_when_its_data_set_has_one_is_that_whatever_model_is_in_use(training: TrainingView) -> None:
    session = training.session
    assert isinstance(session, StandInSession)
    case = Case(case_id="case-1", dataset="demo-clinic", created_at=dataset().created_at)
    session.change(models=(model(domain="bakery"),), model_in_use="model-1")
    assert (session.domain_of(), session.domain_of(case)) == ("bakery", "bakery")
    session.change(datasets=(dataset().model_copy(update={"domain": "clinic"}),))
    assert (session.domain_of(), session.domain_of(case)) == ("bakery", "clinic")


def test_project_when_made_of_a_domain_folder_is_opened(
    qtbot: QtBot, rooms: Rooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(rooms.session, "open", opened.append)
    assert rooms.actions.action("project.domain").text() == "New project from a domain folder…"
    assert rooms.actions.action("project.domain") in rooms.window.top.project_menu.actions()
    with qtbot.waitSignal(rooms.demo.made, timeout=60_000):
        rooms.projects.make_of_domain(
            tmp_path / "new", write_bakery(tmp_path / "bakery", world_yaml="", phrases_txt="")
        )
    assert opened == [tmp_path / "new"]
    assert (tmp_path / "new" / "domain" / "domain.yaml").is_file()


def test_project_when_its_domain_folder_is_faulty_is_refused_with_the_engine_s_own_sentence(
    qtbot: QtBot, tmp_path: Path
) -> None:
    maker = DemoProject()
    with qtbot.waitSignal(maker.failed, timeout=60_000) as refused:
        maker.make(tmp_path / "new", write_bakery(tmp_path / "bakery", domain_yaml="id: ["))
    assert refused.args is not None
    assert "domain.yaml is not valid YAML" in refused.args[0].text("en")
    maker.deleteLater()


@pytest.mark.parametrize(
    ("name", "en", "zh"),
    [
        ("Demo clinic", "Demo clinic", "演示门诊"),
        ("Demo clinic · 演示门诊", "Demo clinic", "演示门诊"),
        ("Demo clinic train 12", "Demo clinic train 12", "演示门诊 训练 12"),
        ("Demo support desk val 3", "Demo support desk val 3", "演示客服台 验证 3"),
        ("Demo clinic trainees", "Demo clinic trainees", "Demo clinic trainees"),
        ("clinic", "clinic", "clinic"),
        ("", "", ""),
    ],
)
def test_name_of_what_was_generated_when_shown_is_in_the_language_of_the_moment(
    qapp: QApplication, name: str, en: str, zh: str
) -> None:
    words, languages = domain_words(), Languages(qapp)
    words.learn(offered(Path("nowhere")))
    try:
        assert recipe_names().shown(name) == en
        languages.switch("zh")
        assert recipe_names().shown(name) == zh
    finally:
        languages.switch("en")
        words.learn(DomainList(domains=()))


def test_case_when_its_shown_name_is_left_as_it_is_keeps_the_name_it_was_made_with(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    case = fake.add_case("Demo clinic train 7", example("note.txt"), source="demo")
    rooms.session.domains.learn(offered(Path("nowhere")))
    rooms.window.go("case", case.case_id)
    view = _case_view(rooms)
    qtbot.waitUntil(lambda: view.name.text() == "Demo clinic train 7")
    rooms.set_language("zh")
    qtbot.waitUntil(lambda: view.name.text() == "演示门诊 训练 7")
    view.name.editingFinished.emit()
    assert not view.changes.canUndo()
