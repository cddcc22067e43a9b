"""The page that tells what each module of a model is worth: found out on request, on cases it did not learn from."""

from PySide6.QtCore import Slot

from engine.schema.command import JobInfo
from engine.schema.model import ModelSummary
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


class WorthView(Place):
    """One model's modules; `show_item` with the model's id says whose."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "scale-balance")
        self.state = WorthState(session, self)
        self.model_id = ""
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
        problem = self.state.problem(self.model_id)
        if problem is None or self.session.model(self.model_id) is None:
            self.show_item(self.model_id)
        else:
            self._start()

    @Slot(str)
    def _on_state_changed(self, model_id: str) -> None:
        if model_id == self.model_id:
            self._show()

    @Slot()
    def _on_empty_action_clicked(self) -> None:
        if self.state.job(self.model_id) is not None:
            self.state.stop(self.model_id)
        else:
            self._start()

    @Slot()
    def _start(self) -> None:
        model = self.session.model(self.model_id)
        if model is not None:
            self.draw("loading")
            self.state.start(model)

    @Slot()
    def _show(self) -> None:
        """Draw what is known of the model, or how far finding it out is."""
        model = self.session.model(self.model_id)
        if model is None:
            return
        self.name.setText(recipe_names().shown(model.name))
        found, problem, job = (
            self.state.worth(self.model_id), self.state.problem(self.model_id), self.state.job(self.model_id),
        )  # fmt: skip
        self.again.setVisible(job is None and found is not None and problem is None)
        if job is not None:
            self.empty.say(self._progress(job), self.tr("Stop"))
            self.draw("empty")
        elif problem is not None and problem.code != NONE:
            self.show_error(problem)
        elif problem is not None:
            self._offer(model)
        elif found is not None:
            self.page.show_worth(model, found)
            if self.drawn != "live":
                self.setFocus()  # a button that goes would hand its focus to a map, and the page would scroll there
            self.draw("live")

    def _offer(self, model: ModelSummary) -> None:
        """Say what can be found out, and let the person begin; without cases that were set aside, say what is missing."""
        dataset = self.state.dataset_for(model)
        if dataset is None:
            none = self.tr(
                "This project has no cases with this model's answers that were set aside from learning, and on those it learned from every module would look better than it is. Import a table with a column “split” that says “val” for some rows, or start the demo run."
            )
            self.empty.say(none)
        else:
            said = self.tr(
                "Not found out yet. Each module's pieces are handed to the module that would come next, and the {n} cases of {name} that were set aside are answered again: what becomes worse is what the module is worth. This takes a few minutes."
            )
            self.empty.say(
                said.format(n=dataset.counts.get("val", 0), name=dataset.title or dataset.dataset), self.tr("Find out")
            )
        self.draw("empty")

    def _progress(self, job: JobInfo) -> str:
        """Return how far the measurement is."""
        parts = [phase_word(job.phase)] if job.phase else [self.tr("waiting for its turn")]
        if job.total:
            parts.append(f"{int(100 * job.done / job.total)} %")
        if job.seconds_left is not None:
            parts.append(Durations.left(job.seconds_left))
        return self.tr("Finding out: {progress}").format(progress=" · ".join(parts))
