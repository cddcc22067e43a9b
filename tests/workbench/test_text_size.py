"""Letters from 90 to 150 %: chosen, remembered, applied at once, and nothing cut off."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from engine.schema.event import JobChanged
from tests.workbench.conftest import example
from tests.workbench.fakes.answers import answer_for, clinic_model
from tests.workbench.fakes.engine import FakeEngine
from tests.workbench.fakes.knowledge import KNOWN
from tests.workbench.fakes.ledgers import compared, ledger
from tests.workbench.fakes.reports import report
from tests.workbench.fakes.run_events import bodies, events, job_info
from tests.workbench.fakes.stand_in_engine import catalog, dataset, model
from workbench.dialogs.new_run import NewRunDialog, Offer
from workbench.main_window import SMALLEST
from workbench.rooms import Rooms
from workbench.state.settings import Preferences
from workbench.theme import BODY, PERCENTS, theme
from workbench.views.training import TrainingView
from workbench.widgets.text import ElidedText

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def _usual_size() -> Iterator[None]:
    yield
    theme().set_percent(100)


def test_size_when_stepped_by_keys_grows_shrinks_and_comes_back(qtbot: QtBot, rooms: Rooms) -> None:
    window = rooms.window
    qtbot.keyClick(window, Qt.Key.Key_Equal, CONTROL)
    assert theme().percent == 110
    qtbot.keyClick(window, Qt.Key.Key_Plus, CONTROL)
    assert theme().percent == 125
    qtbot.keyClick(window, Qt.Key.Key_Minus, CONTROL)
    assert theme().percent == 110
    qtbot.keyClick(window, Qt.Key.Key_0, CONTROL)
    assert theme().percent == 100
    for _ in PERCENTS:
        rooms.actions.run("app.larger")
    assert theme().percent == PERCENTS[-1]


def test_size_when_chosen_in_the_settings_reaches_the_window_and_is_remembered(
    qtbot: QtBot, rooms: Rooms, store: QSettings
) -> None:
    title = rooms.window.place("cases").title
    rooms.window.go("cases")
    before = title.fontMetrics().height()
    rooms.show_settings()
    assert rooms.settings is not None
    rooms.settings.letters.setCurrentIndex(PERCENTS.index(150))
    assert QApplication.font().pixelSize() == round(BODY * 1.5)
    qtbot.waitUntil(lambda: title.fontMetrics().height() >= 1.4 * before)
    assert Preferences(store).text_percent == 150


def test_size_when_stored_as_nonsense_is_the_usual_one(store: QSettings) -> None:
    store.setValue("text_percent", "1000000")
    assert Preferences(store).text_percent == 100


def test_size_when_set_beyond_what_the_window_holds_stays_inside(qapp: QApplication) -> None:
    theme().set_percent(900)
    assert theme().percent == PERCENTS[-1]
    theme().set_percent(1)
    assert theme().percent == PERCENTS[0]


def _fill(fake: FakeEngine) -> str:
    case = fake.add_case("P-118", example("note.txt"), example("xray.png"), example("cough.wav"))
    fake.cases[case.case_id] = case.model_copy(update={"prediction": answer_for(case, clinic_model())})
    job = job_info("running", created_at=datetime.now(UTC))
    fake.jobs.append(job)
    fake.tell(JobChanged(job=job), job=job.job_id)
    fake.events += [event.model_copy(update={"job": job.job_id}) for event in events(bodies(steps=80))]
    return case.case_id


def _cut(root: QWidget) -> list[str]:
    """Return the words that do not fit into the widget that shows them."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or isinstance(widget, ElidedText):
            continue
        wanted = widget.sizeHint()
        said = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
        if isinstance(widget, QComboBox):
            said, wanted = widget.currentText(), widget.minimumSizeHint()
        if not said:
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            if widget.height() < widget.heightForWidth(widget.width()) - 1:
                found.append(f"{said} ({widget.height()} of {widget.heightForWidth(widget.width())} high)")
        elif widget.width() < wanted.width() - 1 or widget.height() < wanted.height() - 1:
            found.append(f"{said} ({widget.size().toTuple()} of {wanted.toTuple()})")
    return found


def _too_wide(root: QWidget) -> list[str]:
    """Return the areas that scroll down alone and hold more than their width."""
    areas = [area for area in root.findChildren(QScrollArea) if area.isVisible() and area.widget() is not None]
    return [
        f"{area.widget().width()} in {area.viewport().width()}"
        for area in areas
        if area.widget().width() > area.viewport().width()
    ]


def _expect_whole(qtbot: QtBot, root: QWidget) -> None:
    def whole() -> None:
        assert _cut(root) == [], "; ".join(_cut(root))

    qtbot.waitUntil(whole, timeout=2000)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("percent", [100, 150])
def test_words_when_letters_are_largest_in_the_smallest_window_are_never_cut(
    qtbot: QtBot, open_window: Callable[[Path | None], Rooms], fake: FakeEngine, language: str, percent: int
) -> None:
    case_id = _fill(fake)
    taught = model("model-taught", knowledge=report())
    fake.models.append(taught)
    fake.datasets.append(dataset())
    fake.ledgers[taught.model_id] = ledger(
        compared(), compared("soft labels of the old council", cost=None, latency=())
    )
    fake.knowledge.write(dataset().dataset, KNOWN)
    rooms = open_window(fake.project)
    rooms.window.resize(SMALLEST)
    rooms.preferences.own_view_first = False
    rooms.set_language(language)
    rooms.set_size(percent)
    for view_id, item in (
        ("home", ""),
        ("cases", ""),
        ("case", case_id),
        ("training", ""),
        ("models", ""),
        ("ledger", taught.model_id),
        ("knowledge", ""),
    ):
        rooms.window.go(view_id, item)
        place = rooms.window.places[view_id]
        qtbot.waitUntil(lambda place=place: place.drawn == "live")  # type: ignore[misc]
        if isinstance(place, TrainingView):
            qtbot.waitUntil(lambda monitor=place.monitor: bool(monitor.error.plot.newest()))  # type: ignore[misc]
        _expect_whole(qtbot, rooms.window)
        qtbot.waitUntil(lambda place=place: _too_wide(place) == [])  # type: ignore[misc]
    rooms.show_settings()
    assert rooms.settings is not None
    _expect_whole(qtbot, rooms.settings)
    assert rooms.window.size() == SMALLEST


@pytest.mark.parametrize("percent", [100, 150])
def test_form_of_a_run_when_letters_are_largest_is_never_cut(qtbot: QtBot, rooms: Rooms, percent: int) -> None:
    rooms.set_size(percent)
    offered = catalog()
    dialog = NewRunDialog(Offer(offered, (dataset(),), (model(),)), rooms.window)
    dialog.open()
    dialog.form.fold.setChecked(True)
    for recipe in offered.recipes:
        dialog.recipes.choose(recipe.name)
        _expect_whole(qtbot, dialog)
        qtbot.waitUntil(lambda: _too_wide(dialog) == [])
    assert dialog.width() <= SMALLEST.width()
    dialog.reject()
