"""The column beside the editor of a knowledge file: whether it holds, what it holds, and every fault."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from engine.schema.case import Label
from engine.schema.knowledge import KnowledgeChecked
from workbench.i18n import Retranslated, language
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import Frame, column, row
from workbench.widgets.fault_list import FaultList
from workbench.widgets.knowledge_words import counts_text, fault_line
from workbench.widgets.mark import Mark
from workbench.widgets.scroll import scrolled
from workbench.widgets.text import Text, Tone
from workbench.words import listed


class KnowledgeSide(Retranslated, Frame):
    """What the engine says of the text as it stands.

    Signals:
        line_wanted: the person wants to see a line; carries its number.
    """

    line_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._mark, self.word = Mark(), Text(strong=True, wrap=True)
        self.counts = Text(tone="second", wrap=True)
        self.undescribed = Text(tone="second", wrap=True)
        self.faults = FaultList()
        head = row(self._mark, self.word, spacing=INSIDE)
        head.setStretch(1, 1)
        inner = QWidget()
        inner.setLayout(column(head, self.counts, self.undescribed, self.faults, None, spacing=INSIDE))
        super().__init__("card", column(scrolled(inner), margins=(BETWEEN, 12, INSIDE, 12)), parent)
        self._report: KnowledgeChecked | None = None
        self._labels: tuple[Label, ...] = ()
        self._state = "empty"
        self.setMinimumWidth(240)
        self.faults.line_wanted.connect(self.line_wanted)
        self.retranslate()

    @property
    def report(self) -> KnowledgeChecked | None:
        """What is shown."""
        return self._report

    def show_report(self, report: KnowledgeChecked | None, labels: tuple[Label, ...]) -> None:
        """Show what the engine said; None where it could not be asked."""
        self._report, self._labels = report, labels
        self._state = "checked" if report is not None else "unchecked"
        self.faults.show_faults(report.faults if report is not None else ())
        self.retranslate()

    def show_empty(self) -> None:
        """Say that there is nothing to check."""
        self._report, self._state = None, "empty"
        self.faults.show_faults(())
        self.retranslate()

    def lines(self) -> set[int]:
        """Return the lines with faults."""
        return (
            {line for fault in self._report.faults if (line := fault_line(fault))}
            if self._report is not None
            else set()
        )

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        report = self._report
        word, picture, tone = self._verdict()
        self.word.setText(word)
        self.word.set_tone(tone)
        self._mark.show_icon(picture, tone)
        self.counts.setText(counts_text(report) if report is not None else "")
        self.counts.setVisible(report is not None)
        names = {label.name: label.shown(language()) for label in self._labels}
        missing = [names.get(name, name) for name in report.undescribed] if report is not None else []
        said = self.tr("Not described yet: {names}.")
        self.undescribed.setText(said.format(names=listed(missing)))
        self.undescribed.setVisible(bool(missing))

    def _verdict(self) -> tuple[str, str, Tone]:
        if self._state == "empty":
            return self.tr("Nothing is written yet."), "book-open-outline", "second"
        if self._report is None:
            return self.tr("Not checked: the engine is out of reach. Your text is kept."), "alert-outline", "care"
        if self._report.faults:
            said = self.tr("%n fault(s): mend them, then save.", "", len(self._report.faults))
            return said, "alert-circle-outline", "stop"
        return self.tr("No fault."), "check-circle-outline", "good"
