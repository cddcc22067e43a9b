"""The trial against logistic regression: what it prints is what a job measured of the model, beside a test by hand."""

import re
import shutil
from pathlib import Path

import pytest

from engine.jobs import recipes, train_job
from engine.jobs.regression_trial import main
from engine.jobs.run_folder import RunFolder
from engine.jobs.table import Source
from engine.schema.case import Case
from engine.schema.config import apply_settings
from engine.schema.model import ModelSummary
from tests.jobs.test_table import SMALL, project
from tests.train.runs import make_run

__all__ = ["project"]

_JUDGED = re.compile(
    r"judged: ([\d.]+) \([\d.]+ to [\d.]+\); it alone right (\d+), the regression alone (\d+), McNemar p = (\S+); "
    r"balanced ([\d.]+); ECE ([\d.]+) \(95 % of bootstraps ([\d.]+) to ([\d.]+)\)"
)


def test_trial_when_it_judges_a_model_then_prints_what_its_job_measured_of_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [Case.model_validate_json(line) for line in Source.of(project, "").lines.splitlines()]
    run = make_run(project, "train-judged", cases, apply_settings(recipes.config("quick"), SMALL | {"dataset": "tiny"}))
    train_job.run(RunFolder(run))
    shutil.copytree(run / "final", project / "models" / "judged")
    assert main([str(project), "judged"]) == 0
    counted, plain, judged = capsys.readouterr().out.splitlines()
    assert counted == "tiny: 48 cases learned from, 16 for validation"
    measured = ModelSummary.model_validate_json((run / "final" / "summary.json").read_bytes()).validation
    assert measured is not None
    told = _JUDGED.fullmatch(judged)
    assert told is not None, judged
    right, alone, other, p, balanced, ece, low, high = map(float, told.groups())
    assert (right, balanced, ece) == pytest.approx(
        (measured.accuracy.value, measured.balanced_accuracy, measured.ece), abs=6e-4
    )
    assert 0 <= low <= high <= 1
    assert round(16 * right) - round(16 * float(plain.split(": ")[1].split()[0])) == alone - other
    assert 0 < p <= 1
