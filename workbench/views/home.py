"""Home: where files are dropped, which model answers, and what was done last."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QBoxLayout, QComboBox, QWidget

from engine.schema.case import Case
from engine.schema.command import JobInfo
from workbench.state.cases import CaseLibrary
from workbench.state.domains import domain_words
from workbench.state.own_views import own_views
from workbench.state.predictions import ModalityWords, modality_words
from workbench.state.recipes import recipe_names
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.state.several import words_of
from workbench.theme import BETWEEN, INSIDE
from workbench.views.place import Place
from workbench.widgets.boxes import Frame, column, row
from workbench.widgets.drop_area import DropArea
from workbench.widgets.first_run import FirstRun
from workbench.widgets.item_list import Item, ItemList
from workbench.widgets.question_card import QuestionCard
from workbench.widgets.run_words import job_name
from workbench.widgets.scroll import scrolled
from workbench.widgets.state_chip import state_word
from workbench.widgets.text import Text, Tone
from workbench.words import Durations, listed

_RECENT = 5
_TONES: dict[str, Tone] = {"suggests": "accent", "unclear": "care", "not-sure": "second"}


class HomeView(Place):
    """The first place.

    Signals:
        files_dropped: local paths for the window to take in.
        files_wanted, demo_case_wanted, demo_project_wanted, new_project_wanted, open_project_wanted: the buttons.
        language_chosen: carries `en` or `zh`.
    """

    needs_project = False
    files_dropped = Signal(list)
    files_wanted = Signal()
    demo_case_wanted = Signal()
    demo_project_wanted = Signal()
    new_project_wanted = Signal()
    open_project_wanted = Signal()
    language_chosen = Signal(str)

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "tray-arrow-down")
        self.title.hide()
        self.library = CaseLibrary(session, self)
        self.first_run = FirstRun()
        self.drop = DropArea()
        self.question = QuestionCard()
        self._model_label = Text(strong=True)
        self.models = QComboBox()
        self.models.setMinimumWidth(240)
        self._measured = Text(tone="second", wrap=True)
        self._no_model = Text(tone="care", wrap=True)
        self.recent_cases = ItemList()
        self.recent_training = ItemList()
        self._build()
        self._connect()
        self.retranslate()
        self._on_session_changed()

    def _build(self) -> None:
        model = Frame(
            "card", row(self._model_label, self.models, self._measured, self._no_model, spacing=12, margins=12)
        )
        layout = model.layout()
        assert isinstance(layout, QBoxLayout)
        layout.setStretch(2, 1)
        layout.setStretch(3, 1)
        recent = row(self.recent_cases, self.recent_training, spacing=BETWEEN)
        recent.setStretch(0, 1)
        recent.setStretch(1, 1)
        self._work = QWidget()
        self._work.setLayout(column(self.drop, self.question, model, recent, None, spacing=BETWEEN))
        page = QWidget()
        page.setObjectName("page")
        page.setLayout(column(row(None, self.first_run, None), self._work, None, spacing=INSIDE))
        self.body.addWidget(scrolled(page))

    def _connect(self) -> None:
        self.drop.files_dropped.connect(self.files_dropped)
        self.drop.files_wanted.connect(self.files_wanted)
        self.drop.demo_wanted.connect(self.demo_case_wanted)
        self.first_run.demo_wanted.connect(self.demo_project_wanted)
        self.first_run.new_wanted.connect(self.new_project_wanted)
        self.first_run.open_wanted.connect(self.open_project_wanted)
        self.first_run.language_chosen.connect(self.language_chosen)
        self.models.activated.connect(self._on_models_activated)
        self.recent_cases.opened.connect(lambda case_id: self.place_wanted.emit("case", case_id))
        self.recent_training.opened.connect(lambda job_id: self.place_wanted.emit("training", job_id))
        self.library.changed.connect(self._on_library_changed)
        self.library.rows_changed.connect(self._on_library_changed)
        own_views().changed.connect(self._show_recent)
        self.session.light_changed.connect(self._on_session_changed)
        self.session.project_changed.connect(self._on_session_changed)
        self.session.attached.connect(self._on_session_attached)

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._model_label.setText(self.tr("Model in use"))
        self.models.setAccessibleName(self.tr("Model in use"))
        self._no_model.setText(self.tr("No model yet – train one or open the demo project. Files you drop are kept."))
        self.recent_cases.say(self.tr("Recent cases"), self.tr("No cases yet. Drop files above, or try the demo case."))
        self.recent_training.say(self.tr("Recent training"), self.tr("No training yet. Start one under Training."))
        self.drop.demo.setVisible(self.session.domains.sample() is not None)
        self._show_model()
        self._show_recent()

    def opened(self) -> None:
        """Read the newest of the person's own cases; the rows of a data set would bury them."""
        if self.session.is_live:
            self.library.look_for("", "mine")

    @Slot()
    def _on_session_attached(self) -> None:
        self.opened()

    @Slot()
    def _on_session_changed(self) -> None:
        """Draw the state that is due: first run, waiting for the engine, failed, or at work."""
        light = self.session.light
        self.first_run.setVisible(light == "none")
        self._work.setVisible(light != "none")
        if light == "failed" and self.session.problem is not None and self.session.project is None:
            self.error.details = self.session.process.log_tail
            self.show_error(self.session.problem)
        elif self.drawn != "live":
            self.draw("live")
        self._show_model()
        self._show_recent()

    def _show_model(self) -> None:
        project = self.session.project
        models = project.models if project is not None else ()
        in_use = self.session.model_in_use()
        self._offer([(recipe_names().shown(model.name), model.model_id) for model in models])
        chosen = self.models.findData(in_use.model_id) if in_use is not None else -1
        if chosen != self.models.currentIndex():
            self.models.setCurrentIndex(chosen)
        self.models.setVisible(bool(models))
        self._measured.setVisible(in_use is not None or project is None)
        self._no_model.setVisible(project is not None and in_use is None)
        if in_use is not None:
            stamp = self.tr("synthetic demo; ") if in_use.synthetic else ""
            self._measured.setText(stamp + ModalityWords().measured(in_use))
        else:
            self._measured.setText(self.tr("Waiting for the engine…"))

    def _offer(self, models: list[tuple[str, str]]) -> None:
        """List the models by name and id; an open list is left alone while nothing in it has changed, or its row would jump."""
        count = self.models.count()
        if models != [(self.models.itemText(row), self.models.itemData(row)) for row in range(count)]:
            self.models.clear()
            for name, model_id in models:
                self.models.addItem(name, model_id)

    def _show_recent(self) -> None:
        rows = (self.library.row(number) for number in range(min(_RECENT, self.library.total or 0)))
        self.recent_cases.show_items([self._case_item(case) for case in rows if case is not None])
        training = [job for job in self.session.newest_jobs() if job.kind == "train"][:_RECENT]
        self.recent_training.show_items([self._job_item(job) for job in training])

    def _case_item(self, case: Case) -> Item:
        prediction = case.prediction
        kinds_there = len(self.session.domains.modalities())
        inputs = self.tr("{n} of {all} inputs").format(n=len(case.present()), all=max(kinds_there, len(case.present())))
        kinds = listed(modality_words()[modality].lower() for modality in case.present())
        detail = f"{inputs}: {kinds}" if kinds else inputs
        name, mark = domain_words().named(case.title) or case.case_id, "clipboard-text-outline"
        if prediction is None:
            return Item(case.case_id, name, detail, self.tr("no answer yet"), mark, "hint")
        own_views().follow(self.preferences)  # the page of a case, which follows them too, may not be made yet
        if own_views().cover(case):
            return Item(case.case_id, name, detail, self.tr("an answer is there"), mark)
        model = self.session.model(prediction.model_id)
        words = words_of(prediction, model.labels if model is not None else ())
        said = words.short() if prediction.outcome == "suggests" else words.outcome_word()
        return Item(case.case_id, name, detail, said, mark, _TONES[prediction.outcome])

    def _job_item(self, job: JobInfo) -> Item:
        detail = state_word(job.state)
        if job.state == "running" and job.total:
            detail += f" {round(100 * job.done / job.total)} %"
        word = Durations.left(job.seconds_left) if job.state == "running" and job.seconds_left is not None else ""
        return Item(job.job_id, job_name(job), detail, word or Durations.when(job.created_at), "school-outline")

    @Slot()
    def _on_library_changed(self) -> None:
        self._show_recent()

    @Slot(int)
    def _on_models_activated(self, number: int) -> None:
        self.session.use_model(str(self.models.itemData(number)))
