"""What survives the window: the case that is open and notes that were typed but not used, beside the project's data.

One file of the project's folder, readable by its owner alone, written anew a moment after each change. Closing the window in order
marks it as ended; a file without that mark was left by a crash.
"""

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QIODevice, QLockFile, QObject, QSaveFile, QTimer, Slot

FILE: Final = "window.json"
LOCK: Final = "window.lock"
WRITE_MS: Final = 200
"""Longest time that typed words exist in memory alone."""
_LARGEST: Final = 4 * 2**20
_DRAFTS: Final = 50


class Recovery(QObject):
    """Keeps and gives back what a window was doing in one project. A second window on the same project keeps nothing."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._lock: QLockFile | None = None
        self._case_id = ""
        self._drafts: dict[str, str] = {}
        self.crashed = False
        """Whether the window before this one ended without closing."""
        self._due = QTimer(self, singleShot=True, interval=WRITE_MS)
        self._due.timeout.connect(self.write)

    @property
    def folder(self) -> Path | None:
        """The project that is kept; None for none."""
        return self._folder

    @property
    def case_id(self) -> str:
        """The case that was open last, empty for none."""
        return self._case_id

    def begin(self, folder: Path) -> None:
        """Take up what was kept in a project, and keep from now on."""
        typed = self._drafts if self._folder is None else {}  # before the engine answered
        self.end()
        lock = QLockFile(str(folder / LOCK))
        lock.setStaleLockTime(0)  # a living window holds it for days; a dead one's is taken at once
        if not lock.tryLock(0):
            return
        self._folder, self._lock = folder, lock
        kept = _read(folder / FILE)
        self._case_id = str(kept.get("case", ""))
        drafts = kept.get("drafts")
        known = drafts if isinstance(drafts, dict) else {}
        self._drafts = {str(case): str(text) for case, text in known.items() if str(text).strip()} | typed
        self.crashed = kept.get("ended") is False
        self.write()

    def end(self) -> None:
        """Mark the window as closed in order; drafts stay for the next time."""
        self._due.stop()
        if self._folder is not None:
            self._write(ended=True)
        if self._lock is not None:
            self._lock.unlock()
        self._folder = self._lock = None
        self._case_id, self._drafts, self.crashed = "", {}, False

    def draft(self, case_id: str) -> str:
        """Return the note that was typed for a case and not used."""
        return self._drafts.get(case_id, "")

    def keep_case(self, case_id: str) -> None:
        """Note which case is open; empty for none."""
        if case_id != self._case_id:
            self._case_id = case_id
            self._mark()

    def keep_draft(self, case_id: str, text: str) -> None:
        """Keep what is typed for a case; nothing but blanks forgets it. The oldest drafts give way."""
        if not case_id or text == self._drafts.get(case_id, ""):
            return
        self._drafts.pop(case_id, None)
        if text.strip():
            self._drafts[case_id] = text
            for oldest in list(self._drafts)[:-_DRAFTS]:
                del self._drafts[oldest]
        self._mark()

    def _mark(self) -> None:
        if not self._due.isActive():  # not from anew with each key: who types without a pause is kept too
            self._due.start()

    @Slot()
    def write(self) -> None:
        """Write now what is known."""
        if self._folder is not None:
            self._write(ended=False)

    def _write(self, *, ended: bool) -> None:
        assert self._folder is not None
        kept = {"ended": ended, "case": self._case_id, "drafts": self._drafts}
        file = QSaveFile(str(self._folder / FILE))
        if not file.open(QIODevice.OpenModeFlag.WriteOnly):
            return  # a folder that cannot be written is told by the engine, which needs it more
        file.setPermissions(QSaveFile.Permission.ReadOwner | QSaveFile.Permission.WriteOwner)
        file.write(json.dumps(kept, ensure_ascii=False).encode())
        file.commit()


def _read(path: Path) -> Mapping[str, object]:
    """Return what a file holds; nothing where it is missing, too large or not ours."""
    with contextlib.suppress(OSError, ValueError):
        if path.stat().st_size <= _LARGEST:
            found = json.loads(path.read_text(encoding="utf-8"))
            return found if isinstance(found, dict) else {}
    return {}
