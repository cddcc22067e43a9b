"""Making the demo project: the engine's own command line does it, in its own process."""

import sys
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal, Slot

from engine.schema.errors import ErrorBody


class DemoProject(QObject):
    """Runs `python -m engine demo PROJECT` once.

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

    def make(self, folder: Path) -> None:
        """Make the demo project in `folder`; one that is there already is left as it is."""
        if self.is_making:
            return
        self._folder = folder
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._process.start(sys.executable, ["-m", "engine", "demo", str(folder)])

    @Slot(int)
    def _on_process_finished(self, code: int) -> None:
        if code == 0:
            self.made.emit(self._folder)
        else:
            self.failed.emit(ErrorBody(code="worker-died", parameters={"what": "demo"}, fault=True))

    @Slot(QProcess.ProcessError)
    def _on_process_error_occurred(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.failed.emit(ErrorBody(code="worker-died", parameters={"what": "demo"}, fault=True))
