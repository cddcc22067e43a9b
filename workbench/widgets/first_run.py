"""The card of the first run: language, where to keep data, and the demo, in three steps."""

from PySide6.QtCore import Signal

from workbench.i18n import Retranslated, language
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import Frame, button, column, row
from workbench.widgets.text import Text


class FirstRun(Retranslated, Frame):
    """Shown on Home while no project is open.

    Signals:
        language_chosen: carries `en` or `zh`.
        demo_wanted, new_wanted, open_wanted: the three ways on.
    """

    language_chosen = Signal(str)
    demo_wanted = Signal()
    new_wanted = Signal()
    open_wanted = Signal()

    def __init__(self) -> None:
        super().__init__("card")
        self._head = Text(size="title")
        self._promise = Text(tone="second", wrap=True)
        self._steps = [Text(strong=True) for _ in range(3)]
        self._notes = [Text(tone="second", wrap=True) for _ in range(3)]
        self.english = button("tab")
        self.chinese = button("tab")
        self.new = button("", "folder-plus-outline")
        self.open = button("", "folder-open-outline")
        self.demo = button("primary", "play")
        self._working = Text(tone="second")
        self._use = Text(size="small", tone="hint", wrap=True)
        self.english.setText("English")
        self.chinese.setText("简体中文")
        buttons = ((self.english, self.chinese), (self.new, self.open), (self.demo, self._working))
        steps = [
            column(head, note, row(*made, None), spacing=INSIDE)
            for head, note, made in zip(self._steps, self._notes, buttons, strict=True)
        ]
        self.setLayout(column(self._head, self._promise, *steps, self._use, spacing=BETWEEN, margins=24))
        self.setMinimumWidth(560)
        self.setMaximumWidth(640)
        self.english.clicked.connect(lambda: self.language_chosen.emit("en"))
        self.chinese.clicked.connect(lambda: self.language_chosen.emit("zh"))
        self.new.clicked.connect(self.new_wanted)
        self.open.clicked.connect(self.open_wanted)
        self.demo.clicked.connect(self.demo_wanted)
        self.retranslate()

    def show_making(self, *, on: bool) -> None:
        """Show that the demo project is being made."""
        self.demo.setEnabled(not on)
        self._working.setVisible(on)

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.english.setChecked(language() == "en")
        self.chinese.setChecked(language() == "zh")
        self._head.setText(self.tr("Welcome to Consilium"))
        self._promise.setText(self.tr("Nothing leaves this computer."))
        heads = (self.tr("1  Language"), self.tr("2  Where to keep your cases"), self.tr("3  Or look around first"))
        notes = (
            "",
            self.tr("A project is a folder: your cases, models and training runs are kept in it."),
            self.tr("A small model that was trained by this very program is ready; no download is needed."),
        )
        for label, words in zip(self._steps, heads, strict=True):
            label.setText(words)
        for label, words in zip(self._notes, notes, strict=True):
            label.setText(words)
            label.setVisible(bool(words))
        self.new.setText(self.tr("New project…"))
        self.open.setText(self.tr("Open project…"))
        self.demo.setText(self.tr("Open the demo"))
        self._working.setText(self.tr("Making the demo project…"))
        self._working.setVisible(not self.demo.isEnabled())
        use = self.tr("Research use only. Not cleared as a medical device. Do not use to decide on a patient's care.")
        self._use.setText(use)
