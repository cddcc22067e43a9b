"""Who worked on one answer: for each layer the tokens from left to right, the experts from top to bottom, and counts at the end."""

import dataclasses
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.schema.base import MODALITIES, Array, Modality
from engine.schema.prediction import RoutingTrace, TokenSpan
from workbench.i18n import Retranslated
from workbench.state.experts import called
from workbench.state.predictions import modality_words
from workbench.theme import SMALL, theme
from workbench.widgets.expert_chip import paint_chip

_ROW: Final = 16
_LABEL: Final = 28
_NAME: Final = 104
"""Room of a name beside a chip, where experts have names."""
_FIGURES: Final = 44
_HEAD: Final = 24
_GAP: Final = 8


@dataclasses.dataclass(frozen=True)
class Cell:
    """A token and an expert under the pointer."""

    layer: int
    expert: int
    token: int


def unpack(array: Array) -> np.ndarray:
    """Return a message's array for numpy."""
    return np.frombuffer(array.raw(), np.dtype(array.dtype).newbyteorder("<")).reshape(array.shape)


class RoutingStrip(Retranslated, QWidget):
    """Draws a `RoutingTrace`; a cell is the stronger, the more weight its expert had on the token.

    Signals:
        token_pointed: the pointer is over a token; carries its `TokenSpan`, or None when it left.
    """

    token_pointed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trace: RoutingTrace | None = None
        self._names: dict[int, str] = {}
        self._counts = np.zeros((0, 0, len(MODALITIES)), np.int64)
        self._experts = np.zeros((0, 0, 0), np.int32)
        self._weights = np.zeros((0, 0, 0), np.float32)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_trace(self, trace: RoutingTrace | None, names: dict[int, str] | None = None) -> None:
        """Draw a trace with the names of the experts that have one; None draws nothing."""
        self._trace, self._names = trace, names or {}
        if trace is not None:
            self._counts = unpack(trace.counts)
            tokens = len(trace.spans)
            empty = np.zeros((tokens, trace.layers, 0))
            self._experts = unpack(trace.experts) if trace.experts is not None else empty.astype(np.int32)
            self._weights = unpack(trace.weights) if trace.weights is not None else empty.astype(np.float32)
        self.retranslate()
        self.updateGeometry()
        self.update()

    def rename(self, names: dict[int, str]) -> None:
        """Show the names as they are in another language."""
        self._names = names
        self.retranslate()

    @property
    def counts(self) -> np.ndarray:
        """The counts that are written at the rows' ends: (layers, experts, modalities)."""
        return self._counts

    def retranslate(self) -> None:
        """Describe the strip for those who cannot see it."""
        said = [
            self.tr("Layer {layer}: most used module {expert}").format(
                layer=n + 1, expert=called(int(layer.sum(1).argmax()), self._names)
            )
            for n, layer in enumerate(self._counts)
        ]
        self.setAccessibleName("; ".join(said))
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a row an expert, layer by layer."""
        trace = self._trace
        height = (
            0
            if trace is None
            else trace.layers * (theme().px(_HEAD) + trace.num_experts * theme().px(_ROW) + _GAP) - _GAP
        )
        return QSize(320, height)

    def _top_of(self, layer: int) -> float:
        assert self._trace is not None
        return layer * (theme().px(_HEAD) + self._trace.num_experts * theme().px(_ROW) + _GAP) + theme().px(_HEAD)

    def _label_width(self) -> int:
        return theme().px(_LABEL + (_NAME if self._names else 0))

    def _grid_width(self) -> float:
        return max(1.0, self.width() - self._label_width() - theme().px(_FIGURES))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the layers one under the other."""
        if self._trace is None:
            return
        painter = QPainter(self)
        painter.setFont(theme().font(SMALL))
        for layer in range(self._trace.layers):
            self._draw_layer(painter, layer)

    def _draw_layer(self, painter: QPainter, layer: int) -> None:
        trace = self._trace
        assert trace is not None
        top = self._top_of(layer)
        painter.setPen(theme().color("ink2"))
        head = QRectF(0, top - theme().px(_HEAD), self.width(), theme().px(_HEAD))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, self.tr("Layer {layer}").format(layer=layer + 1))
        aligned = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme().color("ink3"))
        painter.drawText(head, aligned, self.tr("pieces"))
        painter.fillRect(
            QRectF(self._label_width(), top, self._grid_width(), trace.num_experts * theme().px(_ROW)),
            theme().color("surface2"),
        )
        self._draw_cells(painter, layer, top)
        for expert in range(trace.num_experts):
            row = QRectF(0, top + expert * theme().px(_ROW), self.width(), theme().px(_ROW))
            paint_chip(painter, QRectF(4, row.y() + 1, theme().px(_ROW) - 2, theme().px(_ROW) - 2), expert)
            total = int(self._counts[layer, expert].sum())
            painter.setPen(theme().color("ink1" if total else "ink3"))
            painter.setFont(theme().font(SMALL))
            painter.drawText(row, aligned, str(total))
            self._draw_name(painter, row, expert)

    def _draw_name(self, painter: QPainter, row: QRectF, expert: int) -> None:
        if expert not in self._names:
            return
        room = QRectF(theme().px(_LABEL) - 4, row.y(), theme().px(_NAME), row.height())
        said = painter.fontMetrics().elidedText(self._names[expert], Qt.TextElideMode.ElideRight, int(room.width()))
        painter.setPen(theme().color("ink2"))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, said)

    def _draw_cells(self, painter: QPainter, layer: int, top: float) -> None:
        trace = self._trace
        assert trace is not None
        width = self._grid_width() / max(1, len(trace.spans))
        for token, span in enumerate(trace.spans):
            for choice in range(self._experts.shape[2]):
                if self._experts[token, layer, choice] >= trace.num_experts:  # nobody: it needed fewer of them
                    continue
                color = theme().color(span.modality)
                color.setAlphaF(0.25 + 0.75 * float(min(1.0, max(0.0, self._weights[token, layer, choice]))))
                y = top + int(self._experts[token, layer, choice]) * theme().px(_ROW)
                painter.fillRect(
                    QRectF(self._label_width() + token * width, y + 2, max(1.0, width - 0.5), theme().px(_ROW) - 4),
                    color,
                )
        painter.setPen(theme().color("line"))
        for token in range(1, len(trace.spans)):
            if trace.spans[token].part_id != trace.spans[token - 1].part_id:
                x = self._label_width() + token * width
                painter.drawLine(QPointF(x, top), QPointF(x, top + trace.num_experts * theme().px(_ROW)))

    def cell_at(self, x: float, y: float) -> Cell | None:
        """Return what is under a point."""
        trace = self._trace
        if trace is None or not trace.spans or not self._label_width() <= x < self._label_width() + self._grid_width():
            return None
        layer = int(y // (theme().px(_HEAD) + trace.num_experts * theme().px(_ROW) + _GAP))
        expert = int((y - self._top_of(layer)) // theme().px(_ROW))
        if not (0 <= layer < trace.layers and 0 <= expert < trace.num_experts):
            return None
        return Cell(layer, expert, int((x - self._label_width()) / self._grid_width() * len(trace.spans)))

    def sentence(self, cell: Cell) -> str:
        """Say what a cell shows."""
        assert self._trace is not None
        span = self._trace.spans[cell.token]
        said = self.tr("Layer {layer}, module {expert}: {count} of {all} pieces of the {kind}.")
        column = MODALITIES.index(span.modality)
        kind = modality_words()[span.modality]
        count = int(self._counts[cell.layer, cell.expert, column])
        total = int(self._counts[cell.layer, :, column].sum())
        words = said.format(
            layer=cell.layer + 1, expert=called(cell.expert, self._names), count=count, all=total, kind=kind
        )
        return f"{words}\n{self._piece(span)}"

    def _piece(self, span: TokenSpan) -> str:
        if span.modality == "audio":
            return self.tr("Here: second {start} to {stop}.").format(start=f"{span.start:.1f}", stop=f"{span.stop:.1f}")
        if span.modality == "text":
            return self.tr("Here: characters {start} to {stop}.").format(start=int(span.start), stop=int(span.stop))
        return self.tr("Here: the outlined part of the picture.")

    def table(self) -> list[tuple[str, ...]]:
        """Return the counts as rows of a table, the head first."""
        names: dict[Modality, str] = modality_words()
        rows = [(self.tr("Layer"), self.tr("Module"), *(names[m] for m in MODALITIES), self.tr("All"))]
        for layer, counts in enumerate(self._counts):
            for expert, figures in enumerate(counts):
                rows.append(
                    (
                        str(layer + 1),
                        called(expert, self._names),
                        *(str(int(n)) for n in figures),
                        str(int(figures.sum())),
                    )
                )
        return rows

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which token the pointer is over."""
        cell = self.cell_at(event.position().x(), event.position().y())
        self.token_pointed.emit(self._trace.spans[cell.token] if cell is not None and self._trace is not None else None)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer left."""
        self.token_pointed.emit(None)

    def event(self, event: QEvent) -> bool:
        """Say the sentence of the cell under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self.cell_at(event.pos().x(), event.pos().y())
            if cell is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self.sentence(cell), self)
            return True
        return super().event(event)
