"""Own view first: which answers stay covered until the person has said what they think, or would rather see them."""

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.case import Case
from workbench.state.settings import Preferences


class OwnViews(QObject):
    """Which answers are covered: what the page of a case covers, no list may tell, so they all ask here.

    Signals:
        changed: other answers are covered than before.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._preferences: Preferences | None = None
        self._come_first = True
        self._skipped: set[str] = set()

    def follow(self, preferences: Preferences) -> None:
        """Do as the person prefers; until anybody has called this, own views come first."""
        if preferences is not self._preferences:
            self._preferences = preferences
            preferences.changed.connect(self._on_preferences_changed)
            self._on_preferences_changed()

    def cover(self, case: Case) -> bool:
        """Tell whether a case has an answer that the person is not shown yet."""
        if case.prediction is None or case.source != "dropped" or case.seen():
            return False
        return self._come_first and case.case_id not in self._skipped

    def skip(self, case_id: str) -> None:
        """Show the answer of a case without a view of the person's own."""
        self._skipped.add(case_id)
        self.changed.emit()

    @Slot()
    def _on_preferences_changed(self) -> None:
        wanted = self._preferences is None or self._preferences.own_view_first
        if wanted != self._come_first:
            self._come_first = wanted
            self.changed.emit()


_own_views: list[OwnViews] = []


def own_views() -> OwnViews:
    """Return the one of this process: it has one person in front of it."""
    if not _own_views:
        _own_views.append(OwnViews())
    return _own_views[0]
