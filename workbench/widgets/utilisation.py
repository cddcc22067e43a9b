"""How busy each module is: bars by layer, coloured by kind of input, with the even share dashed, and the measures in words."""

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QToolTip, QWidget

from engine.utilisation import dead, entropy, max_violation, shares
from workbench.i18n import Retranslated
from workbench.state.experts import called
from workbench.state.routing import RoutingState, Snapshot
from workbench.theme import INSIDE, SMALL, theme
from workbench.widgets.chart_card import Chart, ChartCard, Table
from workbench.widgets.expert_chip import SIDE, paint_chip
from workbench.widgets.redraw import HEATMAP_MS, Redraw
from workbench.widgets.text import Text
from workbench.words import listed

WINDOW_STEPS: Final = 200
_TOP: Final = 20
_BOTTOM: Final = 26
_ROOM_FOR_SHARE: Final = 28


class BusyBars(Retranslated, Chart):
    """Bars of one layer: each module's share of the pieces, split by kind of input."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._snapshot: Snapshot | None = None
        self._names: dict[int, str] = {}
        self._layer = 0
        self.setMinimumHeight(136)
        theme().changed.connect(self.update)
        BusyBars.retranslate(self)

    def retranslate(self) -> None:
        """Name the chart in the language of the moment."""
        self.setAccessibleName(self.tr("How busy each module is"))
        self.update()

    def show_snapshot(self, snapshot: Snapshot | None, layer: int) -> None:
        """Show one layer of a measurement."""
        self._snapshot, self._layer = snapshot, layer
        self.update()

    def name_experts(self, names: dict[int, str]) -> None:
        """Call experts by these names where they are told of."""
        self._names = names

    def shown_shares(self) -> list[float]:
        """Return each module's share of the layer's pieces."""
        if self._snapshot is None:
            return []
        return [float(share) for share in shares(self._snapshot.of(None))[self._layer]]

    def table(self) -> Table:
        """Return pieces and shares by module and kind of input."""
        if self._snapshot is None:
            return Table((), ())
        counts_EM = self._snapshot.counts_LEM[self._layer]
        rows = [
            (called(expert, self._names), *(str(count) for count in counts), f"{100 * share:.1f} %")
            for expert, (counts, share) in enumerate(zip(counts_EM, self.shown_shares(), strict=True))
        ]
        kinds = {"text": self.tr("text pieces"), "image": self.tr("picture pieces"), "audio": self.tr("sound pieces")}
        heads = (self.tr("module"), *(kinds[name] for name in self._snapshot.modalities), self.tr("share of the layer"))
        return Table(heads, tuple(rows))

    def sizeHint(self) -> QSize:
        """Ask for bars one can compare."""
        return QSize(480, 160)

    def event(self, event: QEvent) -> bool:
        """Say what the bar under the pointer means."""
        if isinstance(event, QHelpEvent) and self._snapshot is not None:
            slots = self._snapshot.experts
            expert = min(int(event.pos().x() / max(1, self.width()) * slots), slots - 1)
            share = self.shown_shares()[expert]
            said = self.tr(
                "Module {module}: {share} % of the pieces of layer {layer}; the even share is {even} %"
            ).format(
                module=called(expert, self._names),
                share=f"{100 * share:.1f}",
                layer=self._layer + 1,
                even=f"{100 / slots:.3g}",
            )
            QToolTip.showText(event.globalPos(), said, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars, the even share and the chips."""
        if self._snapshot is None or not self._snapshot.experts:
            return
        painter = QPainter(self)
        painter.setFont(theme().font(SMALL))
        area = QRectF(0, theme().px(_TOP), self.width(), self.height() - theme().px(_TOP) - theme().px(_BOTTOM))
        share_E, even = self.shown_shares(), 1 / self._snapshot.experts
        top = max(1.5 * even, max(share_E, default=0.0))
        slot = area.width() / self._snapshot.experts
        for expert, share in enumerate(share_E):
            self._paint_bar(painter, area, slot, expert, share / top)
            if slot >= theme().px(_ROOM_FOR_SHARE):
                place = QRectF(expert * slot, 0, slot, theme().px(_TOP) - 4)
                painter.setPen(theme().color("ink2"))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, f"{100 * share:.0f}")
        level = area.bottom() - even / top * area.height()
        painter.setPen(QPen(theme().color("ink1"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), level), QPointF(area.right(), level))
        self._paint_chips(painter, slot)

    def _paint_bar(self, painter: QPainter, area: QRectF, slot: float, expert: int, height: float) -> None:
        assert self._snapshot is not None
        counts_M = self._snapshot.counts_LEM[self._layer, expert]
        parts_M = counts_M / max(1, int(counts_M.sum())) * height * area.height()
        width = min(48.0, slot * 0.64)
        left, bottom = (expert + 0.5) * slot - width / 2, area.bottom()
        for modality, part in zip(self._snapshot.modalities, parts_M, strict=True):
            painter.fillRect(QRectF(left, bottom - part, width, part), theme().color(modality))
            bottom -= float(part)

    def _paint_chips(self, painter: QPainter, slot: float) -> None:
        assert self._snapshot is not None
        every = max(1, int(np.ceil((theme().px(SIDE) + 2) / slot)))
        for expert in range(0, self._snapshot.experts, every):
            place = QRectF(
                (expert + 0.5) * slot - theme().px(SIDE) / 2,
                self.height() - theme().px(SIDE) - 2,
                theme().px(SIDE),
                theme().px(SIDE),
            )
            paint_chip(painter, place, expert)


