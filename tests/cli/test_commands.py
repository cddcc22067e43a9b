"""The commands as scripts use them: exit codes, one JSON object at the end, progress on stderr."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.manifest import listing, located
from engine.cli.predicting import nested
from engine.cli.progress import duration
from engine.cli.training import _effect_line, configured
from engine.schema.base import Array
from engine.schema.case import CasePage
from engine.schema.command import JobList
from engine.schema.errors import UserError
from engine.schema.model import ExpertEffect
from tests.cli.conftest import Run
from tests.conftest import ROOT
from tests.engines import Engine, until


def test_train_when_followed_tells_its_model_at_the_end(run: Run, engine: Engine) -> None:
    engine.demo()
    said = run("train", engine.project, "--recipe", "quick", "--seed", 3, "--name", "steps:3", "--json")
    assert said.code == 0, said.err
    assert said.last | {"run": "", "model": ""} == {
        "run": "", "model": "", "state": "done", "val": 0.9, "val_interval": [0.85, 0.93], "seconds": 12.0,
    }  # fmt: skip
    assert engine.job(said.last["run"]).config is not None
    assert "training 3/3" in said.err


def test_train_when_detached_returns_at_once(run: Run, engine: Engine) -> None:
    engine.demo()
    said = run("train", engine.project, "--name", "steps:1 wait", "--detach", "--json")
    assert (said.code, said.last["state"]) == (0, "queued")
    job = said.last["run"]
    engine.in_state(job, "running")
    assert run("stop", engine.project, job, "--cancel").code == 0
    assert engine.ended(job).state == "cancelled"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--recipe", "alchemy"), "bad-setting"),
        (("--set", "optim.epochs=many"), "bad-setting"),
        (("--set", "optim.nothing=1"), "bad-setting"),
        (("--set", "epochs"), "bad-setting"),
    ],
)
def test_train_when_a_setting_is_wrong_ends_with_two_and_one_sentence(
    run: Run, engine: Engine, arguments: tuple[str, ...], code: str
) -> None:
    said = run("train", engine.project, *arguments, "--json")
    assert (said.code, said.last["error"]["code"]) == (2, code)
    assert "Traceback" not in said.err


def test_train_when_its_job_fails_tells_the_reason(run: Run, engine: Engine) -> None:
    engine.demo()
    failed = run("train", engine.project, "--name", "fail", "--json")
    assert (failed.code, failed.last["error"]["code"]) == (2, "too-few-cases")
    crashed = run("train", engine.project, "--name", "crash", "--json")
    assert (crashed.code, crashed.last["error"]["code"]) == (1, "internal")


def test_following_when_interrupted_leaves_the_job_and_says_how_to_look_again(engine: Engine) -> None:
    engine.demo()
    command = [sys.executable, "-m", "engine", "train", str(engine.project), "--name", "steps:1 wait"]
    follower = subprocess.Popen(
        command,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Where the tests run in the background the shell has them ignore it, and so would the follower.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert follower.stderr is not None
    for line in follower.stderr:
        if "training 1/1" in line:
            break
    os.kill(follower.pid, signal.SIGINT)
    rest = follower.communicate(timeout=60)[1]
    (job,) = engine.project.glob("runs/train-*")
    assert follower.returncode == 130
    assert f"--follow {job.name}" in rest
    assert engine.job(job.name).state == "running"


def test_evaluate_when_done_prints_its_figures(run: Run, engine: Engine, tmp_path: Path) -> None:
    engine.ended(engine.train("steps:1").job_id)
    table = tmp_path / "t.csv"
    table.write_text("text,label,split\ncough,flu,val\n")
    said = run("evaluate", engine.project, "--model", "latest", "--manifest", table, "--split", "val", "--json")
    assert (said.code, said.last) == (0, {"n": 3, "accuracy": 0.5, "by_pattern": {}})


def test_evaluate_when_no_table_is_named_measures_on_the_newest_data_set(run: Run, engine: Engine) -> None:
    engine.ended(engine.train("steps:1").job_id)
    said = run("evaluate", engine.project, "--split", "val", "--json")
    assert said.code == 0, said.err
    (task,) = engine.project.glob("runs/evaluate-*/task.json")
    asked = json.loads(task.read_text())["evaluate"]
    assert (asked["manifest"], asked["dataset"][:9], asked["split"]) == (None, "set-demo-", "val")
    assert (task.parent / "cases.jsonl").read_text().count("\n") > 0


def test_evaluate_when_a_table_and_a_data_set_are_named_or_it_is_unknown_says_so(
    run: Run, engine: Engine, tmp_path: Path
) -> None:
    engine.ended(engine.train("steps:1").job_id)
    both = run("evaluate", engine.project, "--manifest", tmp_path / "t.csv", "--dataset", "fake", "--json")
    assert (both.code, both.last["error"]["code"]) == (2, "bad-setting")
    unknown = run("evaluate", engine.project, "--dataset", "gone", "--json")
    assert (unknown.code, unknown.last["error"]["code"]) == (2, "not-found")


def test_predict_when_there_is_a_model_answers_and_leaves_no_case_in_the_list(run: Run, engine: Engine) -> None:
    engine.ended(engine.train("steps:1").job_id)
    said = run("predict", engine.project, "--text", "cough", "--json")
    assert said.code == 0, said.err
    assert said.last["probabilities"] == {"cold": 0.9, "flu": 0.1}
    assert (said.last["outcome"], said.last["set"], said.last["shapley"]) == ("suggests", ["cold"], {})
    assert said.last["routing"] == [[[3, 0, 0], [1, 0, 0]]]
    listed = engine.client._answer("GET", "/v1/cases")
    assert b"command line" not in listed


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("--text", "cough"), "no-model"), ((), "nothing-given"), (("--image", "/nowhere.png"), "file-unreadable")],
)
def test_predict_when_it_cannot_says_why(run: Run, engine: Engine, arguments: tuple[str, ...], code: str) -> None:
    said = run("predict", engine.project, *arguments, "--json")
    assert (said.code, said.last["error"]["code"]) == (2, code)


def test_predict_when_the_text_is_a_file_keeps_the_words_in_it(run: Run, engine: Engine, tmp_path: Path) -> None:
    engine.ended(engine.train("steps:1").job_id)
    note = tmp_path / "note.txt"
    note.write_text("咳嗽三天", encoding="utf-8")
    assert run("predict", engine.project, "--text", note, "--keep", "--json").code == 0
    kept = engine.client.get("/v1/cases", CasePage).cases[0].parts[0]
    assert (kept.name, kept.facts.characters) == ("note.txt", 4)


def test_predict_when_a_file_is_not_what_its_name_says_names_it(run: Run, engine: Engine, tmp_path: Path) -> None:
    engine.ended(engine.train("steps:1").job_id)
    fake = tmp_path / "lung.png"
    fake.write_text("this is text")
    said = run("predict", engine.project, "--image", fake, "--json")
    assert said.code == 2
    assert said.last["error"]["parameters"]["name"] == "lung.png"


def test_jobs_and_stop_when_used_show_and_steer_the_queue(run: Run, engine: Engine) -> None:
    job = engine.train("steps:1 wait")
    engine.in_state(job.job_id, "running")
    shown = run("jobs", engine.project, "--json")
    assert shown.last["jobs"][0]["job_id"] == job.job_id
    assert run("stop", engine.project, "--json").last["state"] == "stopping"
    assert engine.ended(job.job_id).state == "done"
    nothing = run("stop", engine.project, "--json")
    assert (nothing.code, nothing.last["error"]["code"]) == (2, "nothing-runs")


def test_resume_when_used_goes_on_with_the_newest_that_failed_and_left_a_checkpoint(run: Run, engine: Engine) -> None:
    engine.demo()
    failed = run("train", engine.project, "--name", "checkpoint fail-once steps:1")
    assert failed.code == 2
    (able,) = [job for job in engine.client.get("/v1/jobs", JobList).jobs if job.can_go_on]
    assert f"python -m engine resume {engine.project} {able.job_id}" in failed.err
    engine.ended(engine.train("steps:1 fail").job_id)
    said = run("resume", engine.project, "--json")
    assert (said.code, said.last["resumed"]) == (0, able.job_id)
    assert engine.ended(able.job_id).state == "done"
    nothing = run("resume", engine.project, "--json")
    assert (nothing.code, nothing.last["error"]["code"]) == (2, "nothing-to-resume")


def test_jobs_when_its_reader_has_seen_enough_ends_without_a_word(engine: Engine) -> None:
    engine.train("steps:1 wait")
    command = [sys.executable, "-u", "-m", "engine", "jobs", str(engine.project)]
    told = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert told.stdout is not None
    assert told.stderr is not None
    told.stdout.close()  # as `head` does, before the first line
    assert told.stderr.read() == b""
    assert told.wait(60) != 0


def test_stop_when_a_job_waits_says_how_to_take_it_out_of_the_queue(run: Run, engine: Engine) -> None:
    running, waiting = engine.train("steps:1 wait"), engine.train("steps:1")
    engine.in_state(running.job_id, "running")
    said = run("stop", engine.project, waiting.job_id)
    assert said.code == 2
    assert "--cancel" in said.err
    assert run("stop", engine.project, waiting.job_id, "--cancel").code == 0
    assert engine.ended(waiting.job_id).state == "cancelled"


def test_stop_when_the_engine_is_meant_ends_it(run: Run, engine: Engine) -> None:
    import psutil

    assert run("stop", engine.project, "--engine").code == 0
    until(lambda: not psutil.pid_exists(engine.pid) or psutil.Process(engine.pid).status() == "zombie")


def test_serve_when_there_is_no_project_ends_with_two(run: Run, tmp_path: Path) -> None:
    said = run("serve", tmp_path / "none", "--json")
    assert (said.code, said.last["error"]["code"]) == (2, "project-not-found")


def test_serve_when_one_runs_already_ends_well_and_says_so(run: Run, engine: Engine) -> None:
    assert run("serve", engine.project, "--json").last["served"] is False


def test_settings_when_given_change_only_what_they_name() -> None:
    config = configured("distil", ["optim.epochs=5", "student.router=token-choice"], seed=7)
    assert (config.seed, config.optim.epochs, config.recipe) == (7, 5, "distil")


def test_manifest_when_it_lies_in_data_has_its_files_beside_that_folder(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "data").mkdir()
    table = tmp_path / "data" / "text.csv"
    table.write_text("id,text,label\n")
    assert located(table) == (table, tmp_path)
    assert located(tmp_path) == (table, tmp_path)
    with pytest.raises(UserError):
        located(tmp_path / "images")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name of a file is text")
def test_folders_beside_a_table_when_a_file_has_a_name_that_is_no_text_are_listed_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "images").mkdir()
    for name in (b"a.png", b"\xbf\xc8_2.png"):
        Path(os.fsdecode(os.path.join(os.fsencode(tmp_path), b"images", name))).write_bytes(b"x")
    assert list(listing(tmp_path)) == ["images/a.png"]
    assert "1 files have names" in capsys.readouterr().err


def test_array_when_nested_has_its_own_shape() -> None:
    assert nested(Array.pack(range(12), (2, 3, 2))) == [[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]]


@pytest.mark.parametrize(("seconds", "said"), [(4.4, "4 s"), (185, "3 min"), (4800, "1 h 20 min")])
def test_time_left_when_shown_is_short(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_effect_when_nobody_else_could_take_its_tokens_is_not_told_as_a_number() -> None:
    alone = ExpertEffect(layer=0, expert=2, tokens={"image": 40}, moved={"image": 0})
    assert _effect_line(alone) == "layer 1, expert 3: not measured, as no other expert could take its 40 tokens"
