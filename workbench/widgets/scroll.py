"""An area that scrolls down and only down."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.widgets.boxes import column


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


def scrolled(inner: QWidget) -> QScrollArea:
    """Return `inner` in a scroll area that only scrolls down."""
    area = QScrollArea()
    widget = _Content()
    widget.setLayout(column(inner))
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(widget)
    widget.setAutoFillBackground(False)  # setWidget turns it on, which would paint the window's ground over a card
    return area
