"""The base of every place: its four drawn states, its words, and the session it shows."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from engine.schema.errors import ErrorBody
from workbench.i18n import Retranslated, language
from workbench.icons import icon
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.theme import AROUND, BETWEEN, INSIDE, theme
from workbench.widgets.boxes import button, card, column, row
from workbench.widgets.skeleton import Skeleton
from workbench.widgets.text import Text

Drawn = Literal["empty", "loading", "live", "error"]


class EmptyState(Retranslated, QWidget):
    """One icon, one sentence, one action: what a list or a chart shows while it holds nothing."""

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        picture = Text()
        picture.setPixmap(icon(icon_name, "ink3").pixmap(QSize(40, 40)))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture, self._icon_name = picture, icon_name
        self.sentence = Text(size="lead", tone="second", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.action = button()
        self.action.hide()
        self.setLayout(
            column(None, picture, self.sentence, row(None, self.action, None), None, spacing=BETWEEN, margins=AROUND)
        )
        theme().changed.connect(self._on_theme_changed)

    def say(self, sentence: str, action: str = "") -> None:
        """Show `sentence` and, where given, a button with the words `action`."""
        self.sentence.setText(sentence)
        self.action.setText(action)
        self.action.setVisible(bool(action))

    def _on_theme_changed(self) -> None:
        self._picture.setPixmap(icon(self._icon_name, "ink3").pixmap(QSize(40, 40)))


class NoProject(EmptyState):
    """What a place shows before any project is open: the way to one."""

    def __init__(self, icon_name: str, parent: QWidget | None = None) -> None:
        super().__init__(icon_name, parent)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.say(self.tr("Open a project first."), self.tr("Open project…"))


class ErrorCard(Retranslated, QWidget):
    """A failure in whole sentences: what happened, what is safe, what to do; try again, and copy the report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._problem: ErrorBody | None = None
        self.details: Callable[[], str] = str
        """Returns what the report adds to the code, such as the end of a log."""
        self._happened = Text(size="lead", tone="stop", strong=True, wrap=True)
        self._rest = Text(tone="second", wrap=True)
        self.again = button("primary", "refresh")
        self._copy = button("", "content-copy")
        self._copy.clicked.connect(self._on_copy_clicked)
        self._card = card(self._happened, self._rest, row(self.again, self._copy, None), spacing=12)
        self._card.set_tone("stop")
        self._card.setMaximumWidth(640)
        self.setLayout(column(None, row(None, self._card, None), None, margins=AROUND))
        self.retranslate()

    def show_problem(self, problem: ErrorBody) -> None:
        """Tell `problem` in the language of the moment."""
        self._problem = problem
        self.retranslate()

    def retranslate(self) -> None:
        """Tell the problem in the language of the moment."""
        self.again.setText(self.tr("Try again"))
        self._copy.setText(self.tr("Copy report"))
        if self._problem is not None:
            sentence = self._problem.sentence(language())
            self._happened.setText(sentence.happened)
            self._rest.setText("\n".join(part for part in (sentence.safe, sentence.do) if part))

    def _on_copy_clicked(self) -> None:
        if self._problem is not None:
            parts = (self._problem.code, self._problem.text("en"), self.details())
            QGuiApplication.clipboard().setText("\n".join(part for part in parts if part))


class Place(Retranslated, QWidget):
    """A page with a title, content, and the four drawn states; views derive from it and fill `body`.

    A view lays its widgets into `self.body` and calls `draw("live")`; `draw("empty")` shows `self.empty`, `draw("loading")` the
    skeleton, `show_error(problem)` the error card. `opened()` is called each time the
    person comes to the place, `show_item(id)` when one of its items is asked for. While no project is open, a place shows that
    instead, with the way to one, unless its `needs_project` is False.

    Signals:
        place_wanted: the person asked for another place; carries its id and, where given, the id of what to show there.
        project_wanted: no project is open and the person wants to open one.
        told: something to say at the foot of the window, with the words of an action and what it runs (both may be empty).
    """

    needs_project = True
    place_wanted = Signal(str, str)
    project_wanted = Signal()
    told = Signal(str, str, object)

    def __init__(self, session: Session, preferences: Preferences, empty_icon: str = "tray-arrow-down") -> None:
        super().__init__()
        self.session = session
        self.preferences = preferences
        self.drawn: Drawn = "loading"
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # a click beside a field ends its editing
        self.title = Text(size="title")
        self.head = row(self.title, None, spacing=INSIDE)
        """The row of the title; a view may add actions at its end."""
        self.body = QVBoxLayout()
        self.body.setSpacing(BETWEEN)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.empty = EmptyState(empty_icon)
        self.no_project = NoProject("folder-open-outline")
        self.no_project.action.clicked.connect(self.project_wanted)
        self.error = ErrorCard()
        self.error.again.clicked.connect(self.try_again)
        self._live = QWidget()
        self._live.setLayout(self.body)
        self._loading = QWidget()
        self._loading.setLayout(column(self.skeleton(), None))
        self._stack = QStackedWidget(self)  # a bare QStackedLayout would show its first page as a window of its own
        for page in (self.empty, self._loading, self._live, self.error, self.no_project):
            self._stack.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(AROUND, BETWEEN, AROUND, BETWEEN)
        layout.setSpacing(BETWEEN)
        self._top = QWidget()
        self._top.setLayout(self.head)
        layout.addWidget(self._top)
        layout.addWidget(self._stack, 1)
        self.draw("loading")
        session.light_changed.connect(self._draw_project)
        self._draw_project()

    def skeleton(self) -> QWidget:
        """Return what is drawn while loading; a view gives the shape of its own content."""
        return Skeleton()

    def draw(self, state: Drawn) -> None:
        """Show one of the four states."""
        self.drawn = state
        self._draw_project()

    @Slot()
    def _draw_project(self) -> None:
        """Show the state of the place, or that no project is open yet; what needs one can then not be clicked."""
        pages = {"empty": self.empty, "loading": self._loading, "live": self._live, "error": self.error}
        missing = self.needs_project and self.session.light == "none"
        self._top.setEnabled(not missing)
        self._stack.setCurrentWidget(self.no_project if missing else pages[self.drawn])

    def show_error(self, problem: ErrorBody) -> None:
        """Show the error state with `problem`."""
        self.error.show_problem(problem)
        self.draw("error")

    def try_again(self) -> None:
        """Do again what failed; a view that can fail overrides it."""
        self.session.try_again()

    def opened(self) -> None:
        """Do what is due each time the place comes to the front."""

    def show_item(self, item_id: str) -> None:
        """Show one item of the place: a case, a job, a model."""
