"""Icons of the one family (Material Design, from qtawesome's font), painted in the theme's colours at the moment they are drawn.

The font is read after the window's first frame (`load_icons`); until then an icon keeps its place and draws nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from workbench.theme import theme

if TYPE_CHECKING:
    from qtawesome.iconic_font import IconicFont

_PREFIX = "mdi6"
_fonts: dict[str, "IconicFont"] = {}


def load_icons() -> None:
    """Read the icon font; only this one of qtawesome's twelve is read, which keeps the start short."""
    if _PREFIX in _fonts:
        return
    import qtawesome  # after the first frame, see performance: qtawesome costs as much as half of Qt's own start
    from qtawesome.iconic_font import IconicFont

    folder = Path(qtawesome.__file__).parent / "fonts"
    font = next(folder.glob("materialdesignicons6-webfont-[0-9]*.ttf"))
    names = next(folder.glob("materialdesignicons6-webfont-charmap-*.json"))
    _fonts[_PREFIX] = IconicFont((_PREFIX, font.name, names.name))
    for window in QApplication.topLevelWidgets():
        window.update()


def has_icon(name: str) -> bool:
    """Tell whether the family has an icon of this name."""
    load_icons()
    return name in _fonts[_PREFIX].charmap[_PREFIX]


class _ThemedEngine(QIconEngine):
    """Draws one glyph in a token's colour; disabled ones in the hint colour, checked ones in the accent."""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint the glyph at the left of `rect`; a wider one leaves room before a button's words."""
        if _PREFIX not in _fonts:
            return
        token = "ink3" if mode == QIcon.Mode.Disabled else self._token
        if state == QIcon.State.On and mode != QIcon.Mode.Disabled:
            token = "accent"
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setPen(theme().color(token))
        painter.setFont(_fonts[_PREFIX].font(_PREFIX, min(rect.width(), rect.height())))
        square = QRect(rect.topLeft(), QSize(min(rect.width(), rect.height() + rect.height() // 8), rect.height()))
        painter.drawText(square, Qt.AlignmentFlag.AlignCenter, _fonts[_PREFIX].charmap[_PREFIX][self._name])
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the glyph on a transparent ground."""
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        """Return another engine of the same glyph."""
        return _ThemedEngine(self._name, self._token)


def icon(name: str, token: str = "ink2") -> QIcon:
    """Return the outline icon `name` (a Material Design name such as `home-outline`) in a token's colour."""
    return QIcon(_ThemedEngine(name, token))
