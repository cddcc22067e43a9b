"""Who works on what: layers by experts, drawn as what the engine counted and nothing else.

Shapes: L layers, E experts.
"""

import dataclasses
from functools import lru_cache
from typing import Final, Literal

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from engine.schema.base import Modality
from engine.utilisation import Counts, Shares, lift, shares
from workbench.i18n import Retranslated
from workbench.state.experts import called
from workbench.state.routing import Snapshot
from workbench.theme import SMALL, theme
from workbench.widgets.chart_card import Chart, Table
from workbench.widgets.expert_chip import SIDE, paint_chip

Shown = Literal["share", "lift"]

LIFT_LIMIT: Final = 4.0
"""Colours of lift run from a quarter to four times the usual share."""
_LEFT: Final = 56
_TOP: Final = 28
_BAR: Final = 12
_BAR_ROOM: Final = 104
_ROOM_FOR_NUMBER: Final = QSize(26, 18)
_ROOM_FOR_CHIP: Final = SIDE + 2
_BLUE, _GREY, _ORANGE = (0x2B, 0x6C, 0xB0), (0xC9, 0xCE, 0xD6), (0xD9, 0x7A, 0x1E)


@lru_cache(maxsize=1)
def _cividis() -> NDArray[np.uint8]:
    table: NDArray[np.uint8] = pg.colormap.get("cividis").getLookupTable(nPts=256, alpha=False)
    return table


@lru_cache(maxsize=1)
def _diverging() -> NDArray[np.uint8]:
    """Blue below the usual share, grey at it, orange above."""
    stops = np.array([_BLUE, _GREY, _ORANGE], float)
    at = np.linspace(0, 2, 256)
    return np.stack([np.interp(at, [0, 1, 2], stops[:, c]) for c in range(3)], axis=1).round().astype(np.uint8)


@dataclasses.dataclass(frozen=True)
class Cell:
    """One cell, counted from 0."""

    layer: int
    expert: int


