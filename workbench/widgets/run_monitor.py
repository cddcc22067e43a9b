"""One run, watched: its head, curves, routing, load, check set, pinned cases, teachers and log; the same live and afterwards."""

from typing import Final

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QSlider, QVBoxLayout, QWidget

from engine.schema.case import Label
from engine.schema.model import ModelSummary
from workbench.i18n import Retranslated
from workbench.state.experts import expert_names
from workbench.state.jobs import JobState
from workbench.theme import BETWEEN, TARGET, theme
from workbench.widgets.boxes import Frame, button
from workbench.widgets.chart_card import ChartCard
from workbench.widgets.live_plot import Curve, LivePlot
from workbench.widgets.pinned_cases import PinnedPanel
from workbench.widgets.redraw import HEATMAP_MS, Redraw
from workbench.widgets.routing_numbers import RoutingNumbers
from workbench.widgets.routing_panel import RoutingPanel
from workbench.widgets.run_facts import CheckSentence, LogPanel, PartsPanel, TeachersPanel
from workbench.widgets.run_header import Notice, RunHeader
from workbench.widgets.text import Text
from workbench.widgets.utilisation import UtilisationPanel

FOLD_WIDTH: Final = 760
"""Below this width the second column folds under the first; larger letters need more."""
FIRST_SMOOTHING: Final = 60


class ErrorPanel(ChartCard):
    """The curves of the error: training and check set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.plot = LivePlot()
        super().__init__(self.plot, parent)
        self._job: JobState | None = None
        self._stage = ""
        self._shown: tuple[int, ...] = ()
        self._smooth_word = Text(size="small", tone="second")
        self.smooth = QSlider(Qt.Orientation.Horizontal)
        self.smooth.setRange(0, 99)
        self.smooth.setValue(FIRST_SMOOTHING)
        self.smooth.setMaximumWidth(160)
        self.smooth.setMinimumHeight(TARGET)
        self.logarithmic = QCheckBox()
        self.fit = button("plain")
        for widget in (self._smooth_word, self.smooth, self.logarithmic):
            self.controls.addWidget(widget)
        self.controls.addStretch(1)
        self.controls.addWidget(self.fit)
        self.fit.hide()
        self.smooth.valueChanged.connect(self._on_smooth_value_changed)
        self.logarithmic.toggled.connect(self.plot.set_logarithmic)
        self.fit.clicked.connect(self.plot.follow)
        self.plot.following_changed.connect(lambda following: self.fit.setVisible(not following))
        self.plot.set_smoothing(FIRST_SMOOTHING / 100)
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        super().retranslate()
        self.title.setText(self.tr("Error"))
        self.note.setText(self.tr("lower is better"))
        self._smooth_word.setText(self.tr("smooth"))
        self.smooth.setAccessibleName(self.tr("Smoothing of the curves"))
        self.logarithmic.setText(self.tr("logarithmic"))
        self.fit.setText(self.tr("Show all"))
        self.plot.set_step_title(self.tr("step"))
        self.plot.setAccessibleName(self.tr("Error over the steps of the run"))
        self._shown = ()
        self._draw()

    def show_job(self, job: JobState | None, stage: str) -> None:
        """Show a run's stage."""
        if job is not self._job:
            if self._job is not None:
                self._job.curves_changed.disconnect(self._redraw.mark)
            if job is not None:
                job.curves_changed.connect(self._redraw.mark)
        self._job, self._stage = job, stage
        self._draw()

    def _draw(self) -> None:
        curves = self._curves()
        ids = tuple(id(curve.series) for curve in curves)
        if ids != self._shown:
            self.plot.show_curves(curves)
            self._shown = ids
        self.draw("live" if curves else "loading", self.tr("The first numbers come after about 20 steps."))
        self.plot.mark_changed()
        self.refresh_table()

    def _curves(self) -> list[Curve]:
        if self._job is None:
            return []
        found = []
        train = self._job.series(self._stage, "train", "loss") or self._job.series(self._stage, "teacher", "loss")
        if train is not None:
            found.append(Curve(self.tr("training"), train, "accent"))
        check = self._job.series(self._stage, "check", "loss") or self._job.series(self._stage, "check", "nll")
        if check is not None:
            found.append(Curve(self.tr("check set"), check, "care", dashed=True, sparse=True))
        return found

    @Slot(int)
    def _on_smooth_value_changed(self, value: int) -> None:
        self.plot.set_smoothing(value / 100)


