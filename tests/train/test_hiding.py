"""Kinds of input that no training case has: their sets are fitted on fuller cases, of which the rest is hidden."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import Council, load_council
from engine.predict.calibration import softmax
from engine.predict.conformal import quantile
from engine.predict.predictor import Predictor
from engine.preprocess.batch import collate
from engine.schema.case import Case
from engine.schema.config import OptimConfig
from engine.store.blobs import Blobs
from engine.train.folds import make_folds
from tests.train.runs import make_run, tiny_config

WHOLE = "text+image+audio"
PARTS = ["audio", "image", "image+audio", "text", "text+audio", "text+image"]


@pytest.fixture(scope="module")
def complete(cases: list[Case]) -> list[Case]:
    """Training cases that have everything."""
    found = [case for case in cases if case.split == "train" and case.pattern() == WHOLE]
    assert len(found) >= 40
    return found


@pytest.fixture(scope="module")
def run(project: Path, complete: list[Case]) -> Path:
    made = make_run(project, "hiding", complete, tiny_config(teachers=(), optim=OptimConfig(epochs=4, batch=16)))
    train(RunFolder(made))
    return made


@pytest.fixture(scope="module")
def council(run: Path) -> Council:
    return load_council(run / "final")


def test_calibration_when_every_case_is_complete_has_thresholds_of_what_no_case_is(
    council: Council, complete: list[Case]
) -> None:
    calibration = council.calibration
    assert calibration is not None
    assert calibration.n == {"all": len(complete), WHOLE: len(complete)}
    assert calibration.hidden == dict.fromkeys(PARTS, len(complete))
    assert sorted(calibration.thresholds) == sorted([*PARTS, WHOLE, "all"])


def test_threshold_of_a_text_alone_when_made_again_from_the_fold_students_is_the_same(
    run: Path, council: Council, complete: list[Case], project: Path
) -> None:
    calibration, blobs = council.calibration, Blobs(project / "blobs")
    assert calibration is not None
    names = [label.name for label in council.labels]
    truth = [names.index(case.label) for case in complete]
    scores = []
    for fold in make_folds([case.group for case in complete], truth, 2, seed=1):
        council.student.load_state_dict(load_file(run / "final" / "folds" / f"{fold.name}.safetensors"))
        for row in fold.held:
            text = [part for part in complete[row].parts if part.modality == "text"]
            batch = collate([council.preparation.prepare(text, blobs)], council.preparation)
            logits_C = council.student(batch).logits_BC[0].double().detach().numpy()
            scores.append(1 - softmax(logits_C, calibration.temperature_of("text"))[truth[row]])
    assert calibration.thresholds["text"] == pytest.approx(quantile(np.array(scores), 0.1), abs=1e-5)


def test_answer_to_a_text_alone_when_no_training_case_was_one_says_how_it_knows_how_sure_it_may_be(
    run: Path, complete: list[Case], project: Path
) -> None:
    predictor = Predictor(load_council(run / "final"), "cpu")
    text = [part for part in complete[0].parts if part.modality == "text"]
    told = predictor.predict(text, Blobs(project / "blobs"), explain=False)
    said = {reason.code: reason.value for reason in told.reasons}
    assert said.get("hidden-threshold", len(complete)) == len(complete)
    assert ("hidden-threshold" in said) == (told.outcome != "not-sure")
    assert "shared-threshold" not in said
