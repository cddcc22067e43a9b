"""The tabs of a case's parts, by keyboard: what is chosen is shown, and the focus stays where the person is."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.workbench.conftest import example
from tests.workbench.fakes.engine import FakeEngine
from workbench.rooms import Rooms
from workbench.views.case_detail import CaseView
from workbench.widgets.boxes import widgets_of
from workbench.widgets.case_viewer import CaseViewer


def _open(qtbot: QtBot, rooms: Rooms, fake: FakeEngine, *names: str) -> CaseViewer:
    case = fake.add_case("A", *map(example, names))
    rooms.window.go("case", case.case_id)
    place = rooms.window.place("case")
    assert isinstance(place, CaseView)
    qtbot.waitUntil(lambda: place.viewer.shown_part is not None)
    return place.viewer


def _tabs(viewer: CaseViewer) -> list[QPushButton]:
    return [tab for tab in widgets_of(viewer._tabs) if isinstance(tab, QPushButton)]


def test_tab_when_chosen_by_the_space_bar_shows_its_part_and_keeps_the_focus(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    viewer = _open(qtbot, rooms, fake, "note.txt", "xray.png")
    image, text = _tabs(viewer)
    assert text.isChecked()
    image.setFocus()
    qtbot.keyClick(image, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: viewer.shown_part is not None and viewer.shown_part.modality == "image")
    assert _tabs(viewer) == [image, text]
    assert image.hasFocus()
    assert [tab.isChecked() for tab in (image, text)] == [True, False]


def test_tabs_when_a_part_comes_and_another_goes_are_those_of_the_parts_in_their_order(
    qtbot: QtBot, rooms: Rooms, fake: FakeEngine
) -> None:
    viewer = _open(qtbot, rooms, fake, "note.txt")
    (text,) = _tabs(viewer)
    text.setFocus()
    (case,) = fake.cases.values()
    image = fake.decode(*example("xray.png"), None)
    fake.keep(case.model_copy(update={"parts": (*case.parts, image)}))
    qtbot.waitUntil(lambda: len(_tabs(viewer)) == 2)
    first, second = _tabs(viewer)
    assert second is text
    assert text.hasFocus()
    assert text.isChecked()
    qtbot.keyClick(text, Qt.Key.Key_Left)
    assert first.hasFocus()
    fake.keep(fake.cases[case.case_id].model_copy(update={"parts": (image,)}))
    qtbot.waitUntil(lambda: _tabs(viewer) == [first])
    assert first.isChecked()