class ModalityLegend(Retranslated, QWidget):
    """The three kinds of input with their colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme().changed.connect(self.update)

    def retranslate(self) -> None:
        """Paint the words in the language of the moment."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for the words and their squares."""
        metrics = QFontMetrics(theme().font(SMALL))
        return QSize(sum(metrics.horizontalAdvance(word) + 32 for _, word in self._words()), 20)

    def minimumSizeHint(self) -> QSize:
        """Ask for all of it: a legend that is cut off explains nothing."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a square and a word for each kind."""
        painter = QPainter(self)
        painter.setFont(theme().font(SMALL))
        left = 0.0
        for token, word in self._words():
            painter.fillRect(QRectF(left, self.height() / 2 - 5, 10, 10), theme().color(token))
            painter.setPen(theme().color("ink2"))
            width = painter.fontMetrics().horizontalAdvance(word)
            painter.drawText(QRectF(left + 16, 0, width + 8, self.height()), Qt.AlignmentFlag.AlignVCenter, word)
            left += width + 32

    def _words(self) -> tuple[tuple[str, str], ...]:
        return ("text", self.tr("Text")), ("image", self.tr("Image")), ("audio", self.tr("Sound"))


class UtilisationPanel(ChartCard):
    """How busy each module was in the last steps, how even that is in words, and which module does nothing.

    Signals:
        layer_chosen: the person looks at another layer; carries it, counted from 0.
    """

    layer_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.bars = BusyBars()
        super().__init__(self.bars, parent)
        self._routing: RoutingState | None = None
        self._stage = ""
        self._layer = QComboBox()
        self._layer.currentIndexChanged.connect(self._on_layer_changed)
        self.legend = ModalityLegend()
        self.balance = Text(tone="second", wrap=True)
        self.warning = Text(tone="care", wrap=True, strong=True)
        self.warning.hide()
        self.controls.addWidget(self.legend)
        self.controls.addStretch(1)
        self.controls.addWidget(self._layer)
        self.extra.setSpacing(INSIDE)
        self.extra.addWidget(self.balance)
        self.extra.addWidget(self.warning)
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        super().retranslate()
        self.title.setText(self.tr("How busy each module is"))
        self.note.setText(self.tr("in %; dashed: even share"))
        self._layer.setAccessibleName(self.tr("Layer"))
        for index in range(self._layer.count()):
            self._layer.setItemText(index, self.tr("layer {number}").format(number=index + 1))
        self._redraw.mark()

    def show_routing(self, routing: RoutingState | None, stage: str) -> None:
        """Show the routing of a run's stage."""
        if self._routing is not None:
            self._routing.changed.disconnect(self._redraw.mark)
        self._routing, self._stage = routing, stage
        if routing is not None:
            routing.changed.connect(self._redraw.mark)
        self._redraw.mark()
        self._redraw.flush()

    def name_experts(self, names: dict[int, str]) -> None:
        """Call experts by these names where they are told of."""
        self.bars.name_experts(names)
        self.refresh_table()

    def show_stage(self, stage: str) -> None:
        """Show another stage of the same run."""
        if stage != self._stage:
            self._stage = stage
            self._redraw.mark()

    @Slot(int)
    def choose_layer(self, layer: int) -> None:
        """Look at another layer, because it was chosen elsewhere."""
        if layer < self._layer.count():
            self._layer.setCurrentIndex(layer)

    def _draw(self) -> None:
        window = self._routing.window(WINDOW_STEPS, self._stage) if self._routing is not None else None
        self._offer_layers(window.layers if window is not None else 0)
        self.bars.show_snapshot(window, max(0, self._layer.currentIndex()))
        if window is None:
            self.draw("loading", self.tr("The first numbers come after about 20 steps."))
            self.balance.clear()
            self.warning.hide()
            return
        if not window.layers:
            self.draw("empty", self.tr("This model has no modules: nothing is shared out."))
            return
        self.draw("live")
        self.refresh_table()
        self._write(window)

    def _write(self, window: Snapshot) -> None:
        counts_LE = window.of(None)
        layer = max(0, self._layer.currentIndex())
        even, over = float(entropy(counts_LE)[layer]), float(max_violation(counts_LE)[layer])
        said = self.tr(
            "Balance {entropy} of 1.00 (entropy); the busiest module does {over} % more than its even share (MaxVio {violation})."
        )
        self.balance.setText(said.format(entropy=f"{even:.2f}", over=f"{100 * over:.0f}", violation=f"{over:.2f}"))
        check = self._routing.latest("check", self._stage) if self._routing is not None else None
        idle = dead(check.of(None)) if check is not None else ()
        self.warning.setVisible(bool(idle))
        if idle:
            names = listed(
                self.tr("module {module} of layer {layer}").format(module=e + 1, layer=at + 1) for at, e in idle[:6]
            )
            warning = self.tr(
                "Almost nothing was done on the check set by {names}: less than a tenth of the even share."
            )
            self.warning.setText(warning.format(names=names))

    def _offer_layers(self, layers: int) -> None:
        if layers == self._layer.count():
            return
        self._layer.blockSignals(True)
        self._layer.clear()
        self._layer.addItems([self.tr("layer {number}").format(number=index + 1) for index in range(layers)])
        self._layer.blockSignals(False)
        self._layer.setVisible(layers > 1)

    @Slot(int)
    def _on_layer_changed(self, index: int) -> None:
        self._redraw.mark()
        self.layer_chosen.emit(index)
