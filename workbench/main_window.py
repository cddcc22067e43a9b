"""The window: a rail of places, a strip above with the engine's light, a strip below with the running job.

The frame is drawn with Qt alone; `furnish` brings in the session and the places once it stands on the screen.
"""

import dataclasses
import importlib
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, QTimer, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from workbench.i18n import Retranslated
from workbench.state.settings import Preferences
from workbench.theme import INSIDE, RAIL_WIDTH, theme
from workbench.widgets.boxes import Frame, column, row
from workbench.widgets.notice_line import NoticeLine
from workbench.widgets.rail_button import RailButton
from workbench.widgets.strips import Banner, FootStrip, TopStrip

if TYPE_CHECKING:
    from workbench.state.session import Session
    from workbench.views.place import Place


@dataclasses.dataclass(frozen=True)
class ViewEntry:
    """A place of the window: where its class is, imported when it is first opened, and its icon in the rail."""

    view_id: str
    module: str
    view: str
    icon: str
    builder: bool = False
    """Left out of the simple view."""
    under: str = ""
    """Id of the place whose button stands for this one in the rail; empty where it has its own."""


VIEWS: Final = (
    ViewEntry("home", "workbench.views.home", "HomeView", "home-outline"),
    ViewEntry("cases", "workbench.views.cases", "CasesView", "clipboard-text-outline"),
    ViewEntry("case", "workbench.views.case_detail", "CaseView", "clipboard-text-outline", under="cases"),
    ViewEntry("training", "workbench.views.training", "TrainingView", "school-outline", builder=True),
    ViewEntry(
        "knowledge", "workbench.views.knowledge", "KnowledgeView", "school-outline", builder=True, under="training"
    ),
    ViewEntry("models", "workbench.views.models", "ModelsView", "cube-outline", builder=True),
    ViewEntry("ledger", "workbench.views.ledger", "LedgerView", "cube-outline", builder=True, under="models"),
    ViewEntry("worth", "workbench.views.worth", "WorthView", "cube-outline", builder=True, under="models"),
)
"""The places, in the order of the rail. A new one is one file with a `Place(session, preferences)` and a line here."""

_RAIL: Final = tuple(entry for entry in VIEWS if not entry.under)
_ENTRIES: Final = {entry.view_id: entry for entry in VIEWS}
SMALLEST: Final = QSize(1024, 680)
FIRST_SIZE: Final = QSize(1280, 800)


