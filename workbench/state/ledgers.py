"""The ledgers of models: what the engine answered when asked for each, so that a button and a page need to ask once."""

import functools
from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.errors import ErrorBody
from engine.schema.ledger import Ledger
from workbench.state.session import Session

NONE = "not-found"
"""The engine's word for a model without a ledger."""


class LedgersState(QObject):
    """Ledgers by model.

    Signals:
        answered: the engine answered about a model; carries its id.
    """

    answered = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._ledgers: dict[str, Ledger] = {}
        self._problems: dict[str, ErrorBody] = {}
        self._asked: set[str] = set()
        session.light_changed.connect(self._on_session_light_changed)

    def ledger(self, model_id: str) -> Ledger | None:
        """Return a model's ledger; None where it has none or nobody knows yet."""
        return self._ledgers.get(model_id)

    def problem(self, model_id: str) -> ErrorBody | None:
        """Return why a ledger could not be read; None where it could, or where there is none to read."""
        return self._problems.get(model_id)

    def is_known(self, model_id: str) -> bool:
        """Tell whether the engine has answered about a model."""
        return model_id not in self._asked and (model_id in self._ledgers or model_id in self._problems)

    def has_none(self, model_id: str) -> bool:
        """Tell whether the engine said that a model has no ledger."""
        problem = self._problems.get(model_id)
        return problem is not None and problem.code == NONE

    def ask(self, model_ids: Iterable[str]) -> None:
        """Ask for the ledgers that nobody asked for yet, and again for those that failed."""
        for model_id in model_ids:
            known = model_id in self._ledgers or self.has_none(model_id)
            if not known and model_id not in self._asked:
                self._asked.add(model_id)
                self._session.client.get(
                    f"/v1/models/{model_id}/ledger",
                    Ledger,
                    functools.partial(self._on_ledger_answered, model_id),
                    functools.partial(self._on_ledger_failed, model_id),
                )

    @Slot()
    def _on_session_light_changed(self) -> None:
        if self._session.folder is None:  # the project was left: what was asked of its engine is never answered
            for known in (self._ledgers, self._problems, self._asked):
                known.clear()

    def _on_ledger_answered(self, model_id: str, found: Ledger) -> None:
        self._asked.discard(model_id)
        self._problems.pop(model_id, None)
        self._ledgers[model_id] = found
        self.answered.emit(model_id)

    def _on_ledger_failed(self, model_id: str, problem: ErrorBody) -> None:
        self._asked.discard(model_id)
        self._problems[model_id] = problem
        self.answered.emit(model_id)