class RunMonitor(Retranslated, QWidget):
    """Everything about one run. Its signals are those of its head.

    Signals:
        control_wanted, use_wanted, models_wanted, retry_wanted: see `RunHeader`.
    """

    control_wanted = Signal(str)
    use_wanted = Signal(str)
    models_wanted = Signal()
    retry_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._job: JobState | None = None
        self._model: ModelSummary | None = None
        self._chosen_stage = ""  # the stage the person looks at; empty follows the newest
        self.head = RunHeader()
        self.offline = Notice("care")
        self.error, self.routing = ErrorPanel(), RoutingPanel()
        self.check, self.busy, self.numbers = CheckSentence(), UtilisationPanel(), RoutingNumbers()
        self.parts, self.pinned = PartsPanel(), PinnedPanel()
        self.teachers, self.log = TeachersPanel(), LogPanel()
        self._charts = QWidget()
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._columns = 0
        self._lay_out()
        self._redraw = Redraw(self, self._follow_stage, HEATMAP_MS)
        self.head.stage_chosen.connect(self._on_head_stage_chosen)
        self.busy.layer_chosen.connect(self.numbers.choose_layer)
        self.numbers.layer_chosen.connect(self.busy.choose_layer)
        for ours, theirs in (
            (self.control_wanted, self.head.control_wanted),
            (self.use_wanted, self.head.use_wanted),
            (self.models_wanted, self.head.models_wanted),
            (self.retry_wanted, self.head.retry_wanted),
        ):
            theirs.connect(ours)

    def show_job(self, job: JobState | None, labels: tuple[Label, ...]) -> None:
        """Show a run; `labels` words its answers."""
        if job is not self._job:
            if self._job is not None:
                self._job.curves_changed.disconnect(self._redraw.mark)
                self._job.routing_changed.disconnect(self._redraw.mark)
                self._job.info_changed.disconnect(self._redraw.mark)
            if job is not None:
                job.curves_changed.connect(self._redraw.mark)
                job.routing_changed.connect(self._redraw.mark)
                job.info_changed.connect(self._redraw.mark)
            self._chosen_stage = ""
        self._job = job
        stage = self._stage()
        self.head.show_job(job)
        self.error.show_job(job, stage)
        self.routing.show_routing(job.routing if job is not None else None, stage)
        self.busy.show_routing(job.routing if job is not None else None, stage)
        self.numbers.show_routing(job.routing if job is not None else None, stage)
        self.check.show_job(job, stage)
        self.parts.show_job(job, stage)
        self.pinned.show_job(job, labels)
        self.teachers.show_job(job)
        self.log.show_job(job)
        self._follow_stage()

    @property
    def job(self) -> JobState | None:
        """The run that is shown."""
        return self._job

    def show_model(self, model: ModelSummary | None, in_use: str) -> None:
        """Tell what the run made, which model is in use, and what its experts are called."""
        self._model = model
        self.head.show_model(model, in_use)
        self.retranslate()

    def retranslate(self) -> None:
        """Call the experts by their names in the language of the moment."""
        names = expert_names(self._model)
        self.routing.name_experts(names)
        self.busy.name_experts(names)
        self.numbers.name_experts(names)

    def show_offline(self, since: str, tries: int) -> None:
        """Say that the numbers are those of `since`; an empty `since` takes the notice away."""
        self._charts.setEnabled(not since)
        if not since:
            self.offline.hide()
            return
        headline = self.tr("Showing the last numbers from {time}").format(time=since)
        self.offline.say(headline, self.tr("Training goes on. Reconnecting (try {tries}).").format(tries=tries))

    def minimumSizeHint(self) -> QSize:
        """Give way in width: the columns fold before anything is cut off."""
        return QSize(320, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the second column under the first where there is no room."""
        super().resizeEvent(event)
        self._arrange(2 if self.width() >= theme().px(FOLD_WIDTH) else 1)

    def _stage(self) -> str:
        if self._chosen_stage:
            return self._chosen_stage
        return self._job.stage if self._job is not None else ""

    def _follow_stage(self) -> None:
        stage = self._stage()
        self.head.show_stages(stage)
        self.error.show_job(self._job, stage)
        self.check.show_job(self._job, stage)
        self.parts.show_job(self._job, stage)
        self.routing.show_stage(stage)
        self.busy.show_stage(stage)
        self.numbers.show_stage(stage)
        has_charts = self._job is not None and self._job.info.kind == "train" and self._job.info.state != "queued"
        self._charts.setVisible(has_charts)

    def _lay_out(self) -> None:
        for side, panels in (
            (self._left, (self.error, self.check, self.pinned, self.parts, self.teachers, self.log)),
            (self._right, (self.routing, self.busy, self.numbers)),
        ):
            side.setSpacing(BETWEEN)
            for panel in panels:
                side.addWidget(panel)
            side.addStretch(1)
        self._grid = QGridLayout(self._charts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(BETWEEN)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(BETWEEN)
        notices: tuple[Frame, ...] = (self.head, self.offline, self.head.failure, self.head.success)
        for frame in notices:
            layout.addWidget(frame)
        layout.addWidget(self._charts)
        layout.addStretch(1)
        self._arrange(2)

    def _arrange(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for side in (self._left, self._right):
            self._grid.removeItem(side)
            side.setParent(None)
        self._grid.addLayout(self._left, 0, 0)
        self._grid.addLayout(self._right, *((0, 1) if columns == 2 else (1, 0)))
        self._grid.setColumnStretch(0, 5)
        self._grid.setColumnStretch(1, 6 if columns == 2 else 0)

    @Slot(str)
    def _on_head_stage_chosen(self, stage: str) -> None:
        newest = self._job is not None and stage == self._job.stage
        self._chosen_stage = "" if newest else stage
        self._follow_stage()
