"""What each module is worth, a map a layer: how much worse answers become when its pieces go to the module that comes next.

Shapes: R rows (all cases, each kind of input, each answer), E experts, which are the columns.
"""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.schema.base import MODALITIES, Modality
from engine.schema.model import Change, ExpertEffect, ModelSummary, Worth
from engine.utilisation import Shares
from workbench.i18n import Retranslated
from workbench.state.domains import domain_words
from workbench.state.experts import called, expert_names
from workbench.state.predictions import modality_words
from workbench.theme import BETWEEN
from workbench.widgets.boxes import clear, column
from workbench.widgets.cell_map import Cell, CellMap, diverging
from workbench.widgets.chart_card import ChartCard, Table
from workbench.widgets.ledger_words import label_text
from workbench.widgets.routing_words import UNKNOWN
from workbench.widgets.text import Text
from workbench.words import Durations

_FEWEST = 2
"""Cases without which there is no interval."""
_LEAST = 0.05
"""Change at which colours are strongest where no change is clear."""


def _largest(effects: tuple[ExpertEffect, ...]) -> float:
    """Return the largest clear change of all layers: one scale for all, so that they can be compared."""
    changes = [c for one in effects for c in (one.whole, *one.by_modality.values(), *one.by_label.values())]
    return max((abs(change.value) for change in changes if change is not None and change.is_clear), default=_LEAST)


class WorthMap(CellMap):
    """The modules of one layer; a cell without a clear change holds no number."""

    title_room = 168

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._effects: tuple[ExpertEffect, ...] = ()
        self._rows: list[tuple[str, list[Change | None]]] = []
        self._kinds: list[Modality | None] = []
        self._limit = _LEAST
        self._names: dict[int, str] = {}
        WorthMap.retranslate(self)

    def retranslate(self) -> None:
        """Name the chart in the language of the moment."""
        self.setAccessibleName(self.tr("How much worse answers become without each module"))
        self.forget_picture()

    def show_effects(self, effects: tuple[ExpertEffect, ...], model: ModelSummary, limit: float) -> None:
        """Show the effects of one layer, in the order of its experts, colours strongest at a change of `limit`."""
        self._effects, self._names, self._limit = effects, expert_names(model), limit
        words = modality_words()
        rows: list[tuple[str, list[Change | None]]] = [(self.tr("all cases"), [one.whole for one in effects])]
        self._kinds = [None]
        for modality in MODALITIES:
            found = [one.by_modality.get(modality) for one in effects]
            if any(found) or any(one.is_alone(modality) for one in effects):
                rows.append((self.tr("pieces of the {kind}").format(kind=words[modality].lower()), found))
                self._kinds.append(modality)
        for label in model.labels:
            found = [one.by_label.get(label.name) for one in effects]
            rows += [(label_text(label.name, model.labels), found)] if any(found) else []
        self._rows = rows
        self.updateGeometry()
        self.forget_picture()

    def change(self, cell: Cell) -> Change | None:
        """Return the change that a cell tells; None where it could not be measured."""
        return self._rows[cell.row][1][cell.expert]

    def changes(self) -> list[Change | None]:
        """Return what all cells tell, row by row."""
        return [change for _title, changes in self._rows for change in changes]

    def shown_values(self) -> Shares:
        """Return the changes (rows, experts), 0 where nothing is clear."""
        values = [
            [one.value if one is not None and one.is_clear else 0.0 for one in changes]
            for _title, changes in self._rows
        ]
        return np.array(values, float).reshape(len(self._rows), len(self._effects))

    def limit(self) -> float:
        """Return the change at both ends of the colours."""
        return self._limit

    def levels(self) -> NDArray[np.uint8]:
        """Return the colour of each cell, from 0 to 255; the middle one is no change."""
        return np.asarray(np.round(127.5 + 127.5 * self.shown_values() / self.limit()), np.uint8)

    def colors(self) -> NDArray[np.uint8]:
        """Return blue for answers that become better without the module, orange for those that become worse."""
        return diverging()

    def marks(self) -> list[tuple[float, str]]:
        """Return the ends of the colours."""
        limit = self.limit()
        return [(0.0, f"\u2212{limit:.2f}"), (0.5, self.tr("no change")), (1.0, f"+{limit:.2f}")]

    def shown_text(self, cell: Cell) -> str:
        """Return the change, nothing where it may as well be none, or a dash where it is not known."""
        change = self.change(cell)
        if change is None:
            return UNKNOWN
        if not change.is_clear:
            return ""
        return _signed(change.value, 2) if abs(change.value) >= 0.005 else "≈ 0"

    def sentence(self, cell: Cell) -> str:
        """Return what a cell says, as a sentence."""
        change, module = self.change(cell), called(cell.expert, self._names)
        if change is None and self._is_alone(cell):
            said = self.tr("{row}: no other module could take the pieces of module {module}, so its worth is not known")
            return said.format(row=self._rows[cell.row][0], module=module)
        if change is None:
            return self.tr("{row}: too few cases to tell what module {module} is worth").format(
                row=self._rows[cell.row][0], module=module
            )
        said = self.tr("{row}: without module {module} the error changes by {value} (95 % {low} to {high}; {n} cases)")
        low, high = _signed(change.low, 3), _signed(change.high, 3)
        return said.format(
            row=self._rows[cell.row][0],
            module=module,
            value=_signed(change.value, 3),
            low=low,
            high=high,
            n=change.n,
        )

    def _is_alone(self, cell: Cell) -> bool:
        """Whether no other module could take the pieces that a cell is about; a row of an answer is about all of a module's."""
        kind = self._kinds[cell.row] if cell.row < len(self._kinds) else None
        return self._effects[cell.expert].is_alone(kind)

    def table(self) -> Table:
        """Return every change with its interval."""
        rows = []
        for title, changes in self._rows:
            for expert, change in enumerate(changes):
                figures = ("", "", "", "0")
                if change is not None:
                    value, low, high = (_signed(one, 4) for one in (change.value, change.low, change.high))
                    figures = (value, low, high, str(change.n))
                rows.append((title, called(expert, self._names), *figures))
        heads = (
            self.tr("cases"), self.tr("module"), self.tr("change of the error"), self.tr("from"), self.tr("to"),
            self.tr("number"),
        )  # fmt: skip
        return Table(heads, tuple(rows))

    def sizeHint(self) -> QSize:
        """Ask for rows that hold a number."""
        return QSize(480, self.height_for(len(self._rows), 26, most=24))

    def paint_row_title(self, painter: QPainter, place: QRectF, row: int) -> None:
        """Paint which cases a row is about, cut off where it is long."""
        title = painter.fontMetrics().elidedText(self._rows[row][0], Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, title)


