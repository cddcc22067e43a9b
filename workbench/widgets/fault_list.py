"""The faults of a file, one below the other in whole sentences; each leads to its line."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.schema.errors import ErrorBody
from workbench.i18n import Retranslated
from workbench.theme import INSIDE, TIGHT, theme
from workbench.widgets.boxes import clear, column, row
from workbench.widgets.knowledge_words import fault_line, fault_words
from workbench.widgets.mark import Mark
from workbench.widgets.text import Text


class FaultRow(Retranslated, QWidget):
    """One fault; opens by click, Enter or space.

    Signals:
        chosen: the person wants to see its line; carries the number.
    """

    chosen = Signal(int)

    def __init__(self, fault: ErrorBody, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fault = fault
        self.line = fault_line(fault)
        self.happened, self._do = Text(wrap=True), Text(tone="second", size="small", wrap=True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if self.line:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        mark = Mark("alert-circle-outline", "stop")
        layout = row(
            mark, column(self.happened, self._do, spacing=2), spacing=INSIDE, margins=(TIGHT, TIGHT, TIGHT, TIGHT)
        )
        layout.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the sentences in the language of the moment."""
        happened, do = fault_words(self._fault)
        self.happened.setText(happened)
        self._do.setText(do)
        self._do.setVisible(bool(do))
        self.setAccessibleName(f"{happened} {do}".strip())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show pointer and focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme().color("accent") if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("surface2") if self.underMouse() and self.line else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)

    def enterEvent(self, event: object) -> None:
        """Light up."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Go back to rest."""
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lead to the line."""
        if self.line and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self.line)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Lead to the line with Enter or space."""
        if self.line and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self.line)
        else:
            super().keyPressEvent(event)


class FaultList(QWidget):
    """All faults.

    Signals:
        line_wanted: the person wants to see a line; carries its number.
    """

    line_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._faults: tuple[ErrorBody, ...] = ()
        self.rows: list[FaultRow] = []
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(TIGHT)

    def show_faults(self, faults: Sequence[ErrorBody]) -> None:
        """Show these faults; the same ones again stay as they are, so that the focus stays too."""
        if tuple(faults) == self._faults:
            return
        self._faults = tuple(faults)
        clear(self._layout)
        self.rows = [FaultRow(fault) for fault in self._faults]
        for made in self.rows:
            made.chosen.connect(self.line_wanted)
            self._layout.addWidget(made)
