"""The page of a model's ledger: what it kept of its teachers, what it costs beside them, where they part ways."""

from PySide6.QtCore import Slot

from workbench.state.ledgers import LedgersState
from workbench.state.recipes import recipe_names
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.views.place import Place
from workbench.widgets.boxes import icon_button, name_it
from workbench.widgets.ledger_page import LedgerPage
from workbench.widgets.scroll import scrolled
from workbench.widgets.text import ElidedText


class LedgerView(Place):
    """One model's ledger; `show_item` with the model's id says whose."""

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "school-outline")
        self.ledgers = LedgersState(session, self)
        self.model_id = ""
        self._back = icon_button("arrow-left")
        self.name = ElidedText(tone="second", size="lead")
        self.page = LedgerPage()
        self.head.insertWidget(0, self._back)
        self.head.insertWidget(2, self.name, 1000)  # more than the stretch at the row's end
        self._area = scrolled(self.page)
        self.body.addWidget(self._area, 1)
        self._back.clicked.connect(lambda: self.place_wanted.emit("models", ""))
        self.empty.action.clicked.connect(lambda: self.place_wanted.emit("models", ""))
        self.page.case_wanted.connect(lambda case_id: self.place_wanted.emit("case", case_id))
        self.ledgers.answered.connect(self._on_ledgers_answered)
        session.project_changed.connect(self._show)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.title.setText(self.tr("What it kept of its teachers"))
        name_it(self._back, self.tr("All models"))
        self._say_none()

    def show_item(self, item_id: str) -> None:
        """Show a model's ledger."""
        if item_id != self.model_id:
            self.model_id = item_id
            self._area.verticalScrollBar().setValue(0)
        self.draw("loading")
        self.ledgers.ask([item_id])
        self._show()

    def try_again(self) -> None:
        """Ask once more."""
        self.show_item(self.model_id)

    def _say_none(self) -> None:
        model = self.session.model(self.model_id)
        self.name.setText(recipe_names().shown(model.name) if model is not None else "")
        said = (
            self.tr("No ledger was kept of this model: it was made before there were ledgers, or from too few cases.")
            if model is not None and model.teachers
            else self.tr("This model learned from no teacher.")
        )
        self.empty.say(said, self.tr("All models"))

    @Slot(str)
    def _on_ledgers_answered(self, model_id: str) -> None:
        if model_id == self.model_id:
            self._show()

    @Slot()
    def _show(self) -> None:
        """Draw what is known of the model."""
        self._say_none()
        model, ledger = self.session.model(self.model_id), self.ledgers.ledger(self.model_id)
        problem = self.ledgers.problem(self.model_id)
        if ledger is not None and model is not None:
            self.page.show_ledger(model, ledger)
            self.draw("live" if ledger.teachers else "empty")
        elif self.ledgers.has_none(self.model_id):
            self.draw("empty")
        elif problem is not None and self.ledgers.is_known(self.model_id):
            self.show_error(problem)
