"""Settings: language, light or dark, size of letters, own view first, simple view, messages, motion; each takes effect at once."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QFormLayout, QWidget

from workbench.i18n import LANGUAGES, Language, Retranslated
from workbench.state.settings import Preferences
from workbench.theme import BETWEEN, INSIDE, PERCENTS, Mode
from workbench.widgets.boxes import button, column, row
from workbench.widgets.text import Text

_MODES: tuple[Mode, ...] = ("system", "light", "dark")
_LANGUAGE_NAMES: dict[Language, str] = {"en": "English", "zh": "简体中文"}


class PreferencesDialog(Retranslated, QDialog):
    """Shows the preferences.

    Signals:
        language_chosen, theme_chosen, size_chosen: carry the choice; whoever owns the window applies it.
    """

    language_chosen = Signal(str)
    theme_chosen = Signal(str)
    size_chosen = Signal(int)

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._preferences = preferences
        self.language = QComboBox()
        for known in LANGUAGES:
            self.language.addItem(_LANGUAGE_NAMES[known], known)
        self.theme = QComboBox()
        for mode in _MODES:
            self.theme.addItem("", mode)
        self.letters = QComboBox()
        for percent in PERCENTS:
            self.letters.addItem(f"{percent} %", percent)
        self.own_view = QCheckBox()
        self.simple = QCheckBox()
        self.motion = QCheckBox()
        self.tell = QCheckBox()
        self._language_label, self._theme_label, self._size_label = Text(), Text(), Text()
        self._own_view_note = Text(tone="hint", size="small", wrap=True)
        self._close = button("")
        form = QFormLayout()
        form.setSpacing(INSIDE)
        form.setHorizontalSpacing(BETWEEN)
        form.addRow(self._language_label, self.language)
        form.addRow(self._theme_label, self.theme)
        form.addRow(self._size_label, self.letters)
        boxes = column(self.own_view, self._own_view_note, self.simple, self.tell, self.motion, spacing=INSIDE)
        self.setLayout(column(form, boxes, None, row(None, self._close), spacing=BETWEEN, margins=24))
        self._own_view_note.setMinimumWidth(412)  # not the dialog itself: it could then be narrower than its words
        self._load()
        self.language.currentIndexChanged.connect(self._on_language_current_index_changed)
        self.theme.currentIndexChanged.connect(self._on_theme_current_index_changed)
        self.letters.currentIndexChanged.connect(self._on_letters_current_index_changed)
        self.own_view.toggled.connect(self._on_own_view_toggled)
        self.simple.toggled.connect(self._on_simple_toggled)
        self.motion.toggled.connect(self._on_motion_toggled)
        self.tell.toggled.connect(self._on_tell_toggled)
        self._close.clicked.connect(self.accept)
        self.retranslate()

    def _load(self) -> None:
        kept = self._preferences
        self.language.setCurrentIndex(LANGUAGES.index(kept.language))
        self.theme.setCurrentIndex(_MODES.index(kept.theme))
        self.letters.setCurrentIndex(PERCENTS.index(kept.text_percent))
        self.own_view.setChecked(kept.own_view_first)
        self.simple.setChecked(kept.simple_view)
        self.motion.setChecked(kept.reduce_motion)
        self.tell.setChecked(kept.tell_when_done)

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.setWindowTitle(self.tr("Settings"))
        self._language_label.setText(self.tr("Language"))
        self._theme_label.setText(self.tr("Appearance"))
        self._size_label.setText(self.tr("Text size"))
        for number, word in enumerate((self.tr("Like the system"), self.tr("Light"), self.tr("Dark"))):
            self.theme.setItemText(number, word)
        self.own_view.setText(self.tr("Ask for my own view before showing the answer"))
        self._own_view_note.setText(self.tr("Who sees a suggestion first tends to follow it."))
        self.simple.setText(self.tr("Simple view: hide Training and Models"))
        self.tell.setText(self.tr("Tell me when a training run or an import has ended"))
        self.motion.setText(self.tr("Reduce motion"))
        self._close.setText(self.tr("Done"))

    @Slot(int)
    def _on_language_current_index_changed(self, number: int) -> None:
        self.language_chosen.emit(LANGUAGES[number])

    @Slot(int)
    def _on_theme_current_index_changed(self, number: int) -> None:
        self.theme_chosen.emit(_MODES[number])

    @Slot(int)
    def _on_letters_current_index_changed(self, number: int) -> None:
        self.size_chosen.emit(PERCENTS[number])

    @Slot(bool)
    def _on_own_view_toggled(self, on: bool) -> None:
        self._preferences.own_view_first = on

    @Slot(bool)
    def _on_simple_toggled(self, on: bool) -> None:
        self._preferences.simple_view = on

    @Slot(bool)
    def _on_tell_toggled(self, on: bool) -> None:
        self._preferences.tell_when_done = on

    @Slot(bool)
    def _on_motion_toggled(self, on: bool) -> None:
        self._preferences.reduce_motion = on
