"""The list of cases: search, filter, open, put into the trash and take back."""

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QVBoxLayout

from engine.schema.base import new_id
from engine.schema.case import Case
from engine.schema.command import Command
from engine.schema.errors import ErrorBody
from workbench.icons import icon
from workbench.state.cases import CaseLibrary
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.theme import theme
from workbench.views.place import EmptyState, Place
from workbench.widgets.boxes import Frame, Pages, button
from workbench.widgets.case_table import CaseTable
from workbench.widgets.tabs import Tab
from workbench.widgets.text import Text

_SEARCH_MS = 200
_COUNT_ROOM = 800
_SHOWS = ("", "mine", "train", "val", "trash")


class CasesView(Place):
    """All cases of the project, newest first.

    Signals:
        files_wanted: the person wants to choose files for a new case.
        new_case_wanted: the person wants to begin with an empty case.
    """

    files_wanted = Signal()
    new_case_wanted = Signal()

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "clipboard-text-outline")
        self.library = CaseLibrary(session, self)
        self.table = CaseTable(session, self.library)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        self.search.setMinimumWidth(112)
        self.search.setMaximumWidth(240)
        self._glass = self.search.addAction(icon("magnify", "ink3"), QLineEdit.ActionPosition.LeadingPosition)
        self.show_only = QComboBox()
        for kind in _SHOWS:
            self.show_only.addItem("", kind)
        self.look = Tab()
        self.new = button("primary", "plus")
        self._count = Text(tone="hint")
        self._way_back = Text(tone="hint", wrap=True)
        self._way_back.hide()
        self.nothing = EmptyState("magnify")
        for made in (self._count, self.look, self.search, self.show_only, self.new):
            self.head.addWidget(made)
        held = QVBoxLayout()
        held.setContentsMargins(1, 1, 1, 1)
        self._pages = Pages(self.table, self.nothing)
        held.addWidget(self._pages, 1)
        self.body.addWidget(self._way_back)
        self.body.addWidget(Frame("card", held), 1)
        self._typed = QTimer(self, singleShot=True, interval=_SEARCH_MS)
        self._typed.timeout.connect(self._look)
        self.search.textChanged.connect(self._typed.start)
        self._chosen = False  # whether the person has filtered; until then their own cases stand first
        self.show_only.currentIndexChanged.connect(self._on_show_only_current_index_changed)
        self.look.toggled.connect(self._look)
        self.nothing.action.clicked.connect(self.show_all)
        self.library.changed.connect(self._on_library_changed)
        self.library.to_look.changed.connect(self.retranslate)
        self.library.failed.connect(self._on_library_failed)
        self.table.opened.connect(lambda case_id: self.place_wanted.emit("case", case_id))
        self.table.remove_wanted.connect(self.remove)
        self.empty.action.clicked.connect(self.files_wanted)
        self.new.clicked.connect(self.new_case_wanted)
        session.attached.connect(self.opened)
        self.library.to_look.follow()
        self.opened()
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.title.setText(self.tr("Cases"))
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search cases by name, group or label"))
        self.show_only.setAccessibleName(self.tr("Which cases to show"))
        words = (
            self.tr("All cases"),
            self.tr("Dropped here"),
            self.tr("Training set"),
            self.tr("Validation set"),
            self.tr("Trash"),
        )
        for number, word in enumerate(words):
            self.show_only.setItemText(number, word)
        self.new.setText(self.tr("New case"))
        self.empty.say(self.tr("No cases yet. Drop files anywhere in this window."), self.tr("Choose files…"))
        waiting = self.library.to_look.count()
        self.look.setText(self.tr("Needs a look") + (f" · {waiting}" if waiting else ""))
        self.look.setToolTip(self.tr("Unclear, not sure, or answered otherwise than your own view"))
        self.look.setAccessibleName(self.tr("Needs a look: %n case(s)", "", waiting))
        self._say_nothing()
        self._count.setText(
            self.tr("%n case(s)", "", self.library.total or 0) if self.library.total is not None else ""
        )
        self._way_back.setText(self.tr("Right-click a case, or press Delete, to take it out of the trash."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the number of cases out where the filters need its room."""
        super().resizeEvent(event)
        self._count.setVisible(self.width() >= theme().px(_COUNT_ROOM))

    def _say_nothing(self) -> None:
        """Say why the list is empty: nothing is left to do, or nothing matches."""
        chosen = self._chosen and bool(self.show_only.currentData())
        alone = self.look.isChecked() and not self.search.text().strip() and not chosen
        said = self.tr("No case needs a look.") if alone else self.tr("No case matches.")
        self.nothing.say(said, self.tr("Show all cases"))

    def is_filtered(self) -> bool:
        """Tell whether a search or filter leaves cases out."""
        return self.look.isChecked() or bool(self.search.text().strip()) or bool(self.show_only.currentData())

    @Slot()
    def show_all(self) -> None:
        """Take every filter off."""
        self._chosen = True
        self.search.clear()
        self.show_only.setCurrentIndex(0)
        self.look.setChecked(False)
        self._typed.stop()
        self._look()

    @Slot()
    def opened(self) -> None:
        """Read the list when the place comes to the front: the person's own cases, unless they filtered otherwise."""
        if not self.session.is_live:
            return
        if self._chosen:
            self.library.read()
        else:
            self._show_unasked("mine")

    def _show_unasked(self, kind: str) -> None:
        """Show cases of a kind that the person has not chosen."""
        self.show_only.blockSignals(True)
        self.show_only.setCurrentIndex(self.show_only.findData(kind))
        self.show_only.blockSignals(False)
        self._look()

    @Slot()
    def _on_show_only_current_index_changed(self) -> None:
        self._chosen = True
        self._look()

    def try_again(self) -> None:
        """Read the list once more."""
        self.library.read()

    @Slot()
    def _look(self) -> None:
        show = str(self.show_only.currentData() or "")
        self.table.shows_trash = show == "trash"
        self._way_back.setVisible(show == "trash")
        self.look.setEnabled(show != "trash")
        only_look = self.look.isChecked() and show != "trash"
        self.library.look_for(self.search.text(), show, only_look=only_look)

    @Slot()
    def _on_library_changed(self) -> None:
        only_mine = self.show_only.currentData() == "mine" and not self.search.text().strip()
        if only_mine and not self._chosen and not self.look.isChecked() and not self.library.total:
            self._show_unasked("")  # none of their own: rather all than nothing
            return
        self.retranslate()
        nothing = not self.library.total
        self._pages.show_page(self.nothing if nothing else self.table)
        self.draw("empty" if nothing and not self.is_filtered() else "live")

    @Slot(object)
    def _on_library_failed(self, problem: ErrorBody) -> None:
        if self.drawn == "loading":
            self.show_error(problem)

    @Slot(str)
    def remove(self, case_id: str) -> None:
        """Put a case into the trash; the toast takes it back. In the trash, take it out."""
        client = self.session.client

        def restore() -> None:
            client.post(
                f"/v1/cases/{case_id}/restore",
                Command(command_id=new_id("restore")),
                Case,
                lambda _case: self.library.read(),
            )

        def deleted(raw: bytes) -> None:
            case = Case.model_validate_json(raw)
            self.library.read()
            self.told.emit(
                self.tr("Moved to the trash: {name}").format(name=case.title or case_id), self.tr("Undo"), restore
            )

        if self.show_only.currentData() == "trash":
            restore()
        else:
            client.delete(f"/v1/cases/{case_id}", deleted)
