"""What a model kept of its teachers, top to bottom: a sentence a teacher, tables, calibration, controls, cases that part them."""

from collections.abc import Iterator

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHeaderView, QTableWidgetItem, QVBoxLayout, QWidget

from engine.schema.base import Answering
from engine.schema.ledger import Against, Compared, Ledger
from engine.schema.model import ModelSummary
from workbench.i18n import Retranslated
from workbench.state.predictions import ModalityWords
from workbench.theme import BETWEEN, INSIDE, theme
from workbench.widgets.boxes import Frame, clear, column, row
from workbench.widgets.chart_card import Table, TableView
from workbench.widgets.item_list import ItemList
from workbench.widgets.ledger_words import (
    calibration,
    control_sentence,
    facts,
    headline,
    label_text,
    measured_on,
    origin,
    parted_item,
    parted_sentence,
    pattern_text,
    slices_table,
    verdict,
)
from workbench.widgets.mark import Mark
from workbench.widgets.tabs import Tab
from workbench.widgets.text import Text


class TeacherCard(Retranslated, Frame):
    """One teacher beside the model: the sentence, then the facts."""

    def __init__(self, one: Compared, ledger: Ledger, parent: QWidget | None = None) -> None:
        self._one, self._ledger = one, ledger
        self.headline = Text(size="lead", strong=True, wrap=True)
        self._note = Text(size="small", tone="hint", wrap=True)
        self._facts = [(Text(size="small", tone="hint"), Text(wrap=True)) for _ in facts(one, ledger)]
        grid = QGridLayout()
        grid.setHorizontalSpacing(BETWEEN)
        grid.setVerticalSpacing(4)
        for number, (head, said) in enumerate(self._facts):
            grid.addWidget(head, number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(said, number, 1)
        grid.setColumnStretch(1, 1)
        super().__init__("card", column(self.headline, grid, self._note, spacing=12, margins=BETWEEN), parent)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.headline.setText(headline(self._one))
        for (head, said), (word, fact) in zip(self._facts, facts(self._one, self._ledger), strict=True):
            head.setText(word)
            said.setText(fact)
        self._note.setText(measured_on(self._one, self._ledger))
        self._note.setVisible(bool(self._note.text()))

    @property
    def words(self) -> str:
        """Everything that is said."""
        told = (f"{head.text()}: {said.text()}" for head, said in self._facts)
        return " | ".join([self.headline.text(), *told, self._note.text()])


class ControlRow(Retranslated, QWidget):
    """One control: what it is, whether it was beaten, by how much."""

    def __init__(self, control: Against, answers: Answering, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._control, self._answers = control, answers
        self._head, self.said = Text(strong=True, wrap=True), Text(tone="second", wrap=True)
        word, picture, tone = verdict(control.accuracy_gain)
        self.word = Text(word, tone=tone, strong=True)
        head = row(self._head, Mark(picture, tone), self.word, spacing=4)
        head.setStretch(0, 1)
        self.setLayout(column(head, self.said, spacing=4))
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        head, said = control_sentence(self._control, self._answers)
        self._head.setText(head)
        self.said.setText(said)
        self.word.setText(verdict(self._control.accuracy_gain)[0])


class SlicesCard(Frame):
    """A head with a table below it, which is as high as its rows: the page scrolls, never the table."""

    def __init__(self) -> None:
        self.head = Text(size="lead", strong=True, wrap=True)
        self.table = TableView()
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # nothing in it can be chosen
        self.table.setSelectionMode(TableView.SelectionMode.NoSelection)
        super().__init__("card", column(self.head, self.table, margins=(BETWEEN, 12, BETWEEN, 12)))

    def fill(self, table: Table) -> None:
        """Show rows: the name takes what the figures leave, figures stand under their heads."""
        self.table.fill(table)
        head = self.table.horizontalHeader()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for at in range(1, self.table.columnCount()):
            for item in (self.table.horizontalHeaderItem(at), *self._items(at)):
                if item is not None:
                    item.setTextAlignment(right)
        self.table.fit_rows()

    def widths(self) -> list[int]:
        """Return how wide the columns of figures need to be."""
        head = self.table.horizontalHeader()
        return [
            max(self.table.sizeHintForColumn(at), head.sectionSizeHint(at)) for at in range(1, self.table.columnCount())
        ]

    def set_widths(self, widths: list[int]) -> None:
        """Make the columns of figures so wide, so that those of two tables stand below each other."""
        head = self.table.horizontalHeader()
        for at, width in enumerate(widths, start=1):
            head.setSectionResizeMode(at, QHeaderView.ResizeMode.Fixed)
            head.resizeSection(at, width)

    def _items(self, at: int) -> Iterator[QTableWidgetItem | None]:
        return (self.table.item(number, at) for number in range(self.table.rowCount()))


class LedgerPage(Retranslated, QWidget):
    """A model's ledger.

    Signals:
        case_wanted: the person wants to see a case; carries its id.
    """

    case_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._model: ModelSummary | None = None
        self._ledger: Ledger | None = None
        self._chosen = 0
        self.teachers: list[TeacherCard] = []
        self.tabs: list[Tab] = []
        self.controls: list[ControlRow] = []
        self.origin = Text(tone="second", wrap=True)
        self.synthetic = Text(tone="care", size="small", strong=True, wrap=True)
        self._cards, self._tab_row, self._control_rows = QVBoxLayout(), row(), QVBoxLayout()
        self._cards.setSpacing(BETWEEN)
        self._control_rows.setSpacing(BETWEEN)
        self._beside = Text(tone="second")
        self._choice = QWidget()
        self._choice.setLayout(row(self._beside, self._tab_row, None, spacing=INSIDE))
        self.by_label, self.by_pattern = SlicesCard(), SlicesCard()
        self._sure_head, self.sure = Text(size="lead", strong=True), Text(wrap=True)
        self._controls_head, self._no_controls = Text(size="lead", strong=True), Text(tone="hint", wrap=True)
        self.parted_said = Text(tone="second", wrap=True)
        self.parted = ItemList(self.parted_said)
        self.parted.opened.connect(self.case_wanted)
        self._fit = QTimer(self, singleShot=True, interval=0)  # the letters of a table change after the theme has told
        self._fit.timeout.connect(self._fit_tables)
        theme().changed.connect(self._fit.start)
        self._lay_out()
        self.retranslate()

    def show_ledger(self, model: ModelSummary, ledger: Ledger) -> None:
        """Show a model's ledger, beside its first teacher."""
        self._model, self._ledger, self._chosen = model, ledger, 0
        for layout in (self._cards, self._tab_row, self._control_rows):
            clear(layout)
        self.teachers = [TeacherCard(one, ledger) for one in ledger.teachers]
        self.controls = [ControlRow(control, ledger.answers) for control in ledger.controls]
        self.tabs = [Tab() for _ in ledger.teachers]
        for card in self.teachers:
            self._cards.addWidget(card)
        for control in self.controls:
            self._control_rows.addWidget(control)
        for number, tab in enumerate(self.tabs):
            tab.setText(ledger.teachers[number].name)
            tab.clicked.connect(lambda _checked=False, wanted=number: self.choose(wanted))
            self._tab_row.addWidget(tab)
        self._no_controls.setVisible(not self.controls)
        self._choice.setVisible(len(self.tabs) > 1)
        self.retranslate()

    def choose(self, number: int) -> None:
        """Show tables and cases beside another teacher."""
        self._chosen = number
        self._fill()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._beside.setText(self.tr("Compare with"))
        self.synthetic.setText(ModalityWords().stamp())
        self._sure_head.setText(self.tr("How sure they are"))
        self._controls_head.setText(self.tr("What the teachers and the modules were worth"))
        self._no_controls.setText(
            self.tr(
                "Nothing to compare with: this run trained no controls. Tick “Controls for the ledger” in the form of the next run."
            )
        )
        self.parted.say(self.tr("Where they part ways"), self.tr("They give the same answer to every case."))
        self._fill()

    def _lay_out(self) -> None:
        sure = Frame("card", column(self._sure_head, self.sure, margins=(BETWEEN, 12, BETWEEN, 12)))
        controls = column(
            self._controls_head, self._no_controls, self._control_rows, spacing=12, margins=(BETWEEN, 12, BETWEEN, 12)
        )
        self.setLayout(
            column(
                column(self.origin, self.synthetic, spacing=4),
                self._cards,
                self._choice,
                self.by_label,
                self.by_pattern,
                sure,
                Frame("card", controls),
                self.parted,
                None,
                spacing=BETWEEN,
            )
        )

    @Slot()
    def _fit_tables(self) -> None:
        tables = (self.by_label, self.by_pattern)
        widths = [max(pair) for pair in zip(*(shown.widths() for shown in tables), strict=True)]
        for shown in tables:
            shown.table.fit_rows()
            shown.set_widths(widths)

    def _fill(self) -> None:
        model, ledger = self._model, self._ledger
        if model is None or ledger is None:
            return
        self.origin.setText(origin(ledger))
        self.synthetic.setVisible(model.synthetic)
        for number, tab in enumerate(self.tabs):
            tab.setChecked(number == self._chosen)
        if self._chosen >= len(ledger.teachers):
            return
        one, several = ledger.teachers[self._chosen], ledger.answers == "several"
        if several:
            self.by_label.head.setText(self.tr("All labels right in % of the cases that bear one (95 % interval)"))
            self.by_pattern.head.setText(self.tr("All labels right in % of cases, by kinds of input (95 % interval)"))
        else:
            self.by_label.head.setText(self.tr("Right in % of cases, by true answer (95 % interval)"))
            self.by_pattern.head.setText(self.tr("Right in % of cases, by kinds of input (95 % interval)"))
        labels = [(label_text(part.name, model.labels), part) for part in one.by_label]
        patterns = [(pattern_text(part.name), part) for part in one.by_pattern]
        for shown, head, parts in (
            (self.by_label, self.tr("bears") if several else self.tr("true answer"), labels),
            (self.by_pattern, self.tr("kinds of input"), patterns),
        ):
            shown.fill(slices_table(head, parts))
            shown.setVisible(bool(parts))
        self._fit_tables()
        self.sure.setText(calibration(one))
        self.parted_said.setText(parted_sentence(one))
        self.parted.show_items([parted_item(case, model.labels) for case in one.parted])
