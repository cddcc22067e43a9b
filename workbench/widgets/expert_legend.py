"""The experts that have a name, each beside its chip, under a chart whose columns are numbers."""

from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.theme import BETWEEN, INSIDE, TIGHT
from workbench.widgets.boxes import clear, row
from workbench.widgets.expert_chip import ExpertChip
from workbench.widgets.text import ElidedText

_COLUMNS = 2


class ExpertLegend(QWidget):
    """Chips with names, in two columns; hidden while no expert has one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: dict[int, str] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(BETWEEN)
        self._grid.setVerticalSpacing(TIGHT)
        for at in range(_COLUMNS):
            self._grid.setColumnStretch(at, 1)
        self.hide()

    @property
    def names(self) -> dict[int, str]:
        """The names by expert, counted from 0."""
        return dict(self._names)

    def show_names(self, names: dict[int, str]) -> None:
        """Show these names."""
        if names != self._names:
            self._names = dict(names)
            clear(self._grid)
            for number, (expert, name) in enumerate(sorted(names.items())):
                entry = QWidget()
                entry.setLayout(row(ExpertChip(expert), ElidedText(name, size="small", tone="second"), spacing=INSIDE))
                self._grid.addWidget(entry, number // _COLUMNS, number % _COLUMNS)
        self.setVisible(bool(names))
