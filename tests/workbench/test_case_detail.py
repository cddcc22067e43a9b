"""One case in the window: own view first, undo, stale answers, typed notes, cards, the report."""

from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.workbench.conftest import CLINIC
from tests.workbench.drops import drop
from tests.workbench.fakes.engine import FakeEngine
from workbench.main_window import SMALLEST
from workbench.rooms import Rooms
from workbench.theme import theme
from workbench.views.case_detail import CaseView


def _answer(qtbot: QtBot, view: CaseView) -> None:
    view.preferences.own_view_first = False
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "answer")


def test_answer_when_own_view_comes_first_is_covered_until_it_is_given(
    qtbot: QtBot, view: CaseView, fake: FakeEngine
) -> None:
    qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: view.result.shown == "covered")
    assert not view.routing.isVisible()
    question = view.result.question
    assert not question.save.isEnabled()
    question.choices["asthma"].setChecked(True)
    question.save.click()
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    assert view.routing.isVisible()
    assert fake.cases[view.state.case_id].own_view == "asthma"
    assert view.result.answer.own.text() == "Your own view: Asthma. It agrees."
    assert view.result.answer.headline.text() == "Unclear: Pneumonia or Asthma"


def test_answer_when_the_question_is_skipped_is_shown_and_no_view_is_kept(
    qtbot: QtBot, view: CaseView, fake: FakeEngine
) -> None:
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "covered")
    view.result.question.skip.click()
    assert view.result.shown == "answer"
    assert view.routing.isVisible()
    assert fake.cases[view.state.case_id].own_view == ""


def test_answer_when_the_site_asks_for_no_own_view_any_more_is_shown_with_who_worked_on_it(
    qtbot: QtBot, view: CaseView
) -> None:
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "covered")
    view.preferences.own_view_first = False
    assert view.result.shown == "answer"
    assert view.routing.isVisible()


def test_answer_when_shown_stamps_the_synthetic_and_draws_every_number(qtbot: QtBot, view: CaseView) -> None:
    _answer(qtbot, view)
    answer = view.result.answer
    assert answer.synthetic.isVisible()
    assert answer.synthetic.text().startswith("Synthetic demo")
    assert [bar.percent() for bar in answer.bars.bars] == ["54 %", "38 %", "5 %", "3 %"]
    assert "54 %" in answer.bars.accessibleName()
    assert [row.modality for row in answer.relied.rows] == ["text", "image"]
    assert view.routing.isVisible()
    assert view.routing.table.rowCount() == 16


def test_answer_when_another_model_is_chosen_is_folded_and_says_so(
    qtbot: QtBot, view: CaseView, rooms: Rooms, fake: FakeEngine
) -> None:
    _answer(qtbot, view)
    fake.models.append(fake.models[0].model_copy(update={"model_id": "model-other"}))
    rooms.session.use_model("model-other")
    answer = view.result.answer
    qtbot.waitUntil(answer.stale_banner.isVisible)
    assert answer._stale_said.text() == "This answer is by another model than the one in use."
    assert not answer.whole.isVisible()
    assert not view.routing.isVisible()


def test_answer_when_not_sure_keeps_the_chances_folded_until_asked_for(
    qtbot: QtBot, rooms: Rooms, view: CaseView, fake: FakeEngine
) -> None:
    rooms.preferences.own_view_first = False
    view.start_case("One note", (CLINIC / "note.txt",))
    qtbot.waitUntil(lambda: view.result.shown == "answer")
    answer = view.result.answer
    assert answer.headline.text() == "Not sure – no suggestion"
    assert not answer.bars.isVisible()
    assert not answer.relied.isVisible()
    assert answer.chances.text() == "Show the chances anyway"
    report = view.report()
    assert report is not None
    assert "Not sure" in report.text()
    assert "%" not in report.text()
    assert "Pneumonia" not in report.text()
    answer.chances.click()
    assert answer.bars.isVisible()
    assert not any(bar.in_set for bar in answer.bars.bars)
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "answer" and not view.state.is_busy)
    assert not answer.bars.isVisible()


