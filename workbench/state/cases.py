"""Cases as the window sees them: the library, page by page, and the one case that is open."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import urlencode

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.schema.base import Modality, new_id
from engine.schema.case import Case, CasePage, Part
from engine.schema.command import AddPart, Command, CreateCase, EditCase, PartAdded, Predict
from engine.schema.errors import ErrorBody
from engine.schema.event import CaseChanged, Event
from engine.schema.prediction import Prediction
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

    def look_for(self, search: str, show: str, *, only_look: bool = False) -> None:
        """List only cases whose title, group or label holds `search`, of the kind `show`, that need a look."""
        self._only_look = only_look
        self._query = {name: value for name, value in (("search", search.strip()), ("show", show)) if value}
        self.read()

    @Slot()
    def read(self) -> None:
        """Read the list anew from its first page; rows that are shown stay until the new ones come."""
        self._generation += 1
        self._asked.clear()
        if self._only_look:
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
    def _on_to_look_changed(self) -> None:
        if self._only_look:
            self.read()


Step = Callable[[], None]
T = TypeVar("T")
Outdated = Literal["inputs", "model"]


class CaseState(QObject):
    """The open case. Changes go to the engine one after the other; each is kept once the engine has confirmed it.

    Signals:
        changed: the case, a file on its way, or the wait for an answer changed.
        refused: a file or a change was refused; carries an `ErrorBody`.
        settled: everything asked for is done.
        part_taken: a part came in; carries its id and the id of the part whose place it took, or an empty string.
    """

    changed = Signal()
    refused = Signal(object)
    settled = Signal()
    part_taken = Signal(str, str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.case: Case | None = None
        self.reading: dict[str, Modality | None] = {}
        """Files on their way to the engine, by name, with their kind where it is known."""
        self.refusals: dict[str, ErrorBody] = {}
        """Files that never became a part, by name."""
        self.predicting = False
        self._steps: deque[Step] = deque()
        self._running = False
        self._case_id = ""
        self._generation = 0
        session.event_arrived.connect(self._on_session_event_arrived)
        session.attached.connect(self._next)

    @property
    def case_id(self) -> str:
        """Id of the case that is open or being made."""
        return self._case_id

    @property
    def is_busy(self) -> bool:
        """Whether something asked for is not done yet."""
        return self._running or bool(self._steps)

    def open(self, case_id: str) -> None:
        """Read a case."""
        self._begin(case_id)
        self._do(
            lambda: self._session.client.get(
                f"/v1/cases/{case_id}", Case, self._here(self._on_case), self._here(self._on_failed)
            )
        )

    def create(self, title: str) -> str:
        """Make an empty case and return its id."""
        case_id = new_id("case")
        self._begin(case_id)
        command = CreateCase(command_id=new_id("create"), case_id=case_id, title=title)
        self._do(
            lambda: self._session.client.post(
                "/v1/cases", command, Case, self._here(self._on_case), self._here(self._on_failed)
            )
        )
        return case_id

    def add_file(self, path: Path, modality: Modality | None = None, replaces: str = "") -> None:
        """Add a file that the person picked."""
        name = path.name
        try:
            size = path.stat().st_size
            data = path.read_bytes() if size <= LARGEST_FILE else b""
        except OSError:
            self._refuse(name, ErrorBody(code="file-unreadable", parameters={"name": name}))
            return
        if data:
            self.add_bytes(name, data, modality, replaces)
        elif size:
            large = {"name": name, "megabytes": LARGEST_FILE >> 20}
            self._refuse(name, ErrorBody(code="too-large", parameters=large))
        else:
            self._refuse(name, ErrorBody(code="file-empty", parameters={"name": name}))

    def add_bytes(self, name: str, data: bytes, modality: Modality | None = None, replaces: str = "") -> None:
        """Add a part from its bytes, such as typed text."""
        self.reading[name] = modality
        self.refusals.pop(name, None)
        client = self._session.client

        def failed(problem: ErrorBody) -> None:
            self.reading.pop(name, None)
            self._refuse(name, problem)
            self._done()

        def taken(added: PartAdded) -> None:
            self.reading.pop(name, None)
            self._keep(added.case)
            self.part_taken.emit(added.part_id, replaces)
            self._done()

        def put(digest: str) -> None:
            command = AddPart(
                command_id=new_id("add"), sha256=digest, name=name[:400], modality=modality, replaces=replaces
            )
            client.post(f"/v1/cases/{self._case_id}/parts", command, PartAdded, self._here(taken), self._here(failed))

        self._do(lambda: client.put_blob(data, self._here(put), self._here(failed)))
        self.changed.emit()

    def remove_part(self, part_id: str) -> None:
        """Put a part away; `restore_part` brings it back."""
        path = f"/v1/cases/{self._case_id}/parts/{part_id}"
        self._do(
            lambda: self._session.client.delete(path, self._here(self._on_case_bytes), self._here(self._on_failed))
        )

    def restore_part(self, part_id: str) -> None:
        """Bring back a part that was removed."""
        path = f"/v1/cases/{self._case_id}/parts/{part_id}/restore"
        command = Command(command_id=new_id("restore"))
        self._do(
            lambda: self._session.client.post(
                path, command, Case, self._here(self._on_case), self._here(self._on_failed)
            )
        )

    def edit(self, **fields: str | tuple[str, ...]) -> None:
        """Change fields of the case, as `EditCase` names them."""

        def send() -> None:
            assert self.case is not None
            known = {"command_id": new_id("edit"), "version": self.case.version}
            command = EditCase.model_validate({**known, **fields})
            self._session.client.patch(
                f"/v1/cases/{self._case_id}", command, Case, self._here(self._on_case), self._here(self._on_edit_failed)
            )

        self._do(send)

    def predict(self) -> None:
        """Ask the model in use for its answer, after everything that is under way."""
        self.predicting = True
        path = f"/v1/cases/{self._case_id}/predict"
        command = Predict(command_id=new_id("predict"))
        self._do(
            lambda: self._session.client.post(
                path, command, Prediction, self._here(self._on_prediction), self._here(self._on_predict_failed)
            )
        )
        self.changed.emit()

    def stop_waiting(self) -> None:
        """Wait for the answer no longer; should it come, it is shown as any other change of the case."""
        if self.predicting:
            self._generation += 1
            self.predicting = self._running = False
            self.changed.emit()
            self._next()

    def forget_refusal(self, name: str) -> None:
        """Show a refused file no longer."""
        if self.refusals.pop(name, None) is not None:
            self.changed.emit()

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

    def _begin(self, case_id: str) -> None:
        self._generation += 1
        self._steps.clear()
        self._running = False
        self._case_id = case_id
        self.case = None
        self.reading.clear()
        self.refusals.clear()
        self.predicting = False
        self.changed.emit()

    def _here(self, callback: Callable[[T], None]) -> Callable[[T], None]:
        """Return `callback` for the case that is open now: an answer that comes after another was opened is dropped."""
        generation = self._generation

        def answered(value: T) -> None:
            if generation == self._generation:
                callback(value)

        return answered

    def _do(self, step: Step) -> None:
        self._steps.append(step)
        self._next()

    @Slot()
    def _next(self) -> None:
        if self._running or not self._steps or not self._session.is_live:
            return
        self._running = True
        self._steps.popleft()()

    def _done(self) -> None:
        self._running = False
        self.changed.emit()
        self._next()
        if not self.is_busy:
            self.settled.emit()

    def _keep(self, case: Case) -> None:
        """Take a case as the engine has it; an older version than the shown one comes late and is dropped."""
        if case.case_id == self._case_id and (self.case is None or case.version >= self.case.version):
            self.case = case

    def _on_case(self, case: Case) -> None:
        self._keep(case)
        self._done()

    def _on_case_bytes(self, raw: bytes) -> None:
        self._on_case(Case.model_validate_json(raw))

    def _on_prediction(self, prediction: Prediction) -> None:
        self.predicting = False
        if self.case is not None:
            self.case = self.case.model_copy(update={"prediction": prediction})
        self._done()

    def _on_failed(self, problem: ErrorBody) -> None:
        self.refused.emit(problem)
        self._done()

    def _on_predict_failed(self, problem: ErrorBody) -> None:
        self.predicting = False
        self._on_failed(problem)

    def _on_edit_failed(self, problem: ErrorBody) -> None:
        """Show the newer version after a conflict; the person then decides again."""
        self.refused.emit(problem)
        if problem.code == "conflict":
            self.case = None
            self._session.client.get(
                f"/v1/cases/{self._case_id}", Case, self._here(self._on_case), self._here(self._on_failed)
            )
        else:
            self._done()

    def _refuse(self, name: str, problem: ErrorBody) -> None:
        self.refusals[name] = problem
        self.refused.emit(problem)
        self.changed.emit()

    @Slot(object)
    def _on_session_event_arrived(self, event: Event) -> None:
        body = event.body
        if isinstance(body, CaseChanged) and body.case.case_id == self._case_id and not body.removed:
            self._keep(_with_routing(body.case, self.case))
            self.changed.emit()


def _with_routing(told: Case, known: Case | None) -> Case:
    """Return a case that was told, with the whole answer of the known one where it is the same: events may leave its tokens out."""
    if known is None or known.prediction is None or told.prediction is None:
        return told
    same = told.prediction.prediction_id == known.prediction.prediction_id
    return told.model_copy(update={"prediction": known.prediction}) if same else told


def parts_of(case: Case, modality: Modality) -> tuple[Part, ...]:
    """Return the parts of one kind, readable or not."""
    return tuple(part for part in case.parts if part.modality == modality)
