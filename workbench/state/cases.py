"""Cases as the window sees them: the library, page by page, and the one case that is open."""

from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlencode

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.schema.base import Modality, new_id
from engine.schema.case import Case, CasePage, Part
from engine.schema.errors import ErrorBody
from engine.schema.event import CaseChanged, Event
from workbench.state.case_work import CaseWork
from workbench.state.look import CasesToLook
from workbench.state.session import Session

PAGE: Final = 100
LARGEST_FILE: Final = 256 * 2**20
"""Larger files are refused before they are read; the engine's own limits are lower and told by it."""


class CaseLibrary(QObject):
    """The list of cases: pages are read when rows are looked at, and read anew when cases change.

    Signals:
        changed: the number of cases, or which they are, changed.
        rows_changed: these rows (first, last) hold something new.
        failed: a page could not be read; carries an `ErrorBody`.
    """

    changed = Signal()
    rows_changed = Signal(int, int)
    failed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.total: int | None = None
        """Cases that match; None until the first page came."""
        self._rows: dict[int, Case] = {}
        self._asked: set[int] = set()
        self._query: dict[str, str] = {}
        self._generation = 0
        self.to_look = CasesToLook(session, self)
        """The cases that need a look; it stays empty until `to_look.follow()`."""
        self._only_look = False
        self._again = QTimer(self, singleShot=True, interval=150)
        self._again.timeout.connect(self.read)
        self.to_look.changed.connect(self._on_to_look_changed)
        session.event_arrived.connect(self._on_session_event_arrived)
        session.light_changed.connect(self._on_session_light_changed)

    def look_for(self, search: str, show: str, *, only_look: bool = False) -> None:
        """List only cases whose title, group or label holds `search`, of the kind `show`, that need a look."""
        self._only_look = only_look
        self._query = {name: value for name, value in (("search", search.strip()), ("show", show)) if value}
        self.read()

    @Slot()
    def read(self) -> None:
        """Read the list anew from its first page; rows that are shown stay until the new ones come. No project has no list."""
        self._generation += 1
        self._asked.clear()
        if self._session.folder is None:
            self._rows, self.total = {}, None
            self.changed.emit()
        elif self._only_look:
            found = self.to_look.listed(self._query.get("search", ""), self._query.get("show", ""))
            self._rows, self.total = dict(enumerate(found)), len(found)
            self.changed.emit()
        else:
            self._ask(0)

    def row(self, number: int) -> Case | None:
        """Return a row, or None while its page is being read."""
        if self._only_look:
            return self._rows.get(number)
        if number not in self._rows or number // PAGE not in self._asked:
            self._ask(number // PAGE)
        return self._rows.get(number)

    def _ask(self, page: int) -> None:
        if page in self._asked:
            return
        self._asked.add(page)
        generation = self._generation
        asked = urlencode({"offset": page * PAGE, "limit": PAGE, **self._query})

        def read(found: CasePage) -> None:
            if generation == self._generation:
                self._take(found)

        self._session.client.get(f"/v1/cases?{asked}", CasePage, read, self.failed.emit)

    def _take(self, page: CasePage) -> None:
        if page.total != self.total:
            self._rows = {number: case for number, case in self._rows.items() if number < page.total}
            self.total = page.total
        self._rows.update(enumerate(page.cases, start=page.offset))
        if page.offset == 0:
            self.changed.emit()
        self.rows_changed.emit(page.offset, page.offset + len(page.cases) - 1)

    @Slot(object)
    def _on_session_event_arrived(self, event: Event) -> None:
        if not isinstance(event.body, CaseChanged) or self._only_look:
            return
        known = next((n for n, case in self._rows.items() if case.case_id == event.body.case.case_id), None)
        if known is None or event.body.removed:
            self._again.start()
        else:
            self._rows[known] = event.body.case
            self.rows_changed.emit(known, known)

    @Slot()
    def _on_session_light_changed(self) -> None:
        if self._session.light == "none":  # these cases must not stand under the name of the next project
            self.read()

    @Slot()
    def _on_to_look_changed(self) -> None:
        if self._only_look:
            self.read()


Outdated = Literal["inputs", "model"]


class CaseState(QObject):
    """The case in front. What was asked for one that was left is done behind it: by case, in order.

    Signals:
        changed: the case, a file on its way, or the wait for an answer changed.
        refused: a file or a change was refused; carries an `ErrorBody`.
        refused_behind: the same of a case that was left.
        settled: everything asked for is done.
        part_taken: a part came in; carries its id and the id of the part whose place it took, or an empty string.
        notes_changed: a typed note of any case was handed over or reached the engine; carries the case's id.
        note_refused: a typed note of any case did not reach it; carries the case's id and the note.
    """

    changed = Signal()
    refused = Signal(object)
    refused_behind = Signal(object)
    settled = Signal()
    part_taken = Signal(str, str)
    notes_changed = Signal(str)
    note_refused = Signal(str, str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._left: dict[str, CaseWork] = {}
        self._work = self._made("")
        session.light_changed.connect(self._on_session_light_changed)

    @property
    def case_id(self) -> str:
        """Id of the case that is open or being made; empty for none."""
        return self._work.case_id

    @property
    def case(self) -> Case | None:
        """The case as the engine last confirmed it."""
        return self._work.case

    @property
    def reading(self) -> dict[str, Modality | None]:
        """Files on their way to the engine, by name, with their kind where it is known."""
        return self._work.reading

    @property
    def refusals(self) -> dict[str, ErrorBody]:
        """Files that never became a part, by name."""
        return self._work.refusals

    @property
    def predicting(self) -> bool:
        """Whether an answer is awaited."""
        return self._work.predicting

    @property
    def is_busy(self) -> bool:
        """Whether something asked for is not done yet."""
        return self._work.is_busy

    def notes(self, case_id: str) -> tuple[str, ...]:
        """Return the typed notes of a case that the engine does not have yet."""
        work = self._known(case_id)
        return tuple(work.notes.values()) if work is not None else ()

    def open(self, case_id: str) -> None:
        """Read a case; one that was left takes up where it is."""
        self._enter(self._known(case_id) or self._made(case_id))
        self._work.read()

    def create(self, title: str) -> str:
        """Make an empty case and return its id."""
        self._enter(self._made(new_id("case")))
        self._work.create(title)
        return self.case_id

    def add_file(self, path: Path, modality: Modality | None = None, replaces: str = "") -> None:
        """Add a file that the person picked."""
        name = path.name
        try:
            size = path.stat().st_size
            data = path.read_bytes() if size <= LARGEST_FILE else b""
        except OSError:
            self._work.refuse(name, ErrorBody(code="file-unreadable", parameters={"name": name}))
            return
        if data:
            self._work.add(name, data, modality, replaces)
        elif size:
            large = {"name": name, "megabytes": LARGEST_FILE >> 20}
            self._work.refuse(name, ErrorBody(code="too-large", parameters=large))
        else:
            self._work.refuse(name, ErrorBody(code="file-empty", parameters={"name": name}))

    def add_bytes(self, name: str, data: bytes, modality: Modality | None = None, replaces: str = "") -> None:
        """Add a part from its bytes; typed text stands in `notes` until the engine has it."""
        self._work.add(name, data, modality, replaces, note=data.decode() if modality == "text" else "")

    def remove_part(self, part_id: str) -> None:
        """Put a part away; `restore_part` brings it back."""
        self._work.remove_part(part_id)

    def restore_part(self, part_id: str) -> None:
        """Bring back a part that was removed."""
        self._work.restore_part(part_id)

    def edit(self, **fields: str | tuple[str, ...]) -> None:
        """Change fields of the case, as `EditCase` names them."""
        self._work.edit(**fields)

    def put_away(self, case_id: str) -> None:
        """Move a case to the trash, this one or another; what is still queued for it is asked no more."""
        work = self._known(case_id)
        if work is None:
            work = self._left[case_id] = self._made(case_id)
        work.put_away()

    def predict(self) -> None:
        """Ask the model in use for its answer, after everything that is under way; what comes later need not wait for it."""
        self._work.predict()

    def predict_if_readable(self) -> None:
        """Ask for the answer after everything that is under way, if something could be read by then."""
        self._work.predict_if_readable()

    def stop_waiting(self) -> None:
        """Wait for the answer no longer; should it come, it is shown as any other change of the case."""
        self._work.stop_waiting()

    def forget_refusal(self, name: str) -> None:
        """Show a refused file no longer."""
        self._work.forget_refusal(name)

    def is_stale(self) -> bool:
        """Tell whether the answer is for other inputs or by another model than those of the moment."""
        return bool(self.outdated_by())

    def outdated_by(self) -> frozenset[Outdated]:
        """Return what is another now than when the answer was given."""
        case, model = self.case, self._session.model_in_use()
        if case is None or case.prediction is None:
            return frozenset()
        other = model is not None and model.model_id != case.prediction.model_id
        found: tuple[tuple[Outdated, bool], ...] = (("inputs", case.stale()), ("model", other))
        return frozenset(what for what, differs in found if differs)

    def _known(self, case_id: str) -> CaseWork | None:
        return self._work if case_id == self.case_id else self._left.get(case_id)

    def _made(self, case_id: str) -> CaseWork:
        work = CaseWork(self._session, case_id, self)
        work.changed.connect(self._on_work_changed)
        work.refused.connect(self._on_work_refused)
        work.settled.connect(self._on_work_settled)
        work.part_taken.connect(self._on_work_part_taken)
        work.notes_changed.connect(self.notes_changed)
        work.note_refused.connect(self.note_refused)
        return work

    def _enter(self, work: CaseWork) -> None:
        """Bring a case to the front; the one before stays behind it for as long as it has something to do."""
        before, self._work = self._work, work
        self._left.pop(work.case_id, None)
        if before.is_busy and before is not work:
            self._left[before.case_id] = before
        elif before is not work:
            before.deleteLater()
        self.changed.emit()

    @Slot()
    def _on_work_changed(self) -> None:
        if self.sender() is self._work:
            self.changed.emit()

    @Slot(object)
    def _on_work_refused(self, problem: ErrorBody) -> None:
        (self.refused if self.sender() is self._work else self.refused_behind).emit(problem)

    @Slot()
    def _on_work_settled(self) -> None:
        work = self.sender()
        if work is self._work:
            self.settled.emit()
        elif isinstance(work, CaseWork) and self._left.pop(work.case_id, None) is not None:
            work.deleteLater()

    @Slot(str, str)
    def _on_work_part_taken(self, part_id: str, replaced: str) -> None:
        if self.sender() is self._work:
            self.part_taken.emit(part_id, replaced)

    @Slot()
    def _on_session_light_changed(self) -> None:
        """Forget every case once the project is left: what was asked of its engine must not be asked of the next one's."""
        if self._session.light != "none":
            return
        for work in (self._work, *self._left.values()):
            work.drop()
        for work in self._left.values():
            work.deleteLater()
        self._left.clear()
        self._enter(self._made(""))


def parts_of(case: Case, modality: Modality) -> tuple[Part, ...]:
    """Return the parts of one kind, readable or not."""
    return tuple(part for part in case.parts if part.modality == modality)
