"""Live curves: what is drawn, labelled and read off is what was measured; the axes grow in steps."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from workbench.state.series import Series
from workbench.widgets import axes
from workbench.widgets.axes import number_text
from workbench.widgets.chart_card import ChartCard
from workbench.widgets.live_plot import Curve, LivePlot


def _series(count: int, scale: float = 1.0) -> Series:
    series = Series()
    for step in range(1, count + 1):
        series.append(step, scale * (0.5 + 1 / step))
    return series


@pytest.fixture
def plot(qtbot: QtBot) -> LivePlot:
    made = LivePlot()
    qtbot.addWidget(made)
    made.resize(640, 320)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_newest_value_when_drawn_is_the_last_one_of_each_curve(plot: LivePlot) -> None:
    train, check = _series(100), _series(10, scale=2.0)
    plot.show_curves([Curve("training", train, "accent"), Curve("check set", check, "care", True, True)])
    assert plot.newest() == {"training": pytest.approx(0.51), "check set": pytest.approx(1.2)}
    train.append(101, 0.25)
    assert plot.newest()["training"] == 0.25


def test_curve_when_smoothed_shows_its_running_mean_and_a_sparse_one_stays(plot: LivePlot) -> None:
    train, check = _series(50), _series(50)
    plot.show_curves([Curve("training", train, "accent"), Curve("check set", check, "care", sparse=True)])
    plot.set_smoothing(0.9)
    assert plot.newest()["training"] > train.y[-1]
    assert plot.newest()["check set"] == check.y[-1]


def test_reading_when_pointed_at_a_step_is_the_nearest_value(plot: LivePlot) -> None:
    train = _series(100)
    plot.show_curves([Curve("training", train, "accent")])
    _line, step, value = plot.reading(41.4)[0]
    assert (step, value) == (41, train.y[40])


def test_plot_when_hidden_draws_nothing_until_it_is_seen(qtbot: QtBot) -> None:
    plot = LivePlot()
    qtbot.addWidget(plot)
    drawn: list[int] = []
    plot._redraw._draw = lambda: drawn.append(1)
    plot.mark_changed()
    assert drawn == []
    plot.show()
    assert drawn == [1]


def test_burst_of_changes_when_seen_is_drawn_a_few_times_only(qtbot: QtBot, plot: LivePlot) -> None:
    drawn: list[int] = []
    plot._redraw._draw = lambda: drawn.append(1)
    for _ in range(2000):
        plot.mark_changed()
    qtbot.waitUntil(lambda: len(drawn) >= 1)
    assert len(drawn) <= 2


def test_axes_when_the_curve_grows_change_in_steps_only() -> None:
    shown = {axes.steps_range(0, last, 0.2) for last in range(100, 1000)}
    assert len(shown) < 15
    assert all(stop * 0.8 >= 100 for _, stop in shown)


@pytest.mark.parametrize(("low", "high"), [(0.21, 3.4), (0.95, 1.02), (-2.0, 5.0), (3.0, 3.0), (1e-7, 2e-6)])
def test_value_range_when_chosen_holds_the_curve(low: float, high: float) -> None:
    bottom, top = axes.value_range(low, high)
    assert bottom <= low
    assert top >= high
    assert top - bottom > 0


def test_zero_when_near_stays_in_sight() -> None:
    assert axes.value_range(0.3, 3.0)[0] == 0.0
    assert axes.value_range(0.9, 1.0)[0] > 0.5


def test_logarithmic_axis_when_values_span_decades_holds_them(plot: LivePlot) -> None:
    series = Series()
    for step in range(1, 200):
        series.append(step, 10.0 ** (-step / 50))
    plot.show_curves([Curve("training", series, "accent")])
    plot.set_logarithmic(True)
    plot.draw_now()
    low, high = plot._canvas.getViewBox().viewRange()[1]
    assert low <= -3.98
    assert high >= -0.02


def test_zoom_when_the_person_makes_one_is_kept_until_they_follow_again(qtbot: QtBot, plot: LivePlot) -> None:
    plot.show_curves([Curve("training", _series(100), "accent")])
    plot.draw_now()
    with qtbot.waitSignal(plot.following_changed):
        plot._canvas.getViewBox().sigRangeChangedManually.emit([True, False])
    assert not plot.is_following
    plot.follow()
    assert plot.is_following


def test_table_when_curves_are_long_has_few_rows_and_the_newest(plot: LivePlot) -> None:
    plot.show_curves([Curve("training", _series(5000), "accent"), Curve("check set", _series(10), "care")])
    table = plot.table()
    assert table.headers == ("step", "training", "check set")
    assert len(table.rows) <= 200
    assert table.rows[0] == ("5000", "0.500", "")


def test_card_when_asked_saves_picture_and_csv_and_copies(qtbot: QtBot, tmp_path: Path) -> None:
    folder, plot = tmp_path, LivePlot()
    plot.show_curves([Curve("training", _series(3), "accent")])
    card = ChartCard(plot)
    qtbot.addWidget(card)
    assert card.save_picture(folder / "curve.png")
    assert (folder / "curve.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    card.save_csv(folder / "curve.csv")
    assert (folder / "curve.csv").read_text(encoding="utf-8-sig").splitlines() == [
        "step,training",
        "3,0.833",
        "2,1.00",
        "1,1.50",
    ]
    card._actions["copy"].trigger()
    assert QGuiApplication.clipboard().text().splitlines()[1] == "3\t0.833"


def test_card_when_shown_as_table_holds_the_numbers(qtbot: QtBot) -> None:
    plot = LivePlot()
    plot.show_curves([Curve("training", _series(3), "accent")])
    card = ChartCard(plot)
    qtbot.addWidget(card)
    card.draw("live")
    card.show_table(True)
    assert card.shows_table
    assert card._pages.currentWidget() is card._table
    assert card._table.item(0, 1).text() == "0.833"
    card.show_table(False)
    assert card._pages.currentWidget() is plot


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (1.234, "1.23"), (123.4, "123"), (0.01034, "0.0103"), (1e-9, "1.00e-09"), (np.nan, "–")],
)
def test_number_when_written_has_three_digits(value: float, text: str) -> None:
    assert number_text(value) == text
