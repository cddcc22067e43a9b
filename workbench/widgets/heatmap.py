"""Who works on what: layers by experts, drawn as what the engine counted and nothing else.

Shapes: L layers, E experts.
"""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from engine.schema.base import Modality
from engine.utilisation import Counts, Shares, lift, shares
from workbench.state.experts import called
from workbench.state.routing import Snapshot
from workbench.widgets.cell_map import Cell, CellMap, cividis, diverging
from workbench.widgets.chart_card import Table

Shown = Literal["share", "lift"]

LIFT_LIMIT: Final = 4.0
"""Colours of lift run from a quarter to four times the usual share."""


class Heatmap(CellMap):
    """Layers by experts of one snapshot: shares of the pieces, or how many times the usual share (lift)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: Snapshot | None = None
        self._names: dict[int, str] = {}
        self._modality: Modality | None = None
        self._shown: Shown = "share"
        Heatmap.retranslate(self)

    def retranslate(self) -> None:
        """Name the chart in the language of the moment."""
        self.setAccessibleName(self.tr("Which module works on how many pieces, layer by layer"))
        self.update()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show one measurement."""
        self._snapshot = snapshot
        self.updateGeometry()
        self.forget_picture()

    def show_modality(self, modality: Modality | None) -> None:
        """Show the pieces of one modality; None shows all."""
        self._modality = modality
        self.forget_picture()

    def show_as(self, shown: Shown) -> None:
        """Show shares, or lift."""
        self._shown = shown
        self.forget_picture()

    @property
    def snapshot(self) -> Snapshot | None:
        """The measurement that is shown."""
        return self._snapshot

    def shown_counts(self) -> Counts:
        """Return the counts (layers, experts) behind what is shown, integer for integer as the engine sent them."""
        if self._snapshot is None:
            return np.zeros((0, 0), np.int64)
        return self._snapshot.of(self._modality)

    def shown_values(self) -> Shares:
        """Return the shown values (layers, experts): shares from 0 to 1, or lift."""
        if self._snapshot is None:
            return np.zeros((0, 0))
        if self._shown == "share":
            return shares(self.shown_counts())
        modalities = self._snapshot.modalities
        return lift(
            self._snapshot.counts_LEM, modalities.index(self._modality) if self._modality in modalities else None
        )

    def shown_text(self, cell: Cell) -> str:
        """Return the number that stands in a cell."""
        value = float(self.shown_values()[cell.row, cell.expert])
        return f"{value:.1f}" if self._shown == "lift" else f"{100 * value:.0f}"

    def name_experts(self, names: dict[int, str]) -> None:
        """Call experts by these names where they are told of."""
        self._names = names

    def sentence(self, cell: Cell) -> str:
        """Return what a cell says, as a sentence."""
        counts_LE = self.shown_counts()
        share = float(shares(counts_LE)[cell.row, cell.expert])
        said = {
            None: self.tr(
                "Layer {layer}, module {module}: {share} % of all pieces, {times} times its even share ({count} pieces)"
            ),
            "text": self.tr(
                "Layer {layer}, module {module}: {share} % of the text pieces, {times} times its even share ({count} pieces)"
            ),
            "image": self.tr(
                "Layer {layer}, module {module}: {share} % of the picture pieces, {times} times its even share ({count} pieces)"
            ),
            "audio": self.tr(
                "Layer {layer}, module {module}: {share} % of the sound pieces, {times} times its even share ({count} pieces)"
            ),
        }[self._modality]
        return said.format(
            layer=cell.row + 1,
            module=called(cell.expert, self._names),
            share=f"{100 * share:.1f}" if share < 0.1 else f"{100 * share:.0f}",
            times=f"{share * counts_LE.shape[1]:.1f}",
            count=int(counts_LE[cell.row, cell.expert]),
        )

    def table(self) -> Table:
        """Return counts and shares by layer and module."""
        counts_LE, share_LE = self.shown_counts(), shares(self.shown_counts())
        rows = [
            (
                str(layer + 1),
                called(expert, self._names),
                str(counts_LE[layer, expert]),
                f"{100 * share_LE[layer, expert]:.1f} %",
            )
            for layer in range(counts_LE.shape[0])
            for expert in range(counts_LE.shape[1])
        ]
        return Table(
            (self.tr("layer"), self.tr("module"), self.tr("pieces"), self.tr("share of the layer")), tuple(rows)
        )

    def sizeHint(self) -> QSize:
        """Ask for rows one can read."""
        layers = self._snapshot.layers if self._snapshot else 2
        return QSize(480, self.height_for(layers, 40))

    def colors(self) -> NDArray[np.uint8]:
        """Return the colours of shares, or of lift."""
        return diverging() if self._shown == "lift" else cividis()

    def levels(self) -> NDArray[np.uint8]:
        """Return the colour of each cell; lift by its logarithm."""
        if self._shown != "lift":
            return super().levels()
        logs = np.log2(np.clip(self.shown_values(), 1 / LIFT_LIMIT, LIFT_LIMIT)) / np.log2(LIFT_LIMIT)
        return np.asarray(np.round(127.5 + 127.5 * logs), np.uint8)

    def marks(self) -> list[tuple[float, str]]:
        """Return what stands beside the colour bar."""
        if self._shown != "lift":
            return super().marks()
        return [(0.0, f"1/{LIFT_LIMIT:g}×"), (0.5, "1×"), (1.0, f"{LIFT_LIMIT:g}×")]

    def paint_row_title(self, painter: QPainter, place: QRectF, row: int) -> None:
        """Write which layer a row is."""
        said = self.tr("layer {number}").format(number=row + 1)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)
