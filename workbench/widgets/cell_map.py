"""A map of coloured cells with chips above, a colour bar beside, and a sentence for the cell one points at or walks to.

Shapes: R rows, E experts, which are the columns.
"""

import dataclasses
from functools import lru_cache
from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from engine.utilisation import Shares
from workbench.i18n import Retranslated
from workbench.theme import SMALL, theme
from workbench.widgets.chart_card import Chart
from workbench.widgets.expert_chip import SIDE, paint_chip

_LEFT: Final = 56
_TOP: Final = 28
_BAR: Final = 12
_BAR_ROOM: Final = 104
_ROOM_FOR_NUMBER: Final = QSize(26, 18)
_ROOM_FOR_CHIP: Final = SIDE + 2


@lru_cache(maxsize=1)
def cividis() -> NDArray[np.uint8]:
    """Return the 256 colours of shares."""
    table: NDArray[np.uint8] = pg.colormap.get("cividis").getLookupTable(nPts=256, alpha=False)
    return table


def diverging() -> NDArray[np.uint8]:
    """Return the 256 colours of what has a middle, in the scheme shown now: blue below it, grey at it, orange above."""
    colors = [theme().color(token) for token in ("below", "middle", "above")]
    stops = np.array([(color.red(), color.green(), color.blue()) for color in colors], float)
    at = np.linspace(0, 2, 256)
    return np.stack([np.interp(at, [0, 1, 2], stops[:, c]) for c in range(3)], axis=1).round().astype(np.uint8)


@dataclasses.dataclass(frozen=True)
class Cell:
    """One cell, counted from 0."""

    row: int
    expert: int


