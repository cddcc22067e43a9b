"""A worker that trains apart from any service is watched like one's own: it must not believe that nobody waits for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.demo import training

_WAITS = "import sys, pathlib\nwhile not pathlib.Path(sys.argv[1]).exists(): pass"


def test_worker_when_it_trains_apart_then_it_sees_that_it_is_watched(tmp_path: Path) -> None:
    alive = tmp_path / "service.alive"
    training._watched([sys.executable, "-c", _WAITS, str(alive)], dict(os.environ), alive)
    assert alive.exists()


def test_worker_when_it_outlasts_a_look_then_the_watch_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_WATCHED_S", 0.01)
    alive, touched = tmp_path / "service.alive", []
    command = [sys.executable, "-c", "import time; time.monotonic()"]
    monkeypatch.setattr(Path, "touch", lambda self: touched.append(self))
    training._watched(command, dict(os.environ), alive)
    assert touched
    assert set(touched) == {alive}


def test_worker_when_it_fails_then_that_is_raised(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        training._watched([sys.executable, "-c", "raise SystemExit(3)"], dict(os.environ), tmp_path / "service.alive")
