"""The cases that need a look: unclear, not sure, or answered otherwise than the person did."""

from typing import Final
from urllib.parse import urlencode

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.case import Case, CasePage
from engine.schema.event import CaseChanged, Event
from workbench.state.session import Session
from workbench.state.several import agrees

PAGE: Final = 500
UNSURE: Final = "unsure"


def needs_look(case: Case) -> bool:
    """Tell whether a person should look at a case: its answer leaves something open, or is not the person's own."""
    made = case.prediction
    if made is None:
        return False
    if made.outcome != "suggests":
        return True
    if case.own_labels is not None:
        return not agrees(case)
    return case.own_view not in ("", UNSURE, made.best()) and made.answers == "one"


class CasesToLook(QObject):
    """Goes through all cases once and then follows what changes, so that the count is right without asking again.

    Signals:
        changed: a case came to need a look, or does no longer.
    """

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._found: dict[str, Case] = {}
        self._generation = 0
        self._follows = False
        session.attached.connect(self._on_session_attached)
        session.event_arrived.connect(self._on_session_event_arrived)
        session.light_changed.connect(self._on_session_light_changed)

    def follow(self) -> None:
        """Begin: go through the cases now, or as soon as an engine answers; later calls change nothing."""
        if not self._follows:
            self._follows = True
            self._on_session_attached()

    def count(self) -> int:
        """Return how many cases need a look."""
        return len(self._found)

    def listed(self, search: str, show: str) -> list[Case]:
        """Return those that hold every word of `search` and are of the kind `show`, newest first."""
        words = search.casefold().split()
        return sorted(
            (case for case in self._found.values() if _is_shown(case, show) and _holds(case, words)),
            key=lambda case: case.created_at,
            reverse=True,
        )

    @Slot()
    def _on_session_attached(self) -> None:
        if self._follows and self._session.is_live:
            self._generation += 1
            self._read(0, {})

    @Slot()
    def _on_session_light_changed(self) -> None:
        if self._session.folder is None and self._found:  # the project was left, and its cases with it
            self._generation += 1
            self._found = {}
            self.changed.emit()

    def _read(self, offset: int, found: dict[str, Case]) -> None:
        """Read one page and come back for the next; what was found before stays until all are read."""
        generation = self._generation

        def take(page: CasePage) -> None:
            if generation != self._generation:
                return
            found.update((case.case_id, case) for case in page.cases if needs_look(case))
            after = page.offset + len(page.cases)
            if page.cases and after < page.total:
                self._read(after, found)
            else:
                self._found = found
                self.changed.emit()

        asked = urlencode({"offset": offset, "limit": PAGE})
        self._session.client.get(
            f"/v1/cases?{asked}", CasePage, take, lambda _problem: None
        )  # the list itself tells it

    @Slot(object)
    def _on_session_event_arrived(self, event: Event) -> None:
        if not self._follows or not isinstance(event.body, CaseChanged):
            return
        case = event.body.case
        if needs_look(case) and not event.body.removed:
            self._found[case.case_id] = case
            self.changed.emit()
        elif self._found.pop(case.case_id, None) is not None:
            self.changed.emit()


def _is_shown(case: Case, show: str) -> bool:
    if show == "mine":
        return case.source == "dropped"
    return case.split == show if show else True


def _holds(case: Case, words: list[str]) -> bool:
    said = " ".join(
        (
            *(case.title, case.case_id, *(case.truth() or ()), case.own_view, *(case.own_labels or ()), case.group),
            *(part.name for part in case.parts),
        )
    ).casefold()
    return all(word in said for word in words)
