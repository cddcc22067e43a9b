"""A table of measures under the questions they answer: plain names with the technical ones in small print, and values that stand in columns."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidgetItem,
    QWidget,
)

from workbench.theme import BODY, INSIDE, ROW_HEIGHT, SMALL, theme
from workbench.widgets.chart_card import Table, TableView
from workbench.widgets.routing_words import Group, Measure

_TECHNICAL: Final = Qt.ItemDataRole.UserRole + 1
_TWO_LINES: Final = 44
_QUESTION: Final = 30
_SLACK: Final = 4
"""What letters may take beyond their advance."""
Index = QModelIndex | QPersistentModelIndex


class _NameDelegate(QStyledItemDelegate):
    """Paints a name and, behind it or below it, the technical one."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell's ground as ever, then both names; or a question."""
        technical = index.data(_TECHNICAL)
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        name, shown.text = shown.text, ""
        option.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, option.widget)
        place = option.rect.adjusted(INSIDE, 0, -INSIDE, 0)
        painter.save()
        if technical is None:
            painter.setFont(theme().font(SMALL, bold=True))
            painter.setPen(theme().color("ink2"))
            painter.drawText(
                place.adjusted(0, 0, 0, -4), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, name
            )
        else:
            self._paint_names(painter, place, name, technical)
        painter.restore()

    @staticmethod
    def _paint_names(painter: QPainter, place: QRect, name: str, technical: str) -> None:
        painter.setFont(theme().font(BODY))
        painter.setPen(theme().color("ink1"))
        used = painter.fontMetrics().horizontalAdvance(name) + INSIDE
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        below = not fits(name, technical, place.width())
        upper = QRect(place.left(), place.top() + 2, place.width(), place.height() // 2) if below else place
        painter.drawText(
            upper, left, painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, place.width())
        )
        painter.setFont(theme().font(SMALL))
        painter.setPen(theme().color("ink3"))
        lower = upper.translated(0, upper.height() - 4) if below else place.adjusted(used, 0, 0, 0)
        said = painter.fontMetrics().elidedText(technical, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, left, said)


def fits(name: str, technical: str, width: int) -> bool:
    """Tell whether a name and its small print stand in one line."""
    body, small = QFontMetrics(theme().font(BODY)), QFontMetrics(theme().font(SMALL))
    return body.horizontalAdvance(name) + INSIDE + small.horizontalAdvance(technical) + _SLACK <= width


