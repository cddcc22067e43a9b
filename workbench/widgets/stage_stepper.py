"""The stages of a run as a row of steps: teachers, folds one by one, the final council; click one to look at it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QWidget

from workbench.i18n import Retranslated
from workbench.widgets.boxes import row
from workbench.widgets.tabs import Tab


class StageStepper(Retranslated, QWidget):
    """The stages that were reached.

    Signals:
        stage_chosen: the person wants to look at a stage; carries its id.
    """

    stage_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stages: list[str] = []
        self._total = 0
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        self._row = row(None, spacing=4)
        self.setLayout(self._row)

    def retranslate(self) -> None:
        """Name the stages in the language of the moment."""
        for stage, made in self._buttons.items():
            made.setText(self.stage_word(stage))

    def stage_word(self, stage: str) -> str:
        """Return what people call a stage."""
        if stage == "final":
            return self.tr("Final council")
        if stage == "teacher":
            return self.tr("Teacher")
        if stage.startswith("fold-"):
            number = stage.removeprefix("fold-")
            if self._total:
                return self.tr("Fold {number} of {total}").format(number=number, total=self._total)
            return self.tr("Fold {number}").format(number=number)
        return stage.replace("-", " ")

    def show_stages(self, stages: Sequence[str], chosen: str, folds: int = 0) -> None:
        """Offer the stages reached so far, with `chosen` marked; `folds` is how many there will be, 0 if unknown."""
        if list(stages) != self._stages or folds != self._total:
            self._stages, self._total = list(stages), folds
            for made in self._buttons.values():
                self._group.removeButton(made)
                self._row.removeWidget(made)
                made.deleteLater()
            self._buttons = {stage: self._button(stage) for stage in self._stages}
        if chosen in self._buttons:
            self._buttons[chosen].setChecked(True)

    def shown(self) -> list[str]:
        """Return the words of the stages."""
        return [made.text() for made in self._buttons.values()]

    def _button(self, stage: str) -> QPushButton:
        made = Tab()
        made.setText(self.stage_word(stage))
        made.clicked.connect(lambda: self.stage_chosen.emit(stage))
        self._group.addButton(made)
        self._row.insertWidget(self._row.count() - 1, made)
        return made
