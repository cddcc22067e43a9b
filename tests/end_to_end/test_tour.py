"""The tour that `make run` drives where there is no display: every step of the main job, in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.engines import Engine

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("tour")]
BOUND_S = 540
"""Far more than the two minutes that it takes on a machine that does nothing else; each step has a bound of its own."""
STEPS = (
    "The window stood after",
    "The demo project is open; the model in use is “Demo clinic”",
    "Dropping cough.wav",
    "Answer: Suggests",
    "It was read from text+image+audio",
    "The demo run “",
    "Heatmap at step",
    "Busy modules of layer 1:",
    "Error: ",
    "Pinned case ",
    "Stopped and kept.",
    "Models: ",
    "The new model answered",
    "The tour took",
)


@pytest.mark.timeout(BOUND_S + 60)
def test_tour_when_made_takes_every_step_and_leaves_its_pictures(tmp_path: Path) -> None:
    project, out = tmp_path / "demo", tmp_path / "tour"
    command = [sys.executable, "-m", "workbench.tour", str(project), str(out)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    try:
        made = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=BOUND_S)
    finally:
        if project.exists():
            Engine(project).end()
    assert made.returncode == 0, f"{made.stdout[-2000:]}\n{made.stderr[-2000:]}"
    places = [made.stdout.find(step) for step in STEPS]
    assert -1 not in places, dict(zip(STEPS, places, strict=True))
    assert places == sorted(places)
    assert re.search(r"Heatmap at step \d+: 2 layers x 8 modules, [1-9][\d,]* pieces", made.stdout)
    assert {f"{name}-{language}-{scheme}.png" for name in ("home", "case-answered", "training-live", "models")
            for language in ("en", "zh") for scheme in ("light", "dark")} <= {path.name for path in out.iterdir()}  # fmt: skip
