"""The card "Who worked on it": the routing strip, and the same as a table."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from engine.schema.base import MODALITIES
from engine.schema.model import ModelSummary
from engine.schema.prediction import Prediction
from workbench.i18n import Retranslated
from workbench.state.experts import expert_names
from workbench.state.predictions import modality_words
from workbench.theme import ROW_HEIGHT, theme
from workbench.widgets.boxes import Frame, Pages, button, column, row
from workbench.widgets.routing_strip import RoutingStrip
from workbench.widgets.text import Text


class CaseRouting(Retranslated, Frame):
    """Shows the routing of an answer.

    Signals:
        token_pointed: the pointer is over a token; carries its span or None.
    """

    token_pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("card", None, parent)
        self._model: ModelSummary | None = None
        self._head = Text(strong=True)
        self._legend = {modality: Text(size="small", tone=modality) for modality in MODALITIES}
        self._as_table = button("plain", "table")
        self._as_table.setCheckable(True)
        self.strip = RoutingStrip()
        self.table = QTableWidget()
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._pages = Pages(self.strip, self.table)
        head = row(self._head, None, self._as_table)
        legend = row(*self._legend.values(), None, spacing=12)
        self.setLayout(column(head, legend, self._pages, margins=12))
        self._as_table.toggled.connect(self._on_as_table_toggled)
        self.strip.token_pointed.connect(self.token_pointed)
        self.retranslate()

    def show_answer(self, prediction: Prediction | None, model: ModelSummary | None = None) -> None:
        """Show who worked on an answer, with the names that `model` has for its experts; nothing without one."""
        self._model = model
        self.strip.show_trace(prediction.routing if prediction is not None else None, expert_names(model))
        self._fill_table()
        self.setVisible(prediction is not None and prediction.routing.layers > 0)

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._head.setText(self.tr("Who worked on it"))
        self.strip.rename(expert_names(self._model))
        names = modality_words()
        for modality, label in self._legend.items():
            label.setText(f"■ {names[modality]}")
        self._as_table.setText(self.tr("As picture") if self._as_table.isChecked() else self.tr("As table"))
        self._fill_table()

    def _fill_table(self) -> None:
        head, *rows = self.strip.table()
        self.table.setColumnCount(len(head))
        self.table.setHorizontalHeaderLabels(list(head))
        self.table.setRowCount(len(rows))
        for y, figures in enumerate(rows):
            for x, figure in enumerate(figures):
                item = QTableWidgetItem(figure)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(y, x, item)
        self.table.setMinimumHeight(min(len(rows) + 1, 10) * theme().px(ROW_HEIGHT))

    @Slot(bool)
    def _on_as_table_toggled(self, on: bool) -> None:
        self._pages.show_page(self.table if on else self.strip)
        self.retranslate()
