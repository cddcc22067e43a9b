"""One quiet line under the strip that says what was restored, until the person closes it."""

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QWidget

from workbench.i18n import Retranslated
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import Frame, icon_button, name_it, row
from workbench.widgets.text import Text


class NoticeLine(Retranslated, Frame):
    """Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("bar", None, parent)
        self._words: str | Callable[[], str] = ""
        self._sentence = Text(tone="second", size="small", wrap=True)
        self.close_button = icon_button("close")
        self.close_button.setIconSize(QSize(16, 16))
        self.close_button.clicked.connect(self.hide)
        layout = row(self._sentence, self.close_button, spacing=INSIDE, margins=(BETWEEN, 2, INSIDE, 2))
        layout.setStretch(0, 1)
        layout.setAlignment(self.close_button, Qt.AlignmentFlag.AlignVCenter)
        self.setLayout(layout)
        self.hide()
        self.retranslate()

    @property
    def sentence(self) -> str:
        """What is said; empty while nothing is."""
        return "" if self.isHidden() else self._sentence.text()

    def say(self, sentence: str | Callable[[], str]) -> None:
        """Say one sentence; a function that returns it is asked again on each change of language."""
        self._words = sentence
        self.retranslate()
        self.show()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self._sentence.setText(self._words() if callable(self._words) else self._words)
        name_it(self.close_button, self.tr("Close this message"))
