"""What was typed for cases and is not with the engine yet: the words in the editor, and notes on their way."""

from PySide6.QtCore import QObject, Signal, Slot

from workbench.state.cases import CaseState
from workbench.widgets.drop_card import DropCard


class CaseNotes(QObject):
    """Sees that nothing typed is lost between the editor and the engine, and that no note stands in another patient's case.

    Signals:
        changed: carries a case's id and all that was typed for it and only this window has.
    """

    changed = Signal(str, str)

    def __init__(self, state: CaseState, card: DropCard, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self._card = card
        self._case_id = ""
        self._typed: dict[str, str] = {}
        card.draft_changed.connect(self._on_card_draft_changed)
        state.notes_changed.connect(self._on_state_notes_changed)
        state.note_refused.connect(self._on_state_note_refused)

    def show(self, case_id: str, kept: str) -> None:
        """Let the editor hold the words of this case, of which `kept` was kept; notes on their way are not among them."""
        if not self._state.notes(case_id):
            self._typed[case_id] = kept
        self._case_id = ""  # what goes out of the editor now was not deleted by the person
        self._card.show_draft(self._typed.get(case_id, ""))
        self._case_id = case_id

    @Slot(str)
    def _on_card_draft_changed(self, text: str) -> None:
        if self._case_id:
            self._typed[self._case_id] = text
            self._on_state_notes_changed(self._case_id)

    @Slot(str)
    def _on_state_notes_changed(self, case_id: str) -> None:
        self.changed.emit(case_id, _joined(*self._state.notes(case_id), self._typed.get(case_id, "")))

    @Slot(str, str)
    def _on_state_note_refused(self, case_id: str, note: str) -> None:
        """Give the note back to the editor it came from."""
        self._typed[case_id] = _joined(note, self._typed.get(case_id, ""))
        self._on_state_notes_changed(case_id)
        if case_id == self._case_id:
            self._card.show_draft(self._typed[case_id])


def _joined(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text.strip())
