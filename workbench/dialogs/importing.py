"""Tables on their way in: one window at a time, the next table once the former is done with, none for a project that was left."""

from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from workbench.dialogs.import_wizard import ImportWizard
from workbench.state.session import Session


class Importing(QObject):
    """Shows a wizard for each table that was dropped, in turn.

    Signals:
        cases_wanted: an import is done and the person wants to see its cases.
    """

    cases_wanted = Signal()

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._window = session, window
        self._waiting: deque[Path] = deque()
        self.wizard: ImportWizard | None = None

    @Slot(object)
    def take(self, tables: tuple[Path, ...]) -> None:
        """Read tables, each when the wizard of the one before it is closed."""
        self._waiting.extend(tables)
        if self.wizard is None:
            self._next()
        else:
            self.wizard.tell_waiting(len(self._waiting))
            self.wizard.raise_()

    def give_up(self) -> None:
        """Close the wizard and forget what waits: the project they belong to is left."""
        self._waiting.clear()
        if self.wizard is not None:
            self.wizard.close()

    def _next(self) -> None:
        if self._waiting:
            self.wizard = ImportWizard(self._session, self._window)
            self.wizard.cases_wanted.connect(self.cases_wanted)
            self.wizard.finished.connect(self._on_wizard_finished)
            self.wizard.read(self._waiting.popleft())
            self.wizard.tell_waiting(len(self._waiting))

    @Slot()
    def _on_wizard_finished(self) -> None:
        self.wizard = None
        self._next()
