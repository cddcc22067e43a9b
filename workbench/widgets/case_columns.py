"""The columns of a case side by side: inputs, a close look, the answer; in a narrow window the answer stands under the look."""

from typing import Final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from workbench.theme import BETWEEN, FOLD_WIDTH, theme
from workbench.widgets.boxes import Frame, column
from workbench.widgets.case_inputs import CaseInputs
from workbench.widgets.case_result import CaseResult
from workbench.widgets.case_routing import CaseRouting
from workbench.widgets.case_viewer import CaseViewer
from workbench.widgets.scroll import scrolled

_WIDTHS: Final = (280, 520, 348)
_SHARES: Final = (2, 3)
"""How the height is shared where look and answer stand one under the other: the answer is what one came for."""


class CaseColumns(QSplitter):
    """Lays the parts of a case out for the width there is, and for the size of the letters."""

    def __init__(self, inputs: CaseInputs, viewer: CaseViewer, routing: CaseRouting, result: CaseResult) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._routing = routing
        self._look, self._answer = QVBoxLayout(), QVBoxLayout()
        for layout, widget in ((self._look, viewer), (self._answer, result)):
            layout.setContentsMargins(0, 0, 0, 0)
            layout.setSpacing(BETWEEN)
            layout.addWidget(widget, 1)
        self._look.addWidget(routing)
        self._middle = scrolled(_holding(self._look), whole_width=True)
        self._scroll = scrolled(_holding(self._answer), whole_width=True)
        self.result_card = Frame("card", column(self._scroll, result.question.foot, margins=BETWEEN))
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.right.setChildrenCollapsible(False)
        self.right.setHandleWidth(BETWEEN)
        self.addWidget(scrolled(inputs, whole_width=True))
        self.addWidget(self._middle)
        self.addWidget(self.result_card)
        self.setChildrenCollapsible(False)
        self.setHandleWidth(BETWEEN)
        for number, stretch in enumerate((0, 1, 0)):
            self.setStretchFactor(number, stretch)
        self._share_width()
        result.page_changed.connect(self.to_top)
        theme().changed.connect(self._on_theme_changed)

    @property
    def is_folded(self) -> bool:
        """Whether the answer stands under the look."""
        return self.result_card.parent() is not self

    @Slot()
    def to_top(self) -> None:
        """Show the answer from its outcome on: how far another page was scrolled says nothing about this one."""
        self._scroll.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold where the window is narrow."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        narrow = self.window().width() < theme().px(FOLD_WIDTH)
        if narrow != self.is_folded:
            self._fold(narrow)

    def _fold(self, narrow: bool) -> None:
        if narrow:
            self._answer.addWidget(self._routing)
            self.right.addWidget(self._middle)
            self.right.addWidget(self.result_card)
            self.insertWidget(1, self.right)
            self.right.setSizes([self.height() * share // sum(_SHARES) for share in _SHARES])
        else:
            self._look.addWidget(self._routing)
            self.insertWidget(1, self._middle)
            self.addWidget(self.result_card)
        self.right.setVisible(narrow)
        self._share_width()

    def _share_width(self) -> None:
        left, middle, right = (theme().px(width) for width in _WIDTHS)
        self.setSizes([left, middle + right] if self.is_folded else [left, middle, right])

    @Slot()
    def _on_theme_changed(self) -> None:
        self._fit()
        self._share_width()


def _holding(layout: QVBoxLayout) -> QWidget:
    """Return a widget with this layout."""
    made = QWidget()
    made.setLayout(layout)
    return made
