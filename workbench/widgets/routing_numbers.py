"""Routing in numbers: what the measures of a layer are and mean, how they settle over time, and which modules work together."""

from typing import Final

import numpy as np
from PySide6.QtCore import QLocale, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QComboBox, QVBoxLayout, QWidget

from workbench.i18n import language
from workbench.state.routing import RoutingState, Snapshot
from workbench.state.series import Series
from workbench.theme import BODY, theme
from workbench.widgets.boxes import Pages, column, row
from workbench.widgets.chart_card import Chart, ChartCard, Drawn, Table
from workbench.widgets.live_plot import Curve, LivePlot
from workbench.widgets.numbers_table import NumbersTable
from workbench.widgets.redraw import HEATMAP_MS, Redraw
from workbench.widgets.routing_words import Measure, groups
from workbench.widgets.tabs import Tab
from workbench.widgets.text import LINE_HEIGHT, Text
from workbench.widgets.together_map import TogetherMap
from workbench.widgets.utilisation import WINDOW_STEPS

_PAGES: Final = ("numbers", "time", "together")
_LINES: Final = 3
"""Lines that most meanings need."""


class RoutingPages(Chart):
    """The numbers, their course and the pairs: one of them is shown, or a sentence that says why there is nothing yet."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers, self.course, self.together = NumbersTable(), LivePlot(), TogetherMap()
        self.sentence = Text(tone="hint", wrap=True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setMinimumHeight(120)
        self._pages = Pages(self.numbers, self.course, self.together, self.sentence)
        self.setLayout(column(self._pages))

    def show_page(self, page: QWidget, sentence: str = "") -> None:
        """Show one page."""
        self.sentence.setText(sentence)
        if self._pages.current is not page:
            self._pages.show_page(page)
            self.updateGeometry()

    @property
    def page(self) -> QWidget:
        """The page that is shown."""
        return self._pages.current

    def table(self) -> Table:
        """Return the shown page as text."""
        page = self._pages.current
        return page.table() if isinstance(page, NumbersTable | Chart) else Table((), ())

    def minimumSizeHint(self) -> QSize:
        """Give way in width."""
        return QSize(200, super().minimumSizeHint().height())


class RoutingNumbers(ChartCard):
    """The measures of one layer of a run, over the newest training steps or over the check cases.

    Signals:
        layer_chosen: the person looks at another layer; carries it, counted from 0.
    """

    layer_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        self.pages = RoutingPages()
        super().__init__(self.pages, parent)
        self._routing: RoutingState | None = None
        self._stage = ""
        self._drawn_course: object = None
        self.tabs = {name: Tab() for name in _PAGES}
        chosen = QButtonGroup(self)
        for tab in self.tabs.values():
            chosen.addButton(tab)
            tab.clicked.connect(self._draw)
        self.tabs["numbers"].setChecked(True)
        self.source, self.layer = QComboBox(), QComboBox()
        self.meaning = Text(tone="second", wrap=True)
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._above = QWidget()
        self._lay_out()
        self.layer.currentIndexChanged.connect(self._on_layer_current_index_changed)
        self.source.currentIndexChanged.connect(self._draw)
        self.pages.numbers.measure_pointed_at.connect(self._on_numbers_measure_pointed_at)
        self._redraw = Redraw(self, self._draw, HEATMAP_MS)
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        super().retranslate()
        self.title.setText(self.tr("Routing in numbers"))
        words = {"numbers": self.tr("Numbers"), "time": self.tr("Over time"), "together": self.tr("Together")}
        for name, tab in self.tabs.items():
            tab.setText(words[name])
        self.source.setAccessibleName(self.tr("What is counted"))
        self._offer(self.source, [self.tr("last {steps} steps").format(steps=WINDOW_STEPS), self.tr("check cases")])
        self.layer.setAccessibleName(self.tr("Layer"))
        self._offer(self.layer, self._layer_words(self.layer.count()))
        self.pages.numbers.setAccessibleName(self.tr("Routing in numbers"))
        self.pages.course.setAccessibleName(self.tr("How the routing settles over the steps of the run"))
        self.pages.course.set_step_title(self.tr("step"))
        self._drawn_course = None
        self._draw()

    def show_routing(self, routing: RoutingState | None, stage: str) -> None:
        """Show the routing of a run's stage."""
        if self._routing is not None:
            self._routing.changed.disconnect(self._redraw.mark)
        self._routing, self._stage = routing, stage
        if routing is not None:
            routing.changed.connect(self._redraw.mark)
        self._redraw.mark()
        self._redraw.flush()

    def show_stage(self, stage: str) -> None:
        """Show another stage of the same run."""
        if stage != self._stage:
            self._stage = stage
            self._redraw.mark()

    def name_experts(self, names: dict[int, str]) -> None:
        """Call experts by these names where they are told of."""
        self.pages.together.name_experts(names)
        self.refresh_table()

    @Slot(int)
    def choose_layer(self, layer: int) -> None:
        """Look at another layer, because it was chosen elsewhere."""
        if layer < self.layer.count():
            self.layer.setCurrentIndex(layer)

    def draw(self, state: Drawn, sentence: str = "") -> None:
        """Show the numbers with what is chosen above them, or one sentence in their place."""
        super().draw(state, sentence)
        self._above.setVisible(state == "live")

    def _lay_out(self) -> None:
        """Put the choices above: below a table as long as this one nobody would look for them."""
        choices = row(self.layer, self.source, None)
        self._above.setLayout(column(row(*self.tabs.values(), None), choices, self.meaning))
        layout = self.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(1, self._above)

    def _layer_words(self, layers: int) -> list[str]:
        return [self.tr("layer {number}").format(number=index + 1) for index in range(layers)]

    @staticmethod
    def _offer(box: QComboBox, words: list[str]) -> None:
        """Write the choices anew without losing or telling the choice."""
        chosen = max(0, min(box.currentIndex(), len(words) - 1))
        box.blockSignals(True)
        box.clear()
        box.addItems(words)
        box.setCurrentIndex(chosen)
        box.blockSignals(False)

    @Slot()
    def _draw(self) -> None:
        shown = self._shown()
        newest = shown or self._newest()
        if newest is None:
            self.draw("loading", self.tr("The first numbers come after about 20 steps."))
            return
        if not newest.layers:
            self.draw("empty", self.tr("This model has no modules: nothing is shared out."))
            return
        if self.layer.count() != newest.layers:
            self._offer(self.layer, self._layer_words(newest.layers))
            self.layer.setVisible(newest.layers > 1)
        self.source.setVisible(self.tabs["numbers"].isChecked())
        self.draw("live")
        check = self._check()
        if self.tabs["time"].isChecked():
            self._draw_course()
        elif self.tabs["together"].isChecked():
            self._draw_together(check)
        else:
            self._draw_numbers(shown, check)
        self.refresh_table()

    def _newest(self) -> Snapshot | None:
        return self._routing.latest(stage=self._stage) if self._routing is not None else None

    def _check(self) -> Snapshot | None:
        return self._routing.latest("check", self._stage) if self._routing is not None else None

    def _shown(self) -> Snapshot | None:
        """Return the measurement that is asked for."""
        if self._routing is None:
            return None
        return self._check() if self.source.currentIndex() == 1 else self._routing.window(WINDOW_STEPS, self._stage)

    def _draw_numbers(self, shown: Snapshot | None, check: Snapshot | None) -> None:
        if shown is None:
            self._wait(self.tr("The check cases are run through at the first checkpoint."))
            return
        self.note.setText(self.tr("at step {step}").format(step=QLocale().toString(shown.step)))
        words = {"text": self.tr("Text"), "image": self.tr("Image"), "audio": self.tr("Sound")}
        heads = (self.tr("All"), *(words[name] for name in shown.modalities))
        self.pages.numbers.show_groups(heads, groups(shown, check, self._layer()))
        self.pages.show_page(self.pages.numbers)
        self._tell(self.pages.numbers.chosen)

    def _draw_course(self) -> None:
        curves = self._curves()
        if not curves:
            self._wait(self.tr("The first point comes with the second checkpoint."))
            return
        self.note.setText(self.tr("in % of the check cases' pieces"))
        drawn = [(curve.title, curve.series.x.tolist(), curve.series.y.tolist()) for curve in curves]
        if drawn != self._drawn_course:
            self._drawn_course = drawn
            self.pages.course.show_curves(curves)
        self.pages.show_page(self.pages.course)
        self.pages.course.mark_changed()
        said = self.tr(
            "Changed: pieces whose first module is another one than at the checkpoint before (churn); towards 0 the routing is at rest."
        )
        if len(curves) > 1:
            settled = self.tr(
                "As in the end: how many of a piece's modules it already had (saturation); the earlier near 100, the earlier the routing was settled."
            )
        else:
            settled = self.tr(
                "How early the routing was settled (saturation) can be told only when this part of the run has ended."
            )
        self._say(f"{said} {settled}")

    def _curves(self) -> list[Curve]:
        routing, layer = self._routing, self._layer()
        if routing is None:
            return []
        changed, settled = Series(), Series()
        for check in routing.history(self._stage, "check"):
            churn_L = check.churn()
            if churn_L is not None:
                changed.append(check.step, 100 * float(churn_L[layer]))
        found = [Curve(self.tr("changed"), changed, "care", dashed=True, sparse=True)] if len(changed) else []
        settling = routing.settling(self._stage)
        if settling is not None and len(changed):
            for step, kept_L in zip(settling.steps, settling.kept_CL, strict=True):
                settled.append(step, 100 * float(kept_L[layer]))
            found.append(Curve(self.tr("as in the end"), settled, "accent", sparse=True))
        return found

    def _draw_together(self, check: Snapshot | None) -> None:
        if check is None:
            self._wait(self.tr("The check cases are run through at the first checkpoint."))
            return
        both_EE = check.both(self._layer())
        if both_EE is None and check.gate is not None:  # which runs tell since they tell of pairs
            self._wait(self.tr("There are too many modules to tell of each two how often they work together."))
            return
        if both_EE is None:
            self._wait(self.tr("This run did not record which modules work together."))
            return
        if both_EE.sum() == np.trace(both_EE):
            self._wait(self.tr("Each piece goes to one module alone, so none work together."))
            return
        self.note.setText(self.tr("check cases at step {step}").format(step=QLocale().toString(check.step)))
        self.pages.together.show_layer(both_EE, self._layer())
        self.pages.show_page(self.pages.together)
        said = self.tr(
            "Of the pieces of one module (rows), how many % went to each other one as well (co-activation). Two that share nearly all could be one; even colours mean that modules are combined freely."
        )
        rounded = self.tr("As there are so many modules, the figures are rounded.") if check.is_rounded else ""
        self._say(f"{said} {rounded}".strip())

    def _wait(self, sentence: str) -> None:
        self.note.clear()
        self._say("")
        self.pages.show_page(self.pages.sentence, sentence)

    def _say(self, meaning: str) -> None:
        self.meaning.setMinimumHeight(0)
        self.meaning.setText(meaning)

    def _tell(self, measure: Measure | None) -> None:
        lines = LINE_HEIGHT if language() == "zh" else 1.2
        self.meaning.setMinimumHeight(
            round(_LINES * lines * theme().px(BODY))
        )  # so that the table stands still below it
        if measure is None:
            self.meaning.setText(self.tr("Choose a line to read what it means, and what is good or bad."))
        else:
            said = self.tr("{name} ({technical}). {meaning}")
            said = said.format(name=measure.name, technical=measure.technical, meaning=measure.meaning)
            self.meaning.setText(said)

    def _layer(self) -> int:
        return max(0, self.layer.currentIndex())

    @Slot(object)
    def _on_numbers_measure_pointed_at(self, measure: Measure | None) -> None:
        self._tell(measure)

    @Slot(int)
    def _on_layer_current_index_changed(self, index: int) -> None:
        self._draw()
        self.layer_chosen.emit(index)
