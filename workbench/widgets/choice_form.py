"""A form made from the catalog's fields alone: it knows kinds of values, and no router, fusion or recipe by name."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QVBoxLayout, QWidget

from engine.schema.catalog import FormField
from workbench.i18n import Retranslated, language
from workbench.theme import BETWEEN
from workbench.widgets.boxes import button, column
from workbench.widgets.text import Text

_CONTROL_WIDTH: Final = 200


def setting_text(field: FormField) -> str:
    """Return a field's default as the form and `--set` write it."""
    if isinstance(field.default, bool):
        return "true" if field.default else "false"
    return f"{field.default:g}" if isinstance(field.default, float) else str(field.default)


class FieldRow(Retranslated, QWidget):
    """One field: its title, its control, its help, and what is wrong with it.

    Signals:
        changed: the value changed.
    """

    changed = Signal()

    def __init__(self, field: FormField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self._title = Text(strong=True)
        self._help = Text(size="small", tone="hint", wrap=True)
        self.problem = Text(size="small", tone="stop", wrap=True)
        self.problem.hide()
        self.control, self._read = self._make_control()
        self.control.setFixedWidth(_CONTROL_WIDTH)
        self._title.setBuddy(self.control)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(BETWEEN)
        grid.setVerticalSpacing(2)
        grid.addLayout(column(self._title, self._help, self.problem, None, spacing=2), 0, 0)
        grid.addWidget(self.control, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.setColumnStretch(0, 1)
        self.retranslate()

    def retranslate(self) -> None:
        """Write title and help in the language of the moment."""
        chinese = language() == "zh"
        field = self.field
        self._title.setText((field.title_zh if chinese else field.title) or field.title)
        self._help.setText((field.help_zh if chinese else field.help) or field.help)
        self._help.setVisible(bool(self._help.text()))
        self.control.setAccessibleName(self._title.text())
        self.control.setToolTip(field.key)

    @property
    def title(self) -> str:
        """The field's title as it is shown."""
        return self._title.text()

    def value(self) -> str:
        """Return the value as `--set` takes it."""
        return self._read().strip()

    def set_value(self, text: str) -> None:
        """Put a value into the control."""
        if isinstance(self.control, QCheckBox):
            self.control.setChecked(text == "true")
        elif isinstance(self.control, QComboBox):
            self.control.setCurrentIndex(max(0, self.control.findText(text)))
        elif isinstance(self.control, QLineEdit):
            self.control.setText(text)

    def is_changed(self) -> bool:
        """Tell whether the value differs from the recipe's."""
        return self.value() != setting_text(self.field)

    def check(self) -> bool:
        """Say at the field what is wrong with its value; True where it is fine."""
        wrong = self._fault()
        self.say(wrong)
        return not wrong

    def say(self, wrong: str) -> None:
        """Show a sentence on what is wrong; empty takes it away."""
        self.problem.setText(wrong)
        self.problem.setVisible(bool(wrong))

    def _make_control(self) -> tuple[QWidget, Callable[[], str]]:
        match self.field.kind:
            case "choice":
                combo = QComboBox()
                combo.addItems(list(self.field.choices))
                combo.setCurrentText(setting_text(self.field))
                combo.currentIndexChanged.connect(self._on_control_changed)
                return combo, combo.currentText
            case "flag":
                check = QCheckBox()
                check.setChecked(bool(self.field.default))
                check.toggled.connect(self._on_control_changed)
                return check, lambda: "true" if check.isChecked() else "false"
            case _:
                line = QLineEdit(setting_text(self.field))
                line.textChanged.connect(self._on_control_changed)
                return line, line.text

    def _fault(self) -> str:
        """Return what is wrong with the value as a sentence; empty where it is fine."""
        field = self.field
        if field.kind not in ("integer", "number"):
            return ""
        number = _number(self.value(), whole=field.kind == "integer")
        low, high = field.minimum, field.maximum
        fits = number is not None and (low is None or number >= low) and (high is None or number <= high)
        if fits:
            return ""
        kind = self.tr("a whole number") if field.kind == "integer" else self.tr("a number")
        if low is not None and high is not None:
            return self.tr("Give {kind} from {low} to {high}.").format(kind=kind, low=f"{low:g}", high=f"{high:g}")
        if low is not None:
            return self.tr("Give {kind} of at least {low}.").format(kind=kind, low=f"{low:g}")
        if high is not None:
            return self.tr("Give {kind} of at most {high}.").format(kind=kind, high=f"{high:g}")
        return self.tr("Give {kind}.").format(kind=kind)

    @Slot()
    def _on_control_changed(self) -> None:
        self.check()
        self.changed.emit()


def _number(text: str, *, whole: bool) -> float | None:
    try:
        number = float(int(text)) if whole else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class ChoiceForm(Retranslated, QWidget):
    """All fields of a recipe: the simple ones in sight, the others folded under *Advanced* by section.

    Signals:
        changed: a value changed.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, FieldRow] = {}
        """The fields that count now, by key: two entries of a registry may have settings of one name."""
        self._every: list[FieldRow] = []
        self._headings: dict[str, Text] = {}
        self._simple = column(spacing=12)
        self._folded = QWidget()
        self._advanced = column(spacing=12)
        self._folded.setLayout(self._advanced)
        self._folded.hide()
        self.fold = button("plain", "chevron-down")
        self.fold.setCheckable(True)
        self.fold.toggled.connect(self._folded.setVisible)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(BETWEEN)
        layout.addLayout(self._simple)
        layout.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._folded)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.fold.setText(self.tr("Advanced"))
        for section, heading in self._headings.items():
            heading.setText(self.section_word(section))

    def section_word(self, section: str) -> str:
        """Return what people call a section; one this window does not know is shown as it is."""
        return {
            "run": self.tr("The run"),
            "student": self.tr("The small model"),
            "loss": self.tr("Parts of the error and their weights"),
            "optim": self.tr("How it learns"),
            "teachers": self.tr("Teachers"),
            "knowledge": self.tr("Knowledge file"),
        }.get(section, section.replace("_", " ").capitalize())

    def show_fields(self, fields: Sequence[FormField]) -> None:
        """Make the form anew for these fields."""
        for layout in (self._simple, self._advanced):
            while (item := layout.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.setParent(None)
                    widget.deleteLater()
        self._every = [FieldRow(field) for field in fields]
        section = ""
        self._headings = {}
        for made in self._every:
            made.changed.connect(self._on_row_changed)
            if not made.field.advanced:
                self._simple.addWidget(made)
                continue
            if made.field.section != section:
                section = made.field.section
                heading = Text(self.section_word(section), size="lead", tone="second")
                self._headings[section] = heading
                self._advanced.addWidget(heading)
            self._advanced.addWidget(made)
        self.fold.setVisible(any(made.field.advanced for made in self._every))
        self._choose()

    def settings(self) -> dict[str, str]:
        """Return what differs from the recipe, as dotted settings; an entry's own come after its name."""
        return {key: made.value() for key, made in self.rows.items() if made.is_changed()}

    def check(self) -> bool:
        """Check every field; the first wrong one comes into sight. True where all are fine."""
        wrong = [made for made in self.rows.values() if not made.check()]
        if wrong:
            if wrong[0].field.advanced:
                self.fold.setChecked(True)
            wrong[0].control.setFocus()
        return not wrong

    def say(self, key: str, wrong: str) -> bool:
        """Show what the engine refused at its field; False where the form has no such field."""
        made = self.rows.get(key)
        if made is None:
            return False
        if made.field.advanced:
            self.fold.setChecked(True)
        made.say(wrong)
        made.control.setFocus()
        return True

    def _is_foreign(self, made: FieldRow) -> bool:
        """Tell whether a field belongs to an entry that is not the chosen one."""
        field = made.field
        owners = (one for one in self._every if not one.field.entry and field.key.startswith(f"{one.field.key}."))
        return any(owner.value() != field.entry if field.entry else owner.is_changed() for owner in owners)

    def _choose(self) -> None:
        """Show and count the settings of the entries that are chosen, and those that depend on no choice."""
        for made in self._every:
            made.setVisible(not self._is_foreign(made))
        self.rows = {made.field.key: made for made in self._every if not self._is_foreign(made)}

    @Slot()
    def _on_row_changed(self) -> None:
        self._choose()
        self.changed.emit()
