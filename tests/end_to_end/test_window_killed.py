"""`kill -9` of the window while a run goes on: the run goes on, and the window that is opened next shows it."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.cli.training import configured
from engine.schema.prediction import Prediction
from tests.conftest import ROOT
from tests.end_to_end.conftest import LONG, PATIENCE_MS, PATIENCE_S, Open, Shared, sample
from tests.engines import until
from workbench.views.training import TrainingView

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("ward")]
NEVER_IN_THE_WINDOW = (
    "torch",
    "torchaudio",
    "transformers",
    "PIL",
    "sqlite3",
    "_sqlite3",
    "sqlalchemy",
    "soundfile",
    "sklearn",
    "scipy",
)


@pytest.fixture
def window(shared: Shared) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Return a window's process in which a case was answered and a run is watched, and what it said of that."""
    config = configured("quick", list(LONG), seed=3)
    files = map(str, sample("clinic-01"))
    call = [
        sys.executable,
        "-m",
        "tests.end_to_end.real_window",
        str(shared.ward.project),
        config.model_dump_json(),
        *files,
    ]
    with subprocess.Popen(call, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            told, _, _ = select.select([process.stdout], [], [], PATIENCE_S)
            line = process.stdout.readline() if told else ""
            if not line:
                process.kill()
                pytest.fail(f"the window did not come to watch a run: {process.stderr.read()}")
            yield process, json.loads(line)
        finally:
            process.kill()


def test_window_when_a_case_was_answered_and_a_run_watched_holds_no_torch_no_pillow_no_sqlite(
    window: tuple[subprocess.Popen[str], dict[str, Any]],
) -> None:
    _, said = window
    answer = Prediction.model_validate(said["answer"])
    assert sum(answer.probabilities) == pytest.approx(1)
    assert answer.modalities == ("text", "image", "audio")
    assert said["headline"]
    assert said["counted"] > 0
    modules = {name.partition(".")[0] for name in said["modules"]}
    assert "PySide6" in modules
    assert not modules.intersection(NEVER_IN_THE_WINDOW)


def test_run_when_the_window_is_killed_goes_on_and_the_next_window_shows_it(
    qtbot: QtBot, open_window: Open, shared: Shared, window: tuple[subprocess.Popen[str], dict[str, Any]]
) -> None:
    process, said = window
    ward, run = shared.ward, said["job"]
    worker, service = ward.worker_pid(run), ward.pid
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(PATIENCE_S) == -signal.SIGKILL
    before = len(ward.steps(run))
    until(lambda: len(ward.steps(run)) >= before + 3, PATIENCE_S)
    rooms = open_window(ward.project)
    assert rooms.session.health is not None
    assert rooms.session.health.pid == service
    rooms.window.go("training")
    view = rooms.window.place("training")
    assert isinstance(view, TrainingView)
    monitor = view.monitor
    qtbot.waitUntil(lambda: monitor.job is not None and monitor.job.job_id == run, timeout=PATIENCE_MS)
    assert monitor.job is not None
    assert monitor.job.info.state == "running"
    stage, step = ward.steps(run)[-1]

    def shows_now() -> bool:
        shown = monitor.routing.heatmap.snapshot
        return shown is not None and (shown.stage, shown.step) >= (stage, step)

    qtbot.waitUntil(shows_now, timeout=PATIENCE_MS)
    assert monitor.head.chip.isVisible()
    assert ward.worker_pid(run) == worker
    assert ward.job(run).state == "running"
