"""The council on trireal: import, train, evaluate through the command line, three seeds, with intervals and times."""

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.trireal
SEEDS = (1, 2, 3)
T_95 = 4.303
"""Student's t for a 95 % interval of a mean of three."""


def _engine(command: str, project: Path, *arguments: str) -> dict[str, Any]:
    """Run a command on a project and return its JSON; all tests of this module share one engine."""
    called = [sys.executable, "-m", "engine", command, str(project), *arguments, "--json"]
    around = os.environ | {"CONSILIUM_RUNTIME": str(project.parent / "r")}
    result = subprocess.run(called, cwd=ROOT, env=around, stdout=subprocess.PIPE, text=True, check=False)
    told: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    assert result.returncode == 0, told
    return told


@pytest.fixture(scope="module")
def project(trireal: Path) -> Iterator[Path]:
    """Import the data set into a fresh project; its engine is ended at the end."""
    with tempfile.TemporaryDirectory(prefix="ac-") as short:  # a socket's path may have 108 bytes
        folder = Path(short) / "trireal"
        (folder.parent / "r").mkdir()
        assert _engine("import", folder, str(trireal / "cases.csv"))["cases"] == 2500
        yield folder
        _engine("stop", folder, "--engine")


@pytest.fixture(scope="module")
def distilled() -> dict[int, str]:
    """Return the distilled models so far, by seed: what fusion training starts from."""
    return {}


def _run(project: Path, trireal: Path, recipe: str, seed: int, *settings: str) -> dict[str, Any]:
    began = time.monotonic()
    trained = _engine("train", project, "--recipe", recipe, "--seed", str(seed), *settings)
    minutes = (time.monotonic() - began) / 60
    table = str(trireal / "cases.csv")
    measured = _engine("evaluate", project, "--model", trained["model"], "--manifest", table, "--split", "val")
    told = {**measured, "minutes": minutes, "model": trained["model"]}
    print(f"\n{recipe} seed {seed}: {minutes:.1f} min, {_by_inputs(measured['by_pattern'])}, {json.dumps(measured)}")
    return told


def _by_inputs(by_pattern: dict[str, dict[str, float]]) -> str:
    """Return accuracy and cases by how many modalities are there."""
    told = []
    for many, word in ((3, "all"), (2, "two"), (1, "one")):
        found = [one for pattern, one in by_pattern.items() if pattern.count("+") == many - 1]
        n = sum(one["n"] for one in found)
        told.append(f"{word} {sum(one['n'] * one['accuracy'] for one in found) / max(1, n):.3f} (n {n:.0f})")
    return ", ".join(told)


def _judge(recipe: str, runs: list[dict[str, Any]], least: float, minutes: float) -> None:
    accuracies = [run["accuracy"] for run in runs]
    mean = statistics.mean(accuracies)
    half = T_95 * statistics.stdev(accuracies) / math.sqrt(len(accuracies))
    slowest = max(run["minutes"] for run in runs)
    print(f"\n{recipe}: mean {mean:.4f} +- {half:.4f}; slowest {slowest:.1f} min")
    assert mean >= least
    assert slowest <= minutes


def test_quick_when_trained_on_three_seeds_is_done_in_three_minutes_each(project: Path, trireal: Path) -> None:
    _judge("quick", [_run(project, trireal, "quick", seed) for seed in SEEDS], 0.80, 3)


def test_distil_when_trained_on_three_seeds_reaches_its_accuracy_in_time(
    project: Path, trireal: Path, distilled: dict[int, str]
) -> None:
    runs = [_run(project, trireal, "distil", seed) for seed in SEEDS]
    distilled.update(zip(SEEDS, (run["model"] for run in runs), strict=True))
    _judge("distil", runs, 0.90, 20)


def test_fuse_when_started_from_the_distilled_models_reaches_its_accuracy_in_time(
    project: Path, trireal: Path, distilled: dict[int, str]
) -> None:
    assert distilled, "fusion training starts from the models of the test before it"
    settings = {seed: ("--set", f"start_from={model}") for seed, model in distilled.items()}
    _judge("fuse", [_run(project, trireal, "fuse", seed, *settings[seed]) for seed in SEEDS], 0.87, 20)
