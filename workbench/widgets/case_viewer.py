"""The middle column of a case: picture, recording and note to look at, and who worked on the answer."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPlainTextEdit, QPushButton, QStackedWidget, QTextEdit, QWidget

from engine.schema.base import Modality
from engine.schema.case import Case, Part
from engine.schema.prediction import TokenSpan
from workbench.i18n import Retranslated
from workbench.link.client import EngineClient
from workbench.state.predictions import ModalityWords
from workbench.theme import BETWEEN, INSIDE, TIGHT, theme
from workbench.widgets.boxes import Frame, button, column, icon_button, name_it, row
from workbench.widgets.image_canvas import ImageCanvas
from workbench.widgets.text import Text
from workbench.widgets.waveform import SoundView

_ORDER: tuple[Modality, ...] = ("image", "audio", "text")
"""Order of the tabs: what takes longest to look at comes first."""


class PictureView(Retranslated, QWidget):
    """A picture with its small bar of tools."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = ImageCanvas()
        self._fit = icon_button("fit-to-page-outline")
        self._actual = button("tab")
        self._actual.setCheckable(False)
        self._invert = icon_button("invert-colors")
        self._invert.setCheckable(True)
        self._reset = icon_button("refresh")
        self._read_out = Text(tone="second", size="small")
        self._hint = Text(tone="hint", size="small", wrap=True)
        tools = row(self._fit, self._actual, self._invert, self._reset, self._read_out, None, spacing=TIGHT)
        layout = column(self.canvas, tools, self._hint, spacing=INSIDE)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self._fit.clicked.connect(self.canvas.fit)
        self._actual.clicked.connect(self.canvas.actual_size)
        self._invert.toggled.connect(self.canvas.set_inverted)
        self._reset.clicked.connect(self.canvas.reset)
        self.canvas.view_changed.connect(self._on_canvas_view_changed)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        name_it(self._fit, self.tr("Fit (0)"))
        name_it(self._actual, self.tr("Actual size"))
        self._actual.setText("1:1")
        name_it(self._invert, self.tr("Invert (I)"))
        name_it(self._reset, self.tr("Reset (R)"))
        self._hint.setText(self.tr("wheel: zoom · right-drag: contrast"))
        self.canvas.setAccessibleName(self.tr("Picture"))
        self._on_canvas_view_changed()

    @Slot()
    def _on_canvas_view_changed(self) -> None:
        canvas = self.canvas
        self._invert.blockSignals(True)
        self._invert.setChecked(canvas.inverted)
        self._invert.blockSignals(False)
        said = self.tr("{zoom} %   W {window} L {level}")
        figures = {"zoom": round(100 * canvas.zoom), "window": round(canvas.window_width), "level": round(canvas.level)}
        self._read_out.setText(said.format(**figures) if canvas.has_image else "")


