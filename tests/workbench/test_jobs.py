"""A job is a fold of its events: lived through, replayed, or recovered after a gap, the state is the same."""

from datetime import timedelta

import numpy as np
import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from engine.schema.errors import ErrorBody
from engine.schema.event import Problem, Progress
from tests.workbench.fakes.run_events import BEGAN, bodies, changed, events, finished, job_info
from workbench.state.jobs import JobsState, JobState


def _facts(job: JobState) -> dict[str, object]:
    """Return everything a view can read of a job."""
    return {
        "curves": {key: (series.x.tolist(), series.y.tolist()) for key, series in job.curves.items()},
        "stages": job.stages,
        "routing": [
            (kept.step, kept.counts_LEM.tolist())
            for stage in job.stages
            for source in ("training", "check")
            for kept in job.routing.history(stage, source)
        ],
        "pinned": {case: [(m.step, m.case) for m in moments] for case, moments in job.pinned.items()},
        "teachers": job.teachers,
        "lines": list(job.lines),
        "alerts": job.alerts,
        "checkpoint": job.checkpoint,
        "progress": job.progress,
        "resource": job.resource,
        "finished": job.finished,
        "n": job.last_n,
    }


def test_old_run_when_replayed_gives_the_state_of_living_through_it(qtbot: QtBot) -> None:
    run = events(bodies(steps=120))
    lived = JobState(job_info())
    for event in run:
        lived.apply(event)
    replayed = JobState(job_info("done"))
    replayed.apply_all(run)
    assert _facts(replayed) == _facts(lived)
    assert lived.stages == ["fold-1", "fold-2", "final"]
    assert lived.curves


def test_events_when_lost_and_fetched_later_give_the_same_state(qtbot: QtBot) -> None:
    run = events(bodies(steps=60))
    whole, torn = JobState(job_info()), JobState(job_info())
    whole.apply_all(run)
    torn.apply_all(run[:50])
    with qtbot.waitSignal(torn.history_wanted):
        torn.apply(run[200])
    torn.apply_all(run[201:230])
    assert torn.is_behind
    assert torn.last_n == 50
    torn.apply_all(run[50:])
    assert not torn.is_behind
    assert _facts(torn) == _facts(whole)


def test_event_when_it_comes_twice_is_folded_once(qtbot: QtBot) -> None:
    run = events(bodies(steps=40, stages=("final",)))
    once, twice = JobState(job_info()), JobState(job_info())
    once.apply_all(run)
    for event in run:
        twice.apply(event)
        twice.apply(event)
    assert _facts(twice) == _facts(once)


def test_job_when_behind_still_shows_how_far_it_is(qtbot: QtBot) -> None:
    job = JobState(job_info())
    late = events(iter([Progress(phase="training", done=40, total=90)]), first=77)
    job.apply_all(late)
    assert job.progress == Progress(phase="training", done=40, total=90)
    assert job.last_n == 0


def test_job_when_it_ends_says_so_once(qtbot: QtBot) -> None:
    job = JobState(job_info())
    heard: list[object] = []
    job.ended.connect(heard.append)
    done = job_info("done")
    job.apply(changed(done))
    job.apply(changed(done, seq=2))
    assert heard == [done]
    assert job.has_ended


def test_fatal_problem_when_it_comes_is_the_failure(qtbot: QtBot) -> None:
    job = JobState(job_info())
    fatal = Problem(problem=ErrorBody(code="out-of-memory"), fatal=True)
    job.apply_all(
        events(iter([Problem(problem=ErrorBody(code="file-missing", parameters={"row": 3, "name": "a.png"})), fatal]))
    )
    assert job.failure == ErrorBody(code="out-of-memory")
    assert len(job.lines) == 2


def test_jobs_when_listed_are_newest_first_and_active_ones_by_their_turn(qtbot: QtBot) -> None:
    jobs = JobsState()
    jobs.load(
        [
            job_info("done", "run-old", created_at=BEGAN - timedelta(days=1)),
            job_info("queued", "run-later", position=2, created_at=BEGAN + timedelta(minutes=2)),
            job_info("queued", "run-next", position=1, created_at=BEGAN + timedelta(minutes=3)),
            job_info("running", "run-now", created_at=BEGAN),
        ]
    )
    assert [job.job_id for job in jobs.all()] == ["run-next", "run-later", "run-now", "run-old"]
    assert [job.job_id for job in jobs.active()] == ["run-now", "run-next", "run-later"]


def test_job_when_first_seen_in_the_stream_is_added_and_followed(qtbot: QtBot) -> None:
    jobs = JobsState()
    with qtbot.waitSignal(jobs.job_added) as added:
        jobs.apply(changed(job_info("preparing")))
    assert added.args == ["run-1"]
    for event in events(bodies(steps=20, stages=("final",))):
        jobs.apply(event)
    job = jobs.job("run-1")
    assert job is not None
    assert not job.is_behind
    series = job.series("final", "train", "loss")
    assert series is not None
    assert series.x.tolist() == list(range(1, 21))
    assert np.all(series.y > 0)


def test_list_when_loaded_again_keeps_what_was_folded_and_drops_what_is_gone(qtbot: QtBot) -> None:
    jobs = JobsState()
    jobs.load([job_info(), job_info("done", "run-gone")])
    dropped: list[tuple[str, bool]] = []
    jobs.job_dropped.connect(lambda gone: dropped.append((gone.job_id, shiboken6.isValid(gone))))
    jobs.apply(events(iter([finished()]))[0])
    jobs.load([job_info("done")])
    job = jobs.job("run-1")
    assert job is not None
    assert job.finished == finished()
    assert job.info.state == "done"
    assert jobs.job("run-gone") is None
    assert dropped == [("run-gone", True)]


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_job_when_loaded_as_ended_does_not_tell_it_as_news(qtbot: QtBot, state: str) -> None:
    jobs = JobsState()
    heard: list[str] = []
    jobs.job_ended.connect(heard.append)
    jobs.load([job_info(state)])  # type: ignore[arg-type]
    assert heard == []


def test_device_when_the_run_says_it_is_known_even_if_the_list_is_silent(qtbot: QtBot) -> None:
    job = JobState(job_info(device=""))
    assert job.device == ""
    job.apply_all(events(bodies(steps=1)))
    assert job.device == "no GPU: CPU (1 threads)"
