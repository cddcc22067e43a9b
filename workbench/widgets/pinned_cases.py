"""The same few cases over time: what the model of the moment says, and how its trust in the truth has moved."""

from collections import deque
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.schema.case import Label
from engine.schema.event import PinnedCase
from workbench.i18n import language
from workbench.state.domains import domain_words
from workbench.state.jobs import JobState, PinnedMoment
from workbench.theme import BETWEEN, BODY, INSIDE, ROW_HEIGHT, theme
from workbench.widgets.chart_card import Chart, ChartCard, Table
from workbench.widgets.redraw import HEATMAP_MS, Redraw

_SPARK: Final = 96


class PinnedList(Chart):
    """A row a case: title, the truth, a small curve of the truth's probability, the answer now with a word for right or wrong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moments: dict[str, deque[PinnedMoment]] = {}
        self._labels: dict[str, Label] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def show_moments(self, moments: dict[str, deque[PinnedMoment]], labels: tuple[Label, ...]) -> None:
        """Show the cases with their past."""
        self._moments = moments
        self._labels = {label.name: label for label in labels}
        self.updateGeometry()
        self.update()

    def shown(self) -> list[tuple[str, str, float]]:
        """Return title, answer and its probability of each row."""
        return [
            (domain_words().named(kept[-1].case.title), kept[-1].case.label, kept[-1].case.probability)
            for kept in self._moments.values()
            if kept
        ]

    def table(self) -> Table:
        """Return the rows with their truth."""
        rows = []
        for kept in self._moments.values():
            case = kept[-1].case
            title = domain_words().named(case.title)
            rows.append((title, self._truth(case), self._answer(case), f"{100 * _shown_chance(kept[-1]):.0f} %"))
        return Table(
            (self.tr("case"), self.tr("true answer"), self.tr("answer now"), self.tr("probability")), tuple(rows)
        )

    def sizeHint(self) -> QSize:
        """Ask for all rows."""
        return QSize(480, theme().px(ROW_HEIGHT) * max(1, len(self._moments)))

    def minimumSizeHint(self) -> QSize:
        """Give way in width, never in rows."""
        return QSize(320, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, kept in enumerate(self._moments.values()):
            self._paint_row(
                painter, QRectF(0, number * theme().px(ROW_HEIGHT), self.width(), theme().px(ROW_HEIGHT)), kept
            )

    def _word(self, label: str) -> str:
        known = self._labels.get(label)
        return known.shown(language()) if known is not None else label.replace("_", " ")

    def _truth(self, case: PinnedCase) -> str:
        return self._word(case.truth) if case.truths is None else self._together(case.truths)

    def _answer(self, case: PinnedCase) -> str:
        return self._word(case.label) if case.truths is None else self._together(case.suggested)

    def _together(self, labels: tuple[str, ...]) -> str:
        """Return several labels in one, or that there is none of them."""
        return " + ".join(map(self._word, labels)) or self.tr("none of them")

    def _paint_row(self, painter: QPainter, row: QRectF, kept: deque[PinnedMoment]) -> None:
        case = kept[-1].case
        right = _is_right(case)
        name_width = (row.width() - _SPARK - 2 * BETWEEN) * 0.42
        painter.setFont(theme().font(BODY))
        title = QRectF(row.left(), row.top(), name_width, row.height())
        self._write(painter, title, domain_words().named(case.title), "ink1")
        spark = QRectF(title.right() + INSIDE, row.top() + 6, _SPARK, row.height() - 12)
        self._paint_spark(painter, spark, kept, right)
        answer = QRectF(spark.right() + BETWEEN, row.top(), row.right() - spark.right() - BETWEEN, row.height())
        if right:
            said = self.tr("✓ {label} {share} %").format(
                label=self._answer(case), share=f"{100 * _shown_chance(kept[-1]):.0f}"
            )
            self._write(painter, answer, said, "good")
        else:
            said = self.tr("✗ {label} {share} %, truly {truth}").format(
                label=self._answer(case), share=f"{100 * _shown_chance(kept[-1]):.0f}", truth=self._truth(case)
            )
            self._write(painter, answer, said, "care")

    @staticmethod
    def _write(painter: QPainter, place: QRectF, text: str, token: str) -> None:
        painter.setPen(theme().color(token))
        shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)

    @staticmethod
    def _paint_spark(painter: QPainter, area: QRectF, kept: deque[PinnedMoment], right: bool) -> None:
        """Paint the truth's probability over the evaluations, from 0 at the bottom to 1 at the top."""
        painter.setPen(QPen(theme().color("line"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        across = area.width() / max(1, len(kept) - 1)
        points = [
            QPointF(area.left() + number * across, area.bottom() - m.truth * area.height())
            for number, m in enumerate(kept)
        ]
        painter.setPen(QPen(theme().color("ink3"), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("good" if right else "care"))
        painter.drawEllipse(points[-1], 3, 3)


def _is_right(case: PinnedCase) -> bool:
    if case.truths is None:
        return case.label == case.truth
    return set(case.suggested) == set(case.truths)


def _shown_chance(moment: PinnedMoment) -> float:
    """Return the chance that stands beside the answer: its own, or where several labels may hold that of the whole truth."""
    return moment.case.probability if moment.case.truths is None else moment.truth


class PinnedPanel(ChartCard):
    """The pinned cases of one run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.list = PinnedList()
        super().__init__(self.list, parent)
        self._job: JobState | None = None
        self._labels: tuple[Label, ...] = ()
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        super().retranslate()
        self.title.setText(self.tr("The same cases, over time"))
        self.note.setText(self.tr("true answer, %"))
        self._redraw.mark()

    def show_job(self, job: JobState | None, labels: tuple[Label, ...]) -> None:
        """Show the pinned cases of a run; `labels` words its answers."""
        if self._job is not None:
            self._job.pinned_changed.disconnect(self._redraw.mark)
        self._job, self._labels = job, labels
        if job is not None:
            job.pinned_changed.connect(self._redraw.mark)
        self._redraw.mark()
        self._redraw.flush()

    def word_answers(self, labels: tuple[Label, ...]) -> None:
        """Take the words of the answers, where they have become known only now."""
        if labels != self._labels:
            self._labels = labels
            self._redraw.mark()

    def _draw(self) -> None:
        moments = self._job.pinned if self._job is not None else {}
        self.list.show_moments(moments, self._labels)
        if moments:
            self.draw("live")
            self.refresh_table()
        else:
            self.draw("loading", self.tr("The cases are predicted at each check."))
