"""The report of a case as a file: whole or not at all, and said truly; the person's own view in words."""

from pathlib import Path

import pytest
from PySide6.QtCore import QSaveFile
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.schema.prediction import Partly
from tests.workbench.conftest import example
from tests.workbench.fakes.answers import LABELS, answer_for
from tests.workbench.fakes.engine import FakeEngine
from workbench.actions.report import CaseReport
from workbench.rooms import Rooms
from workbench.views.case_detail import CaseView


@pytest.fixture
def view(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> CaseView:
    """Return the case view on a case with a note."""
    case = fake.add_case("P-118", example("note.txt"))
    rooms.window.go("case", case.case_id)
    place = rooms.window.place("case")
    assert isinstance(place, CaseView)
    qtbot.waitUntil(lambda: place.drawn == "live")
    return place


def _choose(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_asked: (str(path), ""))


def test_report_when_its_folder_cannot_be_written_says_so_and_what_to_do(
    view: CaseView, rooms: Rooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nowhere" / "report.pdf"
    _choose(monkeypatch, path)
    view.save_report()
    assert rooms.toast.message.startswith(f"The report was not saved: {path} could not be written.")
    assert rooms.toast.action_text == "Save as PDF…"
    assert not path.exists()
    path.parent.mkdir()
    rooms.toast._action.click()
    assert rooms.toast.message == "The report was saved."
    written = path.read_bytes()
    assert written.startswith(b"%PDF")
    assert written.rstrip().endswith(b"%%EOF")


def test_report_when_it_cannot_be_completed_leaves_the_earlier_file_alone(
    view: CaseView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(b"the earlier one")
    monkeypatch.setattr(QSaveFile, "write", lambda _file, _data: -1)
    report = view.report()
    assert report is not None
    with pytest.raises(OSError, match="error"):
        report.save_pdf(path)
    assert path.read_bytes() == b"the earlier one"
    assert list(tmp_path.glob("report.pdf*")) == [path]


def test_report_when_the_own_view_is_not_sure_says_it_in_words(fake: FakeEngine, qapp: object) -> None:
    case = fake.add_case("a", example("note.txt"), own_view="unsure")
    case = case.model_copy(update={"prediction": answer_for(case, fake.models[0])})
    text = CaseReport(case, LABELS).text()
    assert "unsure" not in text
    assert "Own view\n  not sure\n" in text


def test_report_when_a_note_was_read_in_part_says_so_beside_the_answer(fake: FakeEngine, qapp: object) -> None:
    case = fake.add_case("a", example("note.txt"))
    partly = (Partly(part_id=case.parts[0].part_id, modality="text", read=224, whole=398),)
    told = answer_for(case, fake.models[0]).model_copy(update={"partly": partly})
    text = CaseReport(case.model_copy(update={"prediction": told}), LABELS).text()
    said = "The model read only the beginning of the note: 224 of 398 characters."
    assert said in text.partition("Why\n")[0]
