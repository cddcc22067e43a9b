"""The runs of the project as a list: running and waiting ones first, then those that ended."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from engine.schema.command import JobState as State
from workbench.i18n import Retranslated
from workbench.icons import icon
from workbench.state.jobs import JobsState, JobState
from workbench.theme import BODY, INSIDE, SMALL, theme
from workbench.widgets.redraw import HEATMAP_MS, Redraw
from workbench.widgets.run_words import job_name, progress_in_short, share_done
from workbench.widgets.state_chip import state_look, state_word
from workbench.words import Durations

_ROW = 60
_ID = Qt.ItemDataRole.UserRole


class _RunDelegate(QStyledItemDelegate):
    """Paints a run: name, state with its icon, how far it is."""

    def __init__(self, jobs: JobsState, parent: QWidget) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of every row."""
        return QSize(200, theme().px(_ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        job = self._jobs.job(str(index.data(_ID)))
        if job is None:
            return
        place = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().color("accent_soft"))
            painter.drawRoundedRect(place.adjusted(0, 2, 0, -2), 6, 6)
        inner = place.adjusted(12, 8, -12, -8)
        self._paint_words(painter, inner, job)
        share = share_done(job)
        if share is not None and not job.has_ended:
            self._paint_bar(painter, inner, share)
        painter.restore()

    def _paint_words(self, painter: QPainter, inner: QRectF, job: JobState) -> None:
        name, token = state_look(job.info.state)
        icon(name, token).paint(painter, QRectF(inner.left(), inner.top() + 2, 16, 16).toRect())
        words = inner.adjusted(16 + INSIDE, 0, 0, 0)
        painter.setFont(theme().font(BODY, bold=True))
        painter.setPen(theme().color("ink1"))
        self._write(painter, QRectF(words.left(), words.top(), words.width(), theme().px(20)), job_name(job.info))
        painter.setFont(theme().font(SMALL))
        painter.setPen(theme().color("ink2"))
        place = QRectF(words.left(), words.top() + theme().px(21), words.width(), theme().px(18))
        self._write(painter, place, second_line(job, QFontMetrics(painter.font()), int(place.width())))

    @staticmethod
    def _write(painter: QPainter, place: QRectF, text: str) -> None:
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)

    @staticmethod
    def _paint_bar(painter: QPainter, inner: QRectF, share: float) -> None:
        bar = QRectF(inner.left() + 16 + INSIDE, inner.bottom() - 2, inner.width() - 16 - INSIDE, 3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("surface2"))
        painter.drawRoundedRect(bar, 1.5, 1.5)
        painter.setBrush(theme().color("accent"))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * share, 3), 1.5, 1.5)


def second_line(job: JobState, metrics: QFontMetrics, width: int) -> str:
    """Return what stands under a run's name in so many pixels; share and time left are whole, what it does gives way to them."""
    state: State = job.info.state
    if state not in ("preparing", "running"):
        return f"{state_word(state)} · {Durations.when(job.info.ended_at or job.info.created_at)}"
    does, far = progress_in_short(job)
    if not far:
        return does or state_word(state)
    end = f" · {far}"
    room = width - metrics.horizontalAdvance(end)
    shown = metrics.elidedText(does, Qt.TextElideMode.ElideRight, room) if room > 0 else ""
    # Less than half of a phrase, such as "tr…", says nothing and looks like a fault.
    return f"{shown}{end}" if 2 * len(shown) >= len(does) else far


class RunList(Retranslated, QListView):
    """All runs.

    Signals:
        run_chosen: the person chose a run; carries its id.
    """

    run_chosen = Signal(str)

    def __init__(self, jobs: JobsState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._model = QStandardItemModel(self)
        self._telling = True
        self.setModel(self._model)
        self.setItemDelegate(_RunDelegate(jobs, self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._redraw = Redraw(self, self._fill, HEATMAP_MS)
        jobs.jobs_changed.connect(self._redraw.mark)
        jobs.job_progressed.connect(self._on_jobs_job_progressed)
        self.selectionModel().currentChanged.connect(self._on_selection_current_changed)
        self.retranslate()
        self._fill()

    def retranslate(self) -> None:
        """Name the list in the language of the moment."""
        self.setAccessibleName(self.tr("Runs"))
        self.viewport().update()

    def shown(self) -> list[str]:
        """Return the ids in the list's order."""
        return [str(self._model.item(row).data(_ID)) for row in range(self._model.rowCount())]

    def choose(self, job_id: str) -> None:
        """Mark a run without telling it as the person's choice."""
        if self.shown() != self._wanted():
            self._fill()
        self._telling = False
        for row, known in enumerate(self.shown()):
            if known == job_id:
                self.setCurrentIndex(self._model.index(row, 0))
        self._telling = True

    def _wanted(self) -> list[str]:
        active = [job.job_id for job in self._jobs.active()]
        return active + [job.job_id for job in self._jobs.all() if job.has_ended]

    def _fill(self) -> None:
        wanted = self._wanted()
        if wanted != self.shown():
            chosen = self.currentIndex().data(_ID)
            self._telling = False
            self._model.clear()
            for job_id in wanted:
                item = QStandardItem()
                item.setData(job_id, _ID)
                job = self._jobs.job(job_id)
                item.setText(job_name(job.info) if job is not None else "")
                item.setEditable(False)
                self._model.appendRow(item)
                if job_id == chosen:
                    self.setCurrentIndex(item.index())
            self._telling = True
        self.viewport().update()

    @Slot(str)
    def _on_jobs_job_progressed(self, job_id: str) -> None:
        self._redraw.mark()

    @Slot(QModelIndex, QModelIndex)
    def _on_selection_current_changed(self, current: QModelIndex, previous: QModelIndex) -> None:
        if self._telling and current.isValid():
            self.run_chosen.emit(str(current.data(_ID)))
