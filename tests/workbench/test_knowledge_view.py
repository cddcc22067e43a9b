"""The editor of a knowledge file: what is typed is checked, kept in versions, never lost, and never written over another's."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.schema import knowledge_file
from engine.schema.case import Dataset, Label
from engine.schema.errors import ErrorBody
from engine.schema.knowledge import BYTES_LIMIT
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.knowledge import KNOWN
from tests.workbench.fakes.run_events import BEGAN
from tests.workbench.fakes.stand_in_engine import catalog, dataset, preferences
from workbench.i18n import Languages
from workbench.rooms import Rooms
from workbench.state.knowledge import Draft, draft_key
from workbench.state.knowledge_skeleton import skeleton
from workbench.state.session import Session
from workbench.views.knowledge import KnowledgeView
from workbench.views.training import TrainingView

NAME = dataset().dataset
LABELS = tuple(label.name for label in dataset().labels)
FAULTY = KNOWN.replace("strength: 0.7", "strength: 7").replace("audio: [wheeze]", "audio: [whistle]")


def _ready(qtbot: QtBot, view: KnowledgeView) -> None:
    qtbot.waitUntil(lambda: view.drawn == "live")


def _checked(qtbot: QtBot, view: KnowledgeView) -> None:
    qtbot.waitUntil(lambda: view.side.report is not None)


@pytest.fixture
def books(fake: FakeEngine) -> FakeEngine:
    """Return the fake engine with a data set that has one version of a file."""
    fake.datasets.append(dataset())
    fake.knowledge.write(NAME, KNOWN, LABELS)
    return fake


@pytest.fixture
def open_view(qtbot: QtBot, fake: FakeEngine, tmp_path: Path) -> Iterator[Callable[[], KnowledgeView]]:
    """Return a function that opens the editor on the fake engine as it is now."""
    session = Session()

    def open_it() -> KnowledgeView:
        with qtbot.waitSignal(session.attached):
            session.open(fake.project)
        made = KnowledgeView(session, preferences(tmp_path))
        session.setParent(made)
        qtbot.addWidget(made)
        made.resize(1192, 700)
        made.show()
        qtbot.waitExposed(made)
        made.opened()
        return made

    yield open_it
    session.close()


@pytest.fixture
def view(qtbot: QtBot, books: FakeEngine, open_view: Callable[[], KnowledgeView]) -> KnowledgeView:
    made = open_view()
    _ready(qtbot, made)
    return made


def test_file_when_opened_stands_there_as_saved_with_its_counts(qtbot: QtBot, view: KnowledgeView) -> None:
    assert view.editor.toPlainText() == KNOWN
    assert view.saved_word.text() == "saved as version 1"
    assert not view.save_button.isEnabled()
    _checked(qtbot, view)
    assert view.side.word.text() == "No fault."
    assert view.side.undescribed.text() == "Not described yet: Croup, Bronchitis."
    assert view.tools.versions.itemText(0).startswith("version 1 · ")


def test_text_when_faulty_is_marked_and_a_click_on_the_fault_leads_to_its_line(
    qtbot: QtBot, view: KnowledgeView
) -> None:
    view.editor.replace_text(FAULTY)
    qtbot.waitUntil(lambda: len(view.side.faults.rows) == 2)
    first, second = view.side.faults.rows
    assert first.happened.text() == "Line 12: there is no finding `whistle`."
    assert second.happened.text() == "Line 20: the strength 7 is not between -1 and 1."
    assert view.editor.marked == {12, 20}
    assert not view.save_button.isEnabled()
    qtbot.mouseClick(second, Qt.MouseButton.LeftButton)
    assert view.editor.line == 20
    view.editor.replace_text(KNOWN)
    qtbot.waitUntil(lambda: not view.side.faults.rows)
    assert view.editor.marked == frozenset()


def test_text_while_it_is_typed_is_checked_once_after_the_last_key(
    qtbot: QtBot, view: KnowledgeView, books: FakeEngine
) -> None:
    _checked(qtbot, view)
    before = books.requests.count("POST /v1/knowledge/check")
    qtbot.keyClicks(view.editor, "# note")
    qtbot.waitUntil(lambda: books.requests.count("POST /v1/knowledge/check") > before)
    qtbot.waitUntil(lambda: not view.state._due.isActive())
    assert books.requests.count("POST /v1/knowledge/check") == before + 1


def test_text_when_saved_is_the_next_version_based_on_the_one_before(
    qtbot: QtBot, view: KnowledgeView, books: FakeEngine
) -> None:
    qtbot.keyClicks(view.editor, "# mine ")
    assert view.saved_word.text() == "not saved yet"
    with qtbot.waitSignal(view.saved) as saved:
        qtbot.keyClick(view.editor, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert saved.args is not None
    assert saved.args[0] == NAME
    assert books.knowledge.text(NAME) == "# mine " + KNOWN
    assert view.saved_word.text() == "saved as version 2"
    qtbot.waitUntil(lambda: view.tools.versions.count() == 2)


def test_old_version_when_chosen_takes_the_texts_place_and_undo_brings_it_back(
    qtbot: QtBot, view: KnowledgeView
) -> None:
    qtbot.keyClicks(view.editor, "# mine ")
    with qtbot.waitSignal(view.saved):
        view.save_button.click()
    qtbot.waitUntil(lambda: view.tools.versions.count() == 2)
    with qtbot.waitSignal(view.state.loaded):
        view.tools.versions.activated.emit(1)
    assert view.editor.toPlainText() == KNOWN
    assert view.saved_word.text() == "not saved yet"
    view.tools.undo.click()
    assert view.editor.toPlainText() == "# mine " + KNOWN


@pytest.mark.parametrize("keeps", [True, False])
def test_saving_when_somebody_else_saved_meanwhile_keeps_the_text_and_offers_the_newest(
    qtbot: QtBot, view: KnowledgeView, books: FakeEngine, keeps: bool
) -> None:
    books.knowledge.write(NAME, "# other\n" + KNOWN, LABELS)
    qtbot.keyClicks(view.editor, "# mine ")
    view.save_button.click()
    qtbot.waitUntil(lambda: view.question.asked == "conflict")
    assert view.question.said.text().startswith("Somebody saved version 2 of this file")
    assert view.editor.toPlainText() == "# mine " + KNOWN
    if keeps:
        view.question.second.click()
        with qtbot.waitSignal(view.saved):
            view.save_button.click()
        assert books.knowledge.text(NAME) == "# mine " + KNOWN
        assert view.saved_word.text() == "saved as version 3"
    else:
        view.question.first.click()
        qtbot.waitUntil(lambda: view.editor.toPlainText() == "# other\n" + KNOWN)
        assert view.saved_word.text() == "saved as version 2"
        view.tools.undo.click()
        assert view.editor.toPlainText() == "# mine " + KNOWN


def test_data_set_without_a_file_offers_to_start_from_its_labels(
    qtbot: QtBot, fake: FakeEngine, open_view: Callable[[], KnowledgeView]
) -> None:
    fake.datasets.append(dataset())
    view = open_view()
    _ready(qtbot, view)
    assert view.start.isVisible()
    assert not view.tools.versions.isVisible()
    qtbot.mouseClick(view.start.labels, Qt.MouseButton.LeftButton)
    _checked(qtbot, view)
    assert not view.start.isVisible()
    assert view.side.report is not None
    assert (view.side.report.labels, view.side.report.faults) == (4, ())
    assert "croup:  # Croup · 喉炎" in view.editor.toPlainText()
    with qtbot.waitSignal(view.saved):
        view.save_button.click()
    assert fake.knowledge.text(NAME) == view.editor.toPlainText()


def test_project_without_labelled_cases_says_so(qtbot: QtBot, open_view: Callable[[], KnowledgeView]) -> None:
    view = open_view()
    assert view.drawn == "empty"
    assert "no labelled cases" in view.empty.sentence.text()


def test_file_when_it_cannot_be_read_is_an_error_that_can_be_tried_again(
    qtbot: QtBot, books: FakeEngine, open_view: Callable[[], KnowledgeView]
) -> None:
    books.refuse[r"GET /v1/datasets/.*"] = ErrorBody(code="disk-full", parameters={"megabytes": 10}, fault=True)
    view = open_view()
    qtbot.waitUntil(lambda: view.drawn == "error")
    books.refuse.clear()
    view.error.again.click()
    _ready(qtbot, view)


def test_text_when_refused_or_unchecked_stays_and_says_why(
    qtbot: QtBot, view: KnowledgeView, books: FakeEngine
) -> None:
    full = ErrorBody(code="disk-full", parameters={"megabytes": 10}, fault=True)
    _checked(qtbot, view)
    books.refuse[r"POST /v1/knowledge.*"] = full
    qtbot.keyClicks(view.editor, "# mine ")
    view.save_button.click()
    qtbot.waitUntil(view.problem.isVisible)
    assert "The disk is full." in view.problem.text()
    qtbot.waitUntil(lambda: "Not checked" in view.side.word.text())
    assert view.editor.toPlainText() == "# mine " + KNOWN
    assert view.save_button.isEnabled()


def test_file_when_imported_can_be_undone_and_exported_again(qtbot: QtBot, view: KnowledgeView, tmp_path: Path) -> None:
    source, target = tmp_path / "from.yaml", tmp_path / "to.yaml"
    source.write_bytes(b"\xef\xbb\xbf" + KNOWN.replace("0.7", "0.9").replace("\n", "\r\n").encode())
    view.import_file(source)
    assert view.editor.toPlainText() == KNOWN.replace("0.7", "0.9")
    view.export_file(target)
    assert target.read_text(encoding="utf-8") == KNOWN.replace("0.7", "0.9")
    view.tools.undo.click()
    assert view.editor.toPlainText() == KNOWN


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"\xff\xfe\x00", "does not hold readable text"), (b"#" * (BYTES_LIMIT + 1), "larger than 0.5 MB")],
)
def test_file_when_it_is_no_text_or_too_large_is_refused_and_the_text_stays(
    view: KnowledgeView, tmp_path: Path, data: bytes, said: str
) -> None:
    path = tmp_path / "odd.yaml"
    path.write_bytes(data)
    view.import_file(path)
    assert said in view.problem.text()
    assert view.editor.toPlainText() == KNOWN
    view.import_file(tmp_path / "gone.yaml")
    assert "cannot be opened" in view.problem.text()


def test_changes_when_left_by_an_earlier_window_are_asked_for_where_they_belong(
    qtbot: QtBot, books: FakeEngine, open_view: Callable[[], KnowledgeView]
) -> None:
    view = open_view()
    view.draft_of = lambda key: Draft("# left\n" + KNOWN, 1).packed() if key == draft_key(NAME) else ""
    _ready(qtbot, view)
    assert view.question.asked == "draft"
    assert view.editor.toPlainText() == KNOWN
    assert view.editor.isReadOnly()
    qtbot.mouseClick(view.question.first, Qt.MouseButton.LeftButton)
    assert view.editor.toPlainText() == "# left\n" + KNOWN
    assert not view.editor.isReadOnly()
    assert view.saved_word.text() == "not saved yet"


def test_changes_when_dropped_are_forgotten(
    qtbot: QtBot, books: FakeEngine, open_view: Callable[[], KnowledgeView]
) -> None:
    view = open_view()
    view.draft_of = lambda _key: Draft("# left\n" + KNOWN, 1).packed()
    _ready(qtbot, view)
    with qtbot.waitSignal(view.draft_changed) as told:
        qtbot.mouseClick(view.question.second, Qt.MouseButton.LeftButton)
    assert told.args == [draft_key(NAME), ""]
    assert view.editor.toPlainText() == KNOWN


def test_unsaved_text_when_the_window_closes_is_there_in_the_next_one(
    qtbot: QtBot, books: FakeEngine, open_window: Callable[[Path | None], Rooms]
) -> None:
    def editor_of(rooms: Rooms) -> KnowledgeView:
        qtbot.waitUntil(lambda: rooms.recovery.folder is not None)
        rooms.actions.run("training.knowledge")
        place = rooms.window.place("knowledge")
        assert isinstance(place, KnowledgeView)
        _ready(qtbot, place)
        return place

    rooms = open_window(books.project)
    qtbot.keyClicks(editor_of(rooms).editor, "# mine ")
    rooms.window.close()
    rooms.session.close()
    again = open_window(books.project)
    place = editor_of(again)
    assert place.question.asked == "draft"
    qtbot.mouseClick(place.question.first, Qt.MouseButton.LeftButton)
    assert place.editor.toPlainText() == "# mine " + KNOWN
    with qtbot.waitSignal(place.saved):
        place.save_button.click()
    assert again.recovery.draft(draft_key(NAME)) == ""


def test_other_data_set_when_chosen_keeps_the_changes_of_the_first_for_the_way_back(
    qtbot: QtBot, books: FakeEngine, open_view: Callable[[], KnowledgeView]
) -> None:
    other = dataset().model_copy(update={"dataset": "other", "title": "Other"})
    books.datasets.append(other)
    view = open_view()
    _ready(qtbot, view)
    view.show_item(NAME)
    _ready(qtbot, view)
    qtbot.keyClicks(view.editor, "# mine ")
    view.show_item("other")
    _ready(qtbot, view)
    assert view.editor.toPlainText() == ""
    view.show_item(NAME)
    _ready(qtbot, view)
    assert view.question.asked == ""
    assert view.editor.toPlainText() == "# mine " + KNOWN


def test_form_when_left_for_the_editor_comes_back_with_the_new_version_chosen(
    qtbot: QtBot, books: FakeEngine, rooms: Rooms
) -> None:
    books.catalog = catalog()
    rooms.new_run()
    training = rooms.window.place("training")
    assert isinstance(training, TrainingView)
    qtbot.waitUntil(lambda: training.dialog is not None)
    form = training.dialog
    assert form is not None
    qtbot.waitUntil(lambda: form.knowledge.said.text().startswith("Knowledge file, version 1:"))
    form.form.rows["name"].set_value("Mine")
    qtbot.mouseClick(form.knowledge.edit, Qt.MouseButton.LeftButton)
    assert not form.isVisible()
    place = rooms.window.place("knowledge")
    assert isinstance(place, KnowledgeView)
    _ready(qtbot, place)
    qtbot.keyClicks(place.editor, "# mine ")
    with qtbot.waitSignal(place.saved):
        place.save_button.click()
    place._back.click()
    assert training.dialog is form
    assert form.isVisible()
    qtbot.waitUntil(lambda: form.knowledge.version == "2")
    config = form.config()
    assert (config.name, config.knowledge.version) == ("Mine", "2")
    form.reject()
    assert training.dialog is None


@pytest.mark.parametrize("language", ["en", "zh"])
def test_skeleton_when_written_from_any_labels_has_no_fault(qtbot: QtBot, qapp: object, language: str) -> None:
    languages = Languages(qapp)  # type: ignore[arg-type]
    languages.switch(language)  # type: ignore[arg-type]
    odd = Dataset(
        dataset="odd", title='He said: "yes" # no', created_at=BEGAN,
        labels=(
            Label(name="no"), Label(name="a: b", en="A, b", zh="甲"), Label(name="3"), Label(name="肺炎", description="肺部感染"),
            Label(name='quo"te', description="It's {odd}: [really]"),
        ),
    )  # fmt: skip
    checked = knowledge_file.check(skeleton(odd).encode(), [label.name for label in odd.labels])
    languages.switch("en")
    assert checked.faults == ()
    assert list(checked.knowledge.labels) == [label.name for label in odd.labels]
    assert checked.knowledge.labels["肺炎"].description.zh == "肺部感染"
    assert checked.knowledge.title.en == 'He said: "yes" # no'
    assert (checked.knowledge.rules, checked.knowledge.specialists, checked.knowledge.findings) == ((), (), {})
