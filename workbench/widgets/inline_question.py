"""Questions about a text that is being edited, asked where it stands, with two ways on; hidden while there is none to ask."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.i18n import Retranslated
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import Frame, button, column, row
from workbench.widgets.text import Text

Asked = Literal["", "draft", "conflict"]


class TextQuestion(Retranslated, Frame):
    """Asks about changes that were left behind (`draft`), or about a newer version (`conflict`).

    Signals:
        answered: one of the two ways was chosen and has been taken.
    """

    answered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        self.said = Text(strong=True, wrap=True)
        self.first, self.second = button(""), button("plain")
        inside = column(
            self.said, row(self.first, self.second, None), spacing=INSIDE, margins=(BETWEEN, 12, BETWEEN, 12)
        )
        super().__init__("card", inside, parent)
        self._asked: Asked = ""
        self._newest = 0
        self._ways: tuple[Callable[[], None], ...] = ()
        self.set_tone("care")
        self.first.clicked.connect(lambda: self._answer(0))
        self.second.clicked.connect(lambda: self._answer(1))
        self.hide()

    @property
    def asked(self) -> Asked:
        """What is asked; empty for nothing."""
        return self._asked

    def ask_about_draft(self, take: Callable[[], None], drop: Callable[[], None]) -> None:
        """Ask whether to go on with changes that were never saved."""
        self._ask("draft", (take, drop))

    def ask_about_newer(self, number: int, look: Callable[[], None], keep: Callable[[], None]) -> None:
        """Ask what to do about version `number`, which somebody saved meanwhile."""
        self._newest = number
        self._ask("conflict", (look, keep))

    def withdraw(self) -> None:
        """Ask nothing any more."""
        self._asked = ""
        self.hide()

    def retranslate(self) -> None:
        """Write the question in the language of the moment."""
        if self._asked == "draft":
            self.said.setText(self.tr("There are changes from last time that were never saved."))
            self.first.setText(self.tr("Go on with them"))
            self.second.setText(self.tr("Drop them"))
        elif self._asked == "conflict":
            said = self.tr("Somebody saved version {n} of this file in the meantime. Your text is still here.")
            self.said.setText(said.format(n=self._newest))
            self.first.setText(self.tr("Look at the newest"))
            self.second.setText(self.tr("Keep mine, to save it on top"))

    def _ask(self, asked: Asked, ways: tuple[Callable[[], None], ...]) -> None:
        self._asked, self._ways = asked, ways
        self.retranslate()
        self.show()
        self.first.setFocus()

    def _answer(self, number: int) -> None:
        self.withdraw()
        self._ways[number]()
        self.answered.emit()
