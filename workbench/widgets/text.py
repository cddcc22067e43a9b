"""Labels that show what they are given letter by letter: no text from a file or an engine is ever read as markup."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

Size = Literal["small", "body", "lead", "title", "answer"]
Tone = Literal["", "second", "hint", "accent", "good", "care", "stop", "text", "image", "audio"]


class Text(QLabel):
    """A plain-text label in one of the five sizes and a tone; `wrap` breaks long lines."""

    def __init__(
        self,
        text: str = "",
        *,
        size: Size = "body",
        tone: Tone = "",
        strong: bool = False,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("scale", size)  # `size` is a property of every QWidget already
        self.setProperty("tone", tone)
        self.setProperty("strong", strong)
        if wrap:
            self.setWordWrap(True)
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def set_tone(self, tone: Tone) -> None:
        """Change the tone."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


class ElidedText(Text):
    """A one-line label that shortens its middle where there is no room and then tells the whole as a tool-tip."""

    def minimumSizeHint(self) -> QSize:
        """Ask for little: the text gives way."""
        return QSize(32, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint as much of the text as there is room for."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        shown = QFontMetrics(self.font()).elidedText(self.text(), Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell the whole text as a tool-tip where it is shortened."""
        super().resizeEvent(event)
        short = QFontMetrics(self.font()).horizontalAdvance(self.text()) > self.width()
        self.setToolTip(self.text() if short else "")
