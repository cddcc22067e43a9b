"""The panel of a run's routing: heatmap, choice of modality, and a scrubber that goes back through the run."""

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QComboBox, QPushButton, QSlider, QWidget

from engine.schema.base import MODALITIES, Modality
from workbench.state.routing import RoutingState, Snapshot, Source
from workbench.theme import TARGET
from workbench.widgets.boxes import button, row
from workbench.widgets.chart_card import ChartCard
from workbench.widgets.expert_legend import ExpertLegend
from workbench.widgets.heatmap import Heatmap
from workbench.widgets.redraw import HEATMAP_MS, Redraw
from workbench.widgets.tabs import Tab
from workbench.widgets.text import Text

_EVERY: Final = "all"


def _offer(box: QComboBox, *words: str) -> None:
    """Write the choices anew without losing or telling the choice."""
    chosen = max(0, box.currentIndex())
    box.blockSignals(True)
    box.clear()
    box.addItems(words)
    box.setCurrentIndex(chosen)
    box.blockSignals(False)


class RoutingPanel(ChartCard):
    """Who works on what in one run, live or at a step of the past.

    Signals:
        snapshot_shown: another measurement is on the screen; carries it.
    """

    snapshot_shown = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.heatmap = Heatmap()
        super().__init__(self.heatmap, parent)
        self._routing: RoutingState | None = None
        self._stage = ""
        self._source: Source = "training"
        self._at: int | None = None  # the step looked at; None follows the newest
        self._kinds = QButtonGroup(self)
        self._kind_buttons: dict[str, QPushButton] = {}
        for name in (_EVERY, *MODALITIES):
            made = Tab()
            self._kind_buttons[name] = made
            self._kinds.addButton(made)
            made.clicked.connect(lambda _checked=False, wanted=name: self._on_kind_clicked(wanted))
        self._kind_buttons[_EVERY].setChecked(True)
        self._measure = QComboBox()
        self.source = QComboBox()
        self._scrubber = QSlider(Qt.Orientation.Horizontal)
        self._scrubber.setMinimumHeight(TARGET)
        self._step = Text(size="small", tone="second")
        self._live = button("plain", "skip-next-outline")
        self.names = ExpertLegend()
        self._measure.currentIndexChanged.connect(self._on_measure_changed)
        self.source.currentIndexChanged.connect(self._on_source_changed)
        self._scrubber.valueChanged.connect(self._on_scrubber_value_changed)
        self._live.clicked.connect(self.go_live)
        self._lay_out()
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.retranslate()
        self.go_live()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        super().retranslate()
        self.title.setText(self.tr("Who works on what"))
        self.note.setText(self.tr("rows: layers, columns: modules"))
        words = {_EVERY: self.tr("All"), "text": self.tr("Text"), "image": self.tr("Image"), "audio": self.tr("Sound")}
        for name, made in self._kind_buttons.items():
            made.setText(words[name])
        _offer(self._measure, self.tr("share in %"), self.tr("times usual"))
        _offer(self.source, self.tr("training steps"), self.tr("check cases"))
        self.source.setAccessibleName(self.tr("What is counted"))
        self.source.setToolTip(
            self.tr("The pieces of the newest training steps, or those of the same few check cases at each checkpoint")
        )
        self._measure.setAccessibleName(self.tr("What the colours mean"))
        self._measure.setToolTip(self.tr("Share of the layer's pieces, or how many times a module's usual share"))
        self._scrubber.setAccessibleName(self.tr("Step of the run"))
        self._live.setText(self.tr("Live"))
        self._live.setToolTip(self.tr("Follow the newest step again"))
        self._write_step()

    def show_routing(self, routing: RoutingState | None, stage: str) -> None:
        """Show the routing of a run's stage, following the newest step."""
        if self._routing is not None:
            self._routing.changed.disconnect(self._redraw.mark)
        self._routing, self._stage, self._at = routing, stage, None
        if routing is not None:
            routing.changed.connect(self._redraw.mark)
        self._redraw.mark()
        self._redraw.flush()

    def name_experts(self, names: dict[int, str]) -> None:
        """Show the names of the experts that have one."""
        self.heatmap.name_experts(names)
        self.names.show_names(names)
        self.refresh_table()

    def show_stage(self, stage: str) -> None:
        """Show another stage of the same run."""
        if stage != self._stage:
            self._stage, self._at = stage, None
            self._redraw.mark()

    @property
    def is_live(self) -> bool:
        """Whether the newest step is followed."""
        return self._at is None

    @Slot()
    def go_live(self) -> None:
        """Follow the newest step again."""
        self._at = None
        self._live.setEnabled(False)
        self._redraw.mark()

    def _lay_out(self) -> None:
        for made in self._kind_buttons.values():
            self.controls.addWidget(made)
        self.controls.addStretch(1)
        self.controls.addWidget(self._measure)
        self.extra.addLayout(row(self.source, self._step, self._scrubber, self._live))
        self.extra.addWidget(self.names)

    def _history(self) -> tuple[Snapshot, ...]:
        if self._routing is None:
            return ()
        return tuple(self._routing.history(self._stage, self._source))

    def _draw(self) -> None:
        history = self._history()
        if not history:
            self.heatmap.show_snapshot(None)
            self.draw("loading", self.tr("The first numbers come after about 20 steps."))
            self._scrubber.setEnabled(False)
            self._write_step()
            return
        at = len(history) - 1
        if self._at is not None:
            at = max((number for number, kept in enumerate(history) if kept.step <= self._at), default=0)
        self._scrubber.blockSignals(True)
        self._scrubber.setEnabled(len(history) > 1)
        self._scrubber.setRange(0, len(history) - 1)
        self._scrubber.setValue(at)
        self._scrubber.blockSignals(False)
        self._show(history[at])

    def _show(self, snapshot: Snapshot) -> None:
        if snapshot is not self.heatmap.snapshot:
            self.heatmap.show_snapshot(snapshot)
            self.snapshot_shown.emit(snapshot)
        self.draw("live")
        self.refresh_table()
        self._write_step()

    def _write_step(self) -> None:
        snapshot = self.heatmap.snapshot
        self._step.setText(self.tr("step {step}").format(step=snapshot.step) if snapshot is not None else "")
        self._step.setMinimumWidth(72)

    def _on_kind_clicked(self, name: str) -> None:
        chosen: Modality | None = next((modality for modality in MODALITIES if modality == name), None)
        self.heatmap.show_modality(chosen)
        self.refresh_table()

    @Slot(int)
    def _on_measure_changed(self, index: int) -> None:
        self.heatmap.show_as("lift" if index == 1 else "share")

    @Slot(int)
    def _on_source_changed(self, index: int) -> None:
        self._source = "check" if index == 1 else "training"
        self.go_live()

    @Slot(int)
    def _on_scrubber_value_changed(self, value: int) -> None:
        history = self._history()
        if value < len(history):
            newest = value == len(history) - 1
            self._at = None if newest else history[value].step
            self._live.setEnabled(not newest)
            self._show(history[value])