def test_part_when_removed_makes_the_answer_stale_and_undo_brings_it_back(
    qtbot: QtBot, view: CaseView, rooms: Rooms, fake: FakeEngine
) -> None:
    _answer(qtbot, view)
    (row,) = view.inputs.cards["image"].rows
    row.remove_wanted.emit(row.part.part_id)
    qtbot.waitUntil(lambda: fake.cases[view.state.case_id].present() == ("text",))
    qtbot.waitUntil(view.result.answer.stale_banner.isVisible)
    assert view.result.answer._stale_said.text() == "This answer is for other inputs than those of now."
    assert rooms.toast.message == "Removed xray.png."
    assert not view.result.answer.whole.isVisible()
    assert not view.routing.isVisible()
    view.result.answer.earlier.click()
    assert view.result.answer.headline.isVisible()
    assert view.result.answer.headline.property("tone") == "hint"
    qtbot.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: set(fake.cases[view.state.case_id].present()) == {"text", "image"})
    qtbot.waitUntil(lambda: not view.result.answer.stale_banner.isVisible())
    assert view.result.answer.headline.property("tone") == ""
    assert view.routing.isVisible()
    view.changes.redo()
    qtbot.waitUntil(lambda: fake.cases[view.state.case_id].present() == ("text",))


def test_note_when_typed_becomes_a_part_and_is_used_by_run(
    qtbot: QtBot, rooms: Rooms, view: CaseView, fake: FakeEngine
) -> None:
    rooms.new_case()
    qtbot.waitUntil(lambda: view.state.case is not None and not view.state.case.parts)
    card = view.inputs.cards["text"]
    qtbot.keyClicks(card.editor, "cough for three days")
    assert card.keep.isVisible()
    assert view.inputs.run.isEnabled()
    assert view.inputs._reason.text().startswith("1 of 3 kinds of input.")
    assert view.result.hint.startswith("Ready.")
    view.inputs.run.click()
    qtbot.waitUntil(lambda: view.state.case is not None and view.state.case.prediction is not None)
    assert view.state.case is not None
    (part,) = view.state.case.parts
    assert part.decoded is not None
    assert fake.blobs[part.decoded] == b"cough for three days"


def test_note_when_taken_back_letter_by_letter_cannot_be_run(qtbot: QtBot, rooms: Rooms, view: CaseView) -> None:
    rooms.new_case()
    qtbot.waitUntil(lambda: view.state.case is not None and not view.state.case.parts)
    view.inputs.cards["text"].editor.setPlainText("cough")
    assert view.inputs.run.isEnabled()
    view.inputs.cards["text"].editor.setPlainText("  ")
    assert not view.inputs.run.isEnabled()
    assert view.inputs._reason.text() == "Add a note, a picture or a recording first."
    assert view.result.hint.startswith("Add a note")