class CellMap(Retranslated, Chart):
    """Base of the maps whose columns are experts. Whoever derives from it says what the cells hold and how they are told."""

    row_room = 14
    """What the title of a row needs; where rows are narrower some titles are left out."""
    title_room = _LEFT
    """What the titles of rows need before the cells."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell: Cell | None = None
        self._image: QImage | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(120)
        theme().changed.connect(self.forget_picture)

    def shown_values(self) -> Shares:
        """Return the shown values (rows, experts); without any there is nothing to paint."""
        return np.zeros((0, 0))

    def shown_text(self, cell: Cell) -> str:
        """Return the number that stands in a cell."""
        return f"{100 * float(self.shown_values()[cell.row, cell.expert]):.0f}"

    def sentence(self, cell: Cell) -> str:
        """Return what a cell says, as a sentence."""
        return self.shown_text(cell)

    def even(self) -> float:
        """Return the value that would stand in every cell if nobody were preferred."""
        return 1 / max(1, int(self.shown_values().shape[1]))

    def colors(self) -> NDArray[np.uint8]:
        """Return the 256 colours from the least to the most."""
        return cividis()

    def levels(self) -> NDArray[np.uint8]:
        """Return the colour of each cell, from 0 to 255."""
        return np.asarray(np.round(np.clip(self.shown_values() / self.limit(), 0, 1) * 255), np.uint8)

    def limit(self) -> float:
        """Return the share at the top of the colour bar: a round number of even shares, so the scale jumps seldom."""
        times = max(2.0, float(np.ceil(self.shown_values().max(initial=0.0) / self.even())))
        return float(min(1.0, times * self.even()))

    def marks(self) -> list[tuple[float, str]]:
        """Return what stands beside the colour bar: a place from 0 to 1, and the words."""
        limit, even = self.limit(), self.even()
        return [
            (0.0, "0 %"),
            (even / limit, self.tr("{share} % even").format(share=f"{100 * even:.3g}")),
            (1.0, f"{100 * limit:.3g} %"),
        ]

    def paint_row_title(self, painter: QPainter, place: QRectF, row: int) -> None:
        """Paint what stands before a row."""

    def cell_at(self, at: QPointF) -> Cell | None:
        """Return the cell under a point of the widget."""
        area, (rows, experts) = self._area(), self.shown_values().shape
        if not area.contains(at) or not rows or not experts:
            return None
        row = int((at.y() - area.top()) / area.height() * rows)
        expert = int((at.x() - area.left()) / area.width() * experts)
        return Cell(min(row, rows - 1), min(expert, experts - 1))

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
        rows, experts = self.shown_values().shape
        if not rows or not experts or event.key() not in steps:
            super().keyPressEvent(event)
            return
        down, right = steps[Qt.Key(event.key())]
        now = self._cell
        self._point_at(Cell((now.row + down) % rows, (now.expert + right) % experts) if now else Cell(0, 0))
        if self._cell is not None:
            below = self.mapToGlobal(self._rect_of(self._cell).bottomLeft().toPoint())
            QToolTip.showText(below, self.sentence(self._cell), self)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cells, chips, titles of rows and the colour bar."""
        painter = QPainter(self)
        painter.setFont(theme().font(SMALL))
        rows, experts = self.shown_values().shape
        if not rows or not experts:
            return
        area = self._area()
        painter.drawImage(area, self._cells())
        self._paint_numbers(painter)
        self._paint_names(painter, area)
        self._paint_bar(painter, area)
        if self._cell is not None and self._cell.row < rows and self._cell.expert < experts:
            painter.setPen(QPen(theme().color("accent"), 2))
            painter.drawRect(self._rect_of(self._cell))

    def forget_picture(self) -> None:
        """Paint the cells anew: what they hold has changed."""
        self._image = None
        self.update()

    def height_for(self, rows: int, each: int, most: int = 12) -> int:
        """Return how high a map of so many rows wants to be; beyond `most` of them they become narrower."""
        return theme().px(_TOP) + max(96, min(rows, most) * theme().px(each))

    def _area(self) -> QRectF:
        return QRectF(
            self._titles(),
            theme().px(_TOP),
            max(8, self.width() - self._titles() - theme().px(_BAR_ROOM)),
            max(8, self.height() - theme().px(_TOP) - 4),
        )

    def _titles(self) -> int:
        """Return the room of the titles of rows: in a narrow window a fifth of it, so that the cells keep theirs."""
        return min(theme().px(self.title_room), max(theme().px(_LEFT), self.width() // 5))

    def _rect_of(self, cell: Cell) -> QRectF:
        area, (rows, experts) = self._area(), self.shown_values().shape
        width, height = area.width() / experts, area.height() / rows
        return QRectF(area.left() + cell.expert * width, area.top() + cell.row * height, width, height)

    def _cells(self) -> QImage:
        if self._image is None:
            rgb = np.ascontiguousarray(self.colors()[self.levels()][:, :, :3])
            height, width = rgb.shape[:2]
            self._image = QImage(rgb.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
        return self._image

    def _paint_numbers(self, painter: QPainter) -> None:
        room = self._rect_of(Cell(0, 0)).size()
        if room.width() < theme().px(_ROOM_FOR_NUMBER.width()) or room.height() < theme().px(_ROOM_FOR_NUMBER.height()):
            return
        levels, colors = self.levels(), self.colors()
        for row, expert in np.ndindex(*levels.shape):
            cell = Cell(row, expert)
            red, green, blue = (int(part) for part in colors[levels[row, expert]][:3])
            bright = 0.299 * red + 0.587 * green + 0.114 * blue > 128
            painter.setPen(QColor("#10161E") if bright else QColor("#FFFFFF"))
            painter.drawText(self._rect_of(cell), Qt.AlignmentFlag.AlignCenter, self.shown_text(cell))

    def _paint_names(self, painter: QPainter, area: QRectF) -> None:
        rows, experts = self.shown_values().shape
        height, width = area.height() / rows, area.width() / experts
        for row in range(0, rows, max(1, int(np.ceil(theme().px(self.row_room) / height)))):
            place = QRectF(0, area.top() + row * height, self._titles() - 8, height)
            painter.setPen(theme().color("ink3"))
            self.paint_row_title(painter, place, row)
        for expert in range(0, experts, max(1, int(np.ceil(theme().px(_ROOM_FOR_CHIP) / width)))):
            middle = area.left() + (expert + 0.5) * width
            paint_chip(painter, QRectF(middle - theme().px(SIDE) / 2, 2, theme().px(SIDE), theme().px(SIDE)), expert)

    def _paint_bar(self, painter: QPainter, area: QRectF) -> None:
        """Paint the scale with its ends and the even share."""
        bar = QRectF(area.right() + 12, area.top(), _BAR, area.height())
        ramp = np.ascontiguousarray(self.colors()[::-1, None, :3])
        painter.drawImage(bar, QImage(ramp.tobytes(), 1, 256, 3, QImage.Format.Format_RGB888).copy())
        painter.setPen(theme().color("ink3"))
        for at, text in self.marks():
            y = bar.bottom() - at * bar.height()
            painter.drawLine(QPointF(bar.right(), y), QPointF(bar.right() + 4, y))
            height = theme().px(16)
            top = min(max(y - height / 2, area.top()), area.bottom() - height)
            place = QRectF(bar.right() + 6, top, theme().px(_BAR_ROOM), height)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)

    def _point_at(self, cell: Cell | None) -> None:
        if cell != self._cell:
            self._cell = cell
            self.update()
