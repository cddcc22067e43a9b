"""Taking files in: what falls on the window becomes one case, many cases, an import, or a sentence that says why not."""

from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.errors import ErrorBody
from workbench.i18n import language
from workbench.state.cases import CaseState
from workbench.state.files import Handful, sort_files
from workbench.state.session import Session
from workbench.words import listed

_NAMED = 2
"""Files that are left out and named; the rest is counted."""


class Intake(QObject):
    """Sorts files and sees many cases through, one after the other.

    Signals:
        one_case: the files belong to one case; carries the `Handful`.
        question_wanted: several files may be one case or many; carries the `Handful`.
        tables_found: tables were among them; carries their paths.
        refused: a sentence about files that do not open.
        progressed: many cases are on their way; carries how many are done and how many there are.
    """

    one_case = Signal(object)
    question_wanted = Signal(object)
    tables_found = Signal(object)
    refused = Signal(str)
    progressed = Signal(int, int)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: deque[tuple[str, tuple[Path, ...]]] = deque()
        self._done = 0
        self._total = 0
        self.unread = 0
        """Files of the cases on their way that could not be read."""
        self._state = CaseState(session, self)
        self._asked = False
        self._state.settled.connect(self._on_state_settled)
        session.light_changed.connect(self._on_session_light_changed)

    @Slot(list)
    def take(self, names: list[str]) -> None:
        """Sort local paths and say what is due."""
        handful = sort_files(Path(name) for name in names)
        left_out = self.left_out(handful)
        if left_out:
            self.refused.emit(left_out)
        if handful.tables:
            self.tables_found.emit(handful.tables)
        elif handful.is_one_case():
            self.one_case.emit(handful)
        elif handful.inputs:
            self.question_wanted.emit(handful)

    def left_out(self, handful: Handful) -> str:
        """Return a sentence on the files that do not open; empty where all do."""
        names = [path.name for path in handful.unknown]
        if len(names) == 1:
            return ErrorBody(code="unknown-format", parameters={"name": names[0]}).text(language())
        if not names:
            return "" if handful.inputs or handful.tables else self.tr("There is nothing in it that opens here.")
        named = listed(names[:_NAMED])
        if len(names) > _NAMED:
            named = self.tr("{named} and {n} more").format(named=named, n=len(names) - _NAMED)
        return self.tr("%n file(s) were left out: {names}.", "", len(names)).format(names=named)

    def make_many(self, groups: dict[str, tuple[Path, ...]]) -> None:
        """Make a case of each group and ask for its answer."""
        self._waiting.extend(groups.items())
        self._total += len(groups)
        if not self._state.is_busy:
            self._next()

    @property
    def is_busy(self) -> bool:
        """Whether cases are still on their way."""
        return self._done < self._total

    def _next(self) -> None:
        if not self._waiting:
            self._done = self._total = self.unread = 0
            return
        title, files = self._waiting.popleft()
        self._asked = False
        self._state.create(title)
        for path in files:
            self._state.add_file(path)

    @Slot()
    def _on_state_settled(self) -> None:
        """Ask for the answer once all files of a case are in, then go on with the next."""
        case = self._state.case
        if not self._asked and case is not None and case.readable() and self._session.model_in_use() is not None:
            self._asked = True
            self._state.predict()
            return
        damaged = [part for part in case.parts if part.decoded is None] if case is not None else []
        self.unread += len(self._state.refusals) + len(damaged)
        self._done += 1
        self.progressed.emit(self._done, self._total)
        self._next()

    @Slot()
    def _on_session_light_changed(self) -> None:
        """Forget the cases that were waiting once the project they were meant for is left."""
        if self._session.light == "none":
            self._waiting.clear()
            self._done = self._total = self.unread = 0
