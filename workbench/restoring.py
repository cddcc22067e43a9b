"""Taking up what the last window left in a project: the case that was open, notes and texts that were typed but not used."""

import functools
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot

from engine.schema.case import Case
from engine.schema.errors import ErrorBody
from workbench.main_window import MainWindow
from workbench.state.recovery import Recovery
from workbench.state.session import Session
from workbench.views.place import Place

if TYPE_CHECKING:
    from workbench.views.case_detail import CaseView
    from workbench.views.knowledge import KnowledgeView


class Restoring(QObject):
    """Joins places to the recovery, and says what was restored after a window that did not close in order."""

    def __init__(self, window: MainWindow, session: Session, recovery: Recovery) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._recovery = recovery
        window.place_made.connect(self._on_window_place_made)
        window.place_shown.connect(self._on_window_place_shown)
        window.closed.connect(recovery.end)
        session.attached.connect(self._on_session_attached)
        session.light_changed.connect(self._on_session_light_changed)

    def _case_view(self) -> "CaseView":
        return cast("CaseView", self._window.place("case"))

    @Slot(str, object)
    def _on_window_place_made(self, view_id: str, place: Place) -> None:
        if view_id == "case":
            case = cast("CaseView", place)
            case.draft_of = self._recovery.draft
            case.draft_changed.connect(self._recovery.keep_draft)
            case.case_shown.connect(self._recovery.keep_case)
        elif view_id == "knowledge":
            knowledge = cast("KnowledgeView", place)
            knowledge.draft_of = self._recovery.draft
            knowledge.draft_changed.connect(self._recovery.keep_draft)

    @Slot(str)
    def _on_window_place_shown(self, place_id: str) -> None:
        self._recovery.keep_case(self._case_view().state.case_id if place_id == "case" else "")

    @Slot()
    def _on_session_light_changed(self) -> None:
        """Keep nothing more in a project that was left: what is typed until the next one's engine answers belongs to that."""
        if self._session.folder is None:
            self._recovery.end()

    @Slot()
    def _on_session_attached(self) -> None:
        """Take up what the last window left in this project; say so where it did not close in order."""
        folder = self._session.folder
        if folder is None or folder == self._recovery.folder:
            return
        self._recovery.begin(folder)
        case_id = self._recovery.case_id
        if not self._recovery.crashed:
            return
        if not case_id:
            self._window.notice.say(lambda: self.tr("The window ended unexpectedly last time. Nothing was lost."))
            return
        missed = functools.partial(self._on_lost_case_missed, case_id)
        self._session.client.get(f"/v1/cases/{case_id}", Case, self._on_lost_case_found, missed)

    def _on_lost_case_found(self, case: Case) -> None:
        self._window.go("case", case.case_id)
        self._say_restored(note=bool(self._recovery.draft(case.case_id)))

    def _on_lost_case_missed(self, case_id: str, problem: ErrorBody) -> None:
        """Give a note whose case never reached the engine a new case; while nobody knows whether it did, the note waits for it."""
        if problem.code != "not-found":
            return
        note = self._recovery.draft(case_id)
        self._recovery.keep_draft(case_id, "")
        if note:
            view = self._case_view()
            view.start_case(self.tr("New case"), ())
            self._window.go("case")
            view.inputs.cards["text"].show_draft(note)
        self._say_restored(note=bool(note))

    def _say_restored(self, *, note: bool) -> None:
        went_on = self._session.job is not None

        def said() -> str:
            back = (
                self.tr("The window ended unexpectedly last time. The open case and the note you were typing are back.")
                if note
                else self.tr("The window ended unexpectedly last time. The case that was open is back.")
            )
            also = self.tr("Your training went on.")  # lupdate finds no text inside an f-string
            return f"{back} {also}" if went_on else back

        self._window.notice.say(said)