class MainWindow(Retranslated, QMainWindow):
    """The one window of Consilium.

    Signals:
        first_drawn: the frame stands on the screen; told once.
        files_dropped: local paths that were dropped anywhere in the window.
        settings_wanted, help_wanted: the two buttons below the places.
        place_shown: a place came to the front; carries its id.
        attention_changed: the window became the one a person works in, or another did.
        closed: the window closes in order.
        place_made: a place was opened for the first time; carries its id and itself.
        language_changed: every text is due anew.
    """

    first_drawn = Signal()
    place_made = Signal(str, object)
    place_shown = Signal(str)
    attention_changed = Signal()
    closed = Signal()
    language_changed = Signal()
    files_dropped = Signal(list)
    settings_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, preferences: Preferences) -> None:
        super().__init__()
        self.preferences = preferences
        self.session: Session | None = None
        self.places: dict[str, Place] = {}
        self.place_id = ""
        self._drawn = False
        self.top = TopStrip()
        self.banner = Banner()
        self.notice = NoticeLine()
        self.foot = FootStrip()
        self._stack = QStackedWidget()
        self._rail_buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        self._settings_button = RailButton("cog-outline")
        self._help_button = RailButton("help-circle-outline")
        self.setCentralWidget(self._build())
        self.setAcceptDrops(True)
        self.setMinimumSize(SMALLEST)
        self.resize(FIRST_SIZE)
        self.restoreGeometry(preferences.bytes_of("window"))
        self._settings_button.clicked.connect(self.settings_wanted)
        self._help_button.clicked.connect(self.help_wanted)
        self.show_builder_places(not preferences.simple_view)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.retranslate()

    def _build(self) -> QWidget:
        rail = QVBoxLayout()
        rail.setContentsMargins(INSIDE, INSIDE, INSIDE, INSIDE)
        rail.setSpacing(INSIDE)
        for entry in _RAIL:
            made = RailButton(entry.icon)
            made.setCheckable(True)
            made.clicked.connect(lambda _checked=False, wanted=entry.view_id: self.go(wanted))
            self._rail_buttons[entry.view_id] = made
            self._group.addButton(made)
            rail.addWidget(made)
        rail.addStretch(1)
        rail.addWidget(self._settings_button)
        rail.addWidget(self._help_button)
        rail_frame = self._rail = Frame("rail", rail)
        page = QWidget()
        page.setObjectName("page")
        page.setLayout(
            column(self.top, self.banner, self.notice, row(rail_frame, self._stack, spacing=0), self.foot, spacing=0)
        )
        layout = page.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.setStretch(3, 1)
        return page

    def place_words(self) -> dict[str, str]:
        """Return the places of the rail, in its order, with their words in the language of the moment."""
        words = {
            "home": self.tr("Home"),
            "cases": self.tr("Cases"),
            "training": self.tr("Training"),
            "models": self.tr("Models"),
        }
        return {entry.view_id: words[entry.view_id] for entry in _RAIL}

    def retranslate(self) -> None:
        """Write the rail's words in the language of the moment."""
        words = self.place_words()
        for view_id, made in self._rail_buttons.items():
            made.setText(words[view_id])
        self._settings_button.setText(self.tr("Settings"))
        self._help_button.setText(self.tr("Help"))
        self.setWindowTitle("Consilium")
        self.language_changed.emit()

    def furnish(self, session: "Session") -> None:
        """Give the window its session and open the place that was open last."""
        self.session = session
        self.top.follow(session)
        self.foot.follow(session)
        self.banner.follow(session)
        self.foot.details_wanted.connect(lambda job_id: self.go("training", job_id))
        last = _ENTRIES.get(self.preferences.place)
        self.go(last.view_id if last is not None and not last.under else "home")
        self.place(self.place_id).setFocus()  # else the first button above wears the focus ring from the start

    def show_builder_places(self, on: bool) -> None:
        """Show or leave out the places of those who train."""
        for entry in _RAIL:
            self._rail_buttons[entry.view_id].setVisible(on or not entry.builder)

    @Slot()
    def _on_theme_changed(self) -> None:
        self._rail.setFixedWidth(theme().px(RAIL_WIDTH))

    @Slot(str, str)
    def go(self, view_id: str, item_id: str = "") -> None:
        """Bring a place to the front, and show one item of it where named."""
        if self.session is None or view_id not in _ENTRIES:
            return
        place = self.place(view_id)
        self._rail_buttons[_ENTRIES[view_id].under or view_id].setChecked(True)
        self._stack.setCurrentWidget(place)
        self.place_id = view_id
        self.preferences.place = view_id
        place.opened()
        if item_id:
            place.show_item(item_id)
        self.place_shown.emit(view_id)

    def mark(self, view_id: str, said: str) -> None:
        """Put a dot on a place's button that says what waits there; an empty sentence takes it away."""
        self._rail_buttons[view_id].set_badge(said)

    def place(self, view_id: str) -> "Place":
        """Return a place; the first time it is asked for, it is made."""
        if view_id not in self.places:
            assert self.session is not None
            entry = _ENTRIES[view_id]
            view: type[Place] = getattr(importlib.import_module(entry.module), entry.view)
            place = view(self.session, self.preferences)
            place.place_wanted.connect(self.go)
            self._stack.addWidget(place)
            self.places[view_id] = place
            self.place_made.emit(view_id, place)
        return self.places[view_id]

    def changeEvent(self, event: QEvent) -> None:
        """Tell when the window gains or loses a person's attention."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.attention_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell the first frame once the event loop is free again."""
        super().paintEvent(event)
        if not self._drawn:
            self._drawn = True
            QTimer.singleShot(0, self.first_drawn.emit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take local files from anywhere over the window."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Hand the dropped paths on."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)

    def leave(self) -> None:
        """Close the window on a person's wish."""
        if not self._stays():
            self.close()

    def _stays(self) -> bool:
        """Ask about a running job, where there is one; True where the person would rather stay."""
        if self.session is None:
            return False
        closing = importlib.import_module("workbench.dialogs.closing")
        return not closing.may_close(self.session, self)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember where the window was; training goes on without it, which a person who closes it meanwhile is told."""
        if event.spontaneous() and self._stays():
            event.ignore()
            return
        self.preferences.keep_bytes("window", self.saveGeometry())
        self.closed.emit()
        super().closeEvent(event)
