"""Which modules work on the same pieces: of the pieces of one (rows), how many went to each other one as well.

Shapes: E experts.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from engine.utilisation import Shares, coactivation
from workbench.state.experts import called
from workbench.theme import theme
from workbench.widgets.cell_map import Cell, CellMap
from workbench.widgets.chart_card import Table
from workbench.widgets.expert_chip import SIDE, paint_chip


class TogetherMap(CellMap):
    """Experts by experts of one layer over the check cases; the diagonal says nothing and stays empty."""

    row_room = SIDE + 2

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._both_EE = np.zeros((0, 0), np.int32)
        self._names: dict[int, str] = {}
        self._layer = 0
        TogetherMap.retranslate(self)

    def retranslate(self) -> None:
        """Name the chart in the language of the moment."""
        self.setAccessibleName(self.tr("Which modules work on the same pieces"))
        self.update()

    def show_layer(self, both_EE: NDArray[np.int32], layer: int) -> None:
        """Show the pieces that pairs of experts both worked on, in one layer counted from 0."""
        self._both_EE, self._layer = both_EE, layer
        self.updateGeometry()
        self.forget_picture()

    def name_experts(self, names: dict[int, str]) -> None:
        """Call experts by these names where they are told of."""
        self._names = names

    def shown_values(self) -> Shares:
        """Return n_ij / n_i, 0 on the diagonal."""
        share_EE = coactivation(self._both_EE)
        np.fill_diagonal(share_EE, 0.0)
        return share_EE

    def even(self) -> float:
        """Return (K - 1) / (E - 1): an expert's pieces go to K - 1 others, each as often as any."""
        own, experts = int(np.trace(self._both_EE)), len(self._both_EE)
        return float((self._both_EE.sum() - own) / max(1, own) / max(1, experts - 1)) or 1.0

    def shown_text(self, cell: Cell) -> str:
        """Return the number that stands in a cell; none on the diagonal."""
        return "" if cell.row == cell.expert else super().shown_text(cell)

    def sentence(self, cell: Cell) -> str:
        """Return what a cell says, as a sentence."""
        said = self.tr(
            "Layer {layer}: of the {count} pieces of module {module}, {share} % went to module {other} as well"
        )
        if cell.row == cell.expert:
            said = self.tr("Layer {layer}: module {module} worked on {count} pieces of the check cases")
        return said.format(
            layer=self._layer + 1,
            count=int(self._both_EE[cell.row, cell.row]),
            module=called(cell.row, self._names),
            other=called(cell.expert, self._names),
            share=f"{100 * float(self.shown_values()[cell.row, cell.expert]):.0f}",
        )

    def table(self) -> Table:
        """Return pairs, their pieces and shares."""
        values_EE = self.shown_values()
        rows = [
            (
                called(i, self._names),
                called(j, self._names),
                str(self._both_EE[i, j]),
                f"{100 * values_EE[i, j]:.1f} %",
            )
            for i, j in np.ndindex(*values_EE.shape)
            if i != j
        ]
        heads = (self.tr("module"), self.tr("other module"), self.tr("pieces of both"), self.tr("share of the module"))
        return Table(heads, tuple(rows))

    def sizeHint(self) -> QSize:
        """Ask for rows that hold a chip."""
        return QSize(320, self.height_for(len(self._both_EE), SIDE + 4, most=16))

    def paint_row_title(self, painter: QPainter, place: QRectF, row: int) -> None:
        """Paint the chip of the module a row is about."""
        side = theme().px(SIDE)
        corner = QPointF(place.right() - side, place.center().y() - side / 2)
        paint_chip(painter, QRectF(corner.x(), corner.y(), side, side), row)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the map, and leave out what a module has in common with itself."""
        super().paintEvent(event)
        painter = QPainter(self)
        for expert in range(len(self._both_EE)):
            painter.fillRect(self._rect_of(Cell(expert, expert)), theme().color("surface2"))
