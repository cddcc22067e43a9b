"""What this person prefers, kept between runs: language, light or dark, recent projects, last place, splitters."""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QObject, QSettings, Signal

from workbench.i18n import LANGUAGES, Language, system_language
from workbench.theme import PERCENTS, Mode

_RECENT: Final = 8


class Preferences(QObject):
    """Preferences over `QSettings`; a change is kept at once.

    Signals:
        changed: a preference changed; carries its name.
    """

    changed = Signal(str)

    def __init__(self, store: QSettings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store

    @property
    def language(self) -> Language:
        """Language of the window."""
        stored = str(self._store.value("language", "") or "")
        return next((known for known in LANGUAGES if known == stored), system_language())

    @language.setter
    def language(self, chosen: Language) -> None:
        self._keep("language", chosen)

    @property
    def theme(self) -> Mode:
        """`system`, `light` or `dark`."""
        stored = str(self._store.value("theme", "system"))
        return "light" if stored == "light" else "dark" if stored == "dark" else "system"

    @theme.setter
    def theme(self, mode: Mode) -> None:
        self._keep("theme", mode)

    @property
    def text_percent(self) -> int:
        """How large letters are, in percent of their usual size."""
        stored = str(self._store.value("text_percent", 100))
        return next((known for known in PERCENTS if str(known) == stored), 100)

    @text_percent.setter
    def text_percent(self, percent: int) -> None:
        self._keep("text_percent", percent)

    @property
    def own_view_first(self) -> bool:
        """Whether the answer stays covered until the person gave their own, or skipped."""
        return self._flag("own_view_first", default=True)

    @own_view_first.setter
    def own_view_first(self, on: bool) -> None:
        self._keep("own_view_first", on)

    @property
    def simple_view(self) -> bool:
        """Whether the places of the builder are left out."""
        return self._flag("simple_view", default=False)

    @simple_view.setter
    def simple_view(self, on: bool) -> None:
        self._keep("simple_view", on)

    @property
    def reduce_motion(self) -> bool:
        """Whether nothing moves by itself."""
        return self._flag("reduce_motion", default=False)

    @reduce_motion.setter
    def reduce_motion(self, on: bool) -> None:
        self._keep("reduce_motion", on)

    @property
    def tell_when_done(self) -> bool:
        """Whether a message says that a training run or an import has ended."""
        return self._flag("tell_when_done", default=True)

    @tell_when_done.setter
    def tell_when_done(self, on: bool) -> None:
        self._keep("tell_when_done", on)

    @property
    def acknowledged(self) -> bool:
        """Whether the person has read what Consilium is not for."""
        return self._flag("acknowledged", default=False)

    @acknowledged.setter
    def acknowledged(self, on: bool) -> None:
        self._keep("acknowledged", on)

    @property
    def place(self) -> str:
        """Id of the place that was open last."""
        return str(self._store.value("place", "home"))

    @place.setter
    def place(self, place_id: str) -> None:
        self._keep("place", place_id)

    @property
    def recent_projects(self) -> list[Path]:
        """Projects that were open, newest first; those that are gone are left out."""
        stored = self._store.value("recent_projects", [])
        names = [stored] if isinstance(stored, str) else stored if isinstance(stored, list) else []
        return [Path(name) for name in names if Path(name).is_dir()]

    def remember_project(self, project: Path) -> None:
        """Put a project at the head of the recent ones."""
        others = [known for known in self.recent_projects if known != project]
        self._keep("recent_projects", [str(known) for known in [project, *others][:_RECENT]])

    def seen(self, project: Path) -> datetime | None:
        """Return up to when the ended runs of a project were looked at; None where it was never open."""
        stored = str(self._store.value(self._seen_key(project), "") or "")
        return datetime.fromisoformat(stored) if stored else None

    def mark_seen(self, project: Path, moment: datetime) -> None:
        """Note up to when the ended runs of a project were looked at."""
        self._store.setValue(self._seen_key(project), moment.isoformat())

    @staticmethod
    def _seen_key(project: Path) -> str:
        return f"seen/{hashlib.sha256(str(project).encode()).hexdigest()[:16]}"

    def bytes_of(self, name: str) -> QByteArray:
        """Return what a splitter or window kept under `name`; empty at first."""
        stored = self._store.value(f"layout/{name}")
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def keep_bytes(self, name: str, value: QByteArray) -> None:
        """Keep the layout of a splitter or window."""
        self._store.setValue(f"layout/{name}", value)

    def _flag(self, name: str, *, default: bool) -> bool:
        return str(self._store.value(name, default)).lower() == "true"

    def _keep(self, name: str, value: object) -> None:
        self._store.setValue(name, value)
        self.changed.emit(name)
