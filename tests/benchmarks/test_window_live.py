"""P9 and P10 of the scorecard: a burst of events into the training place, and a redraw of a very long curve. Printed, not asserted on time."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from engine.schema.event import Event, EventBody, Metrics, Progress
from tests.workbench.fakes.run_events import BEGAN, job_info, routing
from tests.workbench.fakes.stand_in_engine import StandInSession, preferences, project
from workbench.state.series import Series
from workbench.views.training import TrainingView
from workbench.widgets.live_plot import Curve, LivePlot

RATE = 2000
SECONDS = 10
FRAME_MS = 16


def _redraw_ms(plot: LivePlot, count: int) -> float:
    """Return the median time from a new value to painted pixels."""
    steps = np.arange(float(count))
    series = Series()
    noise = np.random.default_rng(1).normal(0, 0.1, count)
    series.extend(steps, 0.4 + 3 * np.exp(-6 * steps / count) + noise)
    plot.show_curves([Curve("training", series, "accent")])
    plot.draw_now()
    plot._canvas.viewport().grab()
    times = []
    for number in range(200):
        series.append(count + number, 1.0)
        began = time.perf_counter()
        plot.draw_now()
        plot._canvas.viewport().grab()
        times.append(time.perf_counter() - began)
    return float(np.median(times)) * 1e3


def test_p10_redraw_of_a_long_curve(qtbot: QtBot) -> None:
    plot = LivePlot()
    qtbot.addWidget(plot)
    plot.resize(900, 500)
    plot.show()
    rounds = [(_redraw_ms(plot, 10_000), _redraw_ms(plot, 1_000_000)) for _ in range(3)]
    short, long = (float(np.median(part)) for part in zip(*rounds, strict=True))
    print(
        f"\nP10  redraw of 1,000,000 steps {long:.2f} ms; over 10,000 steps {long / short:.3f} x  (goals 1.5 ms, 1.05 x)"
    )
    assert len(plot.curves()) == 1


def _burst() -> Iterator[EventBody]:
    """Yield what a busy run could send: mostly steps, a heatmap every hundredth event, progress now and then."""
    step = 0
    while True:
        step += 1
        if step % 100 == 0:
            yield routing(step)
        elif step % 50 == 0:
            yield Progress(phase="training", done=step % 1000, total=1000, seconds_left=9.0)
        else:
            values = {"loss": 1.0 / step + 0.5, "hard": 0.4, "distil": 0.3, "balance": 0.01}
            yield Metrics(step=step, epoch=step / 100, split="train", values=values)


@pytest.mark.timeout(120)
def test_p9_frames_while_two_thousand_events_a_second_arrive(qtbot: QtBot, tmp_path: Path) -> None:
    session = StandInSession(project())
    session.knows([job_info()])
    view = TrainingView(session, preferences(tmp_path))
    session.setParent(view)
    qtbot.addWidget(view)
    view.resize(1280, 800)
    view.show()
    qtbot.waitExposed(view)
    made = list(zip(range(1, RATE * SECONDS + 1), _burst(), strict=False))
    lines = [
        Event(seq=n, at=BEGAN + timedelta(milliseconds=n), job="run-1", n=n, body=body).model_dump_json()
        for n, body in made
    ]
    sent, frames, ages = 0, [], []
    began = last = time.perf_counter()

    def frame() -> None:
        """Feed what is due since the last frame, as the stream does: parsed from JSON in the window's own process."""
        nonlocal sent, last
        now = time.perf_counter()
        frames.append((now - last) * 1e3)
        last = now
        due = min(len(lines), int((now - began) * RATE))
        for line in lines[sent:due]:
            session.event_arrived.emit(Event.model_validate_json(line))
        sent = due
        shown = view.monitor.routing.heatmap.snapshot
        newest = view.monitor.job.routing.latest() if view.monitor.job is not None else None
        if shown is not None and newest is not None:
            ages.append((newest.step - shown.step) / RATE * 1e3)

    ticks = QTimer(interval=FRAME_MS)
    ticks.timeout.connect(frame)
    ticks.start()
    qtbot.waitUntil(lambda: sent == len(lines), timeout=SECONDS * 6000)
    ticks.stop()
    took = time.perf_counter() - began
    print(
        f"\nP9   {len(lines) / took:,.0f} events/s for {took:.0f} s: frame p50 {np.median(frames):.0f}, p95 {np.percentile(frames, 95):.0f}, "
        f"longest {max(frames):.0f} ms; heatmap at most {max(ages):.0f} ms old  (goals: longest 50 ms, age 500 ms)"
    )
    assert view.monitor.job is not None
    assert view.monitor.job.last_n == len(lines)
