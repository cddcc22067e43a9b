"""Jobs from queue to end with a worker that dies, hangs, babbles and disobeys, and with services that are killed."""

import json
import os
import signal

import psutil
import pytest

from engine.schema.base import new_id
from engine.schema.case import CasePage
from engine.schema.command import JobInfo, JobList, ProjectInfo, StartDemo
from engine.schema.errors import UserError
from engine.schema.model import ModelSummary
from tests.engines import Engine, until
from tests.fakes import lines_of


def test_training_when_it_ends_well_leaves_a_model_in_use(engine: Engine) -> None:
    job = engine.ended(engine.train("steps:3").job_id)
    project = engine.client.get("/v1/project", ProjectInfo)
    assert (job.state, job.problem) == ("done", None)
    assert job.result["model"] == project.model_in_use
    model = engine.client.get(f"/v1/models/{project.model_in_use}", ModelSummary)
    assert (model.run, model.size) == (job.job_id, len(b"weights"))
    assert (engine.project / "models" / model.model_id / "model.safetensors").read_bytes() == b"weights"
    assert engine.states(job.job_id) == ["queued", "preparing", "running", "done"]


def test_training_when_prepared_gives_its_worker_the_cases_and_the_labels(shared: Engine) -> None:
    job = shared.ended(shared.train("steps:1").job_id)
    run = shared.project / "runs" / job.job_id
    task = json.loads((run / "task.json").read_text())
    ids = [json.loads(line)["case_id"] for line in (run / "cases.jsonl").read_text().splitlines()]
    assert [label["name"] for label in task["labels"]] == ["cold", "flu"]
    assert task["train"]["dataset"].startswith("set-demo-")
    assert [case_id[-2:] for case_id in ids] == ["-0", "-1", "-2"]


def test_demo_when_it_ends_brings_all_its_cases_in_at_once(engine: Engine) -> None:
    engine.demo()
    page = engine.client.get("/v1/cases", CasePage)
    assert page.total == 3
    assert {case.label for case in page.cases} == {"cold"}
    assert engine.client.get("/v1/project", ProjectInfo).datasets[0].counts == {"train": 3}


def test_demo_when_a_recipe_is_named_is_followed_by_its_training(engine: Engine) -> None:
    command = StartDemo(command_id=new_id("c"), recipe="quick")
    demo = engine.client.post("/v1/demo", command, JobInfo)
    until(lambda: any(job.follows == demo.job_id for job in engine.client.get("/v1/jobs", JobList).jobs))
    (training,) = [job for job in engine.client.get("/v1/jobs", JobList).jobs if job.follows == demo.job_id]
    ended = engine.ended(training.job_id)
    assert (ended.recipe, ended.state) == ("quick", "done")


def test_training_when_it_names_the_next_is_followed_from_its_model(engine: Engine) -> None:
    first = engine.ended(engine.train("steps:1", then="fuse").job_id)
    (second,) = [job for job in engine.client.get("/v1/jobs", JobList).jobs if job.follows == first.job_id]
    ended = engine.ended(second.job_id)
    task = json.loads((engine.project / "runs" / second.job_id / "task.json").read_text())
    assert (ended.recipe, ended.state) == ("fuse", "done")
    assert task["model_folder"] == str(engine.project / "models" / str(first.result["model"]))


def test_fusion_when_asked_for_the_latest_starts_from_the_newest_distilled_model(engine: Engine) -> None:
    distilled = engine.ended(engine.train("steps:1").job_id)
    for _ in range(2):
        fused = engine.ended(engine.train("steps:1", recipe="fuse", start_from="latest").job_id)
        task = json.loads((engine.project / "runs" / fused.job_id / "task.json").read_text())
        assert task["train"]["start_from"] == distilled.result["model"]


def test_recipe_when_unknown_is_refused_before_anything_is_queued(shared: Engine) -> None:
    command = StartDemo(command_id=new_id("c"), recipe="alchemy")
    with pytest.raises(UserError) as refused:
        shared.client.post("/v1/demo", command, JobInfo)
    assert refused.value.code == "bad-setting"
    assert "alchemy" not in {job.recipe for job in shared.client.get("/v1/jobs", JobList).jobs}


def test_worker_when_it_dies_without_a_checkpoint_has_failed_clearly(shared: Engine) -> None:
    job = shared.ended(shared.train("steps:2 die").job_id)
    assert job.state == "failed"
    assert job.problem is not None
    assert (job.problem.code, job.problem.parameters) == ("worker-died", {"what": "train"})


