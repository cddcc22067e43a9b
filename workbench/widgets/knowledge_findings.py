"""What became of a knowledge file in a model: how far it was trusted, rules that the data speak against, named experts."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.schema.knowledge_report import KnowledgeReport
from workbench.i18n import Retranslated, language
from workbench.theme import INSIDE
from workbench.widgets.boxes import button, clear, column, row
from workbench.widgets.expert_chip import ExpertChip
from workbench.widgets.mark import Mark
from workbench.widgets.text import Text


class KnowledgeFindings(Retranslated, QWidget):
    """The report's sentences, the most important one in sight, the others unfolded on demand."""

    def __init__(self, report: KnowledgeReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self._mark, self.head = Mark(), Text(strong=True, wrap=True)
        self.details = button("plain", "chevron-down")
        self.details.setCheckable(True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(INSIDE)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._all = QWidget()
        self._all.setLayout(self._rows)
        self._all.hide()
        self.said: list[tuple[str, bool]] = []
        """Each sentence, and whether it is one that the data speak against."""
        head = row(self._mark, self.head, self.details, spacing=INSIDE)
        head.setStretch(1, 1)
        self.setLayout(column(head, self._all, spacing=INSIDE))
        self.details.toggled.connect(self._all.setVisible)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the sentences in the language of the moment."""
        spoken = language()
        against = [rule.sentence(spoken) for rule in self._report.rules if rule.verdict == "disagrees"]
        experts = {one.sentence(spoken): one.expert for one in self._report.specialists}
        if against:
            said = self.tr("Knowledge file, version {n}: the data speak against %n rule(s)", "", len(against))
            self.head.setText(said.replace("{n}", str(self._report.version)))
        else:
            self.head.setText(self.tr("It learned with the knowledge file, version {n}").format(n=self._report.version))
        self._mark.show_icon("alert-outline" if against else "book-open-outline", "care" if against else "second")
        self.head.set_tone("care" if against else "")
        self.details.setText(self.tr("What became of it"))
        clear(self._rows)
        self.said = [(sentence, sentence in against) for sentence in self._report.sentences(spoken)]
        for sentence, is_against in self.said:
            self._rows.addWidget(_Sentence(sentence, is_against, experts.get(sentence)))


class _Sentence(QWidget):
    """One sentence: marked where the data speak against it, with the chip of the expert it is about."""

    def __init__(self, said: str, is_against: bool, expert: int | None) -> None:
        super().__init__()
        mark: QWidget = Mark("alert-outline" if is_against else "circle-small", "care" if is_against else "hint")
        if expert is not None:
            mark = ExpertChip(expert)
        layout = row(mark, Text(said, tone="care" if is_against else "", wrap=True), spacing=INSIDE)
        layout.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
        layout.setStretch(1, 1)
        self.setLayout(layout)
