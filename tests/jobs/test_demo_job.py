"""The demo job: from its command to cases, a data set and a last word."""

from pathlib import Path

import pytest

from engine.jobs import demo_job
from engine.jobs.run_folder import CONTROL_FILE, EVENTS_FILE, TASK_FILE, RunFolder, Stopped
from engine.schema.case import Case, Dataset
from engine.schema.command import Action, StartDemo
from engine.schema.errors import EngineFault
from engine.schema.event import Finished, Progress, RunLine
from engine.schema.knowledge import KnowledgeVersion
from engine.schema.worker import DATASET_FILE, KNOWLEDGE_VERSION_FILE, RESULT_FILE, Control, Task


def _folder(path: Path, demo: StartDemo | None) -> RunFolder:
    run = path / "runs" / "job-1"
    run.mkdir(parents=True, exist_ok=True)
    task = Task(job_id="job-1", kind="demo", project=str(path), demo=demo)
    (run / TASK_FILE).write_text(task.model_dump_json(), encoding="utf-8")
    return RunFolder(run)


def _command(domain: str, train: int = 40, val: int = 8) -> StartDemo:
    return StartDemo.model_validate({"command_id": "c-1", "domain": domain, "train": train, "val": val, "seed": 5})


def _events(folder: RunFolder) -> list[object]:
    lines = (folder.path / EVENTS_FILE).read_text(encoding="utf-8").splitlines()
    return [RunLine.model_validate_json(line).body for line in lines]


def _cases(folder: RunFolder) -> list[Case]:
    lines = (folder.path / RESULT_FILE).read_text(encoding="utf-8").splitlines()
    return [Case.model_validate_json(line) for line in lines]


@pytest.mark.parametrize("domain", ["clinic", "support"])
def test_demo_when_run_then_it_leaves_cases_a_data_set_and_its_best_possible_accuracy(
    domain: str, tmp_path: Path
) -> None:
    folder = _folder(tmp_path, _command(domain))
    demo_job.run(folder)
    cases = _cases(folder)
    dataset = Dataset.model_validate_json((folder.path / DATASET_FILE).read_bytes())
    assert dataset.counts == {"train": 40, "val": 8}
    assert dataset.synthetic
    assert {case.dataset for case in cases} == {dataset.dataset}
    assert len({case.case_id for case in cases}) == 48
    assert {case.label for case in cases} <= {label.name for label in dataset.labels}
    assert all(folder.blobs.has(part.original) for case in cases for part in case.parts)
    made = KnowledgeVersion.model_validate_json((folder.path / KNOWLEDGE_VERSION_FILE).read_bytes())
    assert (made.version, made.labels) == (1, len(dataset.labels))
    assert folder.blobs.has(made.sha256)
    last = _events(folder)[-1]
    assert isinstance(last, Finished)
    assert last.outcome == "done"
    assert last.values["cases"] == 48
    assert 0.85 <= float(last.values["oracle"]) <= 0.95


def test_demo_when_running_then_it_tells_how_far_it_is(tmp_path: Path) -> None:
    folder = _folder(tmp_path, _command("clinic"))
    demo_job.run(folder)
    progress = [event for event in _events(folder) if isinstance(event, Progress)]
    assert {event.phase for event in progress} == {"generating"}
    assert (progress[-1].done, progress[-1].total) == (48, 48)


def test_demo_when_run_again_after_a_crash_then_the_same_cases_come_out(tmp_path: Path) -> None:
    first = _folder(tmp_path, _command("clinic"))
    demo_job.run(first)
    before = _cases(first)
    demo_job.run(_folder(tmp_path, _command("clinic")))
    after = _cases(first)
    assert [case.model_copy(update={"created_at": before[0].created_at}) for case in after] == before


def _ask(folder: RunFolder, action: Action) -> None:
    (folder.path / CONTROL_FILE).write_text(Control(action=action).model_dump_json(), encoding="utf-8")


def test_demo_when_stopped_to_keep_then_what_was_generated_is_the_data_set(tmp_path: Path) -> None:
    folder = _folder(tmp_path, _command("support"))
    _ask(folder, "stop-and-keep")
    demo_job.run(folder)
    dataset = Dataset.model_validate_json((folder.path / DATASET_FILE).read_bytes())
    assert 0 < sum(dataset.counts.values()) < 48
    assert all(folder.blobs.has(part.original) for case in _cases(folder) for part in case.parts)
    last = _events(folder)[-1]
    assert isinstance(last, Finished)
    assert last.outcome == "stopped"


def test_demo_when_cancelled_then_it_stops_and_leaves_no_data_set(tmp_path: Path) -> None:
    folder = _folder(tmp_path, _command("clinic"))
    _ask(folder, "cancel")
    with pytest.raises(Stopped):
        demo_job.run(folder)
    assert not (folder.path / DATASET_FILE).exists()


def test_demo_when_its_command_is_missing_then_that_is_our_fault(tmp_path: Path) -> None:
    with pytest.raises(EngineFault):
        demo_job.run(_folder(tmp_path, None))
