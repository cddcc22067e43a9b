"""The state of a job as a chip: an icon, a word, a tone; never a colour alone."""

from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtWidgets import QWidget

from engine.schema.command import JobState
from workbench.i18n import Retranslated
from workbench.icons import icon
from workbench.widgets.boxes import row
from workbench.widgets.text import Text, Tone

_LOOK: dict[JobState, tuple[str, Tone]] = {
    "queued": ("clock-outline", "second"),
    "preparing": ("progress-clock", "second"),
    "running": ("play-circle-outline", "accent"),
    "paused": ("pause-circle-outline", "care"),
    "stopping": ("stop-circle-outline", "care"),
    "done": ("check-circle-outline", "good"),
    "failed": ("alert-circle-outline", "stop"),
    "cancelled": ("close-circle-outline", "second"),
}
_INK = {"": "ink1", "second": "ink2", "hint": "ink3"}


def state_look(state: JobState) -> tuple[str, str]:
    """Return the icon of a state and the colour token it is painted in."""
    name, tone = _LOOK[state]
    return name, _INK.get(tone, tone)


def state_word(state: JobState) -> str:
    """Return a job's state as people call it."""
    translate = QCoreApplication.translate
    return {
        "queued": translate("StateChip", "waiting"),
        "preparing": translate("StateChip", "preparing"),
        "running": translate("StateChip", "running"),
        "paused": translate("StateChip", "paused"),
        "stopping": translate("StateChip", "stopping"),
        "done": translate("StateChip", "finished"),
        "failed": translate("StateChip", "failed"),
        "cancelled": translate("StateChip", "cancelled"),
    }[state]


class StateChip(Retranslated, QWidget):
    """A job's state: icon and word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state: JobState = "queued"
        self._icon = Text()
        self.word = Text(size="small", strong=True)
        self.setLayout(row(self._icon, self.word, spacing=4))
        self.show_state("queued")

    def retranslate(self) -> None:
        """Write the word in the language of the moment."""
        self.word.setText(state_word(self._state))

    def show_state(self, state: JobState) -> None:
        """Show a state."""
        self._state = state
        self._icon.setPixmap(icon(*state_look(state)).pixmap(QSize(16, 16)))
        self.word.set_tone(_LOOK[state][1])
        self.retranslate()
