"""The models of the project and which of them is in use."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.event import Event, ModelChanged
from engine.schema.model import ModelSummary


class ModelsState(QObject):
    """All models of the project, as a fold of events.

    Signals:
        models_changed: a model came, went, or another one is in use.
    """

    models_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._models: dict[str, ModelSummary] = {}
        self.in_use_id = ""

    def all(self) -> list[ModelSummary]:
        """Return the models, newest first."""
        return sorted(self._models.values(), key=lambda model: model.created_at, reverse=True)

    def model(self, model_id: str) -> ModelSummary | None:
        """Return a model, or None where the id is not known."""
        return self._models.get(model_id)

    def of_run(self, job_id: str) -> ModelSummary | None:
        """Return the model a run made, or None."""
        made = [model for model in self._models.values() if model.run == job_id]
        return made[-1] if made else None

    @property
    def in_use(self) -> ModelSummary | None:
        """The model that answers for cases; None where there is none."""
        return self._models.get(self.in_use_id)

    @Slot(object, str)
    def load(self, models: Iterable[ModelSummary], in_use_id: str) -> None:
        """Take the models as the service has them now."""
        self._models = {model.model_id: model for model in models}
        self.in_use_id = in_use_id
        self.models_changed.emit()

    @Slot(object)
    def apply(self, event: Event) -> None:
        """Fold one event of the project's stream in."""
        body = event.body
        if not isinstance(body, ModelChanged):
            return
        model_id = body.model.model_id
        if body.removed:
            self._models.pop(model_id, None)
            if self.in_use_id == model_id:
                self.in_use_id = ""
        else:
            self._models[model_id] = body.model
            if body.in_use:
                self.in_use_id = model_id
            elif self.in_use_id == model_id:
                self.in_use_id = ""
        self.models_changed.emit()
