"""The open case keeps every change with the engine, in order; the library reads pages as they are looked at."""

from pathlib import Path

from pytestqt.qtbot import QtBot

from engine.schema.errors import ErrorBody
from tests.workbench.conftest import CLINIC, example
from tests.workbench.fakes.engine import FakeEngine
from workbench.state.cases import PAGE, CaseLibrary, CaseState
from workbench.state.session import Session


def _made(qtbot: QtBot, session: Session, *files: str) -> CaseState:
    state = CaseState(session, session)
    with qtbot.waitSignal(state.settled):
        state.create("A case")
        for name in files:
            state.add_file(CLINIC / name)
    return state


def test_case_when_files_are_added_holds_them_in_order(qtbot: QtBot, session: Session, fake: FakeEngine) -> None:
    state = _made(qtbot, session, "note.txt", "xray.png", "cough.wav")
    assert state.case is not None
    assert state.case.present() == ("text", "image", "audio")
    assert [part.name for part in fake.cases[state.case_id].parts] == ["note.txt", "xray.png", "cough.wav"]
    assert not state.reading


def test_case_when_asked_gets_an_answer_that_goes_stale_with_its_inputs(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    state = _made(qtbot, session, "note.txt", "xray.png")
    with qtbot.waitSignal(state.settled):
        state.predict()
    assert state.case is not None
    assert state.case.prediction is not None
    assert not state.is_stale()
    with qtbot.waitSignal(state.settled):
        state.edit(own_view="pneumonia")
    assert not state.is_stale()
    removed = state.case.parts[0].part_id
    with qtbot.waitSignal(state.settled):
        state.remove_part(removed)
    assert state.outdated_by() == {"inputs"}
    with qtbot.waitSignal(state.settled):
        state.restore_part(removed)
    assert not state.is_stale()


def test_case_when_another_model_is_chosen_has_a_stale_answer(qtbot: QtBot, session: Session, fake: FakeEngine) -> None:
    state = _made(qtbot, session, "note.txt")
    with qtbot.waitSignal(state.settled):
        state.predict()
    other = fake.models[0].model_copy(update={"model_id": "model-other"})
    fake.models.append(other)
    with qtbot.waitSignal(session.project_changed):
        session.use_model("model-other")
    assert state.outdated_by() == {"model"}


def test_case_when_changed_elsewhere_shows_the_newer_version_and_says_so(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    state = _made(qtbot, session)
    newer = fake.cases[state.case_id].model_copy(update={"title": "Changed elsewhere", "version": 7})
    fake.cases[state.case_id] = newer
    problems: list[ErrorBody] = []
    state.refused.connect(problems.append)
    with qtbot.waitSignal(state.settled):
        state.edit(title="Mine")
    assert [problem.code for problem in problems] == ["conflict"]
    assert state.case == newer
    with qtbot.waitSignal(state.settled):
        state.edit(title="Mine after all")
    assert fake.cases[state.case_id].title == "Mine after all"


def test_case_when_a_file_is_refused_names_it_and_goes_on(
    qtbot: QtBot, session: Session, fake: FakeEngine, tmp_path: Path
) -> None:
    strange = tmp_path / "scan.dcm"
    strange.write_bytes(b"DICM")
    state = _made(qtbot, session)
    with qtbot.waitSignal(state.settled):
        state.add_file(strange)
        state.add_file(CLINIC / "note.txt")
    assert state.refusals["scan.dcm"].code == "unknown-format"
    assert state.case is not None
    assert state.case.present() == ("text",)


def test_case_when_a_file_is_gone_says_so_without_asking_the_engine(
    qtbot: QtBot, session: Session, fake: FakeEngine, tmp_path: Path
) -> None:
    state = _made(qtbot, session)
    asked = len(fake.requests)
    state.add_file(tmp_path / "gone.txt")
    assert state.refusals["gone.txt"].code == "file-unreadable"
    assert len(fake.requests) == asked


def test_case_when_a_file_is_empty_refuses_it_with_a_sentence(
    qtbot: QtBot, session: Session, fake: FakeEngine, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_bytes(b"")
    state = _made(qtbot, session)
    state.add_file(tmp_path / "note.txt")
    assert state.refusals["note.txt"].text("en").startswith("note.txt is empty.")
    assert not state.is_busy
    assert fake.cases[state.case_id].parts == ()


def test_case_when_a_part_is_removed_and_restored_is_whole_again(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    state = _made(qtbot, session, "note.txt", "xray.png")
    assert state.case is not None
    part = state.case.parts[0]
    with qtbot.waitSignal(state.settled):
        state.remove_part(part.part_id)
    assert state.case.present() == ("image",)
    with qtbot.waitSignal(state.settled):
        state.restore_part(part.part_id)
    assert set(state.case.present()) == {"text", "image"}


def test_case_when_another_is_opened_drops_answers_that_come_late(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    first = fake.add_case("first", example("note.txt"))
    second = fake.add_case("second")
    state = CaseState(session, session)
    fake.hold.clear()
    with qtbot.waitSignal(state.settled):
        state.open(first.case_id)
    state.predict()
    qtbot.waitUntil(lambda: f"POST /v1/cases/{first.case_id}/predict" in fake.requests)
    with qtbot.waitSignal(state.settled):
        state.open(second.case_id)
    fake.hold.set()
    qtbot.waitUntil(lambda: fake.cases[first.case_id].prediction is not None)
    assert state.case == second
    assert not state.predicting


def test_case_when_the_engine_is_away_waits_and_goes_on_when_it_is_back(qtbot: QtBot, project: Path) -> None:
    session = Session()
    state = CaseState(session, session)
    state.create("made before the engine")
    state.add_file(CLINIC / "note.txt")
    assert state.is_busy
    with FakeEngine(project).serving() as fake:
        with qtbot.waitSignal(state.settled):
            session.open(project)
        assert fake.cases[state.case_id].present() == ("text",)
    session.close()


def test_library_when_a_far_row_is_looked_at_reads_its_page_alone(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    for number in range(3 * PAGE):
        fake.add_case(f"case {number}")
    library = CaseLibrary(session, session)
    with qtbot.waitSignal(library.changed):
        library.read()
    assert library.total == 3 * PAGE
    assert library.row(2 * PAGE + 5) is None
    qtbot.waitUntil(lambda: library.row(2 * PAGE + 5) is not None)
    far = library.row(2 * PAGE + 5)
    assert far is not None
    assert far.title == f"case {3 * PAGE - 1 - (2 * PAGE + 5)}"
    assert fake.requests.count("GET /v1/cases") == 2


def test_library_when_searched_holds_only_what_matches(qtbot: QtBot, session: Session, fake: FakeEngine) -> None:
    fake.add_case("hand & foot")
    fake.add_case("chest")
    library = CaseLibrary(session, session)
    with qtbot.waitSignal(library.changed):
        library.look_for("hand & f", "")
    assert library.total == 1


def test_library_when_a_case_changes_shows_it_without_reading_the_list(
    qtbot: QtBot, session: Session, fake: FakeEngine
) -> None:
    case = fake.add_case("old name")
    library = CaseLibrary(session, session)
    with qtbot.waitSignal(library.changed):
        library.read()
    with qtbot.waitSignal(library.rows_changed):
        fake.keep(case.model_copy(update={"title": "new name"}))
    row = library.row(0)
    assert row is not None
    assert row.title == "new name"
