"""The question before the answer: the person's own view, so that the machine's does not make it for them."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QRadioButton, QWidget

from engine.schema.case import Label
from workbench.i18n import Retranslated, language
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import button, column, row
from workbench.widgets.text import Text

UNSURE = "unsure"


class OwnView(Retranslated, QWidget):
    """Asks for one label or `unsure`.

    Signals:
        given: the person chose; carries the label's name or `unsure`.
        skipped: they want to see the answer without giving their own.
    """

    given = Signal(str)
    skipped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[Label, ...] = ()
        self._head = Text(size="lead", strong=True)
        self._why = Text(tone="second", wrap=True)
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        self._group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        self.save = button("primary")
        self.skip = button("plain")
        self.foot = QWidget()
        """The two buttons, for whoever shows the question to keep in sight below it."""
        self.foot.setLayout(row(self.save, self.skip, None))
        self.setLayout(column(self._head, self._why, self._grid, spacing=INSIDE))
        self.setContentsMargins(0, 0, 0, BETWEEN)
        self.save.clicked.connect(self._on_save_clicked)
        self.skip.clicked.connect(self.skipped)
        self._group.buttonToggled.connect(self._on_group_button_toggled)
        self.retranslate()

    def ask(self, labels: tuple[Label, ...]) -> None:
        """Ask anew with these labels to choose from."""
        self._labels = labels
        for old in self.choices.values():
            self._group.removeButton(old)
            old.hide()
            old.deleteLater()
        self.choices = {name: QRadioButton() for name in (*(label.name for label in labels), UNSURE)}
        for number, made in enumerate(self.choices.values()):
            self._group.addButton(made)
            self._grid.addWidget(made, number // 2, number % 2)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._head.setText(self.tr("Your own view first"))
        self._why.setText(self.tr("The answer is ready. Give yours before you see it; both are kept."))
        for label in self._labels:
            self.choices[label.name].setText(label.shown(language()))
        if UNSURE in self.choices:
            self.choices[UNSURE].setText(self.tr("Not sure"))
        self.save.setText(self.tr("Save and show the answer"))
        self.save.setEnabled(self._group.checkedButton() is not None)
        self.skip.setText(self.tr("Skip"))

    @Slot()
    def _on_group_button_toggled(self) -> None:
        self.save.setEnabled(self._group.checkedButton() is not None)

    @Slot()
    def _on_save_clicked(self) -> None:
        chosen = next((name for name, made in self.choices.items() if made.isChecked()), "")
        if chosen:
            self.given.emit(chosen)
