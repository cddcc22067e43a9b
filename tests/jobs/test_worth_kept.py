"""What a measurement found of a model's experts is kept beside the model, where it was found on cases that were set aside."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.jobs import results
from engine.schema.command import JobInfo, StartEvaluation
from engine.schema.errors import EngineFault
from engine.schema.event import Finished
from engine.schema.model import WORTH_FILE, Change, ExpertEffect, Interval, Measured, Worth
from engine.schema.worker import MEASURED_FILE, Control, Task
from engine.store.jobs import Job
from engine.store.project import ProjectFolder

EFFECT = ExpertEffect(layer=0, expert=1, whole=Change(value=0.2, low=0.1, high=0.3, n=40))
MEASURED = Measured(
    split="val", accuracy=Interval(value=0.9, low=0.8, high=0.95, n=40), balanced_accuracy=0.9, macro_f1=0.9, ece=0.1,
    nll=0.3, effects=(EFFECT,),
)  # fmt: skip


def ended(folder: ProjectFolder, **asked: object) -> Path:
    """Take over a measurement that has ended; returns where its result would lie."""
    command = StartEvaluation.model_validate(
        {"command_id": "c", "model_id": "model-1", "dataset": "ward", "name": "Ward", "split": "val", "experts": True}
        | asked
    )
    task = Task(job_id="evaluate-1", kind="evaluate", project=str(folder.path), evaluate=command)
    info = JobInfo(job_id="evaluate-1", kind="evaluate", name="Ward", state="running", created_at=datetime.now(UTC))
    assert results.files(folder, Job(info, task, 0, 0, Control()), Finished(outcome="done")) is None
    return folder.model("model-1") / WORTH_FILE


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    """Return a project with a model and a measurement that has ended."""
    made = ProjectFolder(tmp_path)
    made.model("model-1").mkdir(parents=True)
    made.run("evaluate-1").mkdir(parents=True)
    (made.run("evaluate-1") / MEASURED_FILE).write_text(MEASURED.model_dump_json(), encoding="utf-8")
    return made


@pytest.mark.parametrize("split", ["val", "test"])
def test_worth_when_found_on_cases_set_aside_is_kept_beside_the_model(folder: ProjectFolder, split: str) -> None:
    kept = Worth.model_validate_json(ended(folder, split=split).read_bytes())
    assert (kept.name, kept.dataset, kept.measured) == ("Ward", "ward", MEASURED)
    from_table = ended(folder, split=split, dataset="", manifest="a" * 64)
    assert Worth.model_validate_json(from_table.read_bytes()).dataset == ""


@pytest.mark.parametrize("asked", [{"split": "train"}, {"split": ""}, {"experts": False}])
def test_measurement_when_of_cases_learned_from_or_without_experts_leaves_the_model_alone(
    folder: ProjectFolder, asked: dict[str, object]
) -> None:
    assert not ended(folder, **asked).exists()


def test_worth_when_its_model_went_to_the_trash_meanwhile_is_nobodys(folder: ProjectFolder) -> None:
    folder.model("model-1").rmdir()
    assert not ended(folder).exists()


def test_worth_when_its_result_cannot_be_read_is_a_fault_and_not_an_empty_page(folder: ProjectFolder) -> None:
    (folder.run("evaluate-1") / MEASURED_FILE).write_text("{", encoding="utf-8")
    with pytest.raises(EngineFault):
        ended(folder)
