"""The composition root: everything is made and joined here, the frame first and the rest after it stands on the screen."""

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QSettings, Slot
from PySide6.QtWidgets import QApplication

from workbench.i18n import Languages, language
from workbench.main_window import MainWindow
from workbench.state.settings import Preferences
from workbench.theme import theme


class Workbench(QObject):
    """The running window with all that belongs to it."""

    def __init__(self, store: QSettings, project: Path | None) -> None:
        super().__init__()
        self.preferences = Preferences(store, self)
        self.languages = Languages(self)
        self.languages.switch(self.preferences.language)
        theme().install(self.preferences.theme)
        self._project = project
        self.window = MainWindow(self.preferences)
        self.window.first_drawn.connect(self._on_window_first_drawn)
        self.window.top.language_toggled.connect(self._on_top_language_toggled)
        self.window.top.theme_toggled.connect(self._on_top_theme_toggled)

    @Slot()
    def _on_window_first_drawn(self) -> None:
        """Bring in what costs time: icons, messages, network, the places."""
        from workbench.icons import load_icons
        from workbench.state.session import Session

        load_icons()
        self.session = Session(self)
        self.window.furnish(self.session)
        if self._project is not None:
            self.preferences.remember_project(self._project)
            self.session.open(self._project)

    @Slot()
    def _on_top_language_toggled(self) -> None:
        self.preferences.language = "en" if language() == "zh" else "zh"
        self.languages.switch(self.preferences.language)

    @Slot()
    def _on_top_theme_toggled(self) -> None:
        self.preferences.theme = "light" if theme().scheme == "dark" else "dark"
        theme().set_mode(self.preferences.theme)


def run(arguments: list[str], project: Path | None) -> int:
    """Show the window until it is closed."""
    app = QApplication(arguments)
    app.setApplicationName("Consilium")
    app.setOrganizationName("Consilium")
    workbench = Workbench(QSettings(), project)
    workbench.window.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(run(sys.argv, None))
