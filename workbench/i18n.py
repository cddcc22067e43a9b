"""The language of the window: English and Simplified Chinese, switched while it runs.

Every visible text is written as a literal `self.tr("English")` inside a QObject class, in a method `retranslate()` that the
constructor calls once and `Retranslated` calls again on each change of language. Where a class is no QObject,
`QCoreApplication.translate("Context", "English")` does the same. What the engine says arrives as codes and is worded by
`engine.schema.sentences`; `language()` says in which language.
"""

from typing import Literal

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QObject, QTranslator
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QWidget

from engine.schema.places import assets

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
_LOCALES: dict[Language, QLocale] = {
    "en": QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
    "zh": QLocale(QLocale.Language.Chinese, QLocale.Country.China),
}

_FILES: dict[Language, str] = {"en": "consilium_en", "zh": "consilium_zh_CN"}
"""The English file holds singular and plural alone; every other English text stands in the code."""


class Languages(QObject):
    """The installed translators; lives as long as the application."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._translators: list[QTranslator] = []
        self.current: Language = "en"

    def switch(self, chosen: Language) -> None:
        """Show every text in `chosen` from now on; open windows are told by `LanguageChange`."""
        for translator in self._translators:
            QCoreApplication.removeTranslator(translator)
        self._translators.clear()
        self.current = chosen
        QLocale.setDefault(_LOCALES[chosen])
        self._install(_FILES[chosen], str(assets() / "translations"))
        if chosen == "zh":
            self._install("qtbase_zh_CN", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath))

    def _install(self, name: str, folder: str) -> None:
        translator = QTranslator(self)
        if translator.load(name, folder):
            self._translators.append(translator)
            QCoreApplication.installTranslator(translator)


def language() -> Language:
    """Return the language of the moment, as the engine's sentences and labels want it."""
    return "zh" if QLocale().language() == QLocale.Language.Chinese else "en"


def system_language() -> Language:
    """Return the language a first run starts in."""
    return "zh" if QLocale.system().language() == QLocale.Language.Chinese else "en"


def chinese_can_be_drawn() -> bool:
    """Tell whether any font on this computer holds Simplified Chinese."""
    return bool(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))


class Retranslated:
    """Mix-in for widgets (named first among the bases): calls `retranslate()` when the language changes."""

    def retranslate(self) -> None:
        """Set every text of the widget in the language of the moment."""

    def changeEvent(self, event: QEvent) -> None:
        """Write the texts anew on a change of language."""
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        QWidget.changeEvent(self, event)  # type: ignore[arg-type]