class Heatmap(Retranslated, Chart):
    """Layers by experts of one snapshot: shares of the pieces, or how many times the usual share (lift)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: Snapshot | None = None
        self._names: dict[int, str] = {}
        self._modality: Modality | None = None
        self._shown: Shown = "share"
        self._cell: Cell | None = None
        self._image: QImage | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(120)
        theme().changed.connect(self.update)
        Heatmap.retranslate(self)

    def retranslate(self) -> None:
        """Name the chart in the language of the moment."""
        self.setAccessibleName(self.tr("Which module works on how many pieces, layer by layer"))
        self.update()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Show one measurement."""
        self._snapshot = snapshot
        self._image = None
        self.updateGeometry()
        self.update()

    def show_modality(self, modality: Modality | None) -> None:
        """Show the pieces of one modality; None shows all."""
        self._modality, self._image = modality, None
        self.update()

    def show_as(self, shown: Shown) -> None:
        """Show shares, or lift."""
        self._shown, self._image = shown, None
        self.update()

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
        value = float(self.shown_values()[cell.layer, cell.expert])
        return f"{value:.1f}" if self._shown == "lift" else f"{100 * value:.0f}"

    def name_experts(self, names: dict[int, str]) -> None:
        """Call experts by these names where they are told of."""
        self._names = names

    def sentence(self, cell: Cell) -> str:
        """Return what a cell says, as a sentence."""
        counts_LE = self.shown_counts()
        share = float(shares(counts_LE)[cell.layer, cell.expert])
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
            layer=cell.layer + 1,
            module=called(cell.expert, self._names),
            share=f"{100 * share:.1f}" if share < 0.1 else f"{100 * share:.0f}",
            times=f"{share * counts_LE.shape[1]:.1f}",
            count=int(counts_LE[cell.layer, cell.expert]),
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
        return QSize(480, theme().px(_TOP) + max(96, min(layers, 12) * 40))

    def cell_at(self, at: QPointF) -> Cell | None:
        """Return the cell under a point of the widget."""
        area, snapshot = self._area(), self._snapshot
        if snapshot is None or not area.contains(at) or not snapshot.experts:
            return None
        layer = int((at.y() - area.top()) / area.height() * snapshot.layers)
        expert = int((at.x() - area.left()) / area.width() * snapshot.experts)
        return Cell(min(layer, snapshot.layers - 1), min(expert, snapshot.experts - 1))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the cell under the pointer means."""
        self._point_at(self.cell_at(event.position()))
        if self._cell is not None:
            QToolTip.showText(event.globalPosition().toPoint(), self.sentence(self._cell), self)
        else:
            QToolTip.hideText()

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self._point_at(None)
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the cells with the arrow keys."""
        steps = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        if self._snapshot is None or event.key() not in steps:
            super().keyPressEvent(event)
            return
        down, right = steps[Qt.Key(event.key())]
        now = self._cell or Cell(0, 0)
        self._point_at(
            Cell((now.layer + down) % self._snapshot.layers, (now.expert + right) % self._snapshot.experts)
            if self._cell
            else now
        )
        if self._cell is not None:
            QToolTip.showText(
                self.mapToGlobal(self._rect_of(self._cell).bottomLeft().toPoint()), self.sentence(self._cell), self
            )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cells, chips, layer names and the colour bar."""
        painter = QPainter(self)
        painter.setFont(theme().font(SMALL))
        snapshot = self._snapshot
        if snapshot is None or not snapshot.experts:
            return
        area = self._area()
        painter.drawImage(area, self._cells())
        self._paint_numbers(painter)
        self._paint_names(painter, snapshot, area)
        self._paint_bar(painter, area)
        if self._cell is not None and self._cell.layer < snapshot.layers and self._cell.expert < snapshot.experts:
            painter.setPen(QPen(theme().color("accent"), 2))
            painter.drawRect(self._rect_of(self._cell))

    def _area(self) -> QRectF:
        return QRectF(
            theme().px(_LEFT),
            theme().px(_TOP),
            max(8, self.width() - theme().px(_LEFT) - theme().px(_BAR_ROOM)),
            max(8, self.height() - theme().px(_TOP) - 4),
        )

    def _rect_of(self, cell: Cell) -> QRectF:
        area = self._area()
        assert self._snapshot is not None
        width, height = area.width() / self._snapshot.experts, area.height() / self._snapshot.layers
        return QRectF(area.left() + cell.expert * width, area.top() + cell.layer * height, width, height)

    def _limit(self) -> float:
        """Return the share at the top of the colour bar: a round number of even shares, so the scale jumps seldom."""
        values = self.shown_values()
        even = 1 / values.shape[1]
        times = max(2.0, float(np.ceil(values.max(initial=0.0) / even)))
        return float(min(1.0, times * even))

    def _levels(self) -> NDArray[np.uint8]:
        values = self.shown_values()
        if self._shown == "lift":
            logs = np.log2(np.clip(values, 1 / LIFT_LIMIT, LIFT_LIMIT)) / np.log2(LIFT_LIMIT)
            return np.asarray(np.round(127.5 + 127.5 * logs), np.uint8)
        return np.asarray(np.round(np.clip(values / self._limit(), 0, 1) * 255), np.uint8)

    def _colors(self) -> NDArray[np.uint8]:
        return _diverging() if self._shown == "lift" else _cividis()

    def _cells(self) -> QImage:
        if self._image is None:
            rgb = np.ascontiguousarray(self._colors()[self._levels()][:, :, :3])
            height, width = rgb.shape[:2]
            self._image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        return self._image

    def _paint_numbers(self, painter: QPainter) -> None:
        assert self._snapshot is not None
        room = self._rect_of(Cell(0, 0)).size()
        if room.width() < theme().px(_ROOM_FOR_NUMBER.width()) or room.height() < theme().px(_ROOM_FOR_NUMBER.height()):
            return
        levels, colors = self._levels(), self._colors()
        for layer in range(self._snapshot.layers):
            for expert in range(self._snapshot.experts):
                cell = Cell(layer, expert)
                red, green, blue = (int(part) for part in colors[levels[layer, expert]][:3])
                bright = 0.299 * red + 0.587 * green + 0.114 * blue > 128
                painter.setPen(QColor("#10161E") if bright else QColor("#FFFFFF"))
                painter.drawText(self._rect_of(cell), Qt.AlignmentFlag.AlignCenter, self.shown_text(cell))

    def _paint_names(self, painter: QPainter, snapshot: Snapshot, area: QRectF) -> None:
        painter.setPen(theme().color("ink3"))
        height, width = area.height() / snapshot.layers, area.width() / snapshot.experts
        every = max(1, int(np.ceil(14 / height)))
        for layer in range(0, snapshot.layers, every):
            place = QRectF(0, area.top() + layer * height, theme().px(_LEFT) - 8, height)
            said = self.tr("layer {number}").format(number=layer + 1)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, said)
        every = max(1, int(np.ceil(theme().px(_ROOM_FOR_CHIP) / width)))
        for expert in range(0, snapshot.experts, every):
            middle = area.left() + (expert + 0.5) * width
            paint_chip(painter, QRectF(middle - theme().px(SIDE) / 2, 2, theme().px(SIDE), theme().px(SIDE)), expert)

    def _paint_bar(self, painter: QPainter, area: QRectF) -> None:
        """Paint the scale with its ends and the even share."""
        bar = QRectF(area.right() + 12, area.top(), _BAR, area.height())
        ramp = np.ascontiguousarray(self._colors()[::-1, None, :3])
        painter.drawImage(bar, QImage(ramp.tobytes(), 1, 256, 3, QImage.Format.Format_RGB888).copy())
        if self._shown == "lift":
            marks = [(0.0, f"1/{LIFT_LIMIT:g}×"), (0.5, "1×"), (1.0, f"{LIFT_LIMIT:g}×")]
        else:
            limit, even = self._limit(), 1 / self.shown_values().shape[1]
            marks = [
                (0.0, "0 %"),
                (even / limit, self.tr("{share} % even").format(share=f"{100 * even:.3g}")),
                (1.0, f"{100 * limit:.3g} %"),
            ]
        painter.setPen(theme().color("ink3"))
        for at, text in marks:
            y = bar.bottom() - at * bar.height()
            painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 4, y))
            height = theme().px(16)
            top = min(max(y - height / 2, area.top()), area.bottom() - height)
            painter.drawText(
                QRectF(bar.right() + 6, top, theme().px(_BAR_ROOM), height), Qt.AlignmentFlag.AlignVCenter, text
            )

    def _point_at(self, cell: Cell | None) -> None:
        if cell != self._cell:
            self._cell = cell
            self.update()