class NumbersTable(TableView):
    """Groups of measures; as high as its rows. Walking or pointing at a row tells what it means.

    Signals:
        measure_pointed_at: another measure was chosen; carries it.
    """

    measure_pointed_at = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[Group, ...] = ()
        self._measures: dict[int, Measure] = {}
        self._heads: tuple[str, ...] = ()
        self.setSelectionMode(TableView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setProperty("kind", "numbers")
        self.setItemDelegateForColumn(0, _NameDelegate(self))
        self.setTabKeyNavigation(False)
        self.currentCellChanged.connect(self._on_current_cell_changed)
        self._fit_soon = QTimer(self, singleShot=True, interval=0)  # columns settle one after the other
        self._fit_soon.timeout.connect(self._fit)
        self.horizontalHeader().sectionResized.connect(lambda *_: self._fit_soon.start())
        theme().changed.connect(self._fit_soon.start)

    def show_groups(self, heads: Sequence[str], groups: tuple[Group, ...]) -> None:
        """Show groups of measures under these heads; where only values are new, the chosen row stays chosen."""
        if self._shape(groups) != self._shape(self._groups) or tuple(heads) != self._heads:
            self._build(tuple(heads), groups)
        self._groups = groups
        row = 0
        for group in groups:
            row += 1
            for measure in group.measures:
                self._measures[row] = measure
                for at, value in enumerate(measure.values, start=1):
                    item = self.item(row, at)
                    if item is not None and item.text() != value:
                        item.setText(value)
                row += 1

    @property
    def chosen(self) -> Measure | None:
        """The measure whose row is chosen."""
        return self._measures.get(self.currentRow()) if self.selectedItems() else None

    def table(self) -> Table:
        """Return everything as text, with what each measure means."""
        rows = [
            (measure.name, measure.technical, *measure.values, measure.meaning)
            for group in self._groups
            for measure in group.measures
        ]
        return Table((self.tr("measure"), self.tr("technical name"), *self._heads, self.tr("meaning")), tuple(rows))

    def sizeHint(self) -> QSize:
        """Ask for the height of the rows."""
        return QSize(360, self.height())

    def minimumSizeHint(self) -> QSize:
        """Give way in width: names go before values."""
        return QSize(200, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the technical names below the others where they do not fit beside them."""
        super().resizeEvent(event)
        self._fit_soon.start()

    @staticmethod
    def _shape(groups: tuple[Group, ...]) -> list[tuple[str, list[tuple[str, str, str]]]]:
        return [
            (group.question, [(one.name, one.technical, one.meaning) for one in group.measures]) for group in groups
        ]

    def _build(self, heads: tuple[str, ...], groups: tuple[Group, ...]) -> None:
        chosen = max(1, self.currentRow())
        self._heads, self._groups, self._measures = heads, groups, {}
        self.clearSpans()
        self.clear()
        self.setColumnCount(1 + len(heads))
        self.setRowCount(sum(1 + len(group.measures) for group in groups))
        self.setHorizontalHeaderLabels(["", *heads])
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for at in range(1, 1 + len(heads)):
            head_item = self.horizontalHeaderItem(at)
            if head_item is not None:
                head_item.setTextAlignment(right)
        row = 0
        for group in groups:
            self._write_question(row, group.question)
            row += 1
            for measure in group.measures:
                self._write_measure(row, measure)
                row += 1
        head = self.horizontalHeader()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.setCurrentCell(chosen if chosen in self._measures else 1, 0)
        self._fit()

    def _write_question(self, row: int, question: str) -> None:
        item = QTableWidgetItem(question)
        item.setFlags(Qt.ItemFlag.NoItemFlags)  # the arrow keys pass over it
        self.setItem(row, 0, item)
        self.setSpan(row, 0, 1, self.columnCount())

    def _write_measure(self, row: int, measure: Measure) -> None:
        self._measures[row] = measure
        name = QTableWidgetItem(measure.name)
        name.setData(_TECHNICAL, measure.technical)
        name.setData(Qt.ItemDataRole.AccessibleTextRole, f"{measure.name} ({measure.technical})")
        self.setItem(row, 0, name)
        for at, value in enumerate(measure.values, start=1):
            item = QTableWidgetItem(value)
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.setItem(row, at, item)
        for at in range(1 + len(measure.values)):
            cell = self.item(row, at)
            if cell is not None:
                cell.setToolTip(f"<qt>{measure.meaning}</qt>")  # markup, so that a long sentence is broken into lines
                cell.setData(Qt.ItemDataRole.AccessibleDescriptionRole, measure.meaning)

    @Slot()
    def _fit(self) -> None:
        """Take the heights of the rows for the width there is, and be as high as all of them."""
        room = self.columnWidth(0) - 2 * INSIDE
        total = 0
        for row in range(self.rowCount()):
            measure = self._measures.get(row)
            height = _QUESTION if measure is None else ROW_HEIGHT
            if measure is not None and not fits(measure.name, measure.technical, room):
                height = _TWO_LINES
            self.setRowHeight(row, theme().px(height))
            total += theme().px(height)
        height = total + self.horizontalHeader().sizeHint().height() + 2 * self.frameWidth()
        if height != self.height():
            self.setFixedHeight(height)

    @Slot(int, int, int, int)
    def _on_current_cell_changed(self, row: int, _column: int, _before_row: int, _before_column: int) -> None:
        self.measure_pointed_at.emit(self._measures.get(row))
