"""Labels: Chinese lines stand apart, English ones as they did, and nothing is read as markup."""

import itertools
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from workbench.i18n import Languages
from workbench.widgets.text import LINE_HEIGHT, Text

SENTENCE = "请添加文字、图片或录音。有一种即可，三种更好。" * 3


@pytest.fixture
def languages(qapp: QApplication) -> Iterator[Languages]:
    made = Languages(QObject(qapp))
    yield made
    made.switch("en")


def _label(qtbot: QtBot, text: str) -> Text:
    label = Text(text, wrap=True)
    qtbot.addWidget(label)
    label.setStyleSheet("font-size: 20px")
    label.resize(200, 400)
    label.show()
    qtbot.waitExposed(label)
    return label


def test_lines_when_chinese_stand_apart_by_half_a_letter(qtbot: QtBot, languages: Languages) -> None:
    languages.switch("zh")
    label = _label(qtbot, SENTENCE)
    layout, height = label._lines(200)
    tops = [layout.lineAt(number).y() for number in range(layout.lineCount())]
    assert len(tops) > 3
    assert all(below - above >= LINE_HEIGHT * 20 for above, below in itertools.pairwise(tops))
    assert label.heightForWidth(200) >= height
    languages.switch("en")
    assert label.heightForWidth(200) < height


def test_lines_when_broken_by_hand_stay_broken(qtbot: QtBot, languages: Languages) -> None:
    languages.switch("zh")
    label = _label(qtbot, "一\n二\n三")
    assert label._lines(200)[0].lineCount() == 3


def test_lines_when_painted_lie_within_the_label(qtbot: QtBot, languages: Languages) -> None:
    languages.switch("zh")
    label = _label(qtbot, SENTENCE)
    label.resize(200, label.heightForWidth(200))
    image = label.grab().toImage()
    ground = image.pixel(0, 0)
    painted = [y for y in range(image.height()) if any(image.pixel(x, y) != ground for x in range(image.width()))]
    assert painted[0] < 20
    assert image.height() - painted[-1] < 12
