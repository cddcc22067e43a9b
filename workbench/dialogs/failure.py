"""The window's last net: a fault of our own is told in a sentence with a report to copy, and the window goes on."""

import faulthandler
import sys
import traceback
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from workbench.i18n import Retranslated
from workbench.theme import BETWEEN
from workbench.widgets.boxes import button, column, row
from workbench.widgets.text import Text

_HOME = str(Path.home())


def scrubbed(report: str) -> str:
    """Return a report without the person's home folder in its paths."""
    return report.replace(_HOME, "~")


class FailureDialog(Retranslated, QDialog):
    """Tells one fault."""

    def __init__(self, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._head = Text(size="title")
        self._words = Text(tone="second", wrap=True)
        self.report = QPlainTextEdit(scrubbed(report))
        self.report.setReadOnly(True)
        self.copy = button("")
        self._go_on = button("primary")
        buttons = row(self.copy, None, self._go_on)
        self.setLayout(column(self._head, self._words, self.report, buttons, spacing=BETWEEN, margins=24))
        self.resize(640, 400)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report.toPlainText()))
        self._go_on.clicked.connect(self.accept)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.setWindowTitle("Consilium")
        self._head.setText(self.tr("Something went wrong in the window"))
        self._words.setText(
            self.tr("Your cases and your training are safe: the engine keeps them. You can go on working.")
        )
        self.report.setAccessibleName(self.tr("Report"))
        self.copy.setText(self.tr("Copy report"))
        self._go_on.setText(self.tr("Go on"))


class FailureNet(QObject):
    """Catches what nothing else caught; one dialog at a time.

    Signals:
        caught: carries the report.
    """

    caught = Signal(str)

    def __init__(self, window: QWidget, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self.dialog: FailureDialog | None = None
        self.caught.connect(self._on_self_caught)

    def spread(self) -> None:
        """Catch from now on; a crash of native code leaves its stack on stderr."""
        if sys.stderr is not None:
            faulthandler.enable()
        sys.excepthook = self.hook

    def hook(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        """Take an exception that reached the event loop."""
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, fault, trace)
            return
        report = "".join(traceback.format_exception(kind, fault, trace))
        sys.stderr.write(report)
        self.caught.emit(report)

    @Slot(str)
    def _on_self_caught(self, report: str) -> None:
        if self.dialog is None or not self.dialog.isVisible():
            self.dialog = FailureDialog(report, self._window)
            self.dialog.open()
