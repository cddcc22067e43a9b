"""What the README promises of each sample case is what the shipped model says."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.demo.dataset import keep_case
from engine.demo.domains import DOMAINS
from engine.demo.samples import SAMPLES, find
from engine.model.pretrained import load_council
from engine.predict.predictor import Predictor
from engine.schema.places import assets
from engine.schema.prediction import Prediction
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs

LISTED: list[dict[str, Any]] = json.loads((assets() / "cases" / "expected.json").read_text(encoding="utf-8"))["cases"]


@pytest.fixture(scope="module")
def predictors() -> dict[str, Predictor]:
    return {name: Predictor(load_council(assets() / "models" / name)) for name in DOMAINS}


def _answer(predictor: Predictor, folder: Path, name: str) -> Prediction:
    wanted = next(one for one in SAMPLES if one.name == name)
    with BulkBlobs(folder) as blobs:
        case = keep_case(find(wanted), blobs, "samples", datetime(2030, 1, 1, tzinfo=UTC))
    for part in case.parts:
        assert (assets() / "cases" / name / part.name).is_file()
    return predictor.predict(case.parts, Blobs(folder))


@pytest.mark.parametrize("listed", [one for one in LISTED if one["demo"]], ids=lambda one: str(one["folder"]))
def test_sample_when_answered_by_the_shipped_model_ends_as_the_readme_says(
    listed: dict[str, Any], predictors: dict[str, Predictor], tmp_path: Path
) -> None:
    made = _answer(predictors[listed["demo"]], tmp_path, listed["folder"])
    assert made.outcome == listed["expect"], (made.label_set, made.reasons)
    if listed["expect"] == "suggests":
        assert made.best() == listed["truth"]
    else:
        assert set(listed["best_possible"]) <= set(made.label_set)
