"""The engine's light: a shape, a colour and a word, so that no one of them has to carry it alone."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.i18n import Retranslated
from workbench.theme import INSIDE, theme
from workbench.widgets.text import Text

_TOKENS = {"ready": "good", "busy": "accent", "starting": "care", "offline": "stop", "failed": "stop", "none": "ink3"}


class _Shape(QWidget):
    """A disc for ready, a ring while starting, a triangle when busy, a square when out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.light = "none"

    def sizeHint(self) -> QSize:
        """Ask for a small square."""
        return QSize(12, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the shape of the light."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = theme().color(_TOKENS[self.light])
        box = QRectF(1, (self.height() - 10) / 2, 10, 10)
        painter.setPen(QPen(color, 2) if self.light in ("starting", "none") else Qt.PenStyle.NoPen)
        if self.light in ("starting", "none"):
            painter.drawEllipse(box.adjusted(1, 1, -1, -1))
            return
        painter.setBrush(color)
        if self.light == "ready":
            painter.drawEllipse(box)
        elif self.light == "busy":
            painter.drawPolygon(QPolygonF([box.bottomLeft(), box.bottomRight(), QPointF(box.center().x(), box.top())]))
        else:
            painter.drawRect(box)


class EngineLight(Retranslated, QWidget):
    """Shows `ready`, `starting`, `busy` (with its share), `offline`, `failed` or `none`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shape = _Shape()
        self._word = Text(tone="second")
        self._share = -1
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(INSIDE)
        layout.addWidget(self._shape)
        layout.addWidget(self._word)
        theme().changed.connect(self._shape.update)
        self.retranslate()

    def show_light(self, light: str, share: int = -1) -> None:
        """Show `light`; `share` is the running job's progress in percent, -1 where it is not known."""
        self._shape.light, self._share = light, share
        self._shape.update()
        self.retranslate()

    @property
    def word(self) -> str:
        """The word that is shown."""
        return self._word.text()

    def retranslate(self) -> None:
        """Write the word in the language of the moment."""
        light = self._shape.light
        if light == "busy" and self._share >= 0:
            word = self.tr("Engine busy {share} %").format(share=self._share)
        else:
            word = {
                "none": self.tr("No project"),
                "starting": self.tr("Engine starting"),
                "ready": self.tr("Engine ready"),
                "busy": self.tr("Engine busy"),
                "offline": self.tr("Engine offline"),
                "failed": self.tr("Engine stopped"),
            }[light]
        self._word.setText(word)
        self.setVisible(light != "none")
        self.setAccessibleName(word)
