"""The plain parts every page is laid out with: cards, wells, lines, rows, columns and buttons."""

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.icons import icon
from workbench.theme import BETWEEN, INSIDE, TARGET

Margins = int | tuple[int, int, int, int]


def _set_margins(layout: QLayout, margins: Margins) -> None:
    left, top, right, bottom = (margins,) * 4 if isinstance(margins, int) else margins
    layout.setContentsMargins(left, top, right, bottom)


def _fill(layout: QBoxLayout, items: tuple[QWidget | QLayout | None, ...]) -> None:
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, QWidget):
            layout.addWidget(item)
        else:
            layout.addLayout(item)


def widgets_of(layout: QLayout) -> list[QWidget]:
    """Return the widgets of a layout, in order."""
    items = (layout.itemAt(number) for number in range(layout.count()))
    return [widget for item in items if item is not None and (widget := item.widget()) is not None]


def clear(layout: QLayout) -> None:
    """Take everything out of a layout; its widgets go at the next turn of the loop."""
    for widget in widgets_of(layout):
        widget.hide()
        widget.deleteLater()
    while layout.takeAt(0) is not None:
        pass


def column(*items: QWidget | QLayout | None, spacing: int = INSIDE, margins: Margins = 0) -> QVBoxLayout:
    """Return a column of widgets and layouts; None stands for a stretch."""
    layout = QVBoxLayout()
    layout.setSpacing(spacing)
    _set_margins(layout, margins)
    _fill(layout, items)
    return layout


def row(*items: QWidget | QLayout | None, spacing: int = INSIDE, margins: Margins = 0) -> QHBoxLayout:
    """Return a row of widgets and layouts; None stands for a stretch."""
    layout = QHBoxLayout()
    layout.setSpacing(spacing)
    _set_margins(layout, margins)
    _fill(layout, items)
    return layout


class Frame(QFrame):
    """A styled frame: `card`, `well`, `bar`, `foot`, `rail`, `banner`; holds one layout."""

    def __init__(self, kind: str, layout: QLayout | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", kind)
        self.setProperty("tone", "")
        if layout is not None:
            self.setLayout(layout)

    def set_tone(self, tone: str) -> None:
        """Colour the frame: empty, `accent`, `care` or `stop`."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)


def card(*items: QWidget | QLayout | None, spacing: int = INSIDE, margins: Margins = BETWEEN) -> Frame:
    """Return a card that holds a column of `items`."""
    return Frame("card", column(*items, spacing=spacing, margins=margins))


class Pages(QWidget):
    """Shows one of several widgets and is as large as that one; `QStackedWidget` is as large as its largest."""

    def __init__(self, *pages: QWidget) -> None:
        super().__init__()
        self._pages = pages
        self.setLayout(column(*pages))
        self.show_page(pages[0])

    @property
    def current(self) -> QWidget:
        """The page that is shown."""
        return next(page for page in self._pages if not page.isHidden())

    def show_page(self, wanted: QWidget) -> None:
        """Show one page."""
        for page in self._pages:
            page.setVisible(page is wanted)


def line() -> Frame:
    """Return a thin horizontal line."""
    return Frame("line")


ButtonKind = Literal["", "primary", "plain", "tab"]


def button(kind: ButtonKind = "", icon_name: str = "") -> QPushButton:
    """Return a push button; its owner writes the text in `retranslate`. One `primary` a screen."""
    made = QPushButton()
    made.setProperty("kind", kind)
    made.setAutoDefault(False)
    if icon_name:
        token = {"primary": "on_accent", "plain": "accent"}.get(kind, "ink2")
        made.setIcon(icon(icon_name, token))
        made.setIconSize(QSize(20, 16))
    if kind == "tab":
        made.setCheckable(True)
    return made


def icon_button(icon_name: str, token: str = "ink2") -> QToolButton:
    """Return a square button of an icon alone; its owner gives it a tool-tip and an accessible name with `name_it`."""
    made = QToolButton()
    made.setIcon(icon(icon_name, token))
    made.setIconSize(QSize(20, 20))
    made.setMinimumSize(TARGET, TARGET)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made


def name_it(widget: QWidget, name: str) -> None:
    """Give an icon-only control its name: read aloud, and shown as a tool-tip."""
    widget.setAccessibleName(name)
    widget.setToolTip(name)
