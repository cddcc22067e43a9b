"""The page that tells what each module of a model is worth: found out on request, on cases it did not learn from."""

from typing import Literal

from PySide6.QtCore import Slot

from engine.schema.command import JobInfo
from engine.schema.model import ModelSummary
from workbench.state.domains import domain_words
from workbench.state.recipes import recipe_names
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.state.worth import NONE, WorthState
from workbench.views.place import Place
from workbench.widgets.boxes import button, icon_button, name_it
from workbench.widgets.run_words import phase_word
from workbench.widgets.scroll import scrolled
from workbench.widgets.text import ElidedText
from workbench.widgets.worth_page import WorthPage
from workbench.words import Durations

Offer = Literal["nothing", "start", "stop", "models"]
"""What the button of the empty page does."""


class WorthView(Place):
    """One model's modules; `show_item` with the model's id says whose."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "scale-balance")
        self.state = WorthState(session, self)
        self.model_id = ""
        self._offers: Offer = "nothing"
        self._back = icon_button("arrow-left")
        self.name = ElidedText(tone="second", size="lead")
        self.again = button("plain", "refresh")
        self.again.hide()
        self.page = WorthPage()
        self.head.insertWidget(0, self._back)
        self.head.insertWidget(2, self.name, 1000)  # more than the stretch at the row's end
        self.head.addWidget(self.again)
        self._area = scrolled(self.page)
        self.body.addWidget(self._area, 1)
        self._back.clicked.connect(lambda: self.place_wanted.emit("models", ""))
        self.again.clicked.connect(self._start)
        self.empty.action.clicked.connect(self._on_empty_action_clicked)
        self.state.changed.connect(self._on_state_changed)
        session.project_changed.connect(self._show)
        session.attached.connect(self._on_session_attached)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.title.setText(self.tr("What each module is worth"))
        self.again.setText(self.tr("Find out again"))
        name_it(self._back, self.tr("All models"))
        self._show()

    def show_item(self, item_id: str) -> None:
        """Show a model's modules, asking the engine what it knows of them."""
        if item_id != self.model_id:
            self.model_id = item_id
            self._area.verticalScrollBar().setValue(0)
        self.draw("loading")
        self.state.ask(item_id)
        self._show()

    def try_again(self) -> None:
        """Ask once more; where a measurement failed, measure once more."""
        if self.state.failure(self.model_id) is not None:
            self._start()
        else:
            self.show_item(self.model_id)

    @Slot()
    def _on_session_attached(self) -> None:
        """Ask again: while nobody listened, a measurement may have ended."""
        if self.model_id:
            self.state.ask(self.model_id)

    @Slot(str)
    def _on_state_changed(self, model_id: str) -> None:
        if model_id == self.model_id:
            self._show()

    @Slot()
    def _on_empty_action_clicked(self) -> None:
        """Do what the button says, whatever has happened since it was drawn."""
        job = self.state.job(self.model_id)
        if self._offers == "models":
            self.place_wanted.emit("models", "")
        elif self._offers == "start":
            self._start()
        elif job is not None:
            self.state.stop(job.job_id)

    @Slot()
    def _start(self) -> None:
        model = self.session.model(self.model_id)
        dataset = self.state.dataset_for(model) if model is not None else None
        if model is not None and dataset is not None:
            self.state.start(model, dataset)
        self._show()

    @Slot()
    def _show(self) -> None:
        """Draw what is known of the model, or how far finding it out is."""
        model = self.session.model(self.model_id)
        if not self.model_id or self.session.project is None:
            return
        self.name.setText(recipe_names().shown(model.name) if model is not None else "")
        problem, failure = self.state.problem(self.model_id), self.state.failure(self.model_id)
        found, job = self.state.worth(self.model_id), self.state.job(self.model_id)
        waits = job is not None or self.state.is_starting(self.model_id)
        can = model is not None and self.state.dataset_for(model) is not None
        self.again.setVisible(can and found is not None and not waits and failure is None)
        if model is None:
            self._say(self.tr("This model is no longer in the project."), "models", self.tr("All models"))
        elif job is not None:
            self._say(self._progress(job), "stop", self.tr("Stop"))
        elif waits:
            self.draw("loading")
        elif failure is not None:
            self.show_error(failure)
        elif found is not None:
            self.page.show_worth(model, found)
            if self.drawn != "live":
                self.setFocus()  # a button that goes would hand its focus to a map, and the page would scroll there
            self.draw("live")
        elif problem is not None and problem.code == NONE:
            self._offer(model)
        elif problem is not None:
            self.show_error(problem)

    def _say(self, sentence: str, offers: Offer, action: str = "") -> None:
        self._offers = offers
        self.empty.say(sentence, action)
        self.draw("empty")

    def _offer(self, model: ModelSummary) -> None:
        """Say what can be found out, and let the person begin; without cases that were set aside, say what is missing."""
        dataset = self.state.dataset_for(model)
        if dataset is None:
            none = self.tr(
                "This project has no cases with this model's answers that were set aside from learning, and on those it learned from every module would look better than it is. Import a table with a column “split” that says “val” for some rows, or start the demo run."
            )
            self._say(none, "nothing")
        else:
            said = self.tr(
                "Not found out yet. Each module's pieces are handed to the module that would come next, and the {n} cases of {name} that were set aside are answered again: what becomes worse is what the module is worth. This takes a few minutes."
            )
            n, name = dataset.counts.get("val", 0), domain_words().named(dataset.title) or dataset.dataset
            self._say(said.format(n=n, name=name), "start", self.tr("Find out"))

    def _progress(self, job: JobInfo) -> str:
        """Return how far the measurement is."""
        parts = [phase_word(job.phase)] if job.phase else [self.tr("waiting for its turn")]
        if job.total:
            parts.append(f"{int(100 * job.done / job.total)} %")
        if job.seconds_left is not None:
            parts.append(Durations.left(job.seconds_left))
        return self.tr("Finding out: {progress}").format(progress=" · ".join(parts))
