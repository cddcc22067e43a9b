"""The frame of every chart: a title, its four drawn states, and the same chart as a table, a picture or a CSV file."""

import csv
import dataclasses
import io
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QPoint, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHeaderView,
    QMenu,
    QSizePolicy,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workbench.i18n import Retranslated
from workbench.theme import BETWEEN, ROW_HEIGHT, theme
from workbench.widgets.boxes import Frame, column, icon_button, name_it, row
from workbench.widgets.text import ElidedText, Text

Drawn = Literal["empty", "loading", "live"]


@dataclasses.dataclass(frozen=True)
class Table:
    """A chart as text: what is read aloud, copied and saved."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def csv(self) -> str:
        """Return it as CSV."""
        written = io.StringIO()
        writer = csv.writer(written)
        writer.writerow(self.headers)
        writer.writerows(self.rows)
        return written.getvalue()

    def tabbed(self) -> str:
        """Return it with tabs, as spreadsheets take it from the clipboard."""
        return "\n".join("\t".join(cells) for cells in (self.headers, *self.rows))


class Chart(QWidget):
    """Base of the charts: a widget that can also tell what it shows as a table."""

    def table(self) -> Table:
        """Return what is shown as text."""
        return Table((), ())


class TableView(QTableWidget):
    """A plain read-only table with rows of one height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self._take_size()
        theme().changed.connect(self._take_size)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setHighlightSections(False)

    @Slot()
    def _take_size(self) -> None:
        self.verticalHeader().setDefaultSectionSize(theme().px(ROW_HEIGHT))

    def fill(self, table: Table) -> None:
        """Show `table`; numbers stand to the right."""
        self.setColumnCount(len(table.headers))
        self.setRowCount(len(table.rows))
        self.setHorizontalHeaderLabels(list(table.headers))
        for at_row, cells in enumerate(table.rows):
            for at_column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                is_number = at_column > 0 and text[:1].isdigit()
                side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                self.setItem(at_row, at_column, item)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setStretchLastSection(True)

    def fit_rows(self) -> None:
        """Be exactly as high as the rows; for short tables inside a page that scrolls."""
        self.setFixedHeight(theme().px(ROW_HEIGHT) * (self.rowCount() + 1) + 8)


class ChartCard(Retranslated, Frame):
    """A card with one chart. `controls` is the row below it; its menu is also the chart's right-click menu."""

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__("card", None, parent)
        self.chart = chart
        self.title = Text(size="lead", strong=True)
        self.note = ElidedText(size="small", tone="hint")
        self.controls = row()
        self.extra = QVBoxLayout()
        """Below the controls: sentences that belong to the chart."""
        self._below = QWidget()
        self._below.setLayout(column(self.controls, self.extra))
        self._table = TableView()
        self._sentence = Text(tone="hint", wrap=True)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._table.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)  # as high as the chart
        held = QWidget(self)  # a stacked layout without a widget would show its first page as a window of its own
        self._pages = QStackedLayout(held)
        for page in (chart, self._table, self._sentence):
            self._pages.addWidget(page)
        self._menu_button = icon_button("dots-horizontal")
        self._menu = QMenu(self)
        self._actions = {name: QAction(self) for name in ("table", "picture", "csv", "copy")}
        self._build_menu()
        head = row(self.title, self.note, self._menu_button)
        head.setStretch(1, 1)
        self.setLayout(column(head, held, self._below, margins=(BETWEEN, 8, 8, 12)))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        chart.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        chart.customContextMenuRequested.connect(self._on_chart_context_menu_requested)
        ChartCard.retranslate(self)

    def retranslate(self) -> None:
        """Write the menu in the language of the moment."""
        name_it(self._menu_button, self.tr("Table, picture, CSV"))
        self._actions["table"].setText(self.tr("Show as table"))
        self._actions["picture"].setText(self.tr("Save as picture…"))
        self._actions["csv"].setText(self.tr("Save as CSV…"))
        self._actions["copy"].setText(self.tr("Copy the numbers"))

    @property
    def shows_table(self) -> bool:
        """Whether the table stands in the chart's place."""
        return self._actions["table"].isChecked()

    def show_table(self, on: bool) -> None:
        """Show the table in the chart's place, or the chart again."""
        self._actions["table"].setChecked(on)

    def draw(self, state: Drawn, sentence: str = "") -> None:
        """Show the chart, or one sentence in its place."""
        self._sentence.setText(sentence)
        self._below.setVisible(state == "live")
        self._menu_button.setVisible(state == "live")
        if state == "live":
            self._pages.setCurrentWidget(self._table if self.shows_table else self.chart)
        else:
            self._pages.setCurrentWidget(self._sentence)

    def refresh_table(self) -> None:
        """Write the table anew if it is shown."""
        if self.shows_table and self._table.isVisible():
            self._table.fill(self.chart.table())

    def save_picture(self, path: Path) -> bool:
        """Save the chart as a PNG at the screen's resolution."""
        return self.chart.grab().save(str(path), "PNG")

    def save_csv(self, path: Path) -> None:
        """Save the numbers as CSV in UTF-8, with the mark that spreadsheets look for."""
        path.write_text(self.chart.table().csv(), encoding="utf-8-sig", newline="")

    def _build_menu(self) -> None:
        self._actions["table"].setCheckable(True)
        self._actions["table"].toggled.connect(self._on_table_toggled)
        self._actions["picture"].triggered.connect(self._on_picture_triggered)
        self._actions["csv"].triggered.connect(self._on_csv_triggered)
        self._actions["copy"].triggered.connect(self._on_copy_triggered)
        for action in self._actions.values():
            self._menu.addAction(action)
        self._menu_button.clicked.connect(self._on_menu_button_clicked)

    @Slot(bool)
    def _on_table_toggled(self, on: bool) -> None:
        if self._pages.currentWidget() is not self._sentence:
            self._pages.setCurrentWidget(self._table if on else self.chart)
        if on:
            self._table.fill(self.chart.table())

    @Slot()
    def _on_picture_triggered(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save as picture"), "", "PNG (*.png)")
        if path:
            self.save_picture(Path(path).with_suffix(".png"))

    @Slot()
    def _on_csv_triggered(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, self.tr("Save as CSV"), "", "CSV (*.csv)")
        if path:
            self.save_csv(Path(path).with_suffix(".csv"))

    @Slot()
    def _on_copy_triggered(self) -> None:
        QGuiApplication.clipboard().setText(self.chart.table().tabbed())

    @Slot()
    def _on_menu_button_clicked(self) -> None:
        self._menu.popup(self._menu_button.mapToGlobal(QPoint(0, self._menu_button.height())))

    @Slot(QPoint)
    def _on_chart_context_menu_requested(self, at: QPoint) -> None:
        self._menu.popup(self.chart.mapToGlobal(at))
