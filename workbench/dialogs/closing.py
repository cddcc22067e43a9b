"""Closing the window while a run is under way: it goes on by itself, and the person decides."""

import functools
from typing import Final, Literal

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from engine.schema.base import new_id
from engine.schema.command import ControlJob, JobInfo
from engine.schema.errors import ErrorBody
from workbench.i18n import Retranslated, language
from workbench.state.session import Session
from workbench.theme import AROUND, BETWEEN
from workbench.widgets.boxes import button, column, row
from workbench.widgets.run_words import job_name
from workbench.widgets.text import Text
from workbench.words import Durations

Choice = Literal["close", "stop", "stay"]
STOP_PATIENCE_MS: Final = 5_000
"""Longest time the engine may take to say that it stops the run; then the person decides again."""


class ClosingDialog(Retranslated, QDialog):
    """Asks what shall become of a run; `choice` holds the answer, `stay` where the dialog was just closed.

    A run that shall stop keeps the dialog open until `end` or `tell_problem` says what became of that: once the last window is
    closed, nothing reaches the engine any more.

    Signals:
        stop_wanted: the run shall be stopped and kept.
    """

    stop_wanted = Signal()

    def __init__(self, job: JobInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self._problem: ErrorBody | None = None
        self.choice: Choice = "stay"
        self._headline = Text(size="title", wrap=True)
        self._sentence = Text(tone="second", wrap=True)
        self.close_window, self.stop, self.stay = button("primary"), button("", "stop"), button("plain")
        buttons = row(self.close_window, self.stop, self.stay, None)
        self.setLayout(column(self._headline, self._sentence, buttons, spacing=BETWEEN, margins=AROUND))
        self._headline.setMinimumWidth(432)  # not the dialog itself: it could then be narrower than its buttons
        self._patience = QTimer(self, singleShot=True, interval=STOP_PATIENCE_MS)
        self._patience.timeout.connect(self._on_patience_timeout)
        self.close_window.clicked.connect(self._on_close_window_clicked)
        self.stop.clicked.connect(self._on_stop_clicked)
        self.stay.clicked.connect(self.reject)
        self.stop.setVisible(job.kind == "train")
        self.retranslate()

    @property
    def job_id(self) -> str:
        """Id of the run it asks about."""
        return self._job.job_id

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._headline.setText(self.tr("Training goes on in the background"))
        seconds = self._job.seconds_left
        left = Durations.left(seconds) if seconds is not None else self.tr("it goes on")
        said = self.tr("{name}: {left}. The engine does not need this window.").format(
            name=job_name(self._job), left=left
        )
        if self._problem is not None:
            said = self._problem.text(language())
        elif self.choice == "stop":
            said = self.tr("Asking the engine to stop the run and keep what was learnt…")
        self._sentence.setText(said)
        self.close_window.setText(self.tr("Close window"))
        self.stop.setText(self.tr("Stop and keep, then close"))
        self.stay.setText(self.tr("Stay"))
        self.setWindowTitle("Consilium")

    def reject(self) -> None:
        """Stay; also where the engine has not answered yet."""
        self.choice = "stay"
        super().reject()

    @Slot(object)
    def end(self, _info: JobInfo) -> None:
        """Close the dialog: the engine stops the run."""
        if self.choice == "stop":
            self.accept()

    @Slot(object)
    def tell_problem(self, problem: ErrorBody) -> None:
        """Say why the run was not stopped, and let the person choose again."""
        if self.choice == "stop":
            self._show_stopping(on=False, problem=problem)

    def _show_stopping(self, *, on: bool, problem: ErrorBody | None = None) -> None:
        self.choice, self._problem = "stop" if on else "stay", problem
        if on:
            self._patience.start()
        else:
            self._patience.stop()
        self.close_window.setEnabled(not on)
        self.stop.setEnabled(not on)
        self.retranslate()

    @Slot()
    def _on_close_window_clicked(self) -> None:
        self.choice = "close"
        self.accept()

    @Slot()
    def _on_stop_clicked(self) -> None:
        self._show_stopping(on=True)
        self.stop_wanted.emit()

    @Slot()
    def _on_patience_timeout(self) -> None:
        self.tell_problem(ErrorBody(code="engine-unreachable", fault=True))


def may_close(session: Session, parent: QWidget) -> bool:
    """Ask what shall become of a running job, where there is one; False where the person stays.

    Where the run shall stop first, it returns once the engine has said so.
    """
    job = session.job
    if job is None or not session.is_live:
        return True
    dialog = ClosingDialog(job, parent)
    dialog.stop_wanted.connect(functools.partial(_ask_to_stop, session, dialog))
    dialog.exec()
    dialog.deleteLater()
    return dialog.choice != "stay"


def _ask_to_stop(session: Session, dialog: ClosingDialog) -> None:
    command = ControlJob(command_id=new_id("control"), action="stop-and-keep")
    path = f"/v1/jobs/{dialog.job_id}/control"
    session.client.post(path, command, JobInfo, dialog.end, dialog.tell_problem)
