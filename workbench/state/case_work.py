"""What is asked for one case: changes go to the engine one after the other, each kept once the engine has confirmed it."""

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.base import Modality, new_id
from engine.schema.case import Case
from engine.schema.command import AddPart, Command, CreateCase, EditCase, PartAdded, Predict
from engine.schema.errors import ErrorBody
from engine.schema.event import CaseChanged, Event
from engine.schema.prediction import Prediction
from workbench.link.turns import Turns
from workbench.state.session import Session

Step = Callable[[], None]


class CaseWork(QObject):
    """One case and all that is asked for it, whether it is in front or was left. An id that is empty stands for no case.

    Signals:
        changed: the case, a file on its way, or the wait for an answer changed.
        refused: a file or a change was refused; carries an `ErrorBody`.
        settled: everything asked for is done.
        part_taken: a part came in; carries its id and the id of the part whose place it took, or an empty string.
        notes_changed: a typed note was handed over or reached the engine; carries the case's id.
        note_refused: a typed note did not reach the case; carries the case's id and the note.
    """

    changed = Signal()
    refused = Signal(object)
    settled = Signal()
    part_taken = Signal(str, str)
    notes_changed = Signal(str)
    note_refused = Signal(str, str)

    def __init__(self, session: Session, case_id: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.case_id = case_id
        self.case: Case | None = None
        self.reading: dict[str, Modality | None] = {}
        """Files on their way to the engine, by name, with their kind where it is known."""
        self.refusals: dict[str, ErrorBody] = {}
        """Files that never became a part, by name."""
        self.notes: dict[str, str] = {}
        """Typed notes that the engine does not have yet, by the id of the command that brings them."""
        self.predicting = False
        self._steps: deque[Step] = deque()
        self._running = False
        self._turns, self._waits = Turns(), Turns()
        session.event_arrived.connect(self._on_session_event_arrived)
        session.attached.connect(self._next)

    @property
    def is_busy(self) -> bool:
        """Whether something asked for is not done yet."""
        return self._running or bool(self._steps) or self.predicting

    def read(self) -> None:
        """Read the case."""
        path = f"/v1/cases/{self.case_id}"
        self._do(
            lambda: self._session.client.get(
                path, Case, self._turns.only_now(self._on_case), self._turns.only_now(self._on_failed)
            )
        )

    def create(self, title: str) -> None:
        """Make the case, empty."""
        command = CreateCase(command_id=new_id("create"), case_id=self.case_id, title=title)
        self._do(
            lambda: self._session.client.post(
                "/v1/cases", command, Case, self._turns.only_now(self._on_case), self._turns.only_now(self._on_failed)
            )
        )

    def add(self, name: str, data: bytes, modality: Modality | None, replaces: str = "", note: str = "") -> None:
        """Add a part from its bytes; a typed `note`, which nobody else has, is held until the engine has it."""
        client, command_id = self._session.client, new_id("add")
        self.reading[name] = modality
        self.refusals.pop(name, None)

        def failed(problem: ErrorBody) -> None:
            self.reading.pop(name, None)
            self._hold_note(command_id, "")
            self.refuse(name, problem)
            if note:
                self.note_refused.emit(self.case_id, note)
            self._done()

        def taken(added: PartAdded) -> None:
            self.reading.pop(name, None)
            self._keep(added.case)
            self.part_taken.emit(added.part_id, replaces)
            self._done()

        def put(digest: str) -> None:
            command = AddPart(
                command_id=command_id, sha256=digest, name=name[:400], modality=modality, replaces=replaces
            )
            client.post(
                f"/v1/cases/{self.case_id}/parts",
                command,
                PartAdded,
                self._turns.only_now(taken),
                self._turns.only_now(failed),
            )
            self._hold_note(command_id, "")

        self._hold_note(command_id, note)
        self._do(lambda: client.put_blob(data, self._turns.only_now(put), self._turns.only_now(failed)))
        self.changed.emit()

    def _hold_note(self, command_id: str, note: str) -> None:
        """Hold a note until the engine has it; an empty one lets go of it."""
        if note:
            self.notes[command_id] = note
        elif self.notes.pop(command_id, None) is None:
            return
        self.notes_changed.emit(self.case_id)

    def refuse(self, name: str, problem: ErrorBody) -> None:
        """Note that a file does not become a part, and why."""
        self.refusals[name] = problem
        self.refused.emit(problem)
        self.changed.emit()

    def remove_part(self, part_id: str) -> None:
        """Put a part away; `restore_part` brings it back."""
        path = f"/v1/cases/{self.case_id}/parts/{part_id}"
        self._do(
            lambda: self._session.client.delete(
                path, self._turns.only_now(self._on_case_bytes), self._turns.only_now(self._on_failed)
            )
        )

    def restore_part(self, part_id: str) -> None:
        """Bring back a part that was removed."""
        path = f"/v1/cases/{self.case_id}/parts/{part_id}/restore"
        command = Command(command_id=new_id("restore"))
        self._do(
            lambda: self._session.client.post(
                path, command, Case, self._turns.only_now(self._on_case), self._turns.only_now(self._on_failed)
            )
        )

    def edit(self, **fields: str | tuple[str, ...]) -> None:
        """Change fields of the case, as `EditCase` names them."""

        def send() -> None:
            if self.case is None:  # it could not be made or read, which was told
                self._done()
                return
            known = {"command_id": new_id("edit"), "version": self.case.version}
            command = EditCase.model_validate({**known, **fields})
            self._session.client.patch(
                f"/v1/cases/{self.case_id}",
                command,
                Case,
                self._turns.only_now(self._on_case),
                self._turns.only_now(self._on_edit_failed),
            )

        self._do(send)

    def put_away(self) -> None:
        """Move the case to the trash; what is still queued for it is asked no more."""
        self._forget()
        path = f"/v1/cases/{self.case_id}"
        self._do(
            lambda: self._session.client.delete(
                path, self._turns.only_now(self._on_put_away), self._turns.only_now(self._on_failed)
            )
        )

    def predict(self) -> None:
        """Ask the model in use for its answer, after everything that is under way; what comes later need not wait for it."""
        self.predicting = True
        self._waits.next()
        command = Predict(command_id=new_id("predict"))

        def answered(prediction: Prediction) -> None:
            self.predicting = False
            if self.case is not None:
                self.case = self.case.model_copy(update={"prediction": prediction})
            self._settle()

        def failed(problem: ErrorBody) -> None:
            self.predicting = False
            self.refused.emit(problem)
            self._settle()

        then, otherwise = self._waits.only_now(answered), self._waits.only_now(failed)

        def send(path: str) -> None:
            self._session.client.post(path, command, Prediction, then, otherwise)

        ask = self._waits.only_now(send)

        def step() -> None:
            ask(f"/v1/cases/{self.case_id}/predict")
            self._done()

        self._do(step)
        self.changed.emit()

    def predict_if_readable(self) -> None:
        """Ask for the answer after everything that is under way, if something could be read by then."""

        def ask() -> None:
            if self.case is not None and self.case.readable() and self._session.model_in_use() is not None:
                self.predict()
            self._done()

        self._do(ask)

    def stop_waiting(self) -> None:
        """Wait for the answer no longer; should it come, it is shown as any other change of the case."""
        if self.predicting:
            self._waits.next()
            self.predicting = False
            self._settle()

    def forget_refusal(self, name: str) -> None:
        """Show a refused file no longer."""
        if self.refusals.pop(name, None) is not None:
            self.changed.emit()

    def drop(self) -> None:
        """Ask for nothing more and hear no answer: its project was left."""
        self._forget()
        self._turns.next()
        self._running = False
        self.notes.clear()  # without a word: they stay recoverable in the project they belong to

    def _forget(self) -> None:
        self._steps.clear()
        self.reading.clear()
        self.predicting = False
        self._waits.next()

    def _do(self, step: Step) -> None:
        self._steps.append(step)
        self._next()

    @Slot()
    def _next(self) -> None:
        if self._running or not self._steps or not self._session.is_live:
            return
        self._running = True
        self._turns.next()
        self._steps.popleft()()

    def _done(self) -> None:
        self._running = False
        self.changed.emit()
        self._next()
        if not self.is_busy:
            self.settled.emit()

    def _settle(self) -> None:
        self.changed.emit()
        if not self.is_busy:
            self.settled.emit()

    def _keep(self, case: Case) -> None:
        """Take a case as the engine has it; an older version than the shown one comes late and is dropped."""
        if case.case_id == self.case_id and (self.case is None or case.version >= self.case.version):
            self.case = _with_newest_answer(case, self.case)

    def _on_case(self, case: Case) -> None:
        self._keep(case)
        self._done()

    def _on_case_bytes(self, raw: bytes) -> None:
        self._on_case(Case.model_validate_json(raw))

    def _on_put_away(self, _raw: bytes) -> None:
        self._done()

    def _on_failed(self, problem: ErrorBody) -> None:
        self.refused.emit(problem)
        self._done()

    def _on_edit_failed(self, problem: ErrorBody) -> None:
        """Show the newer version after a conflict; the person then decides again."""
        self.refused.emit(problem)
        if problem.code == "conflict":
            self.case = None
            self._session.client.get(
                f"/v1/cases/{self.case_id}",
                Case,
                self._turns.only_now(self._on_case),
                self._turns.only_now(self._on_failed),
            )
        else:
            self._done()

    @Slot(object)
    def _on_session_event_arrived(self, event: Event) -> None:
        body = event.body
        if isinstance(body, CaseChanged) and body.case.case_id == self.case_id and not body.removed:
            self._keep(_with_routing(body.case, self.case))
            self.changed.emit()


def _with_newest_answer(told: Case, known: Case | None) -> Case:
    """Return a case that was told, with the known answer where that is newer: an answer comes beside all else, and counts no version."""
    if known is None or known.prediction is None:
        return told
    late = told.prediction is None or told.prediction.at < known.prediction.at
    return told.model_copy(update={"prediction": known.prediction}) if late else told


def _with_routing(told: Case, known: Case | None) -> Case:
    """Return a case that was told, with the whole answer of the known one where it is the same: events may leave its tokens out."""
    if known is None or known.prediction is None or told.prediction is None:
        return told
    same = told.prediction.prediction_id == known.prediction.prediction_id
    return told.model_copy(update={"prediction": known.prediction}) if same else told
