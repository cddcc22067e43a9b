"""The council on trireal: import, train, evaluate through the command line, three seeds, with intervals and times."""

import json
import math
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

SEEDS = (1, 2, 3)
T_95 = 4.303
"""Student's t for a 95 % interval of a mean of three."""


def _engine(*arguments: str) -> dict[str, Any]:
    result = subprocess.run(
        [sys.executable, "-m", "engine", *arguments, "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    told: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    assert result.returncode == 0, told
    return told


@pytest.fixture(scope="module")
def project(trireal: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Import the data set into a fresh project."""
    folder = tmp_path_factory.mktemp("accept") / "trireal"
    told = _engine("import", str(folder), str(trireal / "cases.csv"))
    assert told["cases"] == 2500
    return folder


def _run(project: Path, trireal: Path, recipe: str, seed: int) -> dict[str, Any]:
    began = time.monotonic()
    trained = _engine("train", str(project), "--recipe", recipe, "--seed", str(seed))
    minutes = (time.monotonic() - began) / 60
    measured = _engine(
        "evaluate",
        str(project),
        "--model",
        trained["model"],
        "--manifest",
        str(trireal / "cases.csv"),
        "--split",
        "val",
    )
    print(f"\n{recipe} seed {seed}: {minutes:.1f} min, {json.dumps(measured)}")
    return {**measured, "minutes": minutes}


@pytest.mark.trireal
@pytest.mark.parametrize(("recipe", "least", "minutes"), [("distil", 0.87, 20), ("fuse", 0.87, 20), ("quick", 0.75, 3)])
def test_recipe_when_trained_on_three_seeds_reaches_its_accuracy_in_time(
    project: Path, trireal: Path, recipe: str, least: float, minutes: float
) -> None:
    runs = [_run(project, trireal, recipe, seed) for seed in SEEDS]
    accuracies = [run["accuracy"] for run in runs]
    mean = statistics.mean(accuracies)
    half = T_95 * statistics.stdev(accuracies) / math.sqrt(len(accuracies))
    print(f"\n{recipe}: mean {mean:.4f} +- {half:.4f}; slowest {max(run['minutes'] for run in runs):.1f} min")
    assert mean >= least
    assert max(run["minutes"] for run in runs) <= minutes
