"""Bars with numbers: probabilities of an answer, and how far it relied on each kind of input."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.schema.base import Modality
from workbench.state.predictions import Bar, Reliance
from workbench.theme import BODY, INSIDE, ROW_HEIGHT, SMALL, TIGHT, theme

_BAR: Final = 6
_BAR_ROW: Final = 40
_INDENT: Final = 18
"""Where the words of a row begin, after its square."""


class ProbabilityBars(QWidget):
    """One row a label: its name, its number, and a bar; labels that the answer names are set in the accent.

    Where each label is a question of its own, a mark shows the chance from which it is suggested.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: list[Bar] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def bars(self) -> list[Bar]:
        """The rows as they are drawn."""
        return list(self._bars)

    def show_bars(self, bars: list[Bar]) -> None:
        """Draw these rows."""
        self._bars = bars
        self.setAccessibleName("; ".join(f"{bar.shown} {bar.percent()}" for bar in bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a row a label."""
        return QSize(240, theme().px(_BAR_ROW) * len(self._bars))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw name and number over the bar of each row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, bar in enumerate(self._bars):
            self._draw_row(painter, number * theme().px(_BAR_ROW), bar)

    def _draw_row(self, painter: QPainter, top: float, bar: Bar) -> None:
        painter.setFont(theme().font(BODY, bold=bar.in_set))
        painter.setPen(theme().color("ink1" if bar.name else "ink2"))
        line = QRectF(0, top, self.width(), theme().px(22))
        figure = bar.percent()
        room = self.width() - painter.fontMetrics().horizontalAdvance(figure) - INSIDE
        name = QFontMetrics(painter.font()).elidedText(bar.shown, Qt.TextElideMode.ElideRight, room)
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(0, top + theme().px(24), self.width(), _BAR)
        painter.setBrush(theme().color("surface2"))
        painter.drawRoundedRect(groove, 3, 3)
        if bar.probability > 0:
            painter.setBrush(theme().color("accent" if bar.in_set else "ink3"))
            groove.setWidth(max(_BAR, groove.width() * bar.probability))
            painter.drawRoundedRect(groove, 3, 3)
        if bar.mark > 0:
            at = self.width() * bar.mark
            painter.setPen(theme().color("ink1"))
            painter.drawLine(QPointF(at, groove.y() - TIGHT / 2), QPointF(at, groove.bottom() + TIGHT / 2))


class RelianceBars(QWidget):
    """One row a kind of input: its name and colour, a bar to the right (for) or left (against) of a middle line, and the word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Reliance] = []
        self._names: dict[Modality, str] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def rows(self) -> list[Reliance]:
        """The rows as they are drawn."""
        return list(self._rows)

    def show_rows(self, rows: list[Reliance], names: dict[Modality, str]) -> None:
        """Draw these rows under these names."""
        self._rows, self._names = rows, names
        said = "; ".join(f"{names[row.modality]} {row.word} ({row.odds})" for row in rows)
        self.setAccessibleName(said)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Ask for a row a kind of input."""
        return QSize(240, (theme().px(ROW_HEIGHT) + 12) * len(self._rows))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw each row: square, name, word, number; below it the bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max((abs(row.log_odds) for row in self._rows), default=1.0) or 1.0
        # All rows bear the short figure as soon as one of them has no room for the long one: a mixture reads as two measures.
        whole = all(self._fits(row) for row in self._rows)
        for number, row in enumerate(self._rows):
            self._draw_row(painter, number * (theme().px(ROW_HEIGHT) + 12), row, most, row.odds if whole else row.times)

    def _fits(self, row: Reliance) -> bool:
        """Tell whether name, word and the long figure of a row have room beside each other."""
        small, body = QFontMetrics(theme().font(SMALL)), QFontMetrics(theme().font(BODY))
        words = body.horizontalAdvance(self._names[row.modality]) + body.horizontalAdvance(row.word)
        return words + small.horizontalAdvance(row.odds) + 2 * INSIDE <= self.width() - _INDENT

    def _draw_row(self, painter: QPainter, top: float, row: Reliance, most: float, figure: str) -> None:
        color = theme().color(row.modality)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(0, top + theme().px(6), 10, 10), 2, 2)
        line = QRectF(_INDENT, top, self.width() - _INDENT, theme().px(22))
        painter.setPen(theme().color("ink1"))
        painter.setFont(theme().font(BODY))
        name = self._names[row.modality]
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        used = painter.fontMetrics().horizontalAdvance(name) + INSIDE
        painter.setPen(theme().color("ink2"))
        free = int(line.width()) - used - INSIDE - QFontMetrics(theme().font(SMALL)).horizontalAdvance(figure)
        word = painter.fontMetrics().elidedText(row.word, Qt.TextElideMode.ElideRight, free)
        painter.drawText(line.adjusted(used, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, word)
        painter.setFont(theme().font(SMALL))
        painter.drawText(line, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, figure)
        groove = QRectF(0, top + theme().px(24), self.width(), _BAR)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("surface2"))
        painter.drawRoundedRect(groove, 3, 3)
        reach = groove.width() / 2 * abs(row.log_odds) / most
        middle = groove.center().x()
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(middle if row.log_odds >= 0 else middle - reach, groove.y(), reach, _BAR), 3, 3)
        painter.setPen(theme().color("ink3"))
        painter.drawLine(QPointF(middle, groove.y() - TIGHT / 2), QPointF(middle, groove.bottom() + TIGHT / 2))
