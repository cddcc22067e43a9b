"""The frame: what is loaded when, both languages and schemes, names for every control, one window alone."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.conftest import ROOT
from tests.workbench.conftest import example
from tests.workbench.fakes.engine import FakeEngine
from workbench.actions.projects import Projects
from workbench.icons import has_icon
from workbench.main_window import VIEWS
from workbench.rooms import Rooms
from workbench.theme import TOKENS, theme

_START = """
import json, sys
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from workbench.app import Workbench
app = QApplication([])
workbench = Workbench(QSettings(sys.argv[1], QSettings.Format.IniFormat), None)
before = []
def on_first_drawn():
    before.extend(sys.modules)
workbench.window.first_drawn.disconnect()
workbench.window.first_drawn.connect(on_first_drawn)
workbench.window.first_drawn.connect(workbench._on_window_first_drawn)
def on_furnished():
    for view_id in ("home", "cases", "case", "training", "models"):
        workbench.window.go(view_id)
    print(json.dumps([before, list(sys.modules)]))
    app.quit()
workbench.furnished.connect(on_furnished)
workbench.window.show()
app.exec()
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], set[str]]:
    """Return the modules loaded at the first frame, and with every place open, in a fresh process."""
    settings = tmp_path_factory.mktemp("start") / "s.ini"
    done = subprocess.run(
        [sys.executable, "-c", _START, str(settings)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=dict(os.environ),
        check=True,
    )
    before, after = json.loads(done.stdout.strip().splitlines()[-1])
    return set(before), set(after)


@pytest.mark.parametrize("name", ["pydantic", "numpy", "pyqtgraph", "qtawesome", "superqt", "PySide6.QtNetwork"])
def test_window_when_first_drawn_has_loaded_qt_alone(loaded: tuple[set[str], set[str]], name: str) -> None:
    assert "PySide6.QtWidgets" in loaded[0]
    assert name not in loaded[0]


@pytest.mark.parametrize("name", ["torch", "torchaudio", "transformers", "PIL", "sqlite3", "sqlalchemy", "soundfile"])
def test_window_when_every_place_is_open_has_never_loaded_the_engines_libraries(
    loaded: tuple[set[str], set[str]], name: str
) -> None:
    assert "workbench.views.models" in loaded[1]
    assert name not in loaded[1]


@pytest.mark.parametrize("name", ["engine.store", "engine.service", "engine.jobs", "engine.model"])
def test_window_when_every_place_is_open_knows_the_schema_alone(loaded: tuple[set[str], set[str]], name: str) -> None:
    assert not {module for module in loaded[1] if module == name or module.startswith(f"{name}.")}


def _icon_names() -> Iterator[str]:
    for path in sorted((ROOT / "workbench").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("icon", "icon_button", "EmptyState")
            first = node.args[0] if named and isinstance(node, ast.Call) and node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
    yield from (entry.icon for entry in VIEWS)


def test_icons_when_named_in_the_code_exist_in_the_family(qapp: QApplication) -> None:
    names = set(_icon_names())
    assert len(names) > 20
    assert [name for name in names if not has_icon(name)] == []


def test_controls_when_they_show_an_icon_alone_have_a_name(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    case = fake.add_case("named", example("note.txt"), example("xray.png"))
    rooms.window.go("case", case.case_id)
    qtbot.waitUntil(lambda: rooms.window.places["case"].drawn == "live")
    seen = 0
    for view_id in ("home", "cases", "case", "models", "training"):
        rooms.window.go(view_id)
        shown = [made for made in rooms.window.findChildren(QAbstractButton) if made.isVisible() and made.focusPolicy()]
        seen += len(shown)
        assert [made for made in shown if not made.text() and not made.accessibleName()] == []
    assert seen > 50


def test_controls_when_tabbed_to_can_be_reached_by_keyboard(qtbot: QtBot, rooms: Rooms) -> None:
    rooms.window.go("home")
    reached: set[QWidget] = set()
    for _ in range(60):
        qtbot.keyClick(rooms.window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        if focused is not None:
            reached.add(focused)
    rail = set(rooms.window._rail_buttons.values())  # one group: the arrow keys move inside it
    wanted = [made for made in rooms.window.findChildren(QAbstractButton) if made.isVisible() and made.isEnabled()]
    assert wanted
    missed = [made for made in wanted if made not in reached and made not in rail and made.focusPolicy()]
    assert [made.text() or made.accessibleName() for made in missed] == []
    assert rail & reached


def test_language_when_switched_reaches_every_open_place_at_once(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    for view_id in ("case", "cases", "training", "models", "home"):
        rooms.window.go(view_id)
    rooms.window.top.language_toggled.emit()
    assert rooms.preferences.language == "zh"
    rail = rooms.window._rail_buttons.values()
    qtbot.waitUntil(lambda: [made.text() for made in rail] == ["主页", "病例", "训练", "模型"])
    assert rooms.window.places["cases"].title.text() == "病例"
    assert rooms.window.top.light.word == "引擎就绪"
    assert rooms.actions.action("case.new").text() == "新建病例"
    rooms.window.top.language_toggled.emit()
    qtbot.waitUntil(lambda: rooms.window.places["cases"].title.text() == "Cases")


def test_scheme_when_switched_changes_colours_and_is_remembered(qtbot: QtBot, rooms: Rooms) -> None:
    with qtbot.waitSignal(theme().changed):
        rooms.window.top.theme_toggled.emit()
    assert rooms.preferences.theme == "dark"
    assert rooms.window.palette().window().color().name().upper() == TOKENS["dark"]["surface0"]
    rooms.set_theme("light")
    assert theme().scheme == "light"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("ink", ["ink1", "ink2", "ink3", "accent", "good", "care", "stop", "text", "image", "audio"])
def test_colours_when_written_on_a_card_have_contrast(scheme: str, ink: str) -> None:
    def luminance(name: str) -> float:
        parts = [int(name[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for ground in ("surface0", "surface1"):
        high, low = sorted((luminance(TOKENS[scheme][ink]), luminance(TOKENS[scheme][ground])), reverse=True)
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_places_when_opened_show_no_window_of_their_own(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    class Watch(QObject):
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[str] = []

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                self.seen.append(type(watched).__name__)
            return False

    watch = Watch()
    QApplication.instance().installEventFilter(watch)  # type: ignore[union-attr]
    for view_id in ("case", "cases", "training", "models"):
        rooms.window.go(view_id)
    QApplication.instance().removeEventFilter(watch)  # type: ignore[union-attr]
    assert watch.seen == []


def test_labels_when_they_show_data_never_read_it_as_markup(qtbot: QtBot, rooms: Rooms, fake: FakeEngine) -> None:
    fake.add_case("<b>x</b><img src='file:///etc/hostname'>", example("note.txt"))
    rooms.window.go("home")
    qtbot.waitUntil(lambda: any("<b>" in label.text() for label in rooms.window.findChildren(QLabel)))
    shown = [label for label in rooms.window.findChildren(QLabel) if "<b>" in label.text()]
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in shown)


def test_simple_view_when_on_hides_the_builders_places(rooms: Rooms) -> None:
    rooms.preferences.simple_view = True
    assert not rooms.window._rail_buttons["training"].isVisible()
    assert rooms.window._rail_buttons["cases"].isVisible()
    rooms.preferences.simple_view = False
    assert rooms.window._rail_buttons["training"].isVisible()


def test_window_when_reopened_comes_back_to_its_place(
    open_window: Callable[[Path | None], Rooms], rooms: Rooms, fake: FakeEngine
) -> None:
    rooms.window.go("cases")
    again = open_window(fake.project)
    assert again.window.place_id == "home"  # a project that is opened begins at Home
    assert again.preferences.recent_projects == [fake.project]


def test_actions_when_listed_have_words_and_no_shortcut_twice(rooms: Rooms) -> None:
    actions = rooms.actions.every()
    assert all(action.title() for action in actions)
    shortcuts = [action.shortcut for action in actions if action.shortcut]
    assert len(shortcuts) == len(set(shortcuts))
    with pytest.raises(ValueError, match="there already"):
        rooms.actions.add(actions[0])


@pytest.mark.parametrize("stays", [True, False])
def test_window_when_a_person_closes_it_asks_what_shall_become_of_a_run(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    asked: list[object] = []

    def may_close(session: object, _parent: object) -> bool:
        asked.append(session)
        return not stays

    monkeypatch.setattr("workbench.dialogs.closing.may_close", may_close)
    monkeypatch.setattr(QCloseEvent, "spontaneous", lambda _event: True)
    event = QCloseEvent()
    rooms.window.closeEvent(event)
    assert asked == [rooms.session]
    assert event.isAccepted() is not stays


@pytest.mark.parametrize("stays", [True, False])
def test_window_when_a_person_quits_by_shortcut_asks_the_same_question(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    monkeypatch.setattr("workbench.dialogs.closing.may_close", lambda _session, _parent: not stays)
    rooms.window.show()
    rooms.actions.run("app.quit")
    assert rooms.window.isVisible() is stays


@pytest.mark.parametrize("view_id", ["cases", "case", "training", "models", "knowledge"])
def test_place_when_no_project_is_open_says_so_and_offers_one(
    open_window: Callable[[Path | None], Rooms], view_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(Projects, "open", lambda _projects: asked.append(True))
    rooms = open_window(None)
    rooms.window.go(view_id)
    place = rooms.window.place(view_id)
    assert place.no_project.isVisible()
    assert place.no_project.sentence.text() == "Open a project first."
    assert [made.text() for made in place.findChildren(QPushButton) if made.isVisible() and made.isEnabled()] == [
        "Open project…"
    ]
    place.no_project.action.click()
    assert asked


def test_place_when_a_project_is_opened_shows_its_own_state(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], fake: FakeEngine
) -> None:
    rooms = open_window(None)
    rooms.window.go("cases")
    place = rooms.window.place("cases")
    rooms.use_project(fake.project)
    rooms.window.go("cases")
    qtbot.waitUntil(lambda: place.drawn == "empty" and place.empty.isVisible())
    assert not place.no_project.isVisible()
