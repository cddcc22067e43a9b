"""The strips of the window: research use, project, engine, language and light above; the running job below; a banner between."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QMenu, QProgressBar, QToolButton, QWidget

from workbench.i18n import Retranslated, language
from workbench.icons import icon
from workbench.theme import BETWEEN, INSIDE, theme
from workbench.widgets.boxes import Frame, button, icon_button, name_it, row
from workbench.widgets.engine_light import EngineLight
from workbench.widgets.text import ElidedText, Text
from workbench.words import Durations

if TYPE_CHECKING:
    from workbench.state.session import Session


class TopStrip(Retranslated, Frame):
    """Always there: what Consilium is not for, the project, the engine's light, language, light or dark.

    Signals:
        palette_wanted: the person wants to search what can be done.
        language_toggled, theme_toggled: the two switches at the end.
    """

    palette_wanted = Signal()
    language_toggled = Signal()
    theme_toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bar", None, parent)
        self._use = Text(tone="second", size="small", strong=True)
        self.project = QToolButton()
        self.project.setProperty("kind", "wide")
        self.project.setIcon(icon("folder-outline"))
        self.project.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.project.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.project.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.project_menu = QMenu(self.project)
        self.project.setMenu(self.project_menu)
        self.light = EngineLight()
        self._language = QToolButton()
        self._language.setProperty("kind", "wide")
        self._language.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._theme = icon_button("circle-half-full")
        self.search = icon_button("magnify")
        self.search.clicked.connect(self.palette_wanted)
        self._language.clicked.connect(self.language_toggled)
        self._theme.clicked.connect(self.theme_toggled)
        ends = row(self.light, self._language, self._theme, self.search, spacing=INSIDE)
        self.setLayout(row(self._use, None, self.project, ends, spacing=BETWEEN, margins=(BETWEEN, 4, INSIDE, 4)))
        self._session: Session | None = None
        self.retranslate()

    def follow(self, session: "Session") -> None:
        """Show the project and the engine of `session`."""
        self._session = session
        session.light_changed.connect(self._on_session_light_changed)
        session.project_changed.connect(self.retranslate)
        self._on_session_light_changed()

    def retranslate(self) -> None:
        """Write the texts in the language of the moment."""
        session = self._session
        notice = session.domains.notice() if session is not None else ""
        self._use.setText(notice or self.tr("Research use only – not for patient care"))
        named = session.folder.name if session is not None and session.folder is not None else ""
        self.project.setText(named or self.tr("No project"))
        name_it(self.project, self.tr("Project: open, new, recent"))
        self._language.setText("EN" if language() == "zh" else "中")
        name_it(self._language, self.tr("Switch to Chinese") if language() == "en" else self.tr("Switch to English"))
        name_it(self._theme, self.tr("Light or dark"))
        name_it(self.search, self.tr("Search commands (Ctrl+K)"))

    @Slot()
    def _on_session_light_changed(self) -> None:
        session = self._session
        if session is None:
            return
        job = session.job
        share = round(100 * job.done / job.total) if job is not None and job.total else -1
        self.light.show_light(session.light, share)
        self.retranslate()


class FootStrip(Retranslated, Frame):
    """The running job: its name, a bar, the time left, and the way to it. Hidden while nothing runs.

    Signals:
        details_wanted: the person asked for the job; carries its id.
    """

    details_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("foot", None, parent)
        self._name = ElidedText()
        self._name.setMaximumWidth(320)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._left = Text(tone="second")
        self._note = Text(tone="hint", size="small")
        self._details = button("plain")
        self._details.clicked.connect(self._on_details_clicked)
        self.setLayout(
            row(
                self._name,
                self._bar,
                self._left,
                self._note,
                self._details,
                spacing=BETWEEN,
                margins=(BETWEEN, 0, INSIDE, 0),
            )
        )
        self._session: Session | None = None
        self.hide()

    def follow(self, session: "Session") -> None:
        """Show the running job of `session`."""
        self._session = session
        session.light_changed.connect(self.retranslate)
        self.retranslate()

    @Slot()
    def retranslate(self) -> None:
        """Show the job as it is, in the language of the moment."""
        self._details.setText(self.tr("Details"))
        self._note.setText(self.tr("Goes on when the window is closed"))
        job = self._session.job if self._session is not None else None
        self.setVisible(job is not None)
        if job is None:
            return
        from workbench.widgets.run_words import job_name  # with what it needs, too dear for the first frame

        self._name.setText(job_name(job))
        self._bar.setRange(0, max(job.total, 0))
        self._bar.setValue(job.done)
        if job.seconds_left is not None:
            self._left.setText(Durations.left(job.seconds_left))
        else:
            self._left.setText(f"{round(100 * job.done / job.total)} %" if job.total else "")

    @Slot()
    def _on_details_clicked(self) -> None:
        if self._session is not None and self._session.job is not None:
            self.details_wanted.emit(self._session.job.job_id)


class Banner(Retranslated, Frame):
    """One sentence under the top strip while something is not as it should be, such as a lost engine."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("banner", None, parent)
        self._sentence = Text(wrap=True)
        self._mark = Text()
        self.again = button("plain")
        self.setLayout(row(self._mark, self._sentence, self.again, spacing=INSIDE, margins=(BETWEEN, 4, INSIDE, 4)))
        layout = self.layout()
        assert layout is not None
        layout.setAlignment(self._mark, Qt.AlignmentFlag.AlignVCenter)
        self._sentence.setSizePolicy(
            self._sentence.sizePolicy().Policy.Expanding, self._sentence.sizePolicy().Policy.Preferred
        )
        self._session: Session | None = None
        self._tries = 0
        theme().changed.connect(self.retranslate)
        self.hide()

    def follow(self, session: "Session") -> None:
        """Tell when the engine of `session` is out of reach."""
        self._session = session
        session.light_changed.connect(self.retranslate)
        session.went_offline.connect(self._on_session_went_offline)
        self.again.clicked.connect(session.try_again)
        self.retranslate()

    @property
    def sentence(self) -> str:
        """What the banner says; empty while it is hidden."""
        return "" if self.isHidden() else self._sentence.text()

    @Slot()
    def retranslate(self) -> None:
        """Say what is the matter in the language of the moment, or hide."""
        self._mark.setPixmap(icon("alert-outline", "care").pixmap(20, 20))
        self.again.setText(self.tr("Try now"))
        session = self._session
        light = session.light if session is not None else "none"
        self.again.setVisible(light in ("offline", "failed"))
        if light == "offline":
            said = self.tr(
                "The engine is out of reach. Showing what was read last; nothing is lost. Reconnecting (try {tries})."
            )
            self._sentence.setText(said.format(tries=self._tries))
        elif light == "failed" and session is not None and session.problem is not None:
            self._sentence.setText(session.problem.text(language()))
        self.setVisible(light in ("offline", "failed"))

    @Slot(int)
    def _on_session_went_offline(self, tries: int) -> None:
        self._tries = tries
        self.retranslate()
