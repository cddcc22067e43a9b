"""Every visible text is there in both languages, and the compiled files are those of the sources."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QTranslator
from pytestqt.qtbot import QtBot

from engine.jobs.catalog import build_catalog
from engine.schema.places import assets
from tests.conftest import ROOT
from workbench.widgets.choice_form import ChoiceForm

FOLDER = assets() / "translations"
LUPDATE = Path(sys.executable).with_name("pyside6-lupdate")
_PLACE = re.compile(r"%n|\{\w*\}")
_SAME = {"{wan}": "{million}"}
"""Chinese counts in ten thousands where English counts in millions; the code fills either place."""


def _messages(path: Path) -> list[tuple[str, str, list[str], bool]]:
    """Return context, source, translations and whether each message is finished."""
    found = []
    for context in ElementTree.parse(path).getroot().findall("context"):
        for message in context.findall("message"):
            translation = message.find("translation")
            assert translation is not None
            forms = [form.text or "" for form in translation.findall("numerusform")] or [translation.text or ""]
            finished = translation.get("type") is None
            found.append((context.findtext("name", ""), message.findtext("source", ""), forms, finished))
    return found


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the Chinese file brought up to date with the code as it is now."""
    copy = tmp_path_factory.mktemp("ts") / "consilium_zh_CN.ts"
    shutil.copy(FOLDER / copy.name, copy)
    files = [str(path) for path in sorted((ROOT / "workbench").rglob("*.py"))]
    options = ["-locations", "none", "-source-language", "en", "-target-language", "zh_CN"]
    subprocess.run([LUPDATE, *files, "-ts", copy, *options], check=True, capture_output=True, cwd=ROOT)
    return copy


def test_texts_when_collected_from_the_code_are_all_translated(fresh: Path) -> None:
    messages = _messages(fresh)
    assert len(messages) > 300
    assert [(context, source) for context, source, _forms, finished in messages if not finished] == []


def test_texts_when_read_in_the_code_stand_outside_of_f_strings() -> None:
    """Inside one, the collector does not see them."""
    inside = re.compile(r"""\{(?:self\.tr|(?:QCoreApplication\.)?translate)\(""")
    guilty = [path.name for path in (ROOT / "workbench").rglob("*.py") if inside.search(path.read_text("utf-8"))]
    assert guilty == []


def test_sections_of_a_run_s_form_when_named_have_a_word_in_both_languages(qtbot: QtBot) -> None:
    sections = {field.section for recipe in build_catalog().recipes for field in recipe.fields}
    form, chinese = ChoiceForm(), QTranslator()
    qtbot.addWidget(form)
    assert chinese.load("consilium_zh_CN", str(FOLDER))
    words = {section: form.section_word(section) for section in sections}
    assert {section for section, word in words.items() if not chinese.translate("ChoiceForm", word)} == set()


@pytest.mark.parametrize("name", ["consilium_zh_CN", "consilium_en"])
def test_translation_when_it_has_places_keeps_each(name: str) -> None:
    for context, source, forms, _finished in _messages(FOLDER / f"{name}.ts"):
        for form in forms:
            places = [_SAME.get(place, place) for place in _PLACE.findall(form)]
            assert sorted(places) == sorted(_PLACE.findall(source)), (context, source)


@pytest.mark.parametrize("name", ["consilium_zh_CN", "consilium_en"])
def test_compiled_file_when_asked_says_what_its_source_says(name: str, qapp: object) -> None:
    translator = QTranslator()
    assert translator.load(name, str(FOLDER))
    for context, source, forms, _finished in _messages(FOLDER / f"{name}.ts"):
        number = 2 if "%n" in source else -1
        assert translator.translate(context, source, "", number) == forms[-1], (context, source)


def test_english_when_one_is_counted_uses_the_singular(qapp: object) -> None:
    translator = QTranslator()
    assert translator.load("consilium_en", str(FOLDER))
    assert translator.translate("CasesView", "%n case(s)", "", 1) == "%n case"
    assert translator.translate("CasesView", "%n case(s)", "", 2) == "%n cases"
