"""The window on the real engine: it starts one, keeps a dropped case, imports a table, and finds all of it again."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.schema.base import new_id
from engine.schema.command import Command, Health
from engine.schema.knowledge import KnowledgeVersions
from tests.workbench.conftest import CLINIC
from tests.workbench.drops import drop
from workbench.rooms import Rooms
from workbench.views.case_detail import CaseView
from workbench.views.cases import CasesView
from workbench.views.knowledge import KnowledgeView

pytestmark = pytest.mark.end_to_end
START_MS = 60_000


@pytest.fixture
def engine_window(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], project: Path
) -> Iterator[Callable[[], Rooms]]:
    """Return a function that opens the window on the project; the engine it started is told to end."""
    opened: list[Rooms] = []

    def open_on() -> Rooms:
        rooms = open_window(None)
        rooms.use_project(project)
        qtbot.waitUntil(lambda: rooms.session.is_live, timeout=START_MS)
        opened.append(rooms)
        return rooms

    yield open_on
    rooms = opened[-1]
    ended: list[Health] = []
    rooms.session.client.post("/v1/shutdown", Command(command_id=new_id("end")), Health, ended.append)
    qtbot.waitUntil(lambda: bool(ended))
    process = opened[0].session.process._process
    if process is not None:
        process.wait(20)


def test_case_when_dropped_is_decoded_kept_and_there_again_for_another_window(
    qtbot: QtBot, engine_window: Callable[[], Rooms]
) -> None:
    rooms = engine_window()
    assert rooms.session.health is not None
    drop(rooms.window, sorted(CLINIC.iterdir()))
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    qtbot.waitUntil(lambda: view.state.case is not None and len(view.state.case.readable()) == 3, timeout=START_MS)
    qtbot.waitUntil(lambda: not view.state.is_busy)
    assert view.state.case is not None
    assert view.state.case.parts[0].facts.seconds == pytest.approx(2.4, abs=0.1)
    kept = view.state.case
    rooms.session.close()
    again = engine_window()
    again.window.go("case", kept.case_id)
    other = again.window.place("case")
    assert isinstance(other, CaseView)
    qtbot.waitUntil(lambda: other.state.case is not None)
    assert other.state.case == kept


def test_file_when_it_is_not_what_it_is_named_stays_with_its_sentence(
    qtbot: QtBot, engine_window: Callable[[], Rooms], tmp_path: Path
) -> None:
    lie = tmp_path / "photo.png"
    lie.write_text("I am a text.", encoding="utf-8")
    rooms = engine_window()
    drop(rooms.window, [lie])
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    card = view.inputs.cards["image"]
    qtbot.waitUntil(lambda: card.property("tone") == "care", timeout=START_MS)
    assert card.rows[0]._doubt.text().startswith("photo.png is named like")


def test_table_when_dropped_is_imported_and_what_is_missing_is_listed(
    qtbot: QtBot, engine_window: Callable[[], Rooms], tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_bytes((CLINIC / "xray.png").read_bytes())
    rows = [
        "case_id,text,image,image_findings,label,split",
        "r1,cough,a.png,patch; wide heart,flu,train",
        "r2,fever,gone.png,none,cold,train",
        "r3,rash,,,flu,val",
    ]
    table = tmp_path / "cases.csv"
    table.write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "knowledge.yaml").write_text("labels: {flu: High fever.}\n", encoding="utf-8")
    rooms = engine_window()
    drop(rooms.window, [table])
    wizard = rooms.importing.wizard
    assert wizard is not None
    qtbot.waitUntil(lambda: wizard.state.phase == "planned", timeout=START_MS)
    assert "3 rows, read as" in wizard.words
    assert "Image findings (image_findings): patch in 1 of 2; wide heart in 1 of 2" in wizard.words
    assert "Where a cell of these is empty, nobody looked." in wizard.words
    wizard.go_on.click()
    qtbot.waitUntil(lambda: wizard.state.phase == "done", timeout=START_MS)
    assert "gone.png" in wizard.problems.toPlainText()
    assert "no image finding called patch, wide heart" in wizard.problems.toPlainText()
    wizard.go_on.click()
    view = rooms.window.place("cases")
    assert isinstance(view, CasesView)
    qtbot.waitUntil(lambda: view.library.total == 3)
    assert rooms.window.place_id == "cases"
    assert wizard.state.job is not None
    kept: list[KnowledgeVersions] = []
    path = f"/v1/datasets/{wizard.state.job.result['dataset']}/knowledge"
    rooms.session.client.get(path, KnowledgeVersions, kept.append)
    qtbot.waitUntil(lambda: bool(kept), timeout=START_MS)
    assert [(one.version, one.labels) for one in kept[0].versions] == [(1, 1)]


def test_table_of_0_and_1_when_read_says_which_columns_are_labels_and_can_be_read_otherwise(
    qtbot: QtBot, engine_window: Callable[[], Rooms], tmp_path: Path
) -> None:
    table = tmp_path / "findings.csv"
    table.write_text("case_id,text,edema,mass\nr1,wet,1,1\nr2,dry,0,0\nr3,round,,1\n", encoding="utf-8")
    rooms = engine_window()
    drop(rooms.window, [table])
    wizard = rooms.importing.wizard
    assert wizard is not None
    qtbot.waitUntil(lambda: wizard.state.phase == "planned", timeout=START_MS)
    assert "Each of these columns of 0 and 1 is a label: edema, mass" in wizard.words
    assert wizard.several.isChecked()
    assert "Row 4 has no answer" in wizard.problems.toPlainText()
    wizard.several.click()
    qtbot.waitUntil(lambda: wizard.state.phase == "failed", timeout=START_MS)
    assert "no column `label`" in wizard.words
    assert wizard.several.isVisible()
    wizard.several.click()
    qtbot.waitUntil(lambda: wizard.state.phase == "planned", timeout=START_MS)
    wizard.go_on.click()
    qtbot.waitUntil(lambda: wizard.state.phase == "done", timeout=START_MS)
    assert wizard.words == "2 cases came in."
    qtbot.waitUntil(lambda: bool(rooms.session.project and rooms.session.project.datasets), timeout=START_MS)
    assert rooms.session.project is not None
    assert rooms.session.project.datasets[0].answers == "several"


def test_knowledge_file_when_written_in_the_editor_is_checked_and_kept_by_the_engine(
    qtbot: QtBot, engine_window: Callable[[], Rooms], tmp_path: Path
) -> None:
    table = tmp_path / "cases.csv"
    table.write_text("case_id,text,label,split\nr1,cough,flu,train\nr2,fever,cold,train\n", encoding="utf-8")
    rooms = engine_window()
    drop(rooms.window, [table])
    wizard = rooms.importing.wizard
    assert wizard is not None
    qtbot.waitUntil(lambda: wizard.state.phase == "planned", timeout=START_MS)
    wizard.go_on.click()
    qtbot.waitUntil(lambda: wizard.state.phase == "done", timeout=START_MS)
    wizard.go_on.click()
    qtbot.waitUntil(lambda: rooms.session.project is not None and bool(rooms.session.project.datasets))
    rooms.actions.run("training.knowledge")
    view = rooms.window.place("knowledge")
    assert isinstance(view, KnowledgeView)
    qtbot.waitUntil(lambda: view.drawn == "live", timeout=START_MS)
    view.start.labels.click()
    qtbot.waitUntil(lambda: view.side.report is not None, timeout=START_MS)
    assert view.side.report is not None
    assert (view.side.report.labels, view.side.report.faults) == (2, ())
    view.editor.replace_text(view.editor.toPlainText().replace("  flu:", "  influenza:"))
    qtbot.waitUntil(lambda: bool(view.side.faults.rows), timeout=START_MS)
    assert "no label `influenza`" in view.side.faults.rows[0].happened.text()
    view.tools.undo.click()
    qtbot.waitUntil(lambda: not view.side.faults.rows, timeout=START_MS)
    with qtbot.waitSignal(view.saved, timeout=START_MS):
        view.save_button.click()
    qtbot.waitUntil(lambda: view.tools.versions.count() == 1)
    with qtbot.waitSignal(view.state.refused, timeout=START_MS) as refused:
        view.state.load(7)
    assert refused.args is not None
    assert refused.args[0].code == "knowledge-none"
    view.state.save(view.editor.toPlainText() + "# older\n", 0)
    qtbot.waitUntil(lambda: view.question.asked == "conflict", timeout=START_MS)


def test_window_when_its_project_was_deleted_and_made_anew_talks_to_an_engine_of_the_new_one(
    qtbot: QtBot, engine_window: Callable[[], Rooms], project: Path
) -> None:
    rooms = engine_window()
    assert rooms.session.health is not None
    before = rooms.session.health.pid
    rooms.session.close()
    shutil.rmtree(project)
    project.mkdir()
    again = engine_window()
    assert again.session.health is not None
    assert again.session.health.pid != before


def test_window_when_its_project_is_deleted_says_so_and_does_not_make_it_again(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], project: Path
) -> None:
    rooms = open_window(None)
    rooms.use_project(project)
    qtbot.waitUntil(lambda: rooms.session.is_live, timeout=START_MS)
    shutil.rmtree(project)
    qtbot.waitUntil(lambda: rooms.session.light == "failed", timeout=START_MS)
    assert rooms.session.problem is not None
    assert rooms.session.problem.code == "project-not-found"
    assert not project.exists()
