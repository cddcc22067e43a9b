"""A person at the real window, in a process of its own: `python -m tests.end_to_end.real_window PROJECT RUN_SETTINGS FILE...`.

Opens the project, drops the files on the window, waits for the answer, starts a run, watches it until the heatmap shows who works
on what, says as a line of JSON what is there, and then stays open until it is ended from outside.
"""

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.schema.config import RunConfig
from tests.workbench.drops import drop
from workbench.app import Workbench
from workbench.rooms import Rooms
from workbench.views.case_detail import CaseView
from workbench.views.training import TrainingView

LOOK_MS = 20


class Visit:
    """Goes from step to step as soon as what it waits for is there."""

    def __init__(self, workbench: Workbench, config: RunConfig, files: list[Path]) -> None:
        self._workbench = workbench
        self._config = config
        self._files = files
        self._waits = [self._is_open, self._is_answered, self._is_watched]
        self._acts: list[Callable[[], None]] = [self._drop, self._start, self._tell]
        self._look = QTimer(interval=LOOK_MS)
        self._look.timeout.connect(self._go_on)
        self._look.start()

    def _go_on(self) -> None:
        if self._waits[0]():
            self._waits.pop(0)
            self._acts.pop(0)()
            if not self._waits:
                self._look.stop()

    def _is_open(self) -> bool:
        rooms = self._workbench.rooms
        return rooms is not None and rooms.session.is_live and rooms.session.model_in_use() is not None

    def _drop(self) -> None:
        drop(self._workbench.window, self._files)

    def _is_answered(self) -> bool:
        result = self._case_view().result
        if result.shown == "covered":  # the person's own view is asked for first
            QTest.mouseClick(result.question.skip, Qt.MouseButton.LeftButton)
        return result.shown == "answer"

    def _start(self) -> None:
        self._rooms().window.go("training")
        self._training_view().start_run(self._config)

    def _is_watched(self) -> bool:
        monitor = self._training_view().monitor
        shown = monitor.routing.heatmap.snapshot
        running = monitor.job is not None and monitor.job.info.state == "running"
        return running and shown is not None and shown.source == "training"

    def _tell(self) -> None:
        case, job = self._case_view().state.case, self._training_view().monitor.job
        assert case is not None
        assert case.prediction is not None
        assert job is not None
        heatmap = self._training_view().monitor.routing.heatmap
        said: dict[str, Any] = {
            "answer": case.prediction.model_dump(mode="json"),
            "headline": self._case_view().result.answer.headline.text(),
            "job": job.job_id,
            "counted": int(heatmap.shown_counts().sum()),
            "modules": sorted(sys.modules),
        }
        print(json.dumps(said), flush=True)

    def _rooms(self) -> Rooms:
        assert self._workbench.rooms is not None
        return self._workbench.rooms

    def _case_view(self) -> CaseView:
        view = self._rooms().window.place("case")
        assert isinstance(view, CaseView)
        return view

    def _training_view(self) -> TrainingView:
        view = self._rooms().window.place("training")
        assert isinstance(view, TrainingView)
        return view


def main(project: Path, config: RunConfig, files: list[Path]) -> int:
    """Open the window as `python -m workbench PROJECT` does, with preferences of its own, and begin the visit."""
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Consilium")
    store = QSettings(str(Path(tempfile.mkdtemp()) / "preferences.ini"), QSettings.Format.IniFormat)
    store.setValue("language", "en")
    workbench = Workbench(store, project)
    workbench.window.show()
    visit = Visit(workbench, config, files)
    ended = app.exec()
    del visit
    return ended


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), RunConfig.model_validate_json(sys.argv[2]), [Path(name) for name in sys.argv[3:]]))
