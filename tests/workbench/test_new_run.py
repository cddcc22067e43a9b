"""The form of a new run: made from the catalog alone, wrong values named at their fields, the same configuration as `--set` gives."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.schema.catalog import FormField
from engine.schema.config import RunConfig, apply_settings
from tests.workbench.fakes.knowledge import KNOWN, KnowledgeBooks
from tests.workbench.fakes.stand_in_engine import catalog, dataset, model
from workbench.dialogs.new_run import KNOWLEDGE, NewRunDialog, Offer, dataset_sentence


@pytest.fixture
def dialog(qtbot: QtBot) -> NewRunDialog:
    made = NewRunDialog(Offer(catalog(), (dataset(),), (model(),)))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def _asked(qtbot: QtBot, dialog: NewRunDialog) -> RunConfig:
    with qtbot.waitSignal(dialog.run_asked) as asked:
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert asked.args is not None
    config = asked.args[0]
    assert isinstance(config, RunConfig)
    return config


def test_form_when_left_as_it_is_asks_for_the_recipe_whole(qtbot: QtBot, dialog: NewRunDialog) -> None:
    recipe = catalog().recipes[0].config
    assert recipe is not None
    assert _asked(qtbot, dialog) == recipe.model_copy(update={"dataset": "demo-clinic"})


def test_form_when_changed_gives_what_the_command_line_gives(qtbot: QtBot, dialog: NewRunDialog) -> None:
    settings = {"name": "Mine", "optim.epochs": "7", "optim.learning_rate": "0.01", "student.router.sides": "20"}
    for key, value in settings.items():
        dialog.form.rows[key].set_value(value)
    recipe = catalog().recipes[0].config
    assert recipe is not None
    assert _asked(qtbot, dialog) == apply_settings(recipe, settings | {"dataset": "demo-clinic"})


def test_settings_of_an_entry_when_another_is_chosen_give_way_to_the_other_ones_own(
    qtbot: QtBot, dialog: NewRunDialog
) -> None:
    form = dialog.form
    form.fold.setChecked(True)
    first = form.rows["student.router.sides"]
    first.set_value("20")
    assert "student.router.throws" not in form.rows
    form.rows["student.router"].set_value("dice")
    assert not first.isVisible()
    assert form.rows["student.router.sides"].value() == "6"
    assert form.rows["student.router.throws"].isVisible()
    form.rows["student.router.throws"].set_value("3")
    router = _asked(qtbot, dialog).student.router
    assert (router.name, router.settings) == ("dice", {"throws": 3})


def test_settings_of_an_entry_when_it_is_chosen_again_are_as_they_were_left(dialog: NewRunDialog) -> None:
    form = dialog.form
    form.rows["student.router.sides"].set_value("20")
    form.rows["student.router"].set_value("dice")
    form.rows["student.router.sides"].set_value("99")
    assert not form.check()
    form.rows["student.router"].set_value("round-robin")
    assert form.settings() == {"student.router.sides": "20"}
    assert form.check()


def test_simple_fields_when_opened_are_seen_and_the_others_folded(dialog: NewRunDialog) -> None:
    rows = dialog.form.rows
    assert rows["optim.epochs"].isVisible()
    assert not rows["seed"].isVisible()
    dialog.form.fold.setChecked(True)
    assert rows["seed"].isVisible()


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("optim.epochs", "0", "Give a whole number from 1 to 1000."),
        ("optim.epochs", "2.5", "Give a whole number from 1 to 1000."),
        ("optim.learning_rate", "many", "Give a number from 0 to 1."),
        ("optim.learning_rate", "nan", "Give a number from 0 to 1."),
        ("seed", "-1", "Give a whole number of at least 0."),
    ],
)
def test_wrong_value_when_typed_is_named_at_its_field_and_starts_nothing(
    qtbot: QtBot, dialog: NewRunDialog, key: str, value: str, sentence: str
) -> None:
    dialog.form.rows[key].set_value(value)
    with qtbot.assertNotEmitted(dialog.run_asked):
        qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert dialog.form.rows[key].problem.text() == sentence
    assert dialog.form.rows[key].isVisible()


def test_recipe_when_chosen_brings_its_own_fields_and_what_it_starts_from(qtbot: QtBot, dialog: NewRunDialog) -> None:
    assert not dialog.start_from.isVisible()
    dialog.recipes.choose("fuse")
    assert dialog.start_from.isVisible()
    assert set(dialog.form.rows) == {"name", "optim.epochs"}
    assert not dialog.teachers
    dialog.start_from.setCurrentIndex(1)
    config = _asked(qtbot, dialog)
    assert (config.recipe, config.start_from) == ("fuse", "model-1")


def test_chain_when_ticked_names_the_recipe_that_follows(qtbot: QtBot, dialog: NewRunDialog) -> None:
    dialog.then["fuse"].setChecked(True)
    assert _asked(qtbot, dialog).then == "fuse"


def test_teachers_when_ticked_are_those_of_the_catalog(qtbot: QtBot, dialog: NewRunDialog) -> None:
    assert {name: box.isChecked() for name, box in dialog.teachers.items()} == {
        "big-reader": True,
        "good-listener": False,
    }
    dialog.teachers["good-listener"].setChecked(True)
    assert [choice.name for choice in _asked(qtbot, dialog).teachers] == ["big-reader", "good-listener"]


def test_data_set_when_shown_says_cases_people_and_missing_inputs() -> None:
    said = dataset_sentence(dataset()).replace(",", "")
    assert said == "2000 training cases · 4 answers · 640 people or groups · sound missing in 22 %"


def test_device_when_the_form_opens_is_said_before_the_start(dialog: NewRunDialog) -> None:
    assert dialog.device.text() == "It computes on: no GPU: CPU (1 thread)"


def test_project_without_labelled_cases_offers_the_demo_run(qtbot: QtBot) -> None:
    dialog = NewRunDialog(Offer(catalog(), (), ()))
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.start.isEnabled()
    assert "no labelled cases" in dialog.facts.text()
    with qtbot.waitSignal(dialog.demo_asked):
        qtbot.mouseClick(dialog.demo, Qt.MouseButton.LeftButton)


def test_window_when_read_names_no_router_and_no_fusion() -> None:
    folder = Path(__file__).parents[2] / "workbench"
    named = re.compile(r"token-choice|expert-choice|\"gated\"|\"concat\"|minilm", re.IGNORECASE)
    guilty = [path.name for path in folder.rglob("*.py") if named.search(path.read_text(encoding="utf-8"))]
    assert guilty == []


def test_knowledge_file_when_the_data_set_has_none_is_said_and_not_offered(qtbot: QtBot, dialog: NewRunDialog) -> None:
    dialog.show_knowledge("demo-clinic", ())
    assert dialog.knowledge.said.text() == "Knowledge file: none yet"
    assert not dialog.knowledge.use.isVisible()
    assert _asked(qtbot, dialog).knowledge.version == ""
    with qtbot.waitSignal(dialog.knowledge_wanted) as wanted:
        qtbot.mouseClick(dialog.knowledge.edit, Qt.MouseButton.LeftButton)
    assert wanted.args == ["demo-clinic"]


def test_knowledge_file_when_there_is_one_is_used_only_where_a_version_is_chosen(
    qtbot: QtBot, dialog: NewRunDialog
) -> None:
    books = KnowledgeBooks()
    versions = (books.write("demo-clinic", KNOWN), books.write("demo-clinic", "# second\n" + KNOWN))
    dialog.show_knowledge("demo-clinic", versions)
    assert dialog.knowledge.said.text().startswith("Knowledge file, version 2: 2 label")
    assert dialog.config().knowledge.version == ""
    dialog.knowledge.use.setCurrentIndex(2)
    dialog.knowledge.use.activated.emit(2)
    assert _asked(qtbot, dialog).knowledge.version == "1"
    dialog.show_knowledge("demo-clinic", (*versions, books.write("demo-clinic", "# third\n" + KNOWN)))
    assert dialog.config().knowledge.version == "3"


def test_knowledge_file_when_the_recipe_names_the_latest_is_the_newest_version(dialog: NewRunDialog) -> None:
    dialog.show_knowledge("demo-clinic", (KnowledgeBooks().write("demo-clinic", KNOWN),))
    dialog.knowledge.prefer("latest")
    assert dialog.knowledge.version == "1"


def test_knowledge_setting_when_the_recipe_offers_it_as_a_field_stands_with_the_data_alone(
    dialog: NewRunDialog,
) -> None:
    field = FormField(key=KNOWLEDGE, title="Knowledge", help="", kind="text", default="", section="knowledge")
    told = catalog()
    recipe = told.recipes[0].model_copy(update={"fields": (*told.recipes[0].fields, field)})
    form = NewRunDialog(Offer(told.model_copy(update={"recipes": (recipe,)}), (dataset(),), ()), dialog)
    assert KNOWLEDGE not in form.form.rows


def test_form_when_there_are_no_cases_says_beside_start_why_it_cannot(qtbot: QtBot) -> None:
    made = NewRunDialog(Offer(catalog(), (), ()))
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    assert not made.start.isEnabled()
    assert made.nothing.isVisible()
    assert made.nothing.text().startswith("There are no labelled cases yet.")
    assert made.start.toolTip() == made.nothing.text()
