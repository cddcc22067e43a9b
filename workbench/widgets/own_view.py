"""The question before the answer: the person's own view, so that the machine's does not make it for them."""

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QCheckBox, QGridLayout, QRadioButton, QWidget

from engine.schema.case import Label
from workbench.i18n import Retranslated, language
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import button, column, row
from workbench.widgets.text import Text

UNSURE = "unsure"
NONE = "\0none"
"""The choice that no label holds; no label can be called so."""


class OwnView(Retranslated, QWidget):
    """Asks for one label or `unsure`, or for any number of labels.

    Signals:
        given: the person chose; carries the label's name or `unsure`.
        labels_given: the person chose any number of labels; carries their names, none of them where none holds.
        skipped: they want to see the answer without giving their own.
    """

    given = Signal(str)
    labels_given = Signal(object)
    skipped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels: tuple[Label, ...] = ()
        self._head = Text(size="lead", strong=True)
        self._why = Text(tone="second", wrap=True)
        self._grid = QGridLayout()
        self._grid.setSpacing(0)
        self._group = QButtonGroup(self)
        self._several = False
        self.choices: dict[str, QAbstractButton] = {}
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

    def ask(self, labels: tuple[Label, ...], several: bool = False) -> None:
        """Ask anew with these labels to choose from: one of them, or with `several` any number."""
        self._labels, self._several = labels, several
        self._group.setExclusive(not several)
        for old in self.choices.values():
            self._group.removeButton(old)
            old.hide()
            old.deleteLater()
        names = [*(label.name for label in labels), *((NONE,) if several else ()), UNSURE]
        self.choices = {name: QCheckBox() if several else QRadioButton() for name in names}
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
        for name, said in ((UNSURE, self.tr("Not sure")), (NONE, self.tr("None of them"))):
            if name in self.choices:
                self.choices[name].setText(said)
        self._why.setText(self._why.text() + (" " + self.tr("Several may hold.") if self._several else ""))
        self.save.setText(self.tr("Save and show the answer"))
        self.save.setEnabled(bool(self._chosen()))
        self.skip.setText(self.tr("Skip"))

    def _chosen(self) -> list[str]:
        return [name for name, made in self.choices.items() if made.isChecked()]

    @Slot(QAbstractButton, bool)
    def _on_group_button_toggled(self, toggled: QAbstractButton, on: bool) -> None:
        if self._several and on:
            self._leave_out_what_it_denies(toggled)
        self.save.setEnabled(bool(self._chosen()))

    def _leave_out_what_it_denies(self, toggled: QAbstractButton) -> None:
        """Untick what cannot be said together: a label with `none of them` or `not sure`."""
        alone = (self.choices[NONE], self.choices[UNSURE])
        for made in self.choices.values():
            if made is not toggled and (toggled in alone or made in alone):
                made.setChecked(False)

    @Slot()
    def _on_save_clicked(self) -> None:
        chosen = self._chosen()
        if chosen == [UNSURE] or (chosen and not self._several):
            self.given.emit(chosen[0])
        elif chosen:
            self.labels_given.emit(tuple(name for name in chosen if name != NONE))