def test_editor_when_empty_has_a_border_that_can_be_seen(qtbot: QtBot, rooms: Rooms, view: CaseView) -> None:
    rooms.new_case()
    editor = view.inputs.cards["text"].editor
    qtbot.waitUntil(editor.isVisible)
    drawn = editor.grab().toImage()
    edge, inside = drawn.pixelColor(drawn.width() // 2, 0), drawn.pixelColor(drawn.width() // 2, 4)
    assert edge == theme().color("line")
    assert inside == theme().color("surface1")


def test_card_when_a_file_is_dropped_on_it_replaces_its_only_part(
    qtbot: QtBot, view: CaseView, fake: FakeEngine
) -> None:
    before = view.inputs.cards["text"].rows[0].part.part_id
    other = CLINIC.parent / "clinic-02" / "note.txt"
    assert drop(view.inputs.cards["text"], [other])
    qtbot.waitUntil(lambda: [row.part.part_id for row in view.inputs.cards["text"].rows] != [before])
    assert view.state.case is not None
    assert len(view.state.case.parts) == 2
    view.changes.undo()
    qtbot.waitUntil(lambda: [row.part.part_id for row in view.inputs.cards["text"].rows] == [before])


def test_card_when_a_file_is_damaged_turns_amber_with_a_sentence(
    qtbot: QtBot, view: CaseView, tmp_path: Path, fake: FakeEngine
) -> None:
    bad = tmp_path / "cough.wav"
    bad.write_bytes(b"damaged")
    card = view.inputs.cards["audio"]
    drop(card, [bad])
    qtbot.waitUntil(lambda: bool(card.rows))
    assert card.property("tone") == "care"
    assert card.rows[0]._doubt.text().startswith("cough.wav is damaged")


def test_engine_when_it_refuses_to_answer_is_told_and_the_case_stays(
    qtbot: QtBot, view: CaseView, rooms: Rooms, fake: FakeEngine
) -> None:
    from engine.schema.errors import ErrorBody

    fake.refuse["POST .*/predict"] = ErrorBody(code="busy", parameters={"what": "predictor"})
    view.run()
    qtbot.waitUntil(lambda: rooms.toast.message.startswith("The engine is still preparing"))
    assert view.result.shown == "hint"
    assert view.inputs.run.isEnabled()


def test_run_when_pressed_while_waiting_stops_waiting(qtbot: QtBot, view: CaseView, fake: FakeEngine) -> None:
    fake.hold.clear()
    view.run()
    assert view.result.shown == "waiting"
    assert view.inputs.run.text() == "Stop waiting"
    view.run()
    assert view.result.shown == "hint"
    fake.hold.set()


def test_name_when_edited_is_kept_and_undone(qtbot: QtBot, view: CaseView, fake: FakeEngine) -> None:
    view.name.setText("Second visit")
    view.name.editingFinished.emit()
    qtbot.waitUntil(lambda: fake.cases[view.state.case_id].title == "Second visit")
    qtbot.waitUntil(lambda: not view.state.is_busy)
    view.changes.undo()
    qtbot.waitUntil(lambda: fake.cases[view.state.case_id].title == "P-118")


def test_case_when_begun_while_the_engine_is_away_shows_nothing_of_the_one_before(
    qtbot: QtBot, view: CaseView, rooms: Rooms, fake: FakeEngine
) -> None:
    fake.keep(fake.cases[view.state.case_id].model_copy(update={"group": "ward 4"}))
    qtbot.waitUntil(lambda: view.inputs.group.text() == "ward 4")
    before = view.state.case_id
    view.name.setFocus()
    fake.stop()
    qtbot.waitUntil(lambda: not rooms.session.is_live)
    view.start_case("Second person", (CLINIC / "note.txt",))
    assert view.name.text() == "Second person"
    assert view.inputs.group.text() == ""
    assert view.viewer.shown_part is None
    fake.start()
    qtbot.waitUntil(lambda: "Second person" in [case.title for case in fake.cases.values()])
    assert fake.cases[view.state.case_id].title == "Second person"
    assert fake.cases[before].title == "P-118"


def test_case_when_put_into_the_trash_comes_back_by_the_toast(
    qtbot: QtBot, view: CaseView, rooms: Rooms, fake: FakeEngine
) -> None:
    case_id = view.state.case_id
    view._delete.click()
    qtbot.waitUntil(lambda: case_id not in fake.cases and rooms.toast.action_text == "Undo")
    assert rooms.window.place_id == "cases"
    rooms.toast._action.click()
    qtbot.waitUntil(lambda: case_id in fake.cases)


def test_tabs_when_chosen_show_the_decoded_bytes(qtbot: QtBot, view: CaseView) -> None:
    text = next(part for part in view.viewer._parts if part.modality == "text")
    view.viewer.choose(text.part_id)
    qtbot.waitUntil(lambda: view.viewer.shown_part == text)
    assert view.viewer.note.toPlainText() == (CLINIC / "note.txt").read_text(encoding="utf-8")


def test_hint_of_the_picture_when_the_window_is_of_usual_size_is_whole(qtbot: QtBot, view: CaseView) -> None:
    image = next(part for part in view.viewer._parts if part.modality == "image")
    view.viewer.choose(image.part_id)
    qtbot.waitUntil(lambda: view.viewer.shown_part == image)
    hint = view.viewer.picture._hint
    assert hint.text() == "wheel: zoom · right-drag: contrast"
    qtbot.waitUntil(lambda: hint.height() >= hint.heightForWidth(hint.width()))


def test_token_when_pointed_at_marks_its_place_in_the_picture(qtbot: QtBot, view: CaseView) -> None:
    _answer(qtbot, view)
    assert view.state.case is not None
    assert view.state.case.prediction is not None
    image = next(part for part in view.viewer._parts if part.modality == "image")
    view.viewer.choose(image.part_id)
    qtbot.waitUntil(lambda: view.viewer.shown_part == image)
    span = next(span for span in view.state.case.prediction.routing.spans if span.modality == "image")
    view.routing.token_pointed.emit(span)
    assert view.viewer.picture.canvas.marked == span.box
    view.routing.token_pointed.emit(None)
    assert view.viewer.picture.canvas.marked is None


def test_report_when_copied_holds_answer_numbers_and_the_research_use_line(qtbot: QtBot, view: CaseView) -> None:
    _answer(qtbot, view)
    view.copy_report()
    text = QGuiApplication.clipboard().text()
    assert "Unclear: Pneumonia or Asthma" in text
    assert "Pneumonia: 54 %" in text
    assert view.state.case_id in text
    assert view.state.case is not None
    assert view.state.case.prediction is not None
    for at in (datetime.now(UTC), view.state.case.prediction.at):
        assert f"{at.astimezone():%y}" in text
    assert "Report of " in text
    assert "Given on " in text
    assert "not checked on your site" in text
    assert "What it relied on for “Pneumonia”" in text
    assert "spoke strongly for it (odds × 6.7)" in text
    assert "Odds are the chance that “Pneumonia” is right" in text
    assert view.result.answer.relied.toolTip().startswith("Odds are the chance")
    assert "Synthetic demo" in text
    assert text.rstrip().endswith("Do not use to decide on a patient's care.")


def test_report_when_a_name_holds_markup_prints_it_letter_by_letter(
    qtbot: QtBot, view: CaseView, fake: FakeEngine, tmp_path: Path
) -> None:
    fake.keep(fake.cases[view.state.case_id].model_copy(update={"title": "<b>bold</b> & <img src=x>"}))
    qtbot.waitUntil(lambda: view.state.case is not None and view.state.case.title.startswith("<b>"))
    report = view.report()
    assert report is not None
    assert "<b>bold</b> & <img src=x>" in report.document().toPlainText()
    path = tmp_path / "report.pdf"
    assert report.save_pdf(path) >= 1
    assert path.read_bytes().startswith(b"%PDF")


def test_window_when_narrow_folds_the_answer_under_the_middle(qtbot: QtBot, view: CaseView, rooms: Rooms) -> None:
    assert view.columns.count() == 3
    rooms.window.resize(1024, 700)
    qtbot.waitUntil(lambda: view.columns.is_folded)
    _answer(qtbot, view)
    assert view.columns.result_card.isAncestorOf(view.routing)
    rooms.window.resize(1300, 800)
    qtbot.waitUntil(lambda: not view.columns.is_folded)
    assert not view.columns.result_card.isAncestorOf(view.routing)
    qtbot.waitUntil(view.routing.isVisible)


def test_question_when_the_window_is_smallest_keeps_its_buttons_in_sight(
    qtbot: QtBot, view: CaseView, rooms: Rooms
) -> None:
    rooms.window.resize(SMALLEST)
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "covered" and view.result.question.save.isVisible())
    for made in (view.result.question.save, view.result.question.skip):
        assert made.visibleRegion().boundingRect() == made.rect()


def test_answer_when_another_page_was_scrolled_begins_with_its_outcome(
    qtbot: QtBot, view: CaseView, rooms: Rooms
) -> None:
    rooms.window.resize(SMALLEST)
    _answer(qtbot, view)
    bar = view.columns._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    view.run()
    qtbot.waitUntil(lambda: view.result.shown == "answer" and not view.state.is_busy)
    assert bar.value() == 0
