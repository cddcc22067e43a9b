"""Icons of the one family (Material Design, from qtawesome's font), painted in the theme's colours at the moment they are drawn.

Only the font and its list of names are taken from qtawesome's folder: importing the package itself costs twice what Qt's own
start does. They are read after the window's first frame (`load_icons`); until then an icon keeps its place and draws nothing.
"""

import importlib.util
import json
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from workbench.theme import theme

_FONT = "materialdesignicons6-webfont-[0-9]*.ttf"
_NAMES = "materialdesignicons6-webfont-charmap-*.json"
_glyphs: dict[str, str] = {}
_families: list[str] = []


def load_icons() -> None:
    """Read the icon font and its names, once; raises `FileNotFoundError` where qtawesome is not installed."""
    if _glyphs:
        return
    found = importlib.util.find_spec("qtawesome")
    if found is None or found.origin is None:
        raise FileNotFoundError("the icon font of qtawesome is not installed")
    folder = Path(found.origin).parent / "fonts"
    number = QFontDatabase.addApplicationFont(str(next(folder.glob(_FONT))))
    _families[:] = QFontDatabase.applicationFontFamilies(number)
    names: dict[str, str] = json.loads(next(folder.glob(_NAMES)).read_text(encoding="utf-8"))
    _glyphs.update({name: chr(int(code, 16)) for name, code in names.items()})
    for window in QApplication.topLevelWidgets():
        window.update()


def has_icon(name: str) -> bool:
    """Tell whether the family has an icon of this name."""
    load_icons()
    return name in _glyphs


class _ThemedEngine(QIconEngine):
    """Draws one glyph in a token's colour; disabled ones in the hint colour, checked ones in the accent."""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint the glyph at the left of `rect`; a wider one leaves room before a button's words."""
        if not _glyphs:
            return
        token = "ink3" if mode == QIcon.Mode.Disabled else self._token
        if state == QIcon.State.On and mode != QIcon.Mode.Disabled:
            token = "accent"
        font = QFont(_families)
        font.setPixelSize(min(rect.width(), rect.height()))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setPen(theme().color(token))
        painter.setFont(font)
        square = QRect(rect.topLeft(), QSize(min(rect.width(), rect.height() + rect.height() // 8), rect.height()))
        painter.drawText(square, Qt.AlignmentFlag.AlignCenter, _glyphs[self._name])
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