def test_worker_when_it_dies_after_a_checkpoint_is_started_again(shared: Engine) -> None:
    job = shared.ended(shared.train("checkpoint die-once:2 steps:1").job_id)
    assert job.state == "done"
    resumed = [e.body.parameters for e in shared.events() if e.job == job.job_id and e.body.kind == "log"]
    assert resumed == [{"attempt": attempt, "checkpoint": "b" * 64} for attempt in (1, 2)]


def test_worker_when_it_dies_again_and_again_but_gets_further_is_not_given_up(shared: Engine) -> None:
    job = shared.ended(shared.train("further die-once:4 steps:1").job_id)
    assert job.state == "done"
    resumed = [e.body.parameters["attempt"] for e in shared.events() if e.job == job.job_id and e.body.kind == "log"]
    assert resumed == [1, 1, 1, 1]


def test_worker_when_it_dies_every_time_is_given_up_after_two_resumes(shared: Engine) -> None:
    job = shared.ended(shared.train("checkpoint die").job_id)
    lines = lines_of(shared.project / "runs" / job.job_id)
    assert job.state == "failed"
    assert len(lines) == 3


def test_line_when_torn_by_a_death_is_neither_read_nor_in_the_way(shared: Engine) -> None:
    job = shared.ended(shared.train("checkpoint die-once torn").job_id)
    told = [event.n for event in shared.events() if event.job == job.job_id and event.n]
    assert job.state == "failed"
    assert told == sorted(set(told))
    assert 99 not in told


def test_lines_when_they_are_garbage_are_passed_over(shared: Engine) -> None:
    job = shared.ended(shared.train("steps:1 garbage steps:1").job_id)
    assert job.state == "done"


@pytest.mark.parametrize(
    ("word", "code", "fault"),
    [("fail", "too-few-cases", False), ("memory", "out-of-memory", False), ("crash", "internal", True)],
)
def test_job_when_it_raises_has_failed_with_that_reason(shared: Engine, word: str, code: str, fault: bool) -> None:
    job = shared.ended(shared.train(word).job_id)
    assert job.state == "failed"
    assert job.problem is not None
    assert (job.problem.code, job.problem.fault) == (code, fault)
    report = (shared.project / "runs" / job.job_id / "report.txt").read_text()
    assert "fakes.py" in report
    assert "Mrs Example" not in report


def test_problem_when_it_is_not_fatal_is_listed_and_the_job_goes_on(shared: Engine) -> None:
    job = shared.ended(shared.train("problem problem").job_id)
    assert job.state == "done"
    assert [problem.code for problem in job.problems] == ["file-missing", "file-missing"]


def test_job_when_stopped_and_kept_leaves_its_model(shared: Engine) -> None:
    job = shared.train("steps:1 wait")
    shared.in_state(job.job_id, "running")
    assert shared.tell(job.job_id, "stop-and-keep").state == "stopping"
    ended = shared.ended(job.job_id)
    assert ended.state == "done"
    assert str(ended.result["model"]).startswith("model-")


def test_job_when_cancelled_lies_in_the_trash(shared: Engine) -> None:
    job = shared.train("steps:1 wait")
    shared.in_state(job.job_id, "running")
    shared.tell(job.job_id, "cancel")
    assert shared.ended(job.job_id).state == "cancelled"
    until((shared.project / "trash" / job.job_id).is_dir)
    assert not (shared.project / "runs" / job.job_id).exists()


def test_job_when_paused_waits_and_when_resumed_goes_on(shared: Engine) -> None:
    job = shared.train("steps:1 wait")
    shared.in_state(job.job_id, "running")
    assert shared.tell(job.job_id, "pause").state == "paused"
    assert shared.tell(job.job_id, "resume").state == "running"
    shared.tell(job.job_id, "stop-and-keep")
    assert shared.ended(job.job_id).state == "done"


def test_job_when_it_waits_in_the_queue_has_a_place_and_can_only_be_cancelled(engine: Engine) -> None:
    first = engine.train("steps:1 wait")
    engine.in_state(first.job_id, "running")
    second, third = engine.train("steps:1"), engine.train("steps:1")
    assert (engine.job(second.job_id).position, engine.job(third.job_id).position) == (1, 2)
    with pytest.raises(UserError):
        engine.tell(second.job_id, "pause")
    assert engine.tell(second.job_id, "cancel").state == "cancelled"
    assert engine.job(third.job_id).position == 1
    engine.tell(first.job_id, "cancel")
    assert engine.ended(third.job_id).state == "done"
    assert engine.job(first.job_id).state == "cancelled"


