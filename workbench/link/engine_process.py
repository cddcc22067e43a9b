"""Finding the engine of a project, and starting one where none answers."""

import subprocess
import sys
from pathlib import Path
from typing import Final

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal, Slot

from engine.schema import PROTOCOL_VERSION
from engine.schema.command import Health
from engine.schema.errors import ErrorBody
from engine.schema.runtime import PROBLEM_FILE, protocol_of, read_address, runtime_folder
from workbench.link.client import EngineClient

PATIENCE_MS: Final = 30_000
"""Longest time a start may take; a cold disk needs ten seconds, a warm one needs one."""
_LOOK_MS: Final = 100
_AGAIN_MS: Final = 3_000
"""Time after which a start is repeated where the project was held by an engine that then does not answer."""
_TAIL: Final = 2_000
_WINDOWS_DETACHED: Final[int] = getattr(subprocess, "DETACHED_PROCESS", 0) | getattr(
    subprocess, "CREATE_NEW_PROCESS_GROUP", 0
)


class EngineProcess(QObject):
    """The engine that belongs to one project: found alive, or started so that it outlives this window.

    Signals:
        found: an engine answers; carries its `Health`.
        failed: no engine could be found or started; carries an `ErrorBody`.
    """

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._project = Path()
        self._process: subprocess.Popen[bytes] | None = None
        self._may_start = False
        self._create = True
        self._clock = QElapsedTimer()
        self._started = QElapsedTimer()
        self._look = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._look.timeout.connect(self._ask)

    @property
    def log_file(self) -> Path:
        """Where an engine that this window started writes what goes wrong."""
        return runtime_folder(self._project) / "engine.log"

    @property
    def _problem_file(self) -> Path:
        return runtime_folder(self._project) / PROBLEM_FILE

    def _why(self) -> ErrorBody:
        """Return why the engine that was started ended at once."""
        try:
            return ErrorBody.model_validate_json(self._problem_file.read_bytes())
        except (OSError, ValueError):
            return ErrorBody(code="worker-died", parameters={"what": "engine"}, fault=True)

    def log_tail(self) -> str:
        """Return the end of that log, for the report; empty where there is none."""
        try:
            return self.log_file.read_text(encoding="utf-8", errors="replace")[-_TAIL:]
        except OSError:
            return ""

    def attach(self, project: Path, create: bool = True) -> None:
        """Look for the engine of `project`; start one if none answers. With `create` a project that is not there is made."""
        self._project = project
        self._create = create
        self._may_start = True
        self._clock.start()
        self._ask()

    def stop_looking(self) -> None:
        """Look no more; an engine that runs goes on."""
        self._look.stop()

    @Slot()
    def _ask(self) -> None:
        address = read_address(self._project)
        if address is None:
            self._start_or_wait()
            return
        self._client.set_address(address)
        self._client.ping("/v1/health", self._on_health_answered, self._on_health_failed)

    def _on_health_answered(self, raw: bytes) -> None:
        theirs = protocol_of(raw)
        if theirs != PROTOCOL_VERSION:
            self.failed.emit(
                ErrorBody(code="protocol-mismatch", parameters={"ours": PROTOCOL_VERSION, "theirs": theirs})
            )
            return
        self.found.emit(Health.model_validate_json(raw))

    def _on_health_failed(self, _problem: ErrorBody) -> None:
        self._start_or_wait()

    def _start_or_wait(self) -> None:
        if self._may_start:
            self._may_start = False
            if not self._start():
                return
        elif self._process is not None and self._process.poll() not in (None, 0):
            self.failed.emit(self._why())
            return
        elif self._should_start_again() and not self._start():
            return
        if self._clock.elapsed() > PATIENCE_MS:
            self.failed.emit(ErrorBody(code="engine-unreachable", fault=True))
            return
        self._look.start()

    def _should_start_again(self) -> bool:
        """Tell whether the engine that was started found the project held by another, which has had time to end since."""
        ended_well = self._process is not None and self._process.poll() == 0
        return ended_well and self._started.elapsed() > _AGAIN_MS

    def _start(self) -> bool:
        self._started.start()
        command = [sys.executable, "-m", "engine", "serve", str(self._project), *(["--create"] if self._create else [])]
        try:
            self.log_file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._problem_file.unlink(missing_ok=True)
            with self.log_file.open("ab") as log:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=sys.platform != "win32",  # it outlives this window, closing a terminal included
                    creationflags=_WINDOWS_DETACHED,
                )
        except OSError:
            self.failed.emit(ErrorBody(code="engine-unreachable", fault=True))
            return False
        return True
