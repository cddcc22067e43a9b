"""The look in one module: colours, type and spacing for light and dark; nothing else names a colour or a size."""

import string
from collections.abc import Callable
from typing import Final, Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from engine.schema.places import assets

Mode = Literal["system", "light", "dark"]

TIGHT: Final = 4
INSIDE: Final = 8
"""Space inside a control or a card's row, in pixels."""
BETWEEN: Final = 16
"""Space between things that belong together."""
AROUND: Final = 24
"""Space around a page."""
CORNER: Final = 8
CONTROL_HEIGHT: Final = 32
TARGET: Final = 28
"""Smallest side of anything a person clicks."""
ROW_HEIGHT: Final = 28
RAIL_WIDTH: Final = 88
FOLD_WIDTH: Final = 1100
"""Below this window width the third column folds under the second."""
MOTION_MS: Final = 120

PERCENTS: Final = (90, 100, 110, 125, 150)
"""The sizes of letters a person can choose, in percent."""

SMALL: Final = 12
BODY: Final = 13
LEAD: Final = 15
TITLE: Final = 20
ANSWER: Final = 28

_LIGHT: dict[str, str] = {
    "surface0": "#F7F8FA", "surface1": "#FFFFFF", "surface2": "#EEF1F5", "line": "#D9DEE6",
    "ink1": "#16202C", "ink2": "#4A5868", "ink3": "#5C6979",
    "accent": "#1F5FBF", "on_accent": "#FFFFFF", "accent_soft": "#E6EEFA",
    "good": "#1E7B4F", "care": "#9A6200", "stop": "#B3261E", "care_soft": "#FBF3E4", "stop_soft": "#FBEBEA",
    "text": "#0072B2", "image": "#A3457E", "audio": "#007D5A",
    "below": "#2B6CB0", "middle": "#C9CED6", "above": "#D97A1E",
}  # fmt: skip
_DARK: dict[str, str] = {
    "surface0": "#14171C", "surface1": "#1B2027", "surface2": "#242B34", "line": "#323B47",
    "ink1": "#E8EDF3", "ink2": "#B4BFCC", "ink3": "#8996A5",
    "accent": "#6FA8FF", "on_accent": "#0E1826", "accent_soft": "#20304A",
    "good": "#5CC794", "care": "#E5B454", "stop": "#FF8A80", "care_soft": "#2E2819", "stop_soft": "#352021",
    "text": "#56B4E9", "image": "#E59AC6", "audio": "#3CC29A",
    "below": "#4C93D9", "middle": "#39424E", "above": "#E08A35",
}  # fmt: skip
TOKENS: dict[str, dict[str, str]] = {"light": _LIGHT, "dark": _DARK}
"""Every colour by scheme and token; the two schemes hold the same tokens. `below`, `middle` and `above` are the ends and the middle of
maps that have one: the middle lies near the card in either scheme, so that what stands out is what differs."""

EXPERT_HUES: Final = ("#3B6FB6", "#B5652B", "#2F8F6B", "#9C4F96", "#8A7A1F", "#2A8CA3", "#B04A5A", "#6B6FA8")
"""Eight hues that, with four shapes, make the fixed sequence of expert chips (32 before it repeats)."""

SHARE_SCALE: Final = (
    "#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369", "#E1CC55", "#FEE838",
)  # fmt: skip
"""Cividis in ten even steps, for shares and levels from 0 to the most."""


