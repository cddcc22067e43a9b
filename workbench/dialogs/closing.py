"""Closing the window while a run is under way: it goes on by itself, and the person decides."""

from typing import Literal

from PySide6.QtWidgets import QDialog, QWidget

from engine.schema.base import new_id
from engine.schema.command import ControlJob, JobInfo
from workbench.i18n import Retranslated
from workbench.state.session import Session
from workbench.theme import AROUND, BETWEEN
from workbench.widgets.boxes import button, column, row
from workbench.widgets.run_words import job_name
from workbench.widgets.text import Text
from workbench.words import Durations

Choice = Literal["close", "stop", "stay"]


class ClosingDialog(Retranslated, QDialog):
    """Asks what shall become of a run; `choice` holds the answer, `stay` where the dialog was just closed."""

    def __init__(self, job: JobInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job = job
        self.choice: Choice = "stay"
        self._headline = Text(size="title", wrap=True)
        self._sentence = Text(tone="second", wrap=True)
        self.close_window, self.stop, self.stay = button("primary"), button("", "stop"), button("plain")
        buttons = row(self.close_window, self.stop, self.stay, None)
        self.setLayout(column(self._headline, self._sentence, buttons, spacing=BETWEEN, margins=AROUND))
        self._headline.setMinimumWidth(432)  # not the dialog itself: it could then be narrower than its buttons
        for made, choice in ((self.close_window, "close"), (self.stop, "stop"), (self.stay, "stay")):
            made.clicked.connect(lambda _checked=False, chosen=choice: self._choose(chosen))
        self.stop.setVisible(job.kind == "train")
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._headline.setText(self.tr("Training goes on in the background"))
        seconds = self._job.seconds_left
        left = Durations.left(seconds) if seconds is not None else self.tr("it goes on")
        said = self.tr("{name}: {left}. The engine does not need this window.")
        self._sentence.setText(said.format(name=job_name(self._job), left=left))
        self.close_window.setText(self.tr("Close window"))
        self.stop.setText(self.tr("Stop and keep, then close"))
        self.stay.setText(self.tr("Stay"))
        self.setWindowTitle("Consilium")

    def _choose(self, choice: Choice) -> None:
        self.choice = choice
        self.accept()


def may_close(session: Session, parent: QWidget) -> bool:
    """Ask what shall become of a running job, where there is one; False where the person stays."""
    job = session.job
    if job is None or not session.is_live:
        return True
    dialog = ClosingDialog(job, parent)
    dialog.exec()
    if dialog.choice == "stop":
        command = ControlJob(command_id=new_id("control"), action="stop-and-keep")
        session.client.post(f"/v1/jobs/{job.job_id}/control", command, JobInfo, lambda _info: None)
    return dialog.choice != "stay"
