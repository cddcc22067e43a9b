"""The composition root: the frame first, and everything else after it stands on the screen."""

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QSettings, QTimer, Signal, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from engine.schema.places import assets
from workbench.i18n import Languages, chinese_can_be_drawn, language
from workbench.icons import load_icons
from workbench.main_window import MainWindow
from workbench.state.settings import Preferences
from workbench.theme import theme

if TYPE_CHECKING:
    from workbench.rooms import Rooms

_WARM_MS: Final = 300


class Workbench(QObject):
    """The running window with all that belongs to it.

    Signals:
        furnished: the places are there and can be used.
    """

    furnished = Signal()

    def __init__(self, store: QSettings, project: Path | None, make_demo: bool = False) -> None:
        super().__init__()
        self._make_demo = make_demo
        self.preferences = Preferences(store, self)
        self.languages = Languages(self)
        self.languages.switch(self.preferences.language)
        theme().set_percent(self.preferences.text_percent)
        theme().install(self.preferences.theme)
        self._project = project
        self.rooms: Rooms | None = None
        self.window = MainWindow(self.preferences)
        self.window.first_drawn.connect(self._on_window_first_drawn)
        self.window.top.language_toggled.connect(self._on_top_language_toggled)
        self.window.top.theme_toggled.connect(self._on_top_theme_toggled)
        self.preferences.changed.connect(self._on_preferences_changed)

    @Slot()
    def _on_window_first_drawn(self) -> None:
        """Bring in what costs time: icons, messages, network, the places."""
        load_icons()
        self.rooms = importlib.import_module("workbench.rooms").Rooms(self.window, self.preferences, self.languages)
        if self._project is not None and self._make_demo:
            self.rooms.demo.make(self._project)  # a demo project that is there already is left as it is
        elif self._project is not None:
            self.rooms.use_project(self._project)
        if language() == "zh" and not chinese_can_be_drawn():
            self.rooms.say("No Chinese font was found. Install one, such as fonts-noto-cjk.")
        self.furnished.emit()
        QTimer.singleShot(_WARM_MS, self, self._warm_up)

    @Slot()
    def _warm_up(self) -> None:
        """Make the case's page while nobody waits for it, so that the first drop finds it ready."""
        if self.rooms is not None:
            self.window.place("case")

    @Slot()
    def _on_top_language_toggled(self) -> None:
        self.preferences.language = "en" if language() == "zh" else "zh"
        self.languages.switch(self.preferences.language)

    @Slot()
    def _on_top_theme_toggled(self) -> None:
        self.preferences.theme = "light" if theme().scheme == "dark" else "dark"
        theme().set_mode(self.preferences.theme)

    @Slot(str)
    def _on_preferences_changed(self, name: str) -> None:
        if name == "simple_view":
            self.window.show_builder_places(not self.preferences.simple_view)


def run(arguments: list[str], project: Path | None, make_demo: bool = False) -> int:
    """Show the window until it is closed; `make_demo` makes the demo project in `project` first."""
    app = QApplication(arguments)
    app.setApplicationName("Consilium")
    app.setOrganizationName("Consilium")
    app.setDesktopFileName("consilium")
    app.setWindowIcon(QIcon(str(assets() / "icons" / "consilium.svg")))
    preferences = Preferences(QSettings())
    recent = preferences.recent_projects
    workbench = Workbench(QSettings(), project or (recent[0] if recent else None), make_demo)
    workbench.furnished.connect(lambda: workbench.rooms.net.spread() if workbench.rooms is not None else None)
    workbench.window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(run(sys.argv, None))