class CaseViewer(Retranslated, QWidget):
    """Tabs of the readable parts of a case; the chosen one is fetched and shown.

    Signals:
        part_shown: a part's bytes came and are on the screen; carries its id.
    """

    part_shown = Signal(str)

    def __init__(self, client: EngineClient, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._parts: tuple[Part, ...] = ()
        self._chosen = ""
        self._case_id = ""
        self._shown: Part | None = None
        self.picture = PictureView()
        self.sound = SoundView()
        self.note = QPlainTextEdit()
        self.note.setReadOnly(True)
        self._nothing = Text(tone="hint", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        for page in (self._nothing, self.picture, self.sound, self.note):
            self._stack.addWidget(page)
        self._tabs = QHBoxLayout()
        self._tabs.setSpacing(TIGHT)
        self._tabs.addStretch(1)
        self._tab_of: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        frame = Frame("card", column(self._tabs, self._stack, spacing=INSIDE, margins=12))
        layout = frame.layout()
        assert layout is not None
        self.setLayout(column(frame, spacing=BETWEEN))
        self.setMinimumHeight(280)
        self.retranslate()

    @property
    def shown_part(self) -> Part | None:
        """The part on the screen."""
        return self._shown

    def show_case(self, case: Case | None) -> None:
        """Offer the readable parts of a case, keeping the chosen one where it is still there."""
        parts = tuple(sorted(case.readable(), key=lambda part: _ORDER.index(part.modality))) if case is not None else ()
        case_id = case.case_id if case is not None else ""
        if parts == self._parts and case_id == self._case_id:
            return
        newest = next((part for part in reversed(parts) if part not in self._parts), None)
        ids = {part.part_id for part in parts}
        self._parts = parts
        if case_id != self._case_id:
            self._chosen = ""
        self._case_id = case_id
        if self._chosen not in ids:
            self._chosen = newest.part_id if newest is not None else parts[0].part_id if parts else ""
        self._show_tabs()
        self._fetch()

    def choose(self, part_id: str) -> None:
        """Show a part."""
        self._chosen = part_id
        self._show_tabs()
        self._fetch()

    def point_at(self, span: TokenSpan | None) -> None:
        """Mark what a token stands for, where its part is on the screen."""
        part = self._shown
        here = span if span is not None and part is not None and span.part_id == part.part_id else None
        self.picture.canvas.mark(here.box if here is not None else None)
        self.sound.plot.mark((here.start, here.stop) if here is not None and here.modality == "audio" else None)
        self._mark_note(here if here is not None and here.modality == "text" else None)

    def _mark_note(self, span: TokenSpan | None) -> None:
        if span is None:
            self.note.setExtraSelections([])
            return
        marked = QTextEdit.ExtraSelection()
        look = QTextCharFormat()
        look.setBackground(theme().color("accent_soft"))
        look.setForeground(theme().color("accent"))
        cursor = QTextCursor(self.note.document())
        cursor.setPosition(min(int(span.start), len(self.note.toPlainText())))
        cursor.setPosition(min(int(span.stop), len(self.note.toPlainText())), QTextCursor.MoveMode.KeepAnchor)
        marked.cursor, marked.format = cursor, look
        self.note.setExtraSelections([marked])

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._nothing.setText(self.tr("What you add is shown here."))
        self.note.setAccessibleName(self.tr("Note"))
        self._show_tabs()

    def _show_tabs(self) -> None:
        """Offer a tab for each part; those that stay are kept, and the focus with them."""
        ids = {part.part_id for part in self._parts}
        for part_id in [known for known in self._tab_of if known not in ids]:
            gone = self._tab_of.pop(part_id)
            self._group.removeButton(gone)
            self._tabs.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (part, title) in enumerate(zip(self._parts, self._titles(), strict=True)):
            tab = self._tab_of.get(part.part_id) or self._make_tab(part.part_id)
            if self._tabs.indexOf(tab) != place:
                self._tabs.insertWidget(place, tab)
            tab.setText(title)
            tab.setChecked(part.part_id == self._chosen)

    def _make_tab(self, part_id: str) -> QPushButton:
        made = self._tab_of[part_id] = button("tab")
        made.clicked.connect(lambda: self.choose(part_id))
        self._group.addButton(made)
        return made

    def _titles(self) -> list[str]:
        """Name the tabs by kind; several of a kind are numbered."""
        names = ModalityWords().kinds()
        kinds = [part.modality for part in self._parts]
        return [
            names[kind] + (f" {kinds[: n + 1].count(kind)}" if kinds.count(kind) > 1 else "")
            for n, kind in enumerate(kinds)
        ]

    def _fetch(self) -> None:
        part = next((part for part in self._parts if part.part_id == self._chosen), None)
        if part is None or part.decoded is None:
            self._shown = None
            self.sound.player.stop()
            self._stack.setCurrentWidget(self._nothing)
            return

        def came(data: bytes) -> None:
            if part.part_id == self._chosen:
                self._show(part, data)

        self._client.get_blob(part.decoded, came)

    def _show(self, part: Part, data: bytes) -> None:
        self.sound.player.stop()
        self._shown = part
        if part.modality == "image":
            self._stack.setCurrentWidget(self.picture)
            self.picture.canvas.show_image(data)
        elif part.modality == "audio":
            self._stack.setCurrentWidget(self.sound)
            self.sound.show_sound(data)
        else:
            self._stack.setCurrentWidget(self.note)
            self.note.setPlainText(data.decode("utf-8", errors="replace"))
        self.part_shown.emit(part.part_id)
