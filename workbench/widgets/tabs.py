"""A tab button with room for its bold, chosen look, so that nothing moves or is cut off when it is chosen."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QPushButton, QWidget

from workbench.theme import CONTROL_HEIGHT, theme

_PADDING = 28


class Tab(QPushButton):
    """One of several, of which one is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "tab")
        self.setCheckable(True)
        self.setAutoDefault(False)

    def sizeHint(self) -> QSize:
        """Ask for the width of the text in its bold face."""
        metrics = QFontMetrics(theme().font(bold=True))
        return QSize(metrics.horizontalAdvance(self.text()) + _PADDING, theme().px(CONTROL_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Never give way."""
        return self.sizeHint()
