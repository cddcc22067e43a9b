"""The place of the finished models: how good each is, which one answers, and the trash with its way back."""

from typing import Final

from PySide6.QtCore import QEventLoop, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.schema.errors import ErrorBody
from engine.schema.model import ModelSummary
from workbench.state.ledgers import LedgersState
from workbench.state.models import ModelsState
from workbench.state.recipes import recipe_names
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.theme import BETWEEN
from workbench.views.place import Place
from workbench.widgets.boxes import Frame, button, row
from workbench.widgets.model_card import ModelCard
from workbench.widgets.scroll import scrolled
from workbench.widgets.text import Text

UNDO_MS: Final = 8000
"""How long a removal can be taken back; the engine, which cannot bring a model back, is told only afterwards."""
LAST_WORD_MS: Final = 2000
"""Longest wait for the engine when the program ends."""


class ModelsView(Place):
    """All models of the project.

    Signals:
        answered: the engine has put a model away, or refused to.
    """

    answered = Signal()

    def __init__(self, session: Session, preferences: Preferences) -> None:
        super().__init__(session, preferences, "cube-outline")
        self.models = ModelsState(self)
        self.ledgers = LedgersState(session, self)
        self.cards: dict[str, ModelCard] = {}
        self._shown: list[tuple[ModelSummary, bool]] = []
        self._removed: ModelSummary | None = None
        self._asks = False
        self._undo_text = Text(strong=True)
        self.undo = button("plain", "undo")
        self._undo_strip = Frame("well", row(self._undo_text, self.undo, None, margins=(BETWEEN, 4, BETWEEN, 4)))
        self._undo_strip.hide()
        self._list = QVBoxLayout()
        self._list.setSpacing(BETWEEN)
        page = QWidget()
        page.setObjectName("page")
        page.setLayout(self._list)
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.addStretch(1)
        self.body.addWidget(self._undo_strip)
        self.body.addWidget(scrolled(page), 1)
        self._undo_time = QTimer(self, singleShot=True, interval=UNDO_MS)
        self._undo_time.timeout.connect(self._put_away)
        self.undo.clicked.connect(self._on_undo_clicked)
        self.empty.action.clicked.connect(lambda: self.place_wanted.emit("training", ""))
        session.project_changed.connect(self._on_session_project_changed)
        session.event_arrived.connect(self.models.apply)
        self.models.models_changed.connect(self._show)
        self.ledgers.answered.connect(self._on_ledgers_answered)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.lastWindowClosed.connect(self._on_app_last_window_closed)
        self.retranslate()
        self._on_session_project_changed()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.title.setText(self.tr("Models"))
        self.empty.say(
            self.tr("There is no model yet. Train one; a demo run takes a few minutes."), self.tr("Go to Training")
        )
        self.undo.setText(self.tr("Undo"))
        self._write_undo()

    def show_item(self, item_id: str) -> None:
        """Bring a model into sight."""
        if item_id in self.cards:
            self.cards[item_id].setFocus()

    @Slot()
    def _on_session_project_changed(self) -> None:
        project = self.session.project
        if project is not None:
            self.models.load(project.models, project.model_in_use)

    @Slot()
    def _show(self) -> None:
        gone = self._removed.model_id if self._removed is not None else ""
        shown = [
            (model, model.model_id == self.models.in_use_id) for model in self.models.all() if model.model_id != gone
        ]
        self.draw("live" if shown or self._removed is not None else "empty")
        if shown == self._shown:
            return
        self._shown = shown
        for card in self.cards.values():
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = {model.model_id: self._card(model, in_use) for model, in_use in shown}
        for place, card in enumerate(self.cards.values()):
            self._list.insertWidget(place, card)
        self.ledgers.ask(model.model_id for model, _in_use in shown if model.teachers)

    def _card(self, model: ModelSummary, in_use: bool) -> ModelCard:
        card = ModelCard(model, in_use)
        card.use_wanted.connect(self.session.use_model)
        card.remove_wanted.connect(self._on_card_remove_wanted)
        card.run_wanted.connect(lambda run: self.place_wanted.emit("training", run))
        card.ledger_wanted.connect(lambda model_id: self.place_wanted.emit("ledger", model_id))
        card.worth_wanted.connect(lambda model_id: self.place_wanted.emit("worth", model_id))
        card.offer_ledger(self.ledgers.ledger(model.model_id) is not None)
        return card

    @Slot(str)
    def _on_ledgers_answered(self, model_id: str) -> None:
        if model_id in self.cards:
            self.cards[model_id].offer_ledger(not self.ledgers.has_none(model_id))

    @Slot(str)
    def _on_card_remove_wanted(self, model_id: str) -> None:
        self._put_away()
        self._removed = self.models.model(model_id)
        self._write_undo()
        self._undo_strip.setVisible(self._removed is not None)
        self._undo_time.start()
        self._show()

    @Slot()
    def _on_undo_clicked(self) -> None:
        self._undo_time.stop()
        self._removed = None
        self._undo_strip.hide()
        self._show()

    @Slot()
    def _put_away(self) -> None:
        """Tell the engine about the removal that can no longer be taken back."""
        self._undo_time.stop()
        removed, self._removed = self._removed, None
        self._undo_strip.hide()
        if removed is not None and self.session.model(removed.model_id) is not None:  # another project may be open now
            self._asks = True
            self.session.client.delete(f"/v1/models/{removed.model_id}", self._on_deleted, self._on_delete_failed)

    def hideEvent(self, event: QHideEvent) -> None:
        """Tell the engine at once where the place is left or the window closes: nobody could take the removal back."""
        super().hideEvent(event)
        if not event.spontaneous():  # a window that is made small comes back
            self._put_away()

    @Slot()
    def _on_app_last_window_closed(self) -> None:
        """Send what waits to be removed, and wait for the engine's word: a program that ends takes its requests along."""
        self._put_away()
        if self._asks:
            waiting = QEventLoop()
            QTimer.singleShot(LAST_WORD_MS, waiting.quit)
            self.answered.connect(waiting.quit)
            waiting.exec()

    def _on_deleted(self, _body: bytes) -> None:
        self._asks = False
        self.answered.emit()
        self.session.read_project()

    def _on_delete_failed(self, problem: ErrorBody) -> None:
        self._asks = False
        self.answered.emit()
        self.session.failed.emit(problem)
        self.session.read_project()

    def _write_undo(self) -> None:
        name = recipe_names().shown(self._removed.name) if self._removed is not None else ""
        self._undo_text.setText(self.tr("{name} was removed.").format(name=name))
