"""What has ended: each training run and import is told once, and runs that ended unseen are remembered per project."""

from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QObject, Signal, Slot

from engine.schema.command import ENDED, JobInfo
from engine.schema.event import Event, JobChanged
from workbench.state.session import Session
from workbench.state.settings import Preferences

TOLD_KINDS: Final = ("train", "import")
SEEN_KIND: Final = "train"
"""Only runs have a place where they wait to be looked at."""


class Endings(QObject):
    """Watches the jobs of a session.

    Signals:
        ended: a run or an import ended while the window was there; carries its `JobInfo`.
        unseen_changed: `unseen` changed.
    """

    ended = Signal(object)
    unseen_changed = Signal()

    def __init__(self, session: Session, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._preferences = preferences
        self._known: set[tuple[str, datetime | None]] | None = None
        self.unseen: frozenset[str] = frozenset()
        """Ids of runs that ended and were not looked at since, also while no window was open."""
        session.attached.connect(self._on_session_attached)
        session.event_arrived.connect(self._on_session_event_arrived)
        session.light_changed.connect(self._on_session_light_changed)

    def look(self) -> None:
        """Note that the person sees the runs as they are now."""
        if self._session.folder is not None and self._known is not None:
            moments = [job.ended_at for job in self._ended() if job.ended_at is not None]
            self._preferences.mark_seen(self._session.folder, max(moments, default=datetime.now(UTC)))
            self._count()

    def _ended(self) -> list[JobInfo]:
        return [job for job in self._session.jobs.values() if job.state in ENDED]

    def _count(self) -> None:
        folder = self._session.folder
        seen = self._preferences.seen(folder) if folder is not None else None
        late = {
            job.job_id
            for job in self._ended()
            if job.kind == SEEN_KIND and seen is not None and job.ended_at is not None and job.ended_at > seen
        }
        if late != self.unseen:
            self.unseen = frozenset(late)
            self.unseen_changed.emit()

    def _take(self, job: JobInfo) -> None:
        if self._known is None or job.state not in ENDED or (job.job_id, job.ended_at) in self._known:
            return
        self._known.add((job.job_id, job.ended_at))  # what failed may go on, and end once more
        if job.kind in TOLD_KINDS:
            self.ended.emit(job)

    @Slot()
    def _on_session_attached(self) -> None:
        """Take the jobs as they are; those that ended while the engine was out of reach are told now."""
        if self._known is None:
            self._known = {(job.job_id, job.ended_at) for job in self._ended()}
            folder = self._session.folder
            if folder is not None and self._preferences.seen(folder) is None:
                self.look()  # a project that was never open here has nothing that was missed
        for job in self._ended():
            self._take(job)
        self._count()

    @Slot(object)
    def _on_session_event_arrived(self, event: Event) -> None:
        if isinstance(event.body, JobChanged):
            self._take(event.body.job)
            self._count()

    @Slot()
    def _on_session_light_changed(self) -> None:
        if self._session.light == "none":  # the project was closed
            self._known = None
            self._count()
