"""The colours of a knowledge file: names, notes, quoted words, and the kinds of input in the colours they have everywhere."""

import re
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from engine.schema.base import MODALITIES
from workbench.theme import theme

_QUOTED: Final = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^']|'')*'"
_TOKEN: Final = re.compile(
    rf"(?P<quoted>{_QUOTED})(?P<after>\s*:(?=\s|$))?"
    r"|(?P<note>(?:^|(?<=\s))#.*$)"
    r"|(?P<key>[^\s\[\]{},:#'\"-][^\[\]{},:#]*?)(?P<colon>\s*:(?=\s|$))"
    r"|(?P<word>[^\s\[\]{},:#]+)"
)


def spans(line: str) -> list[tuple[int, int, str]]:
    """Return start, length and kind (`key`, `top`, `quoted`, `note`, or a modality) of what is coloured in a line."""
    found = []
    for match in _TOKEN.finditer(line):
        kind = match.lastgroup or ""
        if match["note"] is not None:
            found.append((match.start(), len(match[0]), "note"))
        elif match["key"] is not None or match["after"] is not None:
            name = match["key"] or match["quoted"]
            color = name if name in MODALITIES else "top" if match.start() == 0 else "key"
            found.append((match.start(), len(name), color))
        elif match["quoted"] is not None:
            found.append((match.start(), len(match[0]), "quoted"))
        elif kind == "word" and match[0] in MODALITIES:
            found.append((match.start(), len(match[0]), match[0]))
    return found


class YamlColors(QSyntaxHighlighter):
    """Colours a document in the theme's colours, and anew when they change."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self._take_colors()
        theme().changed.connect(self._on_theme_changed)

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        for start, length, kind in spans(text):
            self.setFormat(start, length, self._formats[kind])

    def _take_colors(self) -> None:
        tokens = {"key": "accent", "top": "accent", "quoted": "ink2", "note": "ink3"} | {
            name: name for name in MODALITIES
        }
        for kind, token in tokens.items():
            form = QTextCharFormat()
            form.setForeground(theme().color(token))
            form.setFontItalic(kind == "note")
            form.setFontWeight(QFont.Weight.DemiBold if kind == "top" else QFont.Weight.Normal)
            self._formats[kind] = form

    @Slot()
    def _on_theme_changed(self) -> None:
        self._take_colors()
        self.rehighlight()
