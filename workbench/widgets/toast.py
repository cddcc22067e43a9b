"""A short message at the foot of the window that goes by itself, with one action such as Undo."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QWidget

from workbench.theme import AROUND, BETWEEN, INSIDE, theme
from workbench.widgets.boxes import Frame, button, row
from workbench.widgets.text import Text

SHOWN_MS: Final = 7_000
_WIDEST: Final = 720


class Toast(Frame):
    """Lies over the lower edge of `host`; a new message takes the place of the old one."""

    def __init__(self, host: QWidget) -> None:
        super().__init__("card", None, host)
        self._text = Text(wrap=True)
        self._action = button("plain")
        self._run: Callable[[], None] | None = None
        self.setLayout(row(self._text, self._action, spacing=BETWEEN, margins=(BETWEEN, INSIDE, INSIDE, INSIDE)))
        self._timer = QTimer(self, singleShot=True, interval=SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        self._action.clicked.connect(self._on_action_clicked)
        host.installEventFilter(self)
        self.hide()

    @property
    def message(self) -> str:
        """What is said now; empty while nothing is."""
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str, action: str = "", run: Callable[[], None] | None = None) -> None:
        """Say `text`, with a button `action` that calls `run`."""
        self._text.setText(text)
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._run = run
        self.show()
        self._place()
        self.raise_()
        self._timer.stop()
        if self.window().isActiveWindow():  # else it stays until somebody is back to read it
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the foot when the window grows."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        elif event.type() == QEvent.Type.WindowActivate and not self.isHidden():
            self._timer.start()
        return False

    def _place(self) -> None:
        host = self.parentWidget()
        if host is None:
            return
        most = min(theme().px(_WIDEST), host.width() - 2 * AROUND)
        taken = self._action.sizeHint().width() + BETWEEN if self._action.text() else 0
        line = QFontMetrics(self._text.font()).horizontalAdvance(self._text.text())
        self._text.setMinimumWidth(
            min(line + 2, most - taken - 2 * BETWEEN)
        )  # a label that wraps asks for a narrow column
        self.setMaximumWidth(most)
        self.adjustSize()
        self.move((host.width() - self.width()) // 2, host.height() - self.height() - 2 * AROUND)

    @Slot()
    def _on_action_clicked(self) -> None:
        self.hide()
        run, self._run = self._run, None
        if run is not None:
            run()

    @property
    def action_text(self) -> str:
        """The words on the button."""
        return self._action.text()
