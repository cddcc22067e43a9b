"""A button of the rail: icon over word, and a dot where something there has not been seen yet."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton

from workbench.icons import icon
from workbench.theme import theme

_DOT = 4.0


class RailButton(QToolButton):
    """One place of the rail, or one of the buttons below it."""

    def __init__(self, icon_name: str) -> None:
        super().__init__()
        self._badge = ""
        self.setProperty("kind", "rail")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        self.setIcon(icon(icon_name))
        self.setIconSize(QSize(20, 20))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def badge(self) -> str:
        """What the dot stands for; empty while there is none."""
        return self._badge

    def set_badge(self, said: str) -> None:
        """Show a dot that says `said` as a tool-tip and aloud; an empty sentence takes it away."""
        self._badge = said
        self.setToolTip(said)
        self.setAccessibleDescription(said)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dot at the icon's upper right."""
        super().paintEvent(event)
        if self._badge:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme().color("surface1"), 2))
            painter.setBrush(theme().color("accent"))
            painter.drawEllipse(QPointF(self.width() / 2 + 12, 12), _DOT + 1, _DOT + 1)
