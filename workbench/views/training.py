"""The place where models are trained: the runs on the left, the chosen one in full on the right, the form of a new one."""

from datetime import datetime
from typing import Final

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import QComboBox, QSplitter, QWidget

from engine.schema.base import new_id
from engine.schema.case import Label
from engine.schema.catalog import Catalog, RecipeInfo
from engine.schema.command import Action, ControlJob, JobInfo, StartDemo, StartTraining
from engine.schema.config import RunConfig
from engine.schema.errors import ErrorBody
from workbench.dialogs.new_run import NewRunDialog, Offer
from workbench.i18n import language
from workbench.state.job_feed import JobFeed
from workbench.state.jobs import JobsState, JobState
from workbench.state.knowledge import KnowledgeShelf
from workbench.state.recipes import recipe_names
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.theme import BETWEEN
from workbench.views.place import Place
from workbench.widgets.boxes import button, card
from workbench.widgets.run_list import RunList
from workbench.widgets.run_monitor import RunMonitor
from workbench.widgets.scroll import scrolled
from workbench.widgets.skeletons import MonitorSkeleton

LIST_WIDTH: Final = 232
_CATALOG_RETRY_MS: Final = 1000
_ACTIONS: Final[dict[str, Action]] = {
    "pause": "pause",
    "resume": "resume",
    "stop-and-keep": "stop-and-keep",
    "cancel": "cancel",
}


