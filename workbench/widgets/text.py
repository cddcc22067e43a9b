"""Labels that show what they are given letter by letter: no text from a file or an engine is ever read as markup."""

import math
from typing import Final, Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from workbench.i18n import language

LINE_HEIGHT: Final = 1.5
"""Distance of Chinese lines, in heights of a letter."""

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

    def _is_airy(self) -> bool:
        """Tell whether lines stand apart: several lines of Chinese need half a letter between them, which Qt's labels lack."""
        return self.wordWrap() and language() == "zh"

    def _lines(self, width: float) -> tuple[QTextLayout, float]:
        """Return the text laid out in `width` pixels, and its height."""
        layout = QTextLayout(self.text().replace("\n", "\u2028"), self.font())
        layout.setTextOption(QTextOption(self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask))
        top = bottom = 0.0
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, top))
            bottom = top + line.height()
            top += max(line.height(), LINE_HEIGHT * self.font().pixelSize())
        layout.endLayout()
        return layout, bottom

    def heightForWidth(self, width: int) -> int:
        """Return the height of the wrapped lines."""
        if not self._is_airy():
            return super().heightForWidth(width)
        margins = self.contentsMargins()
        _, height = self._lines(max(1, width - margins.left() - margins.right()))
        return math.ceil(height) + margins.top() + margins.bottom()

    def sizeHint(self) -> QSize:
        """Ask for the lines as they stand."""
        hint = super().sizeHint()
        return QSize(hint.width(), self.heightForWidth(hint.width())) if self._is_airy() else hint

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines of Chinese apart; all else as labels do."""
        if not self._is_airy() or not self.pixmap().isNull():
            super().paintEvent(event)
            return
        area = QRectF(self.contentsRect())
        layout, height = self._lines(area.width())
        free = max(0.0, area.height() - height)
        down = 0.0 if self.alignment() & Qt.AlignmentFlag.AlignTop else free / 2
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        layout.draw(painter, area.topLeft() + QPointF(0, down))

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
