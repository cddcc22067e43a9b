"""Telling a person that a run or an import has ended: on the desktop while they look elsewhere, in the window, on the rail."""

from typing import Final

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from engine.schema.command import JobInfo
from workbench.main_window import MainWindow
from workbench.state.endings import Endings
from workbench.state.imports import ImportWords
from workbench.state.recipes import recipe_names
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.widgets.toast import Toast

PLACE: Final = "training"


class Announcements(QObject):
    """Says what ended and how; never a name from a case, for it may be read by whoever passes the screen."""

    def __init__(self, window: MainWindow, session: Session, preferences: Preferences, toast: Toast) -> None:
        super().__init__(window)
        self._window = window
        self._preferences = preferences
        self._toast = toast
        self._tray: QSystemTrayIcon | None = None
        self._last: JobInfo | None = None
        self.endings = Endings(session, preferences, self)
        self.endings.ended.connect(self._on_endings_ended)
        self.endings.unseen_changed.connect(self.retranslate)
        window.place_shown.connect(self._on_window_place_shown)
        window.attention_changed.connect(self._on_window_attention_changed)
        window.language_changed.connect(self.retranslate)

    @Slot()
    def retranslate(self) -> None:
        """Write the dot's words in the language of the moment, or take it away."""
        said = self.tr("%n run(s) ended since you last looked", "", len(self.endings.unseen))
        self._window.mark(PLACE, said if self.endings.unseen else "")

    def sentence(self, job: JobInfo) -> str:
        """Return what ended and how."""
        if job.kind == "import":
            return self._import_sentence(job)
        titled = recipe_names().title(job.recipe)
        said = {
            "done": self.tr("Training has finished. Its model is ready."),
            "failed": self.tr("Training has failed. The run says why and what is kept."),
            "cancelled": self.tr("Training was cancelled."),
        }[job.state]
        return f"{titled}: {said}" if titled else said

    def _import_sentence(self, job: JobInfo) -> str:
        if job.state == "failed":
            return self.tr("The import has failed.")
        if job.state == "cancelled":
            return self.tr("The import was cancelled.")
        parts = [self.tr("The import has finished.")]
        if "cases" in job.result:
            parts.append(ImportWords().sentence(job.result))
        if job.problems:
            parts.append(self.tr("%n thing(s) could not be read.", "", len(job.problems)))
        return " ".join(parts)

    def _is_looked_at(self) -> bool:
        """Tell whether the person sees the runs right now."""
        return self._window.place_id == PLACE and self._window.isActiveWindow() and not self._window.isMinimized()

    @Slot(object)
    def _on_endings_ended(self, job: JobInfo) -> None:
        if self._is_looked_at() and job.kind == "train":
            self.endings.look()
            return
        if not self._preferences.tell_when_done:
            return
        said, self._last = self.sentence(job), job
        active = QApplication.activeWindow()
        if active is None:
            self._tell_desktop(said)
        if active is None or active is self._window:  # a dialog of ours tells about its own work
            self._toast.say(said, self.tr("Show"), self.show_last)

    def _tell_desktop(self, said: str) -> None:
        if not (QSystemTrayIcon.isSystemTrayAvailable() and QSystemTrayIcon.supportsMessages()):
            return
        if self._tray is None:
            self._tray = QSystemTrayIcon(QApplication.windowIcon(), self)
            self._tray.messageClicked.connect(self._on_tray_message_clicked)
        self._tray.show()
        self._tray.showMessage("Consilium", said, QApplication.windowIcon())

    def show_last(self) -> None:
        """Show what ended last."""
        if self._last is not None:
            imported = self._last.kind == "import"
            self._window.go("cases" if imported else PLACE, "" if imported else self._last.job_id)

    @Slot()
    def _on_tray_message_clicked(self) -> None:
        self._window.showNormal() if self._window.isMinimized() else self._window.show()
        self._window.raise_()
        self._window.activateWindow()
        self.show_last()

    @Slot(str)
    def _on_window_place_shown(self, _place_id: str) -> None:
        if self._is_looked_at():
            self.endings.look()

    @Slot()
    def _on_window_attention_changed(self) -> None:
        if self._tray is not None and self._window.isActiveWindow():
            self._tray.hide()
        if self._is_looked_at():
            self.endings.look()
