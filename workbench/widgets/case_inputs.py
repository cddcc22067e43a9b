"""The left column of a case: a card a kind of input, the patient group, and the run button with its reason."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from engine.schema.base import MODALITIES, Modality
from engine.schema.case import Case
from workbench.i18n import Retranslated
from workbench.state.cases import CaseState, parts_of
from workbench.state.domains import domain_words
from workbench.state.files import OPENS, kind_of
from workbench.state.session import Session
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import button, column
from workbench.widgets.drop_card import DropCard
from workbench.widgets.text import Text
from workbench.words import listed


class CaseInputs(Retranslated, QWidget):
    """Shows and changes what a case is made of.

    Signals:
        removed: a part was removed; carries its id and name.
        run_wanted: the person asked for the answer.
    """

    removed = Signal(str, str)
    run_wanted = Signal()

    def __init__(self, session: Session, state: CaseState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._state = state
        self.cards: dict[Modality, DropCard] = {modality: DropCard(modality) for modality in MODALITIES}
        self._group_label = Text(tone="second", size="small")
        self.group = QLineEdit()
        self.group.setMaxLength(400)
        self.run = button("primary", "play")
        self._reason = Text(tone="second", size="small", wrap=True)
        cards = column(*self.cards.values(), spacing=INSIDE)
        group = column(self._group_label, self.group, spacing=4)
        self.setLayout(column(cards, group, self.run, self._reason, None, spacing=BETWEEN))
        for card in self.cards.values():
            card.files_dropped.connect(self._on_card_files_dropped)
            card.files_wanted.connect(self._on_card_files_wanted)
            card.text_given.connect(self._on_card_text_given)
            card.remove_wanted.connect(self._on_card_remove_wanted)
            card.refusal_closed.connect(state.forget_refusal)
            card.draft_changed.connect(self.retranslate)
        self.run.clicked.connect(self._on_run_clicked)
        self.group.editingFinished.connect(self._on_group_editing_finished)
        state.changed.connect(self.refresh)
        session.light_changed.connect(self.retranslate)
        session.project_changed.connect(self.retranslate)
        self.retranslate()

    @Slot()
    def refresh(self) -> None:
        """Show the case as it is now."""
        case = self._state.case
        for modality, card in self.cards.items():
            parts = parts_of(case, modality) if case is not None else ()
            reading = tuple(name for name, kind in self._state.reading.items() if self._kind(name, kind) == modality)
            refusals = {n: p for n, p in self._state.refusals.items() if self._kind(n, None) == modality}
            card.show_parts(parts, reading, refusals)
            card.setVisible(modality in domain_words().modalities() or bool(parts or reading or refusals))
        self.group.setReadOnly(case is None)
        if case is None or not self.group.hasFocus():
            self.group.setText(case.group if case is not None else "")
        self.retranslate()

    @Slot()
    def retranslate(self) -> None:
        """Write the words in the language and domain of the moment, and why one can or cannot run."""
        group = domain_words().group() or self.tr("Patient or client")
        self._group_label.setText(self.tr("{group} (optional)").format(group=group))
        self.group.setPlaceholderText(self.tr("such as P-118"))
        self.group.setAccessibleName(self._group_label.text())
        self.run.setText(self.tr("Stop waiting") if self._state.predicting else self.tr("Run"))
        self.run.setToolTip(self.tr("Ctrl+Enter"))
        reason = self._why_not()
        self.run.setEnabled(not reason)
        self._reason.setText(reason or self._inputs_sentence())

    def _why_not(self) -> str:
        """Return why no answer can be asked for now; empty where it can."""
        case = self._state.case
        if not self._session.is_live:
            return self.tr("Waiting for the engine.")
        if (
            self._state.reading and not self._state.predicting
        ):  # an answer under way can be stopped, whatever else is read
            return self.tr("Reading the files.")
        if self._session.model_in_use() is None:
            return self.tr("No model yet. Train one, or open the demo project.")
        if case is None or not (case.readable() or self.has_draft()):
            kinds = domain_words().kinds()
            if not kinds:
                return self.tr("Add a note, a picture or a recording first.")
            named = listed(kinds[m] for m in domain_words().modalities() if m in kinds)
            return self.tr("Add one of these first: {inputs}.").format(inputs=named)
        return ""

    def has_draft(self) -> bool:
        """Tell whether a note stands in the editor that Run would take along."""
        return bool(self.cards["text"].editor.toPlainText().strip())

    def _inputs_sentence(self) -> str:
        kinds = set(self._state.case.present() if self._state.case is not None else ())
        present = kinds | {"text"} if self.has_draft() else kinds
        wanted = domain_words().modalities()
        if set(wanted) <= present:
            return self.tr("{n} of {n} kinds of input. Ctrl+Enter runs.").format(n=len(wanted))
        missing: dict[Modality, str] = {
            "text": self.tr("the note"),
            "image": self.tr("the picture"),
            "audio": self.tr("the recording"),
        }
        missing |= domain_words().kinds()
        without = self.tr(" and ").join(missing[m] for m in wanted if m not in present)
        said = self.tr("{n} of {all} kinds of input. Runs without {missing}, with less certainty.")
        return said.format(n=len(present), all=len(wanted), missing=without)

    @staticmethod
    def _kind(name: str, known: Modality | None) -> Modality:
        """Return on whose card a file is shown; one of no known kind stands with the notes."""
        return known or kind_of(Path(name)) or "text"

    def add_files(self, paths: list[Path], replaces: str = "") -> None:
        """Add files; the first of a kind takes the place of that kind's only part."""
        case = self._state.case
        for path in paths:
            kind = kind_of(path)
            there = parts_of(case, kind) if case is not None and kind is not None else ()
            self._state.add_file(path, None, replaces or (there[0].part_id if len(there) == 1 else ""))
            replaces = ""

    @Slot(list)
    def _on_card_files_dropped(self, paths: list[Path]) -> None:
        self.add_files(paths)

    @Slot(str)
    def _on_card_files_wanted(self, replaces: str) -> None:
        card = self.sender()
        assert isinstance(card, DropCard)
        endings = " ".join(f"*{ending}" for ending, kind in OPENS.items() if kind == card.modality)
        name, _ = QFileDialog.getOpenFileName(self, card.choose.text(), "", f"({endings})")
        if name:
            self._state.add_file(Path(name), None, replaces)

    @Slot(str)
    def _on_card_text_given(self, text: str) -> None:
        case: Case | None = self._state.case
        count = len(parts_of(case, "text")) if case is not None else 0
        name = self.tr("typed note") + (f" {count + 1}" if count else "")
        self._state.add_bytes(f"{name}.txt", text.encode(), "text")

    @Slot(str)
    def _on_card_remove_wanted(self, part_id: str) -> None:
        case = self._state.case
        part = next((p for p in case.parts if p.part_id == part_id), None) if case is not None else None
        if part is not None:
            self._state.remove_part(part_id)
            self.removed.emit(part_id, part.name)

    @Slot()
    def _on_run_clicked(self) -> None:
        self.cards["text"].give_text()
        self.run_wanted.emit()

    @Slot()
    def _on_group_editing_finished(self) -> None:
        case = self._state.case
        if case is not None and self.group.text() != case.group:
            self._state.edit(group=self.group.text())
