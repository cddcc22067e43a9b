"""An area that scrolls down and only down."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.widgets.boxes import column

_BAR: Final = 10
"""Width of a scroll bar."""


class _Content(QWidget):
    """Holds what is scrolled and asks for no height of its own.

    A word-wrapping label's smallest height is that of its narrowest width; a scroll area would take that for needed and show a
    scroll bar beside empty room. The height that the real width needs is asked by `heightForWidth`.
    """

    def minimumSizeHint(self) -> QSize:
        """Ask for the width alone where the height follows from it."""
        asked = super().minimumSizeHint()
        return QSize(asked.width(), 0) if self.hasHeightForWidth() else asked

    def hasHeightForWidth(self) -> bool:
        """Tell whether the height follows from the width."""
        layout = self.layout()
        return layout is not None and layout.hasHeightForWidth()


class _WholeWidth(QScrollArea):
    """Asks for the width that its content cannot do without, so that nothing is cut at its side."""

    def minimumSizeHint(self) -> QSize:
        """Ask for the content's width and room for the bar."""
        asked, inner = super().minimumSizeHint(), self.widget()
        return QSize(inner.minimumSizeHint().width() + _BAR, asked.height()) if inner is not None else asked

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ask anew where the content changed; a scroll area by itself keeps that from those around it."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


def scrolled(inner: QWidget, *, whole_width: bool = False) -> QScrollArea:
    """Return `inner` in a scroll area that only scrolls down; with `whole_width` it never gets narrower than what it holds."""
    area = _WholeWidth() if whole_width else QScrollArea()
    widget = _Content()
    widget.setLayout(column(inner))
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(widget)
    widget.setAutoFillBackground(False)  # setWidget turns it on, which would paint the window's ground over a card
    return area
