"""Set up a run in words: what to learn from, which recipe, on what it computes, what follows; made from the catalog alone."""

import dataclasses
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLocale, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QComboBox, QDialog, QRadioButton, QVBoxLayout, QWidget

from engine.schema.base import MODALITIES
from engine.schema.case import Dataset
from engine.schema.catalog import Catalog, Entry, RecipeInfo
from engine.schema.config import RunConfig, apply_settings
from engine.schema.errors import ErrorBody, UserError
from engine.schema.knowledge import KnowledgeVersion
from engine.schema.model import ModelSummary
from workbench.i18n import Retranslated, language
from workbench.state.domains import domain_words
from workbench.state.recipes import recipe_names
from workbench.theme import AROUND, BETWEEN, INSIDE, theme
from workbench.widgets.boxes import Frame, button, column, line, row
from workbench.widgets.choice_form import ChoiceForm
from workbench.widgets.knowledge_choice import KnowledgeChoice
from workbench.widgets.run_facts import problem_text
from workbench.widgets.run_words import device_sentence
from workbench.widgets.scroll import scrolled
from workbench.widgets.text import Text

TEACHERS = "teacher"
"""Name of the registry whose entries a run may learn from."""
LATEST = "latest"
KNOWLEDGE = "knowledge.version"
"""Key of the setting that says which version of the knowledge file enters the run."""


@dataclasses.dataclass(frozen=True)
class Offer:
    """What a run can be made of: the engine's catalog, the project's data sets and models."""

    catalog: Catalog
    datasets: tuple[Dataset, ...]
    models: tuple[ModelSummary, ...]


def dataset_sentence(dataset: Dataset) -> str:
    """Return how many cases a data set has, of how many people, and which inputs are missing how often."""
    translate = QCoreApplication.translate
    total = sum(dataset.patterns.values()) or sum(dataset.counts.values())
    said = [translate("NewRun", "{n} training cases").format(n=QLocale().toString(dataset.counts.get("train", 0)))]
    said.append(translate("NewRun", "{n} answers").format(n=len(dataset.labels)))
    if dataset.groups:
        said.append(translate("NewRun", "{n} people or groups").format(n=QLocale().toString(dataset.groups)))
    words = {
        "text": translate("NewRun", "text missing in {share} %"),
        "image": translate("NewRun", "image missing in {share} %"),
        "audio": translate("NewRun", "sound missing in {share} %"),
    }
    for modality in MODALITIES if dataset.patterns else ():
        present = sum(count for pattern, count in dataset.patterns.items() if modality in pattern.split("+"))
        if 0 < present < total:
            said.append(words[modality].format(share=f"{100 * (total - present) / total:.0f}"))
        elif not present:
            said.append(words[modality].format(share="100"))
    return " · ".join(said)


def recipe_words(recipe: RecipeInfo) -> tuple[str, str]:
    """Return a recipe's title and summary in the language of the moment."""
    if language() == "zh":
        return recipe.title_zh or recipe.title, recipe.summary_zh or recipe.summary
    return recipe.title, recipe.summary


