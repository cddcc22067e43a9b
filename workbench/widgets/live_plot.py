"""Curves that grow while one looks: drawn from an envelope, named and labelled at their ends, read off by pointing."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QGraphicsView, QVBoxLayout, QWidget

from workbench.state.series import Series, Smoothed
from workbench.theme import SMALL, theme
from workbench.widgets.axes import decade_ticks, decades, number_text, steps_range, ticks, value_range
from workbench.widgets.chart_card import Chart, Table
from workbench.widgets.redraw import CURVE_MS, Redraw

COLUMNS: Final = 400
"""Strokes of a drawn curve: more than a pixel column can show is waste."""
_ROW: Final = 16
_LEFT: Final = 44
_TOP: Final = 8
_BOTTOM: Final = 24
_TABLE_ROWS: Final = 200


@dataclasses.dataclass(frozen=True)
class Curve:
    """One named curve. `color` is a token of the look or a colour; a dashed curve is told apart without colour.

    A sparse curve is never smoothed: its running mean would lag by whole passes.
    """

    title: str
    series: Series
    color: str
    dashed: bool = False
    sparse: bool = False


class _Line:
    """A curve with its items in the plot: the values, and their running mean over them."""

    def __init__(self, curve: Curve, weight: float) -> None:
        self.curve = curve
        self.faint = pg.PlotCurveItem()
        self.clear = pg.PlotCurveItem()
        self.set_weight(weight)

    def set_weight(self, weight: float) -> None:
        self.smoothed = Smoothed(self.curve.series, weight)
        self.smooth = weight > 0 and not self.curve.sparse

    def color(self) -> QColor:
        name = self.curve.color
        return QColor(name) if name.startswith("#") else theme().color(name)

    def dress(self) -> None:
        color = self.color()
        style = Qt.PenStyle.DashLine if self.curve.dashed else Qt.PenStyle.SolidLine
        self.clear.setPen(QPen(color, 0, style))  # width 0 is one pixel: anything wider is 30 times slower
        color.setAlpha(70)
        self.faint.setPen(QPen(color, 0))

    def shown(self) -> Series:
        return self.smoothed.catch_up() if self.smooth else self.curve.series

    def draw(self, first: float, last: float, logarithmic: bool) -> None:
        self.faint.setVisible(self.smooth)
        pairs = [(self.clear, self.shown())] + ([(self.faint, self.curve.series)] if self.smooth else [])
        for item, series in pairs:
            x, y = series.drawn(first, last, COLUMNS)
            if logarithmic:
                with np.errstate(invalid="ignore", divide="ignore"):
                    y = np.where(y > 0, np.log10(np.maximum(y, 1e-300)), np.nan)
            torn = logarithmic or series.has_gaps
            item.setData(x, y, connect="finite" if torn else "all", skipFiniteCheck=not torn)


class _Canvas(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph comes without types
    """The plot with the labels at the lines' ends and the read-out under the pointer."""

    def __init__(self, parent: "LivePlot") -> None:
        super().__init__(parent, background=None)
        self._plot = parent
        self.setMenuEnabled(False)
        self.setCacheMode(
            QGraphicsView.CacheModeFlag.CacheBackground
        )  # ticks cost as much as the curve; see `_axes_changed`
        self.hideButtons()
        self.hideAxis("left")  # our own axes: they cost a twentieth of pyqtgraph's to paint
        self.hideAxis("bottom")
        self.setMouseEnabled(x=True, y=False)
        self.viewport().setMouseTracking(True)
        self.pointer: QPointF | None = None
        self.take_size()

    def take_size(self) -> None:
        """Take font and margins for the size letters have now."""
        self._font = theme().font(SMALL)
        self.getPlotItem().layout.setContentsMargins(theme().px(_LEFT), theme().px(_TOP), 0, theme().px(_BOTTOM))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self.pointer = event.position()
        self.viewport().update()
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Forget the pointer."""
        self.pointer = None
        self.viewport().update()
        super().leaveEvent(event)

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the axes in pixels under the curves."""
        painter.save()
        painter.resetTransform()
        painter.setFont(self._font)
        self._plot.paint_axes(painter)
        painter.restore()

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Paint in pixels over the curves."""
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._font)
        self._plot.paint_over(painter, self.pointer)
        painter.restore()


class LivePlot(Chart):
    """Curves by name; `mark_changed` after values came, and it draws itself when it is time.

    Signals:
        following_changed: the person zoomed into the past (False), or the chart follows the newest value again (True).
    """

    following_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[_Line] = []
        self._weight = 0.0
        self._logarithmic = False
        self._following = True
        self._shown_y: tuple[float, float] | None = None
        self._step_title = ""
        self._canvas = _Canvas(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._canvas)
        self.setMinimumHeight(200)
        self._redraw = Redraw(self, self._draw, CURVE_MS)
        self._canvas.getViewBox().sigRangeChanged.connect(self._axes_changed)
        self._canvas.getViewBox().sigRangeChangedManually.connect(self._on_range_changed_manually)
        self._canvas.getViewBox().setDefaultPadding(0)
        theme().changed.connect(self._on_theme_changed)
        self._dress()

    def set_step_title(self, title: str) -> None:
        """Name what runs along the bottom."""
        self._step_title = title
        self._axes_changed()

    def show_curves(self, curves: Sequence[Curve]) -> None:
        """Show these curves and no others; the ranges start anew."""
        self._canvas.clear()
        self._lines = [_Line(curve, self._weight) for curve in curves]
        for line in reversed(self._lines):
            self._canvas.addItem(line.faint)
        for line in reversed(self._lines):
            self._canvas.addItem(line.clear)
            line.dress()
        self._axes_changed()
        self.follow()

    def curves(self) -> tuple[Curve, ...]:
        """Return the curves that are shown."""
        return tuple(line.curve for line in self._lines)

    def mark_changed(self) -> None:
        """Draw soon: at most twenty times a second, and only while it can be seen."""
        self._redraw.mark()

    def draw_now(self) -> None:
        """Draw at once."""
        self._redraw.mark()
        self._redraw.flush()

    def set_smoothing(self, weight: float) -> None:
        """Draw running means that forget by `weight` a value; 0 draws the values alone."""
        if weight != self._weight:
            self._weight = weight
            for line in self._lines:
                line.set_weight(weight)
            self.mark_changed()

    def set_logarithmic(self, on: bool) -> None:
        """Draw the values on a logarithmic axis."""
        self._logarithmic = on
        self._shown_y = None
        self._axes_changed()
        self.mark_changed()

    def follow(self) -> None:
        """Show the whole curve up to the newest value."""
        self._following, self._shown_y = True, None
        self.following_changed.emit(True)
        self.mark_changed()

    @property
    def is_following(self) -> bool:
        """Whether the newest value is in sight."""
        return self._following

    def newest(self) -> dict[str, float]:
        """Return the newest shown value of each curve: what stands at the lines' ends."""
        ends = {line.curve.title: line.shown().last() for line in self._lines}
        return {title: last[1] for title, last in ends.items() if last is not None}

    def table(self) -> Table:
        """Return the values by step; of long curves about two hundred evenly spread ones, with the newest."""
        steps = np.unique(np.concatenate([line.curve.series.x for line in self._lines] or [np.empty(0)]))
        if len(steps) > _TABLE_ROWS:
            steps = steps[np.linspace(0, len(steps) - 1, _TABLE_ROWS).astype(np.intp)]
        rows = [
            (f"{step:.0f}", *(self._value_at(line.curve.series, step) for line in self._lines)) for step in steps[::-1]
        ]
        return Table((self.tr("step"), *(line.curve.title for line in self._lines)), tuple(rows))

    def reading(self, step: float) -> list[tuple[_Line, float, float]]:
        """Return, of each curve, the value nearest to a step."""
        found = []
        for line in self._lines:
            series = line.shown()
            if len(series):
                at = int(np.clip(np.searchsorted(series.x, step), 0, len(series) - 1))
                if at and abs(series.x[at - 1] - step) <= abs(series.x[at] - step):
                    at -= 1
                found.append((line, float(series.x[at]), float(series.y[at])))
        return found

    def paint_axes(self, painter: QPainter) -> None:
        """Paint ticks with their lines; called by the canvas."""
        box = self._canvas.getViewBox()
        area = box.mapRectToScene(box.boundingRect())
        (first, last), (low, high) = box.viewRange()
        ink, grid = theme().color("ink3"), theme().color("line")
        values = decade_ticks(low, high) if self._logarithmic else ticks(low, high, max(2, int(area.height() // 48)))
        for value in values if self._lines else ():
            at = round(self._pixel(first, value).y()) + 0.5
            painter.setPen(grid)
            painter.drawLine(QPointF(area.left(), at), QPointF(area.right(), at))
            painter.setPen(ink)
            place = QRectF(0, at - theme().px(_ROW) / 2, area.left() - 8, theme().px(_ROW))
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        painter.drawText(
            QRectF(0, area.bottom() + 4, area.left() - 8, theme().px(_ROW)),
            Qt.AlignmentFlag.AlignRight,
            self._step_title,
        )
        for step in ticks(first, last, max(2, int(area.width() // 96))) if self._lines else ():
            place = QRectF(
                self._pixel(step, low).x() - theme().px(32), area.bottom() + 4, theme().px(64), theme().px(_ROW)
            )
            if place.right() < self.width():
                painter.drawText(place, Qt.AlignmentFlag.AlignHCenter, f"{step:g}")

    def paint_over(self, painter: QPainter, pointer: QPointF | None) -> None:
        """Paint the labels, and the read-out where the pointer is; called by the canvas."""
        box = self._canvas.getViewBox()
        area = box.mapRectToScene(box.boundingRect())
        if pointer is not None and area.contains(pointer):
            self._paint_reading(painter, area, box.mapSceneToView(pointer).x())
        elif self._following:
            self._paint_ends(painter, area)

    def _paint_ends(self, painter: QPainter, area: QRectF) -> None:
        """Write each curve's name and newest value at its end, pushed apart where two would overlap."""
        ends = []
        for line in self._lines:
            last = line.shown().last()
            if last is not None and math.isfinite(last[1]):
                at = self._pixel(*last)
                ends.append((at.y(), at, line, f"{line.curve.title} {number_text(last[1])}"))
        ends.sort(key=lambda end: end[0])
        floor = area.top() + theme().px(_ROW) / 2
        for height, at, line, text in ends:
            row = min(max(height, floor), area.bottom() - theme().px(_ROW) / 2)
            floor = row + theme().px(_ROW)
            painter.setPen(line.color())
            painter.setBrush(line.color())
            painter.drawEllipse(at, 2.5, 2.5)
            painter.drawText(
                QRectF(at.x() + 8, row - theme().px(_ROW) / 2, theme().px(240), theme().px(_ROW)),
                Qt.AlignmentFlag.AlignVCenter,
                text,
            )

    def _paint_reading(self, painter: QPainter, area: QRectF, step: float) -> None:
        found = self.reading(step)
        if not found:
            return
        at = self._pixel(found[0][1], found[0][2]).x()
        painter.setPen(QPen(theme().color("ink3"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()))
        step_word = self.tr("step")
        texts = [
            f"{step_word} {found[0][1]:.0f}",
            *(f"{line.curve.title} {number_text(y)}" for line, _, y in found),
        ]
        width = max(painter.fontMetrics().horizontalAdvance(text) for text in texts) + 16
        left = at + 8 if at + 8 + width < area.right() else at - 8 - width
        panel = QRectF(left, area.top() + 4, width, 8 + theme().px(_ROW) * len(texts))
        painter.setPen(theme().color("line"))
        painter.setBrush(theme().color("surface1"))
        painter.drawRoundedRect(panel, 6, 6)
        for number, text in enumerate(texts):
            painter.setPen(theme().color("ink2") if number == 0 else found[number - 1][0].color())
            painter.drawText(
                QRectF(left + 8, panel.top() + 4 + theme().px(_ROW) * number, width, theme().px(_ROW)),
                Qt.AlignmentFlag.AlignVCenter,
                text,
            )
        for line, x, y in found:
            painter.setBrush(line.color())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawEllipse(self._pixel(x, y), 3, 3)

    def _pixel(self, step: float, value: float) -> QPointF:
        if self._logarithmic:
            value = math.log10(value) if value > 0 else math.nan
        at: QPointF = self._canvas.getViewBox().mapViewToScene(QPointF(step, value if math.isfinite(value) else 0.0))
        return at

    def _draw(self) -> None:
        if self._following:
            self._fit()
        first, last = self._canvas.getViewBox().viewRange()[0]
        for line in self._lines:
            line.draw(first, last, self._logarithmic)
        self._canvas.viewport().update()

    def _fit(self) -> None:
        ends = [
            (float(line.curve.series.x[0]), float(line.curve.series.x[-1]))
            for line in self._lines
            if len(line.curve.series)
        ]
        extents = [extent for line in self._lines if (extent := line.curve.series.extent(self._logarithmic))]
        if not ends or not extents:
            return
        low, high = min(low for low, _ in extents), max(high for _, high in extents)
        wanted = decades(low, high) if self._logarithmic else value_range(low, high)
        if self._shown_y is not None:  # never shrink while one looks
            wanted = min(wanted[0], self._shown_y[0]), max(wanted[1], self._shown_y[1])
        steps = steps_range(min(first for first, _ in ends), max(last for _, last in ends), self._label_share())
        box = self._canvas.getViewBox()
        if wanted != self._shown_y or tuple(box.viewRange()[0]) != steps:
            box.setRange(xRange=steps, yRange=wanted, padding=0, update=False)
            self._shown_y = wanted

    def _dress(self) -> None:
        for line in self._lines:
            line.dress()

    @Slot()
    def _axes_changed(self, *_ranges: object) -> None:
        """Let the ground be painted anew: the canvas keeps it as a picture."""
        self._canvas.resetCachedContent()
        self._canvas.viewport().update()

    def _label_share(self) -> float:
        """Return the share of the width that the longest label at a line's end takes."""
        metrics = QFontMetrics(theme().font(SMALL))
        longest = max((metrics.horizontalAdvance(f"{line.curve.title} 0.0000") for line in self._lines), default=0)
        return (longest + 16) / max(1.0, self.width() - theme().px(_LEFT))

    @staticmethod
    def _value_at(series: Series, step: float) -> str:
        at = int(np.searchsorted(series.x, step))
        return number_text(float(series.y[at])) if at < len(series) and series.x[at] == step else ""

    @Slot()
    def _on_range_changed_manually(self) -> None:
        if self._following:
            self._following = False
            self.following_changed.emit(False)
        self.mark_changed()

    @Slot()
    def _on_theme_changed(self) -> None:
        self._canvas.take_size()
        self._dress()
        self._axes_changed()
        self.mark_changed()