class Theme(QObject):
    """The colours and fonts of the moment.

    Signals:
        changed: light became dark or the other way round, or letters changed their size; what keeps a colour, a font or a height
            takes it anew.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._mode: Mode = "system"
        self._scheme = "light"
        self._percent = 100
        self._template = ""

    def install(self, mode: Mode) -> None:
        """Dress the application once at its start and follow the system from then on."""
        QApplication.setStyle("Fusion")
        self._template = (assets() / "theme" / "window.qss").read_text(encoding="utf-8")
        QApplication.setFont(self.font())
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_hints_color_scheme_changed)
        self.set_mode(mode)
        self._dress()

    @property
    def mode(self) -> Mode:
        """What the person chose: `system`, `light` or `dark`."""
        return self._mode

    @property
    def scheme(self) -> str:
        """What is shown now: `light` or `dark`."""
        return self._scheme

    def set_mode(self, mode: Mode) -> None:
        """Follow the system, or stay light or dark."""
        self._mode = mode
        hints = QGuiApplication.styleHints()
        wanted = {"system": Qt.ColorScheme.Unknown, "light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}[mode]
        hints.setColorScheme(wanted)
        self._apply(hints.colorScheme() if mode == "system" else wanted)

    @property
    def percent(self) -> int:
        """How large letters are, in percent of their usual size."""
        return self._percent

    def set_percent(self, percent: int) -> None:
        """Show letters, and what has to hold them, in `percent` of their usual size, within what the window can hold."""
        wanted = min(max(percent, PERCENTS[0]), PERCENTS[-1])
        if wanted != self._percent:
            self._percent = wanted
            QApplication.setFont(self.font())
            self._dress()
            self.changed.emit()
            for widget in QApplication.allWidgets():
                widget.updateGeometry()  # what is painted by hand asks for room by `px`

    def px(self, size: int) -> int:
        """Return a height or width that holds letters, in pixels, as the size of the letters wants it."""
        return round(size * self._percent / 100)

    def color(self, token: str) -> QColor:
        """Return the colour of a token of the look, such as `accent` or `ink2`."""
        return QColor(TOKENS[self._scheme][token])

    def font(self, size: int = BODY, *, bold: bool = False) -> QFont:
        """Return the system's font in one of the five sizes, numbers tabular."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def mono(self, size: int = BODY, *, bold: bool = False) -> QFont:
        """Return the system's font of even letters, for what is written by lines and columns."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        font.setPixelSize(self.px(size))
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def _on_hints_color_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        if self._mode == "system":
            self._apply(scheme)

    def _apply(self, scheme: Qt.ColorScheme) -> None:
        name = "dark" if scheme == Qt.ColorScheme.Dark else "light"
        if name == self._scheme:
            return
        self._scheme = name
        self._dress()
        self.changed.emit()

    def _dress(self) -> None:
        if not self._template:
            return
        QApplication.setPalette(self._palette())
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.setStyleSheet(string.Template(self._template).substitute(_style_names(self._scheme, self.px)))

    def _palette(self) -> QPalette:
        role, palette = QPalette.ColorRole, QPalette()
        for roles, token in (
            ((role.Window,), "surface0"),
            ((role.Base, role.Button, role.ToolTipBase), "surface1"),
            ((role.AlternateBase,), "surface2"),
            ((role.WindowText, role.Text, role.ButtonText, role.ToolTipText), "ink1"),
            ((role.PlaceholderText,), "ink3"),
            ((role.Highlight, role.Accent, role.Link), "accent"),
            ((role.HighlightedText,), "on_accent"),
            ((role.Mid, role.Midlight, role.Dark), "line"),
        ):
            for each in roles:
                palette.setColor(each, self.color(token))
        for each in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, each, self.color("ink3"))
        return palette


def _style_names(scheme: str, scaled: Callable[[int], int]) -> dict[str, str]:
    """Return what the style sheet may name: the tokens of the scheme and the sizes; what holds letters grows with them."""
    grown = {
        "small": SMALL, "body": BODY, "lead": LEAD, "title": TITLE, "answer": ANSWER, "control": CONTROL_HEIGHT,
        "field": CONTROL_HEIGHT - 2, "field_focused": CONTROL_HEIGHT - 4, "target": TARGET, "row": ROW_HEIGHT,
        "tool": TARGET - 4, "place": 48, "mark": 14, "dot": 6,
    }  # fmt: skip
    sizes = {name: scaled(size) for name, size in grown.items()} | {
        "corner": CORNER, "tight": TIGHT, "inside": INSIDE, "between": BETWEEN,
    }  # fmt: skip
    arrows = assets() / "theme"
    return (
        TOKENS[scheme]
        | {name: f"{value}px" for name, value in sizes.items()}
        | {
            "arrow_down": (arrows / f"arrow-down-{scheme}.svg").as_posix(),
            "check": (arrows / f"check-{scheme}.svg").as_posix(),
        }
    )


_theme: list[Theme] = []


def theme() -> Theme:
    """Return the one theme of this process."""
    if not _theme:
        _theme.append(Theme())
    return _theme[0]