class _RecipeChoice(Retranslated, QWidget):
    """The recipes, one of them chosen.

    Signals:
        chosen: another recipe was chosen.
    """

    chosen = Signal()

    def __init__(self, recipes: Sequence[RecipeInfo], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipes = list(recipes)
        self._group = QButtonGroup(self)
        self._rows: list[tuple[QRadioButton, Text]] = []
        layout = column(spacing=INSIDE)
        for number, _recipe in enumerate(self._recipes):
            made, summary = QRadioButton(), Text(size="small", tone="hint", wrap=True)
            summary.setContentsMargins(AROUND, 0, 0, 0)
            self._group.addButton(made, number)
            self._rows.append((made, summary))
            layout.addLayout(column(made, summary, spacing=0))
        self.setLayout(layout)
        if self._rows:
            self._rows[0][0].setChecked(True)
        self._group.idClicked.connect(lambda _number: self.chosen.emit())
        self.retranslate()

    def retranslate(self) -> None:
        """Write titles and summaries in the language of the moment."""
        for recipe, (made, summary) in zip(self._recipes, self._rows, strict=True):
            title, said = recipe_words(recipe)
            made.setText(title)
            summary.setText(said)

    @property
    def recipe(self) -> RecipeInfo | None:
        """The chosen recipe; None where the engine offers none."""
        return self._recipes[self._group.checkedId()] if self._recipes else None

    def choose(self, name: str) -> None:
        """Choose a recipe by its name."""
        for recipe, (made, _) in zip(self._recipes, self._rows, strict=True):
            if recipe.name == name:
                made.setChecked(True)
                self.chosen.emit()


class NewRunDialog(Retranslated, QDialog):
    """The form of a new run.

    Signals:
        run_asked: the person wants this run; carries its `RunConfig`. The dialog stays until `accept` or `show_problem`.
        demo_asked: the person wants the demo run instead.
        knowledge_wanted: the person wants to edit the knowledge file of a data set; carries its name. The form can come back.
    """

    run_asked = Signal(object)
    demo_asked = Signal()
    knowledge_wanted = Signal(str)

    def __init__(self, offer: Offer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offer = offer
        self._heads = [Text(size="lead", strong=True) for _ in range(4)]
        self.dataset = QComboBox()
        self.facts = Text(tone="second", wrap=True)
        self.knowledge = KnowledgeChoice()
        self.recipes = _RecipeChoice(offer.catalog.recipes)
        self.start_from = QComboBox()
        self.teachers: dict[str, QCheckBox] = {}
        self._teacher_box = column(spacing=4)
        self.then: dict[str, QCheckBox] = {}
        self._then_box = column(spacing=4)
        self.form = ChoiceForm()
        self.device = Text(tone="second", wrap=True)
        self.problem = Text(tone="stop", wrap=True, strong=True)
        self.problem.hide()
        self.nothing = Text(tone="care", wrap=True)
        self.start, self._cancel, self.demo = button("primary", "play"), button(), button("plain")
        self._build()
        self.dataset.currentIndexChanged.connect(self._on_dataset_changed)
        self.recipes.chosen.connect(self._on_recipes_chosen)
        self.start.clicked.connect(self._on_start_clicked)
        self._cancel.clicked.connect(self.reject)
        self.demo.clicked.connect(self._on_demo_clicked)
        self.knowledge.edit.clicked.connect(lambda: self.knowledge_wanted.emit(str(self.dataset.currentData() or "")))
        self._on_recipes_chosen()
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.setWindowTitle(self.tr("New run"))
        words = (self.tr("Learn from"), self.tr("What to do"), self.tr("Teachers"), self.tr("Settings"))
        for head, word in zip(self._heads, words, strict=True):
            head.setText(word)
        self.start.setText(self.tr("Start"))
        self._cancel.setText(self.tr("Cancel"))
        self.demo.setText(self.tr("No data of your own? Start the demo run"))
        self.dataset.setAccessibleName(self.tr("Data set"))
        self.start_from.setAccessibleName(self.tr("Model to start from"))
        self.device.setText(
            self.tr("It computes on: {device}").format(device=device_sentence(self._offer.catalog.device))
        )
        self._write_choices()
        self._on_dataset_changed()

    def config(self) -> RunConfig:
        """Return the run as the form says; raises `UserError` where a setting does not fit."""
        recipe = self.recipes.recipe
        assert recipe is not None
        base = recipe.config if recipe.config is not None else RunConfig(recipe=recipe.name)
        settings = dict(self.form.settings())
        settings["dataset"] = str(self.dataset.currentData() or "")
        settings[KNOWLEDGE] = self.knowledge.version
        if self.teachers:
            settings["teachers"] = ",".join(name for name, box in self.teachers.items() if box.isChecked())
        if recipe.needs_model:
            settings["start_from"] = str(self.start_from.currentData() or LATEST)
        settings["then"] = next((name for name, box in self.then.items() if box.isChecked()), "")
        return apply_settings(base, settings)

    def show_knowledge(self, dataset: str, versions: Sequence[KnowledgeVersion]) -> None:
        """Take what the engine knows of a data set's knowledge file."""
        self.knowledge.take(dataset, versions)

    def show_problem(self, problem: ErrorBody) -> None:
        """Say what was refused: at its field where the form has it, else below."""
        self.start.setEnabled(True)
        said = problem_text(problem)
        if not self.form.say(str(problem.parameters.get("key", "")), said):
            self.problem.setText(said)
            self.problem.show()

    def _build(self) -> None:
        data = column(self._heads[0], self.dataset, self.facts, self.knowledge)
        what = column(self._heads[1], self.recipes, self.start_from, self._then_box)
        self._teacher_part = Frame("", column(self._heads[2], self._teacher_box))
        page = QWidget()
        page.setObjectName("page")
        settings = column(self._heads[3], self.form, spacing=12)
        inside = column(data, line(), what, self._teacher_part, line(), settings, None, spacing=BETWEEN, margins=AROUND)
        page.setLayout(inside)
        foot = column(
            self.problem,
            self.nothing,
            self.device,
            row(self.demo, None, self._cancel, self.start),
            margins=(AROUND, 12, AROUND, 12),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(scrolled(page, whole_width=True), 1)
        layout.addWidget(Frame("foot", foot))
        above = self.parentWidget()
        side = theme().px(640)
        self.resize(side, side if above is None else min(side, above.window().height()))

    def _write_choices(self) -> None:
        chosen, start = self.dataset.currentData(), self.start_from.currentData()
        self.dataset.blockSignals(True)
        self.dataset.clear()
        for dataset in sorted(self._offer.datasets, key=lambda each: each.created_at, reverse=True):
            name = domain_words().named(dataset.title) or dataset.dataset
            self.dataset.addItem(
                self.tr("{name} (synthetic)").format(name=name) if dataset.synthetic else name, dataset.dataset
            )
        self.dataset.setCurrentIndex(max(0, self.dataset.findData(chosen)))
        self.dataset.blockSignals(False)
        self.start_from.clear()
        self.start_from.addItem(self.tr("start from the newest distilled model"), LATEST)
        for model in self._offer.models:
            self.start_from.addItem(
                self.tr("start from {name}").format(name=recipe_names().shown(model.name)), model.model_id
            )
        self.start_from.setCurrentIndex(max(0, self.start_from.findData(start)))
        titles = {recipe.name: recipe_words(recipe)[0] for recipe in self._offer.catalog.recipes}
        for name, box in self.then.items():
            box.setText(self.tr("Then go on: {recipe}").format(recipe=titles[name]))
        summaries = {entry.name: entry for entry in self._entries(TEACHERS)}
        for name, box in self.teachers.items():
            box.setText(_summary(summaries[name]))

    def _entries(self, registry: str) -> list[Entry]:
        return [entry for entry in self._offer.catalog.entries if entry.registry == registry]

    @Slot()
    def _on_dataset_changed(self) -> None:
        dataset = next((known for known in self._offer.datasets if known.dataset == self.dataset.currentData()), None)
        if dataset is None:
            self.facts.setText(
                self.tr("There are no labelled cases yet. Drop a table with answers on Home, or start the demo run.")
            )
        else:
            self.facts.setText(dataset_sentence(dataset))
        self.dataset.setVisible(dataset is not None)
        self.knowledge.setVisible(dataset is not None)
        self.knowledge.show_dataset(dataset.dataset if dataset is not None else "")
        self.start.setEnabled(dataset is not None and self.recipes.recipe is not None)
        self.start.setToolTip("" if dataset is not None else self.facts.text())
        self.nothing.setText(self.start.toolTip())
        self.nothing.setVisible(dataset is None)

    @Slot()
    def _on_recipes_chosen(self) -> None:
        recipe = self.recipes.recipe
        if recipe is None:
            return
        self.form.show_fields([field for field in recipe.fields if field.key != KNOWLEDGE])  # it stands with the data
        self.knowledge.prefer(recipe.config.knowledge.version if recipe.config is not None else "")
        self.start_from.setVisible(recipe.needs_model)
        for box in (*self.then.values(), *self.teachers.values()):
            box.setParent(None)
            box.deleteLater()
        followers = [] if recipe.needs_model else [each for each in self._offer.catalog.recipes if each.needs_model]
        self.then = {each.name: QCheckBox() for each in followers}
        taught = [choice.name for choice in recipe.config.teachers] if recipe.config is not None else []
        self.teachers = {entry.name: QCheckBox() for entry in self._entries(TEACHERS)} if taught else {}
        for name, box in self.teachers.items():
            box.setChecked(name in taught)
            self._teacher_box.addWidget(box)
        for name, box in self.then.items():
            box.setChecked(recipe.config is not None and recipe.config.then == name)
            box.toggled.connect(lambda on, own=box: self._untick_others(own) if on else None)
            self._then_box.addWidget(box)
        self._teacher_part.setVisible(bool(self.teachers))
        self._write_choices()

    def _untick_others(self, ticked: QCheckBox) -> None:
        for box in self.then.values():
            if box is not ticked:
                box.setChecked(False)

    @Slot()
    def _on_start_clicked(self) -> None:
        self.problem.hide()
        if not self.form.check():
            return
        try:
            config = self.config()
        except UserError as error:
            self.show_problem(error.body())
            return
        self.start.setEnabled(False)
        self.run_asked.emit(config)

    @Slot()
    def _on_demo_clicked(self) -> None:
        self.demo_asked.emit()
        self.accept()


def _summary(entry: Entry) -> str:
    said = entry.summary_zh if language() == "zh" and entry.summary_zh else entry.summary
    return f"{entry.name}: {said}"
