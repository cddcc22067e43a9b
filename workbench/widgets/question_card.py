"""The question asked where several files fell: are they one case, or many."""

from pathlib import Path

from PySide6.QtCore import Signal, Slot

from workbench.i18n import Retranslated
from workbench.state.files import Handful
from workbench.theme import INSIDE
from workbench.widgets.boxes import Frame, button, column, row
from workbench.widgets.text import Text

_SHOWN = 6


class QuestionCard(Retranslated, Frame):
    """Asks what several files are to become; hidden until there is something to ask.

    Signals:
        one_chosen: all files are one case; carries their paths.
        many_chosen: one case a file name; carries a dictionary of name and paths.
    """

    one_chosen = Signal(object)
    many_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__("card")
        self._handful = Handful()
        self._head = Text(size="lead", strong=True)
        self._list = Text(tone="second", wrap=True)
        self.one = button("")
        self.many = button("primary")
        self.cancel = button("plain")
        self.setLayout(
            column(self._head, self._list, row(self.many, self.one, self.cancel, None), spacing=INSIDE, margins=16)
        )
        self.set_tone("accent")
        self.one.clicked.connect(self._on_one_clicked)
        self.many.clicked.connect(self._on_many_clicked)
        self.cancel.clicked.connect(self.hide)
        self.hide()

    def ask(self, handful: Handful) -> None:
        """Ask about these files."""
        self._handful = handful
        self.retranslate()
        self.show()
        self.many.setFocus()

    def retranslate(self) -> None:
        """Write the question in the language of the moment."""
        groups = self._handful.by_name()
        self._head.setText(self.tr("One case or many?"))
        lines = [
            f"{name}: {', '.join(path.suffix.lower() for path in paths)}"
            for name, paths in list(groups.items())[:_SHOWN]
        ]
        if len(groups) > _SHOWN:
            lines.append(self.tr("and {n} more").format(n=len(groups) - _SHOWN))
        self._list.setText("\n".join(lines))
        self.many.setText(self.tr("{n} cases, one a file name").format(n=len(groups)))
        self.one.setText(self.tr("One case with {n} files").format(n=len(self._handful.inputs)))
        self.one.setVisible(len(self._handful.inputs) <= 32)
        self.cancel.setText(self.tr("Cancel"))

    @Slot()
    def _on_one_clicked(self) -> None:
        self.hide()
        self.one_chosen.emit(self._handful.inputs)

    @Slot()
    def _on_many_clicked(self) -> None:
        self.hide()
        groups: dict[str, tuple[Path, ...]] = self._handful.by_name()
        self.many_chosen.emit(groups)
