"""What the window is furnished with after its first frame: session, intake, dialogs and actions, joined to one another."""

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from engine.schema.errors import ErrorBody
from workbench.actions.intake import Intake
from workbench.actions.projects import Projects
from workbench.actions.registry import Action, ActionRegistry
from workbench.announcements import Announcements
from workbench.dialogs.failure import FailureNet
from workbench.dialogs.help import HelpDialog
from workbench.dialogs.importing import Importing
from workbench.dialogs.preferences import PreferencesDialog
from workbench.i18n import Languages, language
from workbench.link.demo_project import DemoProject
from workbench.main_window import MainWindow
from workbench.restoring import Restoring
from workbench.state.files import Handful, name_filter
from workbench.state.recipes import recipe_names
from workbench.state.recovery import Recovery
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.theme import PERCENTS, theme
from workbench.views.place import Place
from workbench.widgets.palette import PALETTE, Palette
from workbench.widgets.toast import Toast

if TYPE_CHECKING:  # the window imports a place when it is first opened; what draws needs numpy and takes its time
    from workbench.views.case_detail import CaseView
    from workbench.views.cases import CasesView
    from workbench.views.home import HomeView
    from workbench.views.training import TrainingView


class Rooms(QObject):
    """Joins the parts of the running window; nothing else knows them all."""

    def __init__(self, window: MainWindow, preferences: Preferences, languages: Languages) -> None:
        super().__init__(window)
        self.window = window
        self.preferences = preferences
        self._languages = languages
        self.session = Session(self)
        self.intake = Intake(self.session, self)
        self.demo = DemoProject(self)
        self.projects = Projects(window, self.demo, self)
        self.toast = Toast(window)
        self.net = FailureNet(window, self)
        self.recovery = Recovery(self)
        self.restoring = Restoring(window, self.session, self.recovery)
        self.announcements = Announcements(window, self.session, preferences, self.toast)
        self.actions = ActionRegistry(window)
        self.palette = Palette(self.actions, window)
        self.importing = Importing(self.session, window)
        self.help: HelpDialog | None = None
        self.settings: PreferencesDialog | None = None
        self._recent = QMenu(window)
        self._add_actions()
        self._connect()
        window.furnish(self.session)

    def _add_actions(self) -> None:
        for action in (*self._place_actions(), *self._case_actions(), *self._training_actions(), *self._app_actions()):
            self.actions.add(action)
        larger = [
            QKeySequence(keys) for keys in ("Ctrl+=", "Ctrl++")
        ]  # one key on most keyboards, with Shift or without
        self.actions.action("app.larger").setShortcuts(larger)
        self.actions.action("case.run").setAutoRepeat(False)  # a key that is held would ask, stop, and ask again
        menu = self.window.top.project_menu
        for action_id in ("project.open", "project.new", "project.domain", "project.demo"):
            menu.addAction(self.actions.action(action_id))
        menu.addSeparator()
        menu.addMenu(self._recent)
        menu.addSeparator()
        menu.addAction(self.actions.action("app.quit"))
        self._recent.aboutToShow.connect(self._on_recent_about_to_show)
        self.retranslate()

    def _place_actions(self) -> Iterator[Action]:
        """Yield the way to each place, by the number of its button in the rail."""

        def title(place_id: str) -> str:
            return self.tr("Go to {place}").format(place=self.window.place_words()[place_id])

        for number, place_id in enumerate(self.window.place_words(), start=1):
            words, go = functools.partial(title, place_id), functools.partial(self.window.go, place_id)
            yield Action(f"place.{place_id}", words, go, f"Ctrl+{number}")

    def _case_actions(self) -> Iterator[Action]:
        has_project, has_case = self._has_project, self._has_case
        yield Action("files.choose", lambda: self.tr("Choose files…"), self.choose_files, "Ctrl+O", has_project)
        yield Action("case.new", lambda: self.tr("New case"), self.new_case, "Ctrl+N", has_project)
        yield Action("case.demo", lambda: self.tr("Try the demo case"), self.try_demo_case, "", self._has_sample)
        run, copy = (lambda: self._case_view().run()), (lambda: self._case_view().copy_report())
        yield Action("case.run", lambda: self.tr("Run this case"), run, "Ctrl+Return", has_case)
        yield Action("case.copy", lambda: self.tr("Copy this case's report"), copy, "", has_case)
        save = lambda: self._case_view().save_report()  # noqa: E731  # the page is made when it is first needed
        yield Action("case.save", lambda: self.tr("Save this case's report as PDF…"), save, "", has_case)

    def _training_actions(self) -> Iterator[Action]:
        is_live = lambda: self.session.is_live  # noqa: E731
        yield Action("training.new", lambda: self.tr("New training run…"), self.new_run, "", is_live)
        edit, has_data = functools.partial(self.window.go, "knowledge"), self._has_data
        yield Action("training.knowledge", lambda: self.tr("Knowledge file…"), edit, "", has_data)
        yield Action("training.demo", lambda: self.tr("Start the demo run"), self.start_demo_run, "", is_live)

    def _app_actions(self) -> Iterator[Action]:
        top, projects = self.window.top, self.projects
        yield Action("project.new", lambda: self.tr("New project…"), projects.new, "Ctrl+Shift+N")
        yield Action("project.open", lambda: self.tr("Open project…"), projects.open, "Ctrl+Shift+O")
        yield Action("project.domain", lambda: self.tr("New project from a domain folder…"), projects.ask_domain)
        yield Action("project.demo", lambda: self.tr("Open the demo"), projects.open_demo)
        yield Action(PALETTE, lambda: self.tr("Search commands"), self.palette.open, "Ctrl+K")
        yield Action("app.language", lambda: self.tr("Switch language: English, 中文"), top.language_toggled.emit)
        yield Action("app.theme", lambda: self.tr("Light or dark"), top.theme_toggled.emit)
        yield Action("app.larger", lambda: self.tr("Larger text"), functools.partial(self._step_size, 1), "Ctrl+=")
        yield Action("app.smaller", lambda: self.tr("Smaller text"), functools.partial(self._step_size, -1), "Ctrl+-")
        yield Action("app.usual", lambda: self.tr("Usual text size"), functools.partial(self.set_size, 100), "Ctrl+0")
        yield Action("app.settings", lambda: self.tr("Settings"), self.show_settings, "Ctrl+,")
        yield Action("app.help", lambda: self.tr("Help"), self.show_help, "F1")
        yield Action("app.quit", lambda: self.tr("Quit"), self.window.leave, "Ctrl+Q")

    def _connect(self) -> None:
        window, intake = self.window, self.intake
        window.place_made.connect(self._on_window_place_made)
        window.files_dropped.connect(self._on_files_dropped)
        window.settings_wanted.connect(self.show_settings)
        window.help_wanted.connect(self.show_help)
        window.top.palette_wanted.connect(self.palette.open)
        window.language_changed.connect(self.retranslate)
        intake.one_case.connect(self._on_intake_one_case)
        intake.question_wanted.connect(self._on_intake_question_wanted)
        intake.tables_found.connect(self.importing.take)
        self.importing.cases_wanted.connect(self._on_importing_cases_wanted)
        intake.refused.connect(self.say)
        intake.progressed.connect(self._on_intake_progressed)
        self.session.failed.connect(self._on_session_failed)
        recipe_names().changed.connect(self._on_names_changed)
        self.session.domains.changed.connect(self._on_names_changed)
        self.session.project_changed.connect(self._look)
        self.projects.chosen.connect(self.use_project)
        self.projects.making.connect(self._on_projects_making)
        window.place_shown.connect(self._look)
        self.demo.made.connect(self.use_project)
        self.demo.failed.connect(self._on_demo_failed)

    @Slot()
    def retranslate(self) -> None:
        """Write the words of actions and menus in the language of the moment."""
        self.actions.retranslate()
        self._recent.setTitle(self.tr("Recent projects"))

    def _has_project(self) -> bool:
        return self.session.folder is not None

    def _has_data(self) -> bool:
        return self.session.project is not None and bool(self.session.project.datasets)

    def _has_sample(self) -> bool:
        return self._has_project() and self.session.domains.sample() is not None

    def _has_case(self) -> bool:
        return self.window.place_id == "case" and self._case_view().state.case is not None

    @Slot(object)
    def use_project(self, folder: Path) -> None:
        """Open the project in `folder`; its engine is found or started."""
        self._home().first_run.show_making(on=False)
        self.preferences.remember_project(folder)
        self.importing.give_up()
        self.session.open(folder)
        cases = self.window.places.get("cases")
        if cases is not None:
            cases.draw("loading")  # that it has no cases is not known yet
        self.window.go("home")

    @Slot(str)
    def set_language(self, chosen: str) -> None:
        """Show everything in `en` or `zh` and remember it."""
        self.preferences.language = "zh" if chosen == "zh" else "en"
        self._languages.switch(self.preferences.language)

    @Slot(str)
    def set_theme(self, mode: str) -> None:
        """Show light, dark, or what the system shows, and remember it."""
        self.preferences.theme = "light" if mode == "light" else "dark" if mode == "dark" else "system"
        theme().set_mode(self.preferences.theme)

    @Slot(int)
    def set_size(self, percent: int) -> None:
        """Show letters in `percent` of their usual size and remember it."""
        self.preferences.text_percent = percent
        theme().set_percent(percent)

    def _step_size(self, step: int) -> None:
        """Show the next larger or smaller letters, as far as there are any."""
        at = PERCENTS.index(self.preferences.text_percent) + step
        self.set_size(PERCENTS[min(max(at, 0), len(PERCENTS) - 1)])

    def say(self, text: str, action: str = "", run: object = None) -> None:
        """Say something at the foot of the window."""
        self.toast.say(text, action, run if callable(run) else None)

    def choose_files(self) -> None:
        """Let the person pick files for a case."""
        known = self.tr("Case files and tables") + f" ({name_filter()})"
        names, _ = QFileDialog.getOpenFileNames(self.window, self.tr("Choose files…"), "", known)
        if names:
            self._on_files_dropped(names)

    def new_case(self) -> None:
        """Begin with an empty case."""
        self._open_case(self.tr("New case"), ())

    def try_demo_case(self) -> None:
        """Make a case of the files that ship as the domain's first example."""
        folder = self.session.domains.sample()
        if folder is not None:
            self._open_case(self.tr("Demo case"), tuple(sorted(path for path in folder.iterdir() if path.is_file())))

    def new_run(self) -> None:
        """Show the form of a new run."""
        self.window.go("training")
        cast("TrainingView", self.window.place("training")).open_form()

    def start_demo_run(self) -> None:
        """Make the demo cases and train on them, and show it."""
        self.window.go("training")
        cast("TrainingView", self.window.place("training")).start_demo()

    def show_settings(self) -> None:
        """Show the settings."""
        self.settings = PreferencesDialog(self.preferences, self.window)
        self.settings.language_chosen.connect(self.set_language)
        self.settings.theme_chosen.connect(self.set_theme)
        self.settings.size_chosen.connect(self.set_size)
        self.settings.open()

    def show_help(self) -> None:
        """Show the manual."""
        if self.help is None:
            self.help = HelpDialog(self.window)
        self.help.show()
        self.help.raise_()

    def _home(self) -> "HomeView":
        return cast("HomeView", self.window.place("home"))

    def _case_view(self) -> "CaseView":
        return cast("CaseView", self.window.place("case"))

    def _open_case(self, title: str, files: tuple[Path, ...]) -> None:
        view = self._case_view()
        view.start_case(title, files)
        self.window.go("case")

    @Slot(str, object)
    def _on_window_place_made(self, view_id: str, place: Place) -> None:
        """Join a place to the rest when it is first opened."""
        place.told.connect(self.say)
        place.project_wanted.connect(self.projects.open)
        if view_id == "cases":
            cases = cast("CasesView", place)
            cases.files_wanted.connect(self.choose_files)
            cases.new_case_wanted.connect(self.new_case)
        elif view_id == "case":
            cast("CaseView", place).state.changed.connect(self._look)
        elif view_id == "home":
            home = cast("HomeView", place)
            home.files_dropped.connect(self._on_files_dropped)
            home.files_wanted.connect(self.choose_files)
            home.demo_case_wanted.connect(self.try_demo_case)
            home.demo_project_wanted.connect(self.projects.open_demo)
            home.new_project_wanted.connect(self.projects.new)
            home.open_project_wanted.connect(self.projects.open)
            home.language_chosen.connect(self.set_language)
            home.question.one_chosen.connect(self._on_question_one_chosen)
            home.question.many_chosen.connect(self._on_question_many_chosen)

    @Slot(list)
    def _on_files_dropped(self, names: list[str]) -> None:
        if not self._has_project():
            self.say(self.tr("Open a project first: your cases are kept in it."))
            return
        self.intake.take(names)

    @Slot(object)
    def _on_intake_one_case(self, handful: Handful) -> None:
        """Fill the open case, or make a new one: the inputs of one person never take the place of another's by a drop."""
        title, files = handful.title() or self.tr("New case"), handful.inputs
        view = self._case_view() if self.window.place_id == "case" else None
        if view is None or not view.state.case_id:
            self._open_case(title, files)
        elif view.takes(handful):
            view.add_files(files)
        elif view.is_filling:  # the person waits for this one's answer: it stays in front
            self.intake.make_many({title: files})
            self.say(self.tr("“{name}” becomes a case of its own.").format(name=title))
        else:
            self._open_beside(view, title, handful)

    def _open_beside(self, view: "CaseView", title: str, handful: Handful) -> None:
        """Make a new case while another is open, and offer to put the files into that one instead."""
        files, left_out = handful.inputs, self.intake.left_out(handful)
        before, stays = view.state.case_id, view.shown_name
        view.start_case(title, files)
        made = view.state.case_id
        said = self.tr("This is a new case. “{name}” stays as it is.").format(name=stays)
        self.say(
            f"{said} {left_out}".strip(),
            self.tr("Put the files there instead"),
            lambda: view.move_files(files, made, before),
        )

    @Slot(object)
    def _on_intake_question_wanted(self, handful: Handful) -> None:
        self.window.go("home")
        self._home().question.ask(handful)

    @Slot()
    def _on_importing_cases_wanted(self) -> None:
        """Show what came in, which is not what the person dropped."""
        self.window.go("cases")
        cast("CasesView", self.window.place("cases")).show_all()

    @Slot(int, int)
    def _on_intake_progressed(self, done: int, total: int) -> None:
        said = self.tr("{done} of {total} cases are in.").format(done=done, total=total)
        unread = self.intake.unread
        if unread:
            said += " " + QCoreApplication.translate("Announcements", "%n thing(s) could not be read.", "", unread)
        self.say(said)

    @Slot(object)
    def _on_question_one_chosen(self, files: tuple[Path, ...]) -> None:
        self._open_case(Handful(files).title() or self.tr("New case"), files)

    @Slot(object)
    def _on_question_many_chosen(self, groups: dict[str, tuple[Path, ...]]) -> None:
        self.intake.make_many(groups)
        self.window.go("cases")

    @Slot(object)
    def _on_session_failed(self, problem: ErrorBody) -> None:
        if problem.code != "engine-unreachable":  # the banner tells that one
            self.say(problem.text(language()))

    @Slot()
    def _look(self) -> None:
        """Use the words of the domain that the open case, or else the project, belongs to."""
        case = self._case_view().state.case if self.window.place_id == "case" else None
        self.session.domains.choose(self.session.domain_of(case))

    @Slot()
    def _on_projects_making(self) -> None:
        self._home().first_run.show_making(on=True)

    @Slot()
    def _on_names_changed(self) -> None:
        """Have every name written anew, as after a change of language."""
        QApplication.sendEvent(self.window, QEvent(QEvent.Type.LanguageChange))

    @Slot(object)
    def _on_demo_failed(self, problem: ErrorBody) -> None:
        self._home().first_run.show_making(on=False)
        self.say(problem.text(language()))

    @Slot()
    def _on_recent_about_to_show(self) -> None:
        self._recent.clear()
        for folder in self.preferences.recent_projects:
            made = self._recent.addAction(str(folder))
            made.triggered.connect(lambda _checked=False, chosen=folder: self.use_project(chosen))
