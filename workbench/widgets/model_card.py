"""A model on a card: how often it is right and on what, what it learned from, how large it is, and whether it answers now."""

from PySide6.QtCore import QLocale, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from engine.schema.base import MODALITIES
from engine.schema.model import Measured, ModelSummary
from workbench.i18n import Retranslated
from workbench.state.predictions import ModalityWords
from workbench.state.recipes import recipe_names
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.boxes import Frame, button, column, row
from workbench.widgets.chart_card import Table, TableView
from workbench.widgets.knowledge_findings import KnowledgeFindings
from workbench.widgets.run_facts import count_text, interval_text
from workbench.widgets.run_words import accuracy_sentence, device_sentence
from workbench.widgets.text import ElidedText, Text
from workbench.words import Durations, listed, size_in_words


class ModelCard(Retranslated, Frame):
    """One model.

    Signals:
        use_wanted: the model shall answer from now on; carries its id.
        remove_wanted: the model shall go to the trash; carries its id.
        run_wanted: the person wants to see the run it came from; carries the run's id.
        ledger_wanted: the person wants to see what it kept of its teachers; carries its id.
        worth_wanted: the person wants to see what each of its modules is worth; carries its id.
    """

    use_wanted = Signal(str)
    remove_wanted = Signal(str)
    run_wanted = Signal(str)
    ledger_wanted = Signal(str)
    worth_wanted = Signal(str)

    def __init__(self, model: ModelSummary, in_use: bool, parent: QWidget | None = None) -> None:
        self.model = model
        self.in_use = in_use
        self.name = ElidedText(size="title")
        self.mark = Text(tone="good", strong=True)
        self.synthetic = Text(tone="care", size="small", strong=True, wrap=True)
        self.use = button("", "check")
        self.run, self.remove = button("plain"), button("plain", "trash-can-outline")
        self.right = Text(size="lead", wrap=True)
        self._facts = [(Text(tone="hint", size="small"), Text(wrap=True)) for _ in range(8)]
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(BETWEEN)
        self._grid.setVerticalSpacing(4)
        self._patterns_head = Text(tone="hint", size="small")
        self.patterns = TableView()
        self.details = button("plain", "chevron-down")
        self.details.setCheckable(True)
        self.ledger = button("plain", "school-outline")
        self.ledger.hide()
        self.worth = button("plain", "scale-balance")
        if not model.layers:  # without experts there is nothing to ask
            self.worth.hide()
        head = row(self.name, self.mark, None, self.run, self.remove, self.use, spacing=12)
        self.knowledge = KnowledgeFindings(model.knowledge) if model.knowledge is not None else None
        told = (self.knowledge,) if self.knowledge is not None else ()
        body = column(
            head,
            self.synthetic,
            self.right,
            self._grid,
            *told,
            row(self.details, self.ledger, self.worth, None),
            self._patterns_head,
            self.patterns,
            spacing=INSIDE,
            margins=BETWEEN,
        )
        super().__init__("card", body, parent)
        self._fill_grid()
        self.use.clicked.connect(lambda: self.use_wanted.emit(model.model_id))
        self.remove.clicked.connect(lambda: self.remove_wanted.emit(model.model_id))
        self.run.clicked.connect(lambda: self.run_wanted.emit(model.run))
        self.ledger.clicked.connect(lambda: self.ledger_wanted.emit(model.model_id))
        self.worth.clicked.connect(lambda: self.worth_wanted.emit(model.model_id))
        self.details.toggled.connect(self._on_details_toggled)
        self.patterns.hide()
        self._patterns_head.hide()
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        model = self.model
        self.name.setText(recipe_names().shown(model.name))
        self.mark.setText(self.tr("✓ In use") if self.in_use else "")
        self.mark.setVisible(self.in_use)
        self.synthetic.setText(ModalityWords().stamp(model.domain))
        self.synthetic.setVisible(model.synthetic)
        self.use.setText(self.tr("Use this model"))
        self.use.setVisible(not self.in_use)
        self.run.setText(self.tr("See its run"))
        self.run.setVisible(bool(model.run))
        self.remove.setText(self.tr("Remove"))
        self.details.setText(self.tr("By kinds of input"))
        self.ledger.setText(self.tr("What it kept of its teachers"))
        self.worth.setText(self.tr("What each module is worth"))
        self.right.setText(accuracy_sentence(model))
        self._patterns_head.setText(
            self.tr("All labels right, by the kinds of input a case had (95 % interval)")
            if model.answers == "several"
            else self.tr("Right, by the kinds of input a case had (95 % interval)")
        )
        for (title, value), (head, said) in zip(self._facts, self._sentences(), strict=True):
            title.setText(head)
            value.setText(said)
        measured = self._measured()
        self.details.setVisible(measured is not None and bool(measured.by_pattern))
        if measured is not None:
            self._fill_patterns(measured)

    def offer_ledger(self, on: bool) -> None:
        """Offer the way to the model's ledger, or not, as the engine has one or not."""
        self.ledger.setVisible(on)

    def _measured(self) -> Measured | None:
        return self.model.validation or self.model.out_of_fold

    def _sentences(self) -> list[tuple[str, str]]:
        model = self.model
        teachers = listed(teacher.name for teacher in model.teachers) or self.tr("none")
        size = self.tr(
            "{total} parameters, {active} at work on a piece · {layers} layers of {experts} modules · {size}"
        )
        if not model.layers:
            size = self.tr("{total} parameters · no modules · {size}")
        said = size.format(
            total=count_text(model.parameters),
            active=count_text(model.active_parameters),
            layers=model.layers,
            experts=model.experts,
            size=size_in_words(model.size),
        )
        if model.inside:
            said += self.tr(" · {names} kept inside").format(names=listed(one.name for one in model.inside))
        if model.alike:
            said += self.tr(" · its modules are one network still: training ended before they parted")
        calm = self._calm(self._measured())
        made = self.tr("{when}, in {time}").format(
            when=Durations.when(model.created_at), time=Durations.length(model.seconds)
        )
        return [
            (self.tr("Recipe"), recipe_names().title(model.recipe) or model.recipe),
            (self.tr("Teachers"), teachers),
            (self.tr("Size"), said),
            (self.tr("How sure"), calm),
            (self.tr("Answers"), self._answers()),
            (self.tr("Made"), made),
            (self.tr("Computed on"), device_sentence(model.device) if model.device else self.tr("not known")),
            (self.tr("Seed"), str(model.seed)),
        ]

    def _calm(self, measured: Measured | None) -> str:
        """Return how far its chances are off, and how often what it named held the truth, as far as either was measured."""
        if measured is None:
            return self.tr("not measured")
        ece, several = f"{100 * measured.ece:.1f}", measured.several
        if several is None and measured.coverage is not None:
            said = self.tr("off by {ece} points on average (ECE); the answers it named held the truth in {coverage} %")
            return said.format(ece=ece, coverage=f"{100 * measured.coverage:.0f}")
        if several is not None and several.missed.n:
            said = self.tr(
                "off by {ece} points on average over labels (ECE); its sets missed {missed} % of a case's true labels on average, at most {alpha} % are promised; micro F1 {f1}"
            )
            missed, alpha = f"{100 * several.missed.value:.1f}", f"{100 * several.alpha:g}"
            return said.format(ece=ece, missed=missed, alpha=alpha, f1=f"{several.micro_f1:.2f}")
        return self.tr("off by {ece} points on average (ECE); what its sets hold was not measured").format(ece=ece)

    def _answers(self) -> str:
        n, measured = len(self.model.labels), self._measured()
        if self.model.answers == "several":
            return self.tr("{n} labels, any number a case").format(n=n)
        if measured is None or measured.ordered is None:
            return self.tr("{n} answers").format(n=n)
        off, kappa = measured.ordered.places_off, measured.ordered.kappa
        mean, low, high = (QLocale().toString(value, "f", 2) for value in (off.value, off.low, off.high))
        said = self.tr(
            "{n} in their order: {mean} places from the truth on average (95 % {low} to {high}), at most one in {near} %"
        ).format(n=n, mean=mean, low=low, high=high, near=f"{100 * measured.ordered.within_one:.0f}")
        if kappa is not None:
            said += self.tr(", weighted kappa {kappa}").format(kappa=QLocale().toString(kappa, "f", 2))
        return said

    def _fill_grid(self) -> None:
        for number, (title, value) in enumerate(self._facts):
            self._grid.addWidget(title, number // 2, 2 * (number % 2))
            self._grid.addWidget(value, number // 2, 2 * (number % 2) + 1)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(3, 1)

    def _fill_patterns(self, measured: Measured) -> None:
        words = {"text": self.tr("text"), "image": self.tr("image"), "audio": self.tr("sound")}
        rows = []
        for pattern, interval in sorted(measured.by_pattern.items(), key=lambda item: -len(item[0].split("+"))):
            parts = pattern.split("+")
            named = " + ".join(words[modality] for modality in MODALITIES if modality in parts) or pattern
            rows.append((named, interval_text(interval), QLocale().toString(interval.n)))
        self.patterns.fill(Table((self.tr("kinds of input"), self.tr("right"), self.tr("cases")), tuple(rows)))
        self.patterns.fit_rows()

    def _on_details_toggled(self, on: bool) -> None:
        self.patterns.setVisible(on)
        self._patterns_head.setVisible(on)
