"""Making the demo project, or one of a domain folder: the engine's own command line does it, in its own process."""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal, Slot

from engine.schema.errors import ErrorBody


class DemoProject(QObject):
    """Runs `python -m engine demo PROJECT`, one at a time.

    Signals:
        made: the project is ready; carries its folder.
        failed: it could not be made; carries an `ErrorBody`.
    """

    made = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = Path()
        self._process = QProcess(self)
        self._process.finished.connect(self._on_process_finished)
        self._process.errorOccurred.connect(self._on_process_error_occurred)

    @property
    def is_making(self) -> bool:
        """Whether the project is being made."""
        return self._process.state() != QProcess.ProcessState.NotRunning

    def make(self, folder: Path, domain: Path | None = None) -> None:
        """Make the demo project in `folder`, or one of a domain folder; one that is there already is left as it is."""
        if self.is_making:
            return
        self._folder = folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        options = ["--domain-folder", str(domain)] if domain is not None else []
        self._process.start(sys.executable, ["-m", "engine", "demo", str(folder), "--json", *options])

    @Slot(int)
    def _on_process_finished(self, code: int) -> None:
        told = bytes(self._process.readAllStandardOutput().data())
        if code == 0:
            self.made.emit(self._folder)
        else:
            self.failed.emit(_problem(told))

    @Slot(QProcess.ProcessError)
    def _on_process_error_occurred(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.failed.emit(ErrorBody(code="worker-died", parameters={"what": "demo"}, fault=True))


def _problem(told: bytes) -> ErrorBody:
    """Return the error of the last line; a process that came to no such line died."""
    try:
        return ErrorBody.model_validate(json.loads(told.splitlines()[-1])["error"])
    except (ValueError, LookupError, TypeError):
        return ErrorBody(code="worker-died", parameters={"what": "demo"}, fault=True)
