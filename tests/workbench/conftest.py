"""The window on a fake engine: a project folder, the engine that answers for it, and the furnished window."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from pytestqt.qtbot import QtBot

from engine.schema.places import assets
from tests.workbench.fakes.engine import FakeEngine
from workbench.app import Workbench
from workbench.rooms import Rooms
from workbench.state.session import Session
from workbench.views.case_detail import CaseView

CLINIC = assets() / "cases" / "clinic-01"


def example(name: str) -> tuple[str, bytes]:
    """Return a file of the first sample case as a fake engine's case takes it."""
    return name, (CLINIC / name).read_bytes()


@pytest.fixture(autouse=True)
def _no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test know the titles that another learnt."""
    monkeypatch.setattr("workbench.state.recipes._names", [])
    monkeypatch.setattr("workbench.state.domains._words", [])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return an empty project folder."""
    folder = tmp_path / "ward"
    folder.mkdir()
    return folder


@pytest.fixture
def fake(project: Path) -> Iterator[FakeEngine]:
    """Return an engine that answers for the project."""
    with FakeEngine(project).serving() as engine:
        yield engine


@pytest.fixture
def store(tmp_path: Path) -> QSettings:
    """Return preferences of a person who has none yet, in English."""
    made = QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat)
    made.setValue("language", "en")
    made.setValue("theme", "light")
    return made


@pytest.fixture
def session(qtbot: QtBot, fake: FakeEngine) -> Iterator[Session]:
    """Return a session that is attached to the fake engine."""
    made = Session()
    with qtbot.waitSignal(made.attached):
        made.open(fake.project)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def open_window(qtbot: QtBot, store: QSettings) -> Iterator[Callable[[Path | None], Rooms]]:
    """Return a function that opens the window on a project and waits until it can be used."""
    opened: list[Workbench] = []

    def open_on(project: Path | None) -> Rooms:
        made = Workbench(store, project)
        opened.append(made)
        made.window.show()
        qtbot.waitUntil(lambda: made.rooms is not None)
        made.window.activateWindow()
        qtbot.waitUntil(made.window.isActiveWindow)
        assert made.rooms is not None
        if project is not None:
            rooms = made.rooms
            qtbot.waitUntil(lambda: rooms.session.is_live)
        return made.rooms

    yield open_on
    for made in opened:
        if made.rooms is not None:
            made.rooms.session.close()
        made.languages.switch("en")
        made.window.close()
        made.window.deleteLater()
        made.deleteLater()


@pytest.fixture
def rooms(open_window: Callable[[Path | None], Rooms], fake: FakeEngine) -> Rooms:
    """Return the furnished window on the fake engine."""
    return open_window(fake.project)


@pytest.fixture
def view(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> CaseView:
    """Return the case view on a case with a note and a picture."""
    case = fake.add_case("P-118", example("note.txt"), example("xray.png"))
    rooms.window.go("case", case.case_id)
    place = rooms.window.place("case")
    assert isinstance(place, CaseView)
    qtbot.waitUntil(lambda: place.drawn == "live" and place.viewer.shown_part is not None)
    return place
