"""The baseline: a whole run of a student without a trunk, exactly the article's maps, from training to an answer."""

from pathlib import Path

import pytest
import torch

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import Council, load_council
from engine.predict.predictor import Predictor
from engine.preprocess.batch import collate
from engine.schema.base import MODALITIES
from engine.schema.case import Case
from engine.schema.config import RunConfig
from engine.store.blobs import Blobs
from engine.train.recipes import recipes
from engine.train.schedule import rate_at
from tests.train.runs import events, make_run


@pytest.fixture(scope="module")
def run(project: Path, cases: list[Case]) -> Path:
    config = recipes["baseline"].build().config()
    changes = {
        "student": config.student.model_copy(update={"width": 32, "image_size": 16}),
        "optim": config.optim.model_copy(update={"epochs": 2, "batch": 16}),
        "threads": 1,
        "device": "cpu",
    }
    made = make_run(project, "baseline", cases, RunConfig.model_validate(config.model_dump() | changes))
    train(RunFolder(made))
    return made


@pytest.fixture(scope="module")
def council(run: Path) -> Council:
    return load_council(run / "final")


def test_recipe_when_read_then_is_the_articles() -> None:
    config = recipes["baseline"].build().config()
    assert (config.student.width, config.student.layers, config.student.fusion.name) == (768, 0, "concat")
    assert (config.student.head, config.loss.binary, config.teachers) == ("linear", True, ())
    assert (config.optim.learning_rate, config.optim.warmup_steps, config.optim.weight_decay) == (1e-4, 100, 0.0)
    assert [rate_at(step, 1000, 0.1, 100) for step in (0, 49, 99)] == [0.01, 0.5, 1.0]


def test_student_when_it_has_no_trunk_then_is_the_encoders_and_two_linear_maps(
    council: Council, cases: list[Case]
) -> None:
    student, blobs_width = council.student, council.config.width
    assert (len(student.blocks), student.fusion.join.weight.shape) == (0, (blobs_width, 3 * blobs_width))  # type: ignore[union-attr]
    assert isinstance(student.head.out, torch.nn.Linear)
    assert council.summary is not None
    assert council.summary.layers == 0


def test_answer_when_computed_by_hand_then_is_the_two_maps_of_the_pooled_inputs(
    council: Council, cases: list[Case], project: Path
) -> None:
    case = next(case for case in cases if case.pattern() == "+".join(MODALITIES))
    prepared = council.preparation.prepare(case.parts, Blobs(project / "blobs"))
    with torch.inference_mode():
        outcome = council.student(collate([prepared], council.preparation))
        joint = council.student.fusion.join  # type: ignore[union-attr]
        fused_D = joint.weight.double() @ outcome.pooled_BMD[0].flatten().double() + joint.bias.double()  # type: ignore[operator,union-attr]
        logits_C = council.student.head.out.weight.double() @ fused_D + council.student.head.out.bias.double()
    assert torch.allclose(outcome.logits_BC[0].double(), logits_C, atol=1e-5)


def test_run_when_there_are_no_experts_then_its_curves_are_told_and_no_routing_is_made_up(run: Path) -> None:
    assert any(body["values"].get("hard") for body in events(run, "metrics"))
    assert all(body["counts"]["shape"][0] == 0 for body in events(run, "routing"))
    assert events(run, "alert") == []


def test_prediction_when_asked_then_has_an_answer_and_an_empty_trace(
    council: Council, cases: list[Case], project: Path
) -> None:
    answer = Predictor(council, "cpu").predict(cases[0].parts, Blobs(project / "blobs"))
    assert sum(answer.probabilities) == pytest.approx(1)
    assert (answer.routing.layers, answer.routing.num_experts, answer.routing.experts) == (0, 0, None)