def test_import_when_a_training_runs_need_not_wait_for_it(engine: Engine) -> None:
    job = engine.train("steps:1 wait")
    engine.in_state(job.job_id, "running")
    assert engine.demo().state == "done"
    assert engine.job(job.job_id).state == "running"
    engine.tell(job.job_id, "cancel")


def test_job_when_it_has_ended_obeys_no_more_and_stays_as_it_was(shared: Engine) -> None:
    job = shared.ended(shared.train("steps:1").job_id)
    assert shared.tell(job.job_id, "cancel") == job


def test_events_of_a_job_when_read_by_pages_are_its_lines_in_order(shared: Engine) -> None:
    from engine.schema.event import EventPage

    job = shared.ended(shared.train("steps:5").job_id)
    read: list[int] = []
    while page := shared.client.get(
        f"/v1/jobs/{job.job_id}/events?after={read[-1] if read else 0}&limit=2", EventPage
    ).events:
        read += [event.n for event in page]
    assert read == [line["n"] for line in lines_of(shared.project / "runs" / job.job_id)]


def test_worker_when_the_service_is_killed_works_on_and_is_found_again(engine: Engine) -> None:
    job = engine.train("steps:3 wait")
    engine.in_state(job.job_id, "running")
    worker = engine.worker(job.job_id)
    engine.kill()
    assert worker.is_running()
    engine.again()
    assert engine.worker(job.job_id) == worker
    engine.tell(job.job_id, "stop-and-keep")
    assert engine.ended(job.job_id).state == "done"
    told = [event.n for event in engine.events() if event.job == job.job_id and event.n]
    assert told == [line["n"] for line in lines_of(engine.project / "runs" / job.job_id)]


def test_worker_when_it_ended_while_no_service_ran_is_settled_by_the_next(engine: Engine) -> None:
    job = engine.train("steps:1 wait")
    engine.in_state(job.job_id, "running")
    worker = engine.worker(job.job_id)
    engine.kill()
    control = engine.project / "runs" / job.job_id / "control.json"
    control.write_text('{"action": "stop-and-keep"}')
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    engine.again()
    ended = engine.ended(job.job_id)
    assert ended.state == "done"
    assert engine.client.get("/v1/project", ProjectInfo).model_in_use == ended.result["model"]


def test_queue_when_the_service_is_killed_is_worked_off_by_the_next(engine: Engine) -> None:
    first = engine.train("steps:1 wait")
    engine.in_state(first.job_id, "running")
    second = engine.train("steps:1")
    engine.kill()
    engine.again()
    engine.tell(first.job_id, "cancel")
    assert engine.ended(second.job_id).state == "done"


def test_worker_file_when_it_names_another_process_is_not_believed(engine: Engine) -> None:
    job = engine.train("steps:1 wait")
    engine.in_state(job.job_id, "running")
    worker = engine.worker(job.job_id)
    engine.kill()
    worker.send_signal(signal.SIGKILL)
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    file = engine.project / "runs" / job.job_id / "worker.json"
    file.write_text(json.dumps({"pid": os.getpid(), "started": 1.0}))
    engine.again()
    assert engine.ended(job.job_id).state == "failed"


def test_second_worker_when_started_for_the_same_run_leaves_it_alone(engine: Engine) -> None:
    import subprocess
    import sys

    from tests.conftest import ROOT

    job = engine.train("steps:1 wait")
    engine.in_state(job.job_id, "running")
    run = engine.project / "runs" / job.job_id
    before = lines_of(run)
    second = subprocess.run([sys.executable, "-m", "tests.fake_worker", str(run)], cwd=ROOT, check=False)
    assert second.returncode == 75
    assert lines_of(run) == before
    engine.tell(job.job_id, "cancel")


def test_watch_when_it_goes_on_shows_that_somebody_watches(engine: Engine) -> None:
    job = engine.train("steps:1 wait")
    engine.in_state(job.job_id, "running")
    alive = engine.project / "runs" / job.job_id / "service.alive"
    first = alive.stat().st_mtime_ns
    until(lambda: alive.stat().st_mtime_ns > first)
    engine.tell(job.job_id, "cancel")