class TrainingView(Place):
    """Runs: watched, steered, started."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "school-outline")
        self.jobs = JobsState(self)
        self.feed = JobFeed(session, self.jobs, self)
        self.catalog: Catalog | None = None
        self.dialog: NewRunDialog | None = None
        self._form_folder = session.folder
        self.shelf = KnowledgeShelf(session, self)
        self._chosen = ""  # the run the person chose; empty follows the one that matters now
        self._wants_form = False
        self._lost_at = ""
        self.runs = RunList(self.jobs)
        self.monitor = RunMonitor()
        self.knowledge, self.demo = button("plain", "book-open-outline"), button("", "flask-outline")
        self.new, self.domains = button("", "plus"), QComboBox()
        self._build()
        self._catalog_retry = QTimer(self, singleShot=True, interval=_CATALOG_RETRY_MS)
        self._catalog_retry.timeout.connect(self.read_catalog)
        self.jobs.jobs_changed.connect(self._on_jobs_changed)
        self.jobs.job_dropped.connect(self._on_jobs_job_dropped)
        self.runs.run_chosen.connect(self._on_runs_run_chosen)
        self.monitor.control_wanted.connect(self._on_monitor_control_wanted)
        self.monitor.use_wanted.connect(session.use_model)
        self.monitor.models_wanted.connect(lambda: self.place_wanted.emit("models", ""))
        self.monitor.retry_wanted.connect(self._on_monitor_retry_wanted)
        self.new.clicked.connect(self.open_form)
        self.knowledge.clicked.connect(lambda: self.place_wanted.emit("knowledge", ""))
        self.demo.clicked.connect(self.start_demo)
        self.empty.action.clicked.connect(self.start_demo)
        self.shelf.changed.connect(self._on_shelf_changed)
        self.domains.activated.connect(self.retranslate)
        session.domains.changed.connect(self._on_domains_changed)
        session.attached.connect(self._on_session_attached)
        session.went_offline.connect(self._on_session_went_offline)
        session.project_changed.connect(self._show_model)
        session.light_changed.connect(self._on_session_light_changed)
        self.retranslate()
        if session.is_live:
            self.feed.read_list()
            self.read_catalog()

    @Slot()
    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.title.setText(self.tr("Training"))
        self.knowledge.setText(self.tr("Knowledge file…"))
        self.knowledge.setToolTip(self.tr("What an expert knows of the cases, in a plain file that a run can use"))
        self._write_domains()
        self.demo.setText(self.tr("Demo run"))
        said = self.tr("Make 2,000 synthetic cases ({domain}) and train on them: a few minutes")
        self.demo.setToolTip(said.format(domain=self.domains.currentText()))
        self.new.setText(self.tr("New run…"))
        waiting = self.tr("Opens as soon as the engine has said what it can do.")
        self.new.setToolTip("" if self.new.isEnabled() else waiting)
        self.empty.say(
            self.tr(
                "Nothing has been trained here yet. The demo run makes 2,000 synthetic cases and learns from them in a few minutes."
            ),
            self.tr("Start the demo run"),
        )

    def skeleton(self) -> QWidget:
        """Return what is drawn before the list of runs is known."""
        return MonitorSkeleton()

    def show_item(self, item_id: str) -> None:
        """Show a run."""
        self._chosen = item_id
        self._follow()

    def opened(self) -> None:
        """Follow what matters now, unless the person chose a run; a form that was left to edit the knowledge file is back."""
        self._follow()
        if self.dialog is not None:
            self._show_form(self.dialog)

    @Slot()
    def read_catalog(self) -> None:
        """Ask what the engine can do; while it is still reading itself, ask again soon."""
        self.session.client.get("/v1/catalog", Catalog, self._on_catalog_answered, self._on_catalog_failed)

    @Slot()
    def open_form(self) -> None:
        """Open the form of a new run, once the engine has said what it can do."""
        if self.catalog is None:
            self._wants_form = True
            self.new.setEnabled(False)
            self.retranslate()
            self.read_catalog()
            return
        project = self.session.project
        if project is None:
            return
        if self.dialog is not None:
            self._show_form(self.dialog)
            return
        dialog = NewRunDialog(Offer(self.catalog, project.datasets, project.models), self)
        dialog.run_asked.connect(self.start_run)
        dialog.demo_asked.connect(self.start_demo)
        dialog.knowledge_wanted.connect(self._on_dialog_knowledge_wanted)
        dialog.finished.connect(self._on_dialog_finished)
        self.dialog, self._form_folder = dialog, self.session.folder
        self._show_form(dialog)

    @Slot()
    def start_demo(self) -> None:
        """Make the demo cases and train on them: one click."""
        recipe = self._demo_recipe()
        name = recipe.name if recipe is not None else "quick"
        chosen = {"domain": self.domains.currentData()} if self.domains.count() else {}
        command = StartDemo(command_id=new_id("demo"), recipe=name, **chosen)
        self._set_starting(True)
        self.session.client.post("/v1/demo", command, JobInfo, self._on_started, self._on_start_failed)

    @Slot(object)
    def start_run(self, config: RunConfig) -> None:
        """Queue a run."""
        command = StartTraining(command_id=new_id("train"), config=config)
        self._set_starting(True)
        self.session.client.post("/v1/training", command, JobInfo, self._on_started, self._on_start_failed)

    def _show_form(self, dialog: NewRunDialog) -> None:
        """Show the form with the knowledge files as they are now."""
        if self.session.project is not None:
            self.shelf.read(known.dataset for known in self.session.project.datasets)
        dialog.open()

    def _build(self) -> None:
        self.head.addWidget(self.domains)
        self.head.addWidget(self.demo)
        self.head.addWidget(self.new)
        splitter = QSplitter()
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(BETWEEN)
        listed = card(self.runs, self.knowledge, margins=8)
        listed.setMinimumWidth(200)
        splitter.addWidget(listed)
        splitter.addWidget(scrolled(self.monitor))
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([LIST_WIDTH, 1000])
        splitter.restoreState(self.preferences.bytes_of("training"))
        splitter.splitterMoved.connect(lambda *_: self.preferences.keep_bytes("training", splitter.saveState()))
        self.body.addWidget(splitter, 1)

    def _write_domains(self) -> None:
        """List the domains a demo run can be of by their titles; what was chosen stays so, else that of the moment."""
        words = self.session.domains
        offered = [info.domain for info in words.generated()]
        chosen = self.domains.currentData() or (words.domain.id if words.domain is not None else "")
        self.domains.clear()
        for domain in offered:
            self.domains.addItem(domain.title.shown(language()) or domain.id, domain.id)
            self.domains.setItemData(
                self.domains.count() - 1, domain.description.shown(language()), Qt.ItemDataRole.ToolTipRole
            )
        self.domains.setCurrentIndex(max(0, self.domains.findData(chosen)))
        self.domains.setAccessibleName(self.tr("Domain of the demo run"))
        self.domains.setToolTip(self.tr("What the cases of the demo run are about"))
        self.domains.setVisible(len(offered) > 1)

    @Slot()
    def _on_domains_changed(self) -> None:
        """Follow the domain of the moment; what the person chose for another project does not count any more."""
        self.domains.clear()
        self.retranslate()

    def _demo_recipe(self) -> RecipeInfo | None:
        """Return the quickest recipe that starts from nothing: the engine lists the quick one by that name."""
        fresh = (
            [recipe for recipe in self.catalog.recipes if not recipe.needs_model] if self.catalog is not None else []
        )
        return next((recipe for recipe in fresh if recipe.name == "quick"), fresh[0] if fresh else None)

    def _set_starting(self, on: bool) -> None:
        self.demo.setEnabled(not on)
        self.empty.action.setEnabled(not on)

    def _follow(self) -> None:
        """Show the chosen run, or the one that matters now: the running one, else the newest."""
        job = self.jobs.job(self._chosen)
        if job is None:
            active = [each for each in self.jobs.active() if each.info.state != "queued"]
            candidates = active or self.jobs.active() or self.jobs.all()
            job = candidates[0] if candidates else None
        if job is None:
            return
        if job is not self.monitor.job:
            self.monitor.show_job(job, self._labels(job.info))
            self.feed.follow(job.job_id)
        self.runs.choose(job.job_id)
        self._show_model()

    def _labels(self, info: JobInfo) -> tuple[Label, ...]:
        datasets = self.session.project.datasets if self.session.project is not None else ()
        wanted = info.config.dataset if info.config is not None else ""
        fitting = [known for known in datasets if known.dataset == wanted] or sorted(
            datasets, key=lambda each: each.created_at
        )
        return fitting[-1].labels if fitting else ()

    @Slot()
    def _show_model(self) -> None:
        job, project = self.monitor.job, self.session.project
        if job is not None and project is not None:
            self.monitor.pinned.word_answers(self._labels(job.info))  # a demo run makes its data set after it is shown
            made = next((model for model in project.models if model.run == job.job_id), None)
            self.monitor.show_model(made, project.model_in_use)

    @Slot()
    def _on_jobs_changed(self) -> None:
        if not self.jobs.all():
            self.draw("empty")
            return
        self.draw("live")
        self._follow()

    @Slot(object)
    def _on_jobs_job_dropped(self, job: JobState) -> None:
        """Let go of a run that is about to be deleted."""
        if job is self.monitor.job:
            self.monitor.show_job(None, ())
            self.monitor.show_model(None, "")

    @Slot(str)
    def _on_runs_run_chosen(self, job_id: str) -> None:
        self._chosen = job_id
        self._follow()

    @Slot(str)
    def _on_monitor_control_wanted(self, action: str) -> None:
        job = self.monitor.job
        if job is not None:
            command = ControlJob(command_id=new_id("control"), action=_ACTIONS[action])
            self.session.client.post(f"/v1/jobs/{job.job_id}/control", command, JobInfo, job.set_info)

    @Slot()
    def _on_monitor_retry_wanted(self) -> None:
        job = self.monitor.job
        if job is not None and job.info.config is not None:
            self.start_run(job.info.config)

    def _on_started(self, info: JobInfo) -> None:
        self._set_starting(False)
        self._chosen = ""
        if self.dialog is not None:
            self.dialog.accept()
        self.feed.read_list()

    def _on_start_failed(self, problem: ErrorBody) -> None:
        self._set_starting(False)
        if self.dialog is not None:
            self.dialog.show_problem(problem)
        else:
            self.session.failed.emit(problem)

    def _on_catalog_answered(self, catalog: Catalog) -> None:
        self.catalog = catalog
        recipe_names().learn(catalog.recipes)
        self.new.setEnabled(True)
        self.new.setToolTip("")
        if self._wants_form:
            self._wants_form = False
            self.open_form()

    def _on_catalog_failed(self, problem: ErrorBody) -> None:
        if problem.code == "busy":
            self._catalog_retry.start()
            return
        self.new.setEnabled(True)
        self.new.setToolTip("")
        if self._wants_form:
            self._wants_form = False
            self.session.failed.emit(problem)

    @Slot(str)
    def _on_dialog_knowledge_wanted(self, dataset: str) -> None:
        """Step aside for the editor; what was chosen stays until the person comes back."""
        if self.dialog is not None:
            self.dialog.hide()
            self.place_wanted.emit("knowledge", dataset)

    @Slot(str)
    def _on_shelf_changed(self, dataset: str) -> None:
        if self.dialog is not None and self.shelf.is_known(dataset):
            self.dialog.show_knowledge(dataset, self.shelf.versions(dataset))

    @Slot(int)
    def _on_dialog_finished(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    @Slot()
    def _on_session_light_changed(self) -> None:
        """Forget the runs of a project that was left, before those of the next one are known."""
        if self.session.light == "none":
            self._chosen = ""
            self._set_starting(False)
            self.jobs.load(())
            self.draw("loading")

    @Slot()
    def _on_session_attached(self) -> None:
        self._lost_at = ""
        if self.dialog is not None and self.session.folder != self._form_folder:
            self.dialog.reject()  # it was left for the editor, in another project
        self.monitor.show_offline("", 0)
        self.read_catalog()

    @Slot(int)
    def _on_session_went_offline(self, tries: int) -> None:
        self._lost_at = self._lost_at or f"{datetime.now():%H:%M}"
        self.monitor.show_offline(self._lost_at, tries)
