"""The warm predictor as a real process: it answers, survives what is wrong, keeps its model, and ends with its pipe."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.jobs.predict_job import PredictWorker
from engine.model.pretrained import WEIGHTS_FILE, save_council
from engine.schema.case import Case
from engine.schema.catalog import Catalog
from engine.schema.worker import PredictReply, PredictRequest
from engine.store.blobs import Blobs
from tests.small_council import build_council, small_cases

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "engine.jobs.predict_job"]


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Blobs:
    return Blobs(tmp_path_factory.mktemp("blobs"))


@pytest.fixture(scope="module")
def cases(blobs: Blobs) -> list[Case]:
    return small_cases(blobs, 40)


@pytest.fixture(scope="module")
def models(cases: list[Case], blobs: Blobs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two councils with different weights, in folders `one` and `two`."""
    folder = tmp_path_factory.mktemp("models")
    for name, seed in (("one", 1), ("two", 2)):
        save_council(folder / name, build_council(cases, blobs, seed))
    return folder


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(COMMAND, cwd=ROOT, env=environment, **pipes) as started:
        yield started
        started.kill()


@pytest.fixture
def request_(models: Path, cases: list[Case], blobs: Blobs) -> PredictRequest:
    return PredictRequest(
        request="ask-1", model_folder=str(models / "one"), parts=cases[0].parts, blobs=str(blobs.folder)
    )


def ask(process: subprocess.Popen[bytes], line: bytes) -> PredictReply:
    process.stdin.write(line + b"\n")
    process.stdin.flush()
    return PredictReply.model_validate_json(process.stdout.readline())


def send(process: subprocess.Popen[bytes], request: PredictRequest) -> PredictReply:
    return ask(process, request.model_dump_json().encode())


def stable(reply: PredictReply) -> dict[str, object]:
    return reply.prediction.model_dump(exclude={"prediction_id", "milliseconds", "at"})


def test_the_process_when_asked_then_answers_and_goes_on_after_whatever_is_wrong(
    process: subprocess.Popen[bytes], request_: PredictRequest, tmp_path: Path
) -> None:
    first = send(process, request_)
    assert first.request == "ask-1"
    assert first.prediction.modalities
    wrong = {
        b"this is no JSON": "bad-request",
        b'{"request": "x", "unknown": 1}': "bad-request",
        request_.model_copy(update={"model_folder": str(tmp_path / "gone")})
        .model_dump_json()
        .encode(): "model-damaged",
        request_.model_copy(update={"blobs": str(tmp_path)}).model_dump_json().encode(): "internal",
    }
    for line, code in wrong.items():
        reply = ask(process, line)
        assert (reply.problem.code, reply.prediction) == (code, None)
    assert stable(send(process, request_)) == stable(first)
    process.stdin.close()
    assert process.wait(timeout=30) == 0
    assert process.stdout.read() == b""


def test_the_process_when_asked_for_the_catalog_then_tells_it(process: subprocess.Popen[bytes]) -> None:
    reply = send(process, PredictRequest(request="c", ask="catalog"))
    assert {recipe.name for recipe in Catalog.model_validate_json(reply.catalog).recipes} >= {"distil", "fuse", "quick"}


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux alone ends children with their parent")
def test_the_process_when_its_parent_is_killed_then_ends_though_its_pipe_stays_open() -> None:
    reading, writing = os.pipe()
    parent = textwrap.dedent("""
        import subprocess, sys
        child = subprocess.Popen(sys.argv[1:], stdin=int(sys.stdin.readline()), stdout=subprocess.PIPE)
        print(child.pid, flush=True)
        print(len(child.stdout.readline()), flush=True)
        sys.stdin.read()
    """)
    outer = subprocess.Popen(
        [sys.executable, "-c", parent, *COMMAND],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(reading,), text=True,
    )  # fmt: skip
    outer.stdin.write(f"{reading}\n")
    outer.stdin.flush()
    child = psutil.Process(int(outer.stdout.readline()))
    os.write(writing, b"{}\n")
    assert int(outer.stdout.readline()) > 0  # it answered, so it has tied its life to its parent's
    outer.send_signal(signal.SIGKILL)
    outer.communicate()
    _, alive = psutil.wait_procs([child], timeout=30)
    os.close(reading)
    os.close(writing)
    assert not alive


def test_the_way_to_an_answer_when_imported_then_loads_nothing_heavy() -> None:
    code = "import sys, json, engine.jobs.predict_job; print(json.dumps(sorted(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=120)
    loaded = set(json.loads(said.stdout))
    heavy = {
        "transformers",
        "scipy",
        "sklearn",
        "librosa",
        "sqlalchemy",
        "soundfile",
        "torch._dynamo",
        "PySide6",
        "fastapi",
    }
    assert not loaded & heavy


def test_a_model_when_asked_again_then_is_not_read_again(request_: PredictRequest, models: Path) -> None:
    worker = PredictWorker()
    line = request_.model_dump_json().encode()
    first = worker.answer(line)
    weights = models / "one" / WEIGHTS_FILE
    kept = weights.read_bytes()
    weights.write_bytes(b"")
    try:
        assert stable(worker.answer(line)) == stable(first)
        forget = PredictRequest(request="f", ask="forget", model_folder=str(models / "one"))
        reply = worker.answer(forget.model_dump_json().encode())
        assert (reply.prediction, reply.problem, reply.catalog) == (None, None, "")
        assert worker.answer(line).problem.code == "model-damaged"
    finally:
        weights.write_bytes(kept)
    assert stable(worker.answer(line)) == stable(first)


def test_a_folder_when_another_model_takes_its_place_then_the_new_one_answers(
    request_: PredictRequest, models: Path, tmp_path: Path
) -> None:
    worker = PredictWorker()
    place = tmp_path / "model"
    place.symlink_to(models / "one")
    moved = request_.model_copy(update={"model_folder": str(place)}).model_dump_json().encode()
    first = worker.answer(moved)
    place.unlink()
    place.symlink_to(models / "two")
    second = worker.answer(moved)
    direct = request_.model_copy(update={"model_folder": str(models / "two")}).model_dump_json().encode()
    assert stable(second) == stable(worker.answer(direct))
    assert second.prediction.probabilities != first.prediction.probabilities
