"""An expert's chip: its number in one of eight hues and four shapes, the same in every view (32 before it repeats)."""

import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.theme import EXPERT_HUES, SMALL, theme

SIDE: Final = 20
_SHAPES: Final = 4


def chip_color(expert: int) -> QColor:
    """Return the hue of expert `expert`, counted from 0."""
    return QColor(EXPERT_HUES[expert % len(EXPERT_HUES)])


def _polygon(rect: QRectF, corners: int, turned: float) -> QPolygonF:
    centre, radius = rect.center(), rect.width() / 2
    angles = [turned + 2 * math.pi * corner / corners for corner in range(corners)]
    return QPolygonF([centre + QPointF(radius * math.sin(angle), -radius * math.cos(angle)) for angle in angles])


def paint_chip(painter: QPainter, rect: QRectF, expert: int) -> None:
    """Paint the chip of expert `expert` (counted from 0, shown from 1) into the square `rect`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(chip_color(expert))
    match expert // len(EXPERT_HUES) % _SHAPES:
        case 0:
            painter.drawEllipse(rect)
        case 1:
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 4, 4)
        case 2:
            painter.drawPolygon(_polygon(rect.adjusted(-1, -1, 1, 1), 6, 0.0))
        case _:
            painter.drawPolygon(_polygon(rect.adjusted(-1, -1, 1, 1), 4, 0.0))
    painter.setPen(QColor(Qt.GlobalColor.white))
    painter.setFont(theme().font(SMALL if expert < 99 else SMALL - 2, bold=True))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(expert + 1))
    painter.restore()


class ExpertChip(QWidget):
    """One chip as a widget."""

    def __init__(self, expert: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._expert = expert
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._name_it()

    @property
    def expert(self) -> int:
        """The expert, counted from 0."""
        return self._expert

    def set_expert(self, expert: int) -> None:
        """Show another expert."""
        self._expert = expert
        self._name_it()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of every chip."""
        return QSize(theme().px(SIDE), theme().px(SIDE))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip."""
        paint_chip(QPainter(self), QRectF(0, 0, theme().px(SIDE), theme().px(SIDE)), self._expert)

    def _name_it(self) -> None:
        self.setAccessibleName(self.tr("Module {number}").replace("{number}", str(self._expert + 1)))
