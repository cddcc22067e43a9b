"""The card of one kind of input: its parts with their facts and flags, and a place to drop, choose, paste or type another."""

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from engine.schema.base import Modality
from engine.schema.case import Part
from engine.schema.errors import ErrorBody
from workbench.i18n import Retranslated, language
from workbench.icons import icon
from workbench.state.domains import domain_words
from workbench.state.predictions import ModalityWords, part_summary
from workbench.theme import INSIDE, TIGHT, theme
from workbench.widgets.boxes import Frame, button, column, icon_button, name_it, row, widgets_of
from workbench.widgets.drop_area import local_paths
from workbench.widgets.text import ElidedText, Text
from workbench.words import listed, size_in_words

ICONS: dict[Modality, str] = {"text": "text-box-outline", "image": "image-outline", "audio": "waveform"}


class PartRow(Retranslated, QWidget):
    """One part: its name, its facts, what is doubtful about it, and the buttons to replace and remove it.

    Signals:
        opened, replace_wanted, remove_wanted: the person asked; each carries the part's id.
    """

    opened = Signal(str)
    replace_wanted = Signal(str)
    remove_wanted = Signal(str)

    def __init__(self, part: Part, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part = part
        self._name = ElidedText(part.name)
        self._facts = Text(tone="second", size="small")
        self._doubt = Text(tone="care", size="small", wrap=True)
        self._replace = icon_button("sync")
        self._remove = icon_button("close")
        for made in (self._replace, self._remove):
            made.setIconSize(QSize(16, 16))
        words = column(self._name, self._facts, spacing=0)
        top = row(words, self._replace, self._remove, spacing=TIGHT)
        top.setStretch(0, 1)
        self.setLayout(column(top, self._doubt, spacing=TIGHT))
        self._replace.clicked.connect(lambda: self.replace_wanted.emit(part.part_id))
        self._remove.clicked.connect(lambda: self.remove_wanted.emit(part.part_id))
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        part = self.part
        facts = (part_summary(part), size_in_words(part.size))
        self._facts.setText(" · ".join(fact for fact in facts if fact))
        if part.problem is not None:
            self._doubt.setText(part.problem.text(language()))
        else:
            flags = ModalityWords().flags()
            self._doubt.setText(
                self.tr("Check: {flags}").format(flags=listed(flags.get(f.code, f.code) for f in part.flags))
            )
        self._doubt.setVisible(part.problem is not None or bool(part.flags))
        name_it(self._replace, self.tr("Replace {name}").format(name=part.name))
        name_it(self._remove, self.tr("Remove {name}").format(name=part.name))


class ReadingRow(Retranslated, Text):
    """A file on its way to the engine."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(tone="second", parent=parent)
        self._name = name
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.setText(self.tr("Reading {name} …").format(name=self._name))


class RefusalRow(Retranslated, QWidget):
    """A file that was refused, and why.

    Signals:
        closed: the person has read it; carries the file's name.
    """

    closed = Signal(str)

    def __init__(self, name: str, problem: ErrorBody, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._problem = name, problem
        self.said = Text(tone="care", wrap=True)
        self.close_button = icon_button("close")
        self.close_button.setIconSize(QSize(16, 16))
        layout = row(self.said, self.close_button, spacing=TIGHT)
        layout.setStretch(0, 1)
        layout.setAlignment(self.close_button, Qt.AlignmentFlag.AlignTop)
        self.setLayout(layout)
        self.close_button.clicked.connect(lambda: self.closed.emit(name))
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.said.setText(self._problem.text(language()))
        name_it(self.close_button, self.tr("Close the message about {name}").format(name=self._name))


Fact = Part | str | tuple[str, ErrorBody]
"""What a row of a card shows: a part, the name of a file on its way, or that of a refused one with the reason."""


class DropCard(Retranslated, Frame):
    """Takes one kind of input.

    Signals:
        files_dropped: local paths were dropped on the card.
        files_wanted: the person wants to choose a file; carries the id of the part to replace, or an empty string.
        text_given: the person typed or pasted a note.
        draft_changed: what stands in the editor, not yet used.
        remove_wanted: carries a part's id.
        refusal_closed: carries the name of a refused file.
    """

    files_dropped = Signal(list)
    files_wanted = Signal(str)
    text_given = Signal(str)
    draft_changed = Signal(str)
    remove_wanted = Signal(str)
    refusal_closed = Signal(str)

    def __init__(self, modality: Modality, parent: QWidget | None = None) -> None:
        super().__init__("card", None, parent)
        self.modality = modality
        self.setAcceptDrops(True)
        self._parts: tuple[Part, ...] = ()
        self._mark = Text()
        self._head = Text(strong=True)
        self._state = Text(tone="hint", size="small")
        self._shown: list[tuple[Fact, QWidget]] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(INSIDE)
        self._hint = Text(tone="hint", size="small", wrap=True)
        self.choose = button("plain", "plus")
        self.type = button("plain")
        self._types_more = False
        self.editor = QPlainTextEdit()
        self.editor.setTabChangesFocus(True)
        self.editor.setProperty("kind", "field")
        self.keep = button("")
        head = row(self._mark, self._head, None, self._state, spacing=INSIDE)
        self._typing = QWidget()
        self._typing.setLayout(column(self.editor, row(self.keep, None), spacing=INSIDE))
        self.setLayout(
            column(head, self._rows, self._typing, row(self.choose, self.type, None, spacing=0), self._hint, margins=12)
        )
        self.choose.clicked.connect(lambda: self.files_wanted.emit(""))
        self.type.clicked.connect(self._on_type_clicked)
        self.keep.clicked.connect(self._on_keep_clicked)
        self.editor.textChanged.connect(self._on_editor_text_changed)
        theme().changed.connect(self.retranslate)
        self._reading = False
        self.keep.hide()
        self.retranslate()

    @property
    def rows(self) -> list[PartRow]:
        """The rows of the parts, as they are shown."""
        return [widget for widget in widgets_of(self._rows) if isinstance(widget, PartRow)]

    def show_parts(self, parts: tuple[Part, ...], reading: tuple[str, ...], refusals: dict[str, ErrorBody]) -> None:
        """Show the parts, the files on their way and the refused ones."""
        self._parts, self._reading = parts, bool(reading)
        self._show_rows([*parts, *reading, *refusals.items()])
        bad = bool(refusals) or any(part.problem is not None for part in parts)
        self.set_tone("care" if bad else "")
        self.retranslate()

    def _show_rows(self, facts: list[Fact]) -> None:
        """Show a row a fact; one that says the same as before stays, as a person may be at its buttons."""
        old, self._shown = self._shown, []
        for fact in facts:
            known = next((pair for pair in old if pair[0] == fact), None)
            if known is not None:
                old.remove(known)
            self._shown.append(known or (fact, self._row(fact)))
        for _, gone in old:
            self._rows.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (_, shown) in enumerate(self._shown):
            if self._rows.indexOf(shown) != place:
                self._rows.insertWidget(place, shown)

    def _row(self, fact: Fact) -> QWidget:
        if isinstance(fact, str):
            return ReadingRow(fact)
        if isinstance(fact, Part):
            made = PartRow(fact)
            made.replace_wanted.connect(self.files_wanted)
            made.remove_wanted.connect(self.remove_wanted)
            return made
        refused = RefusalRow(*fact)
        refused.closed.connect(self.refusal_closed)
        return refused

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.editor.setFixedHeight(theme().px(96))
        kind = self.modality
        self._mark.setPixmap(icon(ICONS[kind], kind).pixmap(QSize(16, 16)))
        self._head.setText(ModalityWords().kinds()[kind])
        there = any(part.decoded is not None for part in self._parts)
        self._state.setText(self.tr("reading") if self._reading else self.tr("ready") if there else self.tr("none"))
        self.choose.setText(self._add_words())
        hints = {
            "text": self.tr("Drop a .txt file here, or type."),
            "image": self.tr("Drop a .png or .jpg file here."),
            "audio": self.tr("Drop a .wav, .flac, .mp3 or .ogg file here."),
        }
        self._hint.setText(hints[kind])
        self._hint.setVisible(not self._parts)
        named = "text" in domain_words().kinds()
        self.type.setText(self.tr("Type it") if named else self.tr("Type a note"))
        typing = kind == "text" and (not self._parts or self._types_more)
        self._typing.setVisible(typing)
        self.type.setVisible(kind == "text" and not typing)
        asked = self.tr("Type or paste the symptoms") if domain_words().is_medical() else self.tr("Type or paste here")
        self.editor.setPlaceholderText(asked)
        self.editor.setAccessibleName(asked)
        self.keep.setText(self.tr("Use this text") if named else self.tr("Use this note"))

    def _add_words(self) -> str:
        name = domain_words().kinds().get(self.modality)
        if name:
            return self.tr("Add: {input}").format(input=name)
        plain = {
            "text": self.tr("Add a note file"),
            "image": self.tr("Add a picture"),
            "audio": self.tr("Add a recording"),
        }
        return plain[self.modality]

    @Slot()
    def _on_editor_text_changed(self) -> None:
        self.keep.setVisible(bool(self.editor.toPlainText().strip()))
        self.draft_changed.emit(self.editor.toPlainText())

    @Slot()
    def _on_type_clicked(self) -> None:
        self._types_more = True
        self.retranslate()
        self.editor.setFocus()

    @Slot()
    def _on_keep_clicked(self) -> None:
        self.give_text()

    def show_draft(self, text: str) -> None:
        """Put an unused note into the editor, or clear it of another case's."""
        self._types_more = bool(text)
        self.editor.setPlainText(text)
        self.retranslate()

    def give_text(self) -> bool:
        """Hand on what was typed, if anything was; True where there was."""
        text = self.editor.toPlainText().strip()
        if not text:
            return False
        self.editor.clear()
        self._types_more = False
        self.text_given.emit(text)
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up for files."""
        if local_paths(event):
            event.acceptProposedAction()
            self.set_tone("accent")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Go back to rest."""
        self.set_tone("")

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the files on."""
        self.set_tone("")
        event.acceptProposedAction()
        self.files_dropped.emit([Path(name) for name in local_paths(event)])