class WorthPage(Retranslated, QWidget):
    """All layers of a model, with what the figures mean above them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self._model: ModelSummary | None = None
        self._worth: Worth | None = None
        self.headline = Text(size="lead", strong=True, wrap=True)
        self.meaning = Text(tone="second", wrap=True)
        self.measured = Text(size="small", tone="hint", wrap=True)
        self.cards: list[tuple[int, ChartCard, WorthMap]] = []
        """Each layer, its card and its map."""
        self._list = QVBoxLayout()
        self._list.setSpacing(BETWEEN)
        layout = column(self.headline, self.meaning, self.measured, spacing=8)
        layout.addLayout(self._list)
        layout.addStretch(1)
        self.setLayout(layout)

    def show_worth(self, model: ModelSummary, worth: Worth) -> None:
        """Show what was found of a model."""
        self._model, self._worth = model, worth
        clear(self._list)
        self.cards = []
        found = worth.measured.effects
        for layer in sorted({one.layer for one in found}) if any(one.whole for one in found) else ():
            shown = WorthMap()
            card = ChartCard(shown)
            card.draw("live")
            self._list.addWidget(card)
            self.cards.append((layer, card, shown))
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        worth, model = self._worth, self._model
        if worth is None or model is None:
            return
        effects = worth.measured.effects
        known = [one.whole for one in effects if one.whole is not None]
        useful = sum(change.low > 0 for change in known)
        if worth.measured.accuracy.n < _FEWEST:
            self.headline.setText(self.tr("One case is too few to say what a module is worth."))
        elif not effects:
            self.headline.setText(self.tr("What the modules are worth was not found out."))
        elif not known:
            said = self.tr("No piece could go to another module, so it is not known what a module is worth.")
            self.headline.setText(said)
        else:
            said = self.tr("Without {useful} of the {all} modules, answers become clearly worse.")
            self.headline.setText(said.format(useful=useful, all=len(known)))
        limit = _largest(effects)
        for layer, card, shown in self.cards:
            own = (one for one in effects if one.layer == layer)
            shown.show_effects(tuple(sorted(own, key=lambda one: one.expert)), model, limit)
            card.title.setText(self.tr("Layer {number}").format(number=layer + 1))
            card.refresh_table()
        error = self.tr("mean negative log-likelihood; 0.69 more means half the chance for the truth")
        if model.answers == "several":
            error = self.tr("mean negative log-likelihood of each label")
        meaning = self.tr(
            "Each figure is the change of the error ({error}) when the pieces of a module go to the one that would come next: all of them, or those of one kind of input, or for the cases of one answer. Orange: the module does good. Blue: answers are better without it. Grey: no clear change."
        )
        dash = self.tr("A dash: not known, as no other module could take the pieces, or there were too few cases.")
        gaps = any(change is None for _layer, _card, shown in self.cards for change in shown.changes())
        self.meaning.setText(f"{meaning.format(error=error)} {dash if gaps else ''}".strip())
        measured = self.tr("{n} cases of {name} · {when}")
        if worth.dataset and worth.dataset == model.dataset:
            measured = self.tr("{n} cases of {name} that it did not learn from · {when}")
        self.measured.setText(
            measured.format(
                n=worth.measured.accuracy.n, name=domain_words().named(worth.name), when=Durations.when(worth.at)
            )
        )


def _signed(value: float, digits: int) -> str:
    """Return a number with its sign, the real minus where it is below 0."""
    return f"{value:+.{digits}f}".replace("-", "\u2212")
