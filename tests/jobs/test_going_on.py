"""Trainings that failed and are taken up where they were, with real services and workers that do as they are told."""

import shutil

import pytest

from engine.schema.base import new_id
from engine.schema.command import Action, ControlJob, JobInfo
from engine.schema.event import JobChanged
from tests.engines import Engine


def _tell(engine: Engine, job_id: str, action: Action) -> JobInfo:
    return engine.client.post(f"/v1/jobs/{job_id}/control", ControlJob(command_id=new_id("c"), action=action), JobInfo)


def _states(engine: Engine, job_id: str) -> list[str]:
    return [
        event.body.job.state for event in engine.events() if event.job == job_id and isinstance(event.body, JobChanged)
    ]


def test_training_when_it_failed_after_a_checkpoint_goes_on_from_it_and_ends_well(shared: Engine) -> None:
    failed = shared.ended(shared.train("checkpoint fail-once steps:2").job_id)
    assert (failed.state, failed.can_go_on) == ("failed", True)
    told = _tell(shared, failed.job_id, "resume")
    assert (told.state, told.problem, told.ended_at, told.can_go_on) == ("queued", None, None, False)
    job = shared.ended(failed.job_id)
    assert (job.state, job.problem) == ("done", None)
    assert job.ended_at is not None
    assert failed.ended_at is not None
    assert job.ended_at > failed.ended_at
    assert str(job.result["model"]).startswith("model-")
    states = _states(shared, job.job_id)
    assert states == ["queued", "preparing", "running", "failed", "queued", "preparing", "running", "done"]
    numbers = [event.n for event in shared.events() if event.job == job.job_id and event.n]
    assert numbers == list(range(1, len(numbers) + 1))  # the second worker counts on where the first one ended


def test_training_when_it_fails_again_after_it_went_on_says_so_and_can_go_on_once_more(shared: Engine) -> None:
    failed = shared.ended(shared.train("checkpoint fail").job_id)
    _tell(shared, failed.job_id, "resume")
    again = shared.ended(failed.job_id)
    assert again.problem is not None
    assert (again.state, again.problem.code, again.can_go_on) == ("failed", "too-few-cases", True)


def test_training_when_it_died_too_often_gets_its_tries_anew(shared: Engine) -> None:
    given_up = shared.ended(shared.train("checkpoint die-once:4 steps:1").job_id)
    assert (given_up.state, given_up.can_go_on) == ("failed", True)
    _tell(shared, given_up.job_id, "resume")
    assert shared.ended(given_up.job_id).state == "done"


@pytest.mark.parametrize(("words", "action"), [("steps:1 fail", "resume"), ("checkpoint fail", "pause")])
def test_training_when_it_left_nothing_or_is_told_something_else_stays_failed(
    shared: Engine, words: str, action: Action
) -> None:
    failed = shared.ended(shared.train(words).job_id)
    assert _tell(shared, failed.job_id, action) == failed
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
    _tell(engine, failed.job_id, "resume")
    job = engine.ended(failed.job_id)
    assert job.state == "done"
    assert (models / str(job.result["model"]) / "model.safetensors").read_bytes() == b"weights"
    assert (run / "events.jsonl").read_bytes() == before  # nobody worked on it again


def test_training_when_it_shall_go_on_while_another_runs_waits_for_its_turn(engine: Engine) -> None:
    failed = engine.ended(engine.train("checkpoint fail-once").job_id)
    other = engine.train("steps:1 wait")
    engine.in_state(other.job_id, "running")
    assert _tell(engine, failed.job_id, "resume").state == "queued"
    assert engine.job(failed.job_id).position == 1
    engine.kill()
    engine.again()  # what waits is remembered
    _tell(engine, other.job_id, "stop-and-keep")
    assert engine.ended(failed.job_id).state == "done"
    assert engine.ended(other.job_id).state == "done"
