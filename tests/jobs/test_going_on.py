"""Trainings that failed and are taken up where they were, with real services and workers that do as they are told."""

import json
import shutil
from pathlib import Path

import psutil
import pytest

from engine.schema.base import new_id
from engine.schema.command import Action, Command, Health, JobList
from engine.schema.config import StudentConfig
from engine.schema.errors import UserError
from tests.engines import Engine, engine_of, until


def test_training_when_it_failed_after_a_checkpoint_goes_on_from_it_and_ends_well(shared: Engine) -> None:
    failed = shared.ended(shared.train("checkpoint fail-once steps:2").job_id)
    assert (failed.state, failed.can_go_on) == ("failed", True)
    told = shared.tell(failed.job_id, "resume")
    assert (told.state, told.problem, told.ended_at, told.can_go_on) == ("queued", None, None, False)
    job = shared.ended(failed.job_id)
    assert (job.state, job.problem) == ("done", None)
    assert job.ended_at is not None
    assert failed.ended_at is not None
    assert job.ended_at > failed.ended_at
    assert str(job.result["model"]).startswith("model-")
    states = shared.states(job.job_id)
    assert states == ["queued", "preparing", "running", "failed", "queued", "preparing", "running", "done"]
    numbers = [event.n for event in shared.events() if event.job == job.job_id and event.n]
    assert numbers == list(range(1, len(numbers) + 1))  # the second worker counts on where the first one ended


def test_training_when_it_fails_again_after_it_went_on_says_so_and_can_go_on_once_more(shared: Engine) -> None:
    failed = shared.ended(shared.train("checkpoint fail").job_id)
    shared.tell(failed.job_id, "resume")
    again = shared.ended(failed.job_id)
    assert again.problem is not None
    assert (again.state, again.problem.code, again.can_go_on) == ("failed", "too-few-cases", True)


def test_training_when_it_died_too_often_gets_its_tries_anew(shared: Engine) -> None:
    given_up = shared.ended(shared.train("checkpoint die-once:4 steps:1").job_id)
    assert (given_up.state, given_up.can_go_on) == ("failed", True)
    shared.tell(given_up.job_id, "resume")
    assert shared.ended(given_up.job_id).state == "done"


@pytest.mark.parametrize(("words", "action"), [("steps:1 fail", "resume"), ("checkpoint fail", "pause")])
def test_training_when_it_left_nothing_or_is_told_something_else_stays_failed(
    shared: Engine, words: str, action: Action
) -> None:
    failed = shared.ended(shared.train(words).job_id)
    assert shared.tell(failed.job_id, action) == failed
    assert shared.job(failed.job_id) == failed


def test_model_when_it_was_whole_but_could_not_be_taken_over_is_taken_over_later_without_training_anew(
    engine: Engine,
) -> None:
    engine.demo()
    models = engine.project / "models"
    shutil.rmtree(models)
    models.write_bytes(b"somebody's file")  # nothing can be put into it
    failed = engine.ended(engine.train("steps:1").job_id)
    assert (failed.state, failed.can_go_on) == ("failed", True)
    run = engine.project / "runs" / failed.job_id
    before = (run / "events.jsonl").read_bytes()
    models.unlink()
    models.mkdir()
    engine.tell(failed.job_id, "resume")
    job = engine.ended(failed.job_id)
    assert job.state == "done"
    assert (models / str(job.result["model"]) / "model.safetensors").read_bytes() == b"weights"
    assert (run / "events.jsonl").read_bytes() == before  # nobody worked on it again


def test_training_when_it_is_cancelled_while_it_waits_to_go_on_lies_in_the_trash(engine: Engine) -> None:
    failed = engine.ended(engine.train("checkpoint fail").job_id)
    other = engine.train("steps:1 wait")
    engine.in_state(other.job_id, "running")
    engine.tell(failed.job_id, "resume")
    assert engine.tell(failed.job_id, "cancel").state == "cancelled"
    assert (engine.project / "trash" / failed.job_id / "events.jsonl").exists()
    assert not (engine.project / "runs" / failed.job_id).exists()
    engine.tell(other.job_id, "cancel")


@pytest.mark.parametrize("gone", ["events.jsonl", ""])
def test_training_when_its_folder_was_thrown_away_by_hand_is_not_offered_any_more(engine: Engine, gone: str) -> None:
    failed = engine.ended(engine.train("checkpoint fail").job_id)
    run = engine.project / "runs" / failed.job_id
    if gone:
        (run / gone).unlink()
    else:
        shutil.rmtree(run)
    told = engine.tell(failed.job_id, "resume")
    assert (told.state, told.can_go_on, told.problem) == ("failed", False, failed.problem)


def test_training_when_it_would_only_fail_again_is_not_offered(shared: Engine) -> None:
    failed = shared.ended(shared.train("checkpoint not-finite").job_id)
    assert failed.problem is not None
    assert (failed.problem.code, failed.can_go_on) == ("not-finite", False)


def test_training_when_its_project_was_moved_to_where_there_is_room_goes_on_there(
    engine: Engine, tmp_path: Path
) -> None:
    failed = engine.ended(engine.train("checkpoint fail-once steps:1").job_id)
    engine.client.post("/v1/shutdown", Command(command_id=new_id("c")), Health)
    until(lambda: not psutil.pid_exists(engine.pid) or psutil.Process(engine.pid).status() == psutil.STATUS_ZOMBIE)
    roomier = tmp_path / "roomier"
    engine.project.rename(roomier)
    with engine_of(roomier) as moved:
        moved.tell(failed.job_id, "resume")
        assert moved.ended(failed.job_id).state == "done"
        task = json.loads((roomier / "runs" / failed.job_id / "task.json").read_text())
        assert task["project"] == str(roomier)
    roomier.rename(engine.project)


def test_student_when_another_was_asked_for_than_that_of_the_model_is_refused_before_the_run_is_queued(
    engine: Engine,
) -> None:
    made = engine.ended(engine.train("steps:1").job_id)
    folder = engine.project / "models" / str(made.result["model"])
    student = StudentConfig(size="own", layers=1)
    (folder / "config.json").write_text(json.dumps({"student": student.model_dump(mode="json")}))
    asked = StudentConfig(layers=5)
    known = len(engine.client.get("/v1/jobs", JobList).jobs)
    for start in ("latest", folder.name):
        with pytest.raises(UserError) as refused:
            engine.train("steps:1", recipe="fuse", start_from=start, student=asked)
        assert refused.value.parameters["key"] == "student.layers"
    assert len(engine.client.get("/v1/jobs", JobList).jobs) == known


def test_training_when_it_shall_go_on_while_another_runs_waits_for_its_turn(engine: Engine) -> None:
    failed = engine.ended(engine.train("checkpoint fail-once").job_id)
    other = engine.train("steps:1 wait")
    engine.in_state(other.job_id, "running")
    assert engine.tell(failed.job_id, "resume").state == "queued"
    assert engine.job(failed.job_id).position == 1
    engine.kill()
    engine.again()  # what waits is remembered
    engine.tell(other.job_id, "stop-and-keep")
    assert engine.ended(failed.job_id).state == "done"
    assert engine.ended(other.job_id).state == "done"
