import asyncio
import contextlib
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engine.ingest import confine, frames
from engine.ingest.batch import Batch
from engine.ingest.decode import audio, image
from engine.ingest.kept import KeptReaders
from engine.ingest.sandbox import ForkedReaders, Sandbox, _environment
from engine.schema.errors import UserError
from tests.ingest import samples
from tests.ingest.hostile_zygote import ATTEMPTS

linux = pytest.mark.skipif(sys.platform != "linux", reason="SKIPPED: these walls are Linux's")


@pytest.fixture(scope="module", params=["forked", "kept"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(readers=ForkedReaders() if request.param == "forked" else KeptReaders(_environment)) as made:
        yield made


@pytest.fixture(scope="module")
def hostile() -> Iterator[Sandbox]:
    with Sandbox(at_once=8, readers=ForkedReaders("tests.ingest.hostile_zygote")) as made:
        yield made


@pytest.mark.parametrize("name", samples.SEEDS)
def test_every_kind_of_file_when_decoded_then_gives_a_part_and_its_decoded_form(sandbox: Sandbox, name: str) -> None:
    part, decoded = sandbox.decode_now(samples.SEEDS[name], name)
    assert part.problem is None
    assert part.name == name
    assert part.size == len(samples.SEEDS[name])
    assert part.decoded == hashlib.sha256(decoded).hexdigest()
    if part.modality == "image":
        assert image.read_png(decoded).shape == (48, 64, 3)
    elif part.modality == "audio":
        assert audio.read_wav(decoded)[1] == 16_000
    else:
        assert "三天" in decoded.decode()


def test_several_files_when_decoded_from_asyncio_then_come_back_each_to_its_asker(sandbox: Sandbox) -> None:
    async def read() -> list[str]:
        texts = [f"text {number}" for number in range(20)]
        answers = await asyncio.gather(*(sandbox.decode(text.encode(), "a.txt") for text in texts))
        return [decoded.decode() for _, decoded in answers]

    assert asyncio.run(read()) == [f"text {number}" for number in range(20)]


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"just words", "photo.png", "content-mismatch"),
        (samples.SEEDS["a.wav"][:500], "cough.wav", "damaged-audio"),
        (samples.SEEDS["a.png"][:300], "skin.png", "damaged-image"),
        (samples.huge_png(), "big.png", "image-too-large"),
        (b"a\0b", "note.txt", "damaged-text"),
        (b"x" * (4 * 2**20 + 1), "note.txt", "too-large"),
        (b"GIF89a....", "move.gif", "unknown-format"),
        (b"", "empty.wav", "damaged-audio"),
    ],
)
def test_a_bad_file_when_decoded_then_becomes_a_part_with_a_whole_sentence(
    sandbox: Sandbox, data: bytes, name: str, code: str
) -> None:
    part, decoded = sandbox.decode_now(data, f"folder/{name}")
    assert (part.problem and part.problem.code, decoded, part.decoded) == (code, b"", None)
    for language in ("en", "zh"):
        words = part.problem.text(language) if part.problem else ""
        assert name in words
        assert "{" not in words
        assert "folder" not in words


def test_a_picture_bomb_when_decoded_then_the_parent_does_not_grow(sandbox: Sandbox) -> None:
    bomb = samples.huge_png()
    before, began = psutil.Process().memory_info().rss, time.monotonic()
    part, _ = sandbox.decode_now(bomb, "big.png")
    assert part.problem is not None
    assert time.monotonic() - began < 10
    assert psutil.Process().memory_info().rss - before < 20 * 2**20


def test_a_picture_of_just_64_megapixels_when_decoded_then_is_read(sandbox: Sandbox) -> None:
    part, decoded = sandbox.decode_now(samples.raw_png(8000, 8000, 8, 0, bytes(8001 * 8000)), "large.png")
    assert part.problem is None
    assert image.read_png(decoded).shape == (1024, 1024)


def test_a_name_of_any_letters_when_decoded_then_is_cut_and_harmless(sandbox: Sandbox) -> None:
    part, _ = sandbox.decode_now(b"x", "../" + "n" * 500 + "\n\x1b[31m.txt")
    assert len(part.name) == 400
    assert part.name.isprintable()


def test_a_manifest_when_planned_then_the_plan_comes_back_whole(sandbox: Sandbox) -> None:
    plan = sandbox.plan_now(b"case_id,text,label,image\na,hi,x,i/1.png\nb,ho,y,\n", "t.csv", None, b"title: Two")
    assert (plan.rows, plan.paths, plan.title) == (2, ("i/1.png",), "Two")
    assert [label.name for label in plan.labels] == ["x", "y"]


def test_a_manifest_without_answers_when_planned_then_the_reason_comes_back(sandbox: Sandbox) -> None:
    with pytest.raises(UserError) as caught:
        asyncio.run(sandbox.plan(b"text\nhi\n", "t.csv"))
    assert caught.value.code == "manifest-no-label"


def test_a_batch_when_read_then_gives_what_single_files_give(sandbox: Sandbox) -> None:
    with Batch(sandbox) as batch:
        for _ in range(10):
            for name, data in samples.SEEDS.items():
                part, decoded = batch.decode(data, name, None)
                alone = sandbox.decode_now(data, name)
                assert part.model_copy(update={"part_id": "part"}) == alone[0].model_copy(update={"part_id": "part"})
                assert decoded == alone[1]


@linux
def test_the_walls_when_the_sandbox_has_started_then_all_stand() -> None:
    with Sandbox() as sandbox:
        held = asyncio.run(sandbox.start())
    if os.geteuid() == 0:
        assert held.all(), held
    assert held.forked
    assert held.limits


_MUST_FAIL = sorted(set(ATTEMPTS) - {"crash", "end", "spin", "sleep"})


@linux
@pytest.mark.parametrize("attempt", _MUST_FAIL)
def test_code_inside_a_reader_when_it_reaches_out_then_is_denied(hostile: Sandbox, attempt: str) -> None:
    if not hostile.held().all():
        pytest.skip(f"SKIPPED: this computer does not allow every wall: {hostile.held()}")
    part, decoded = hostile.decode_now(attempt.encode(), "a.txt")
    denied = decoded.startswith(b"denied: ") or (part.problem is not None and part.problem.code == "decode-crashed")
    assert denied, (attempt, part.problem, decoded)


@linux
def test_code_inside_a_reader_when_it_connects_to_a_port_that_listens_then_nobody_arrives(hostile: Sandbox) -> None:
    if not hostile.held().network:
        pytest.skip("SKIPPED: this computer does not allow a network of its own")
    with socket.create_server(("127.0.0.1", 9)) if os.geteuid() == 0 else contextlib.nullcontext() as server:
        hostile.decode_now(b"connect_over_tcp", "a.txt")
        if server is not None:
            server.settimeout(0)
            with pytest.raises(BlockingIOError):
                server.accept()


@linux
@pytest.mark.parametrize("words", ["crash", "end", "lie about the form", "answer too much"])
def test_a_reader_when_it_crashes_or_lies_then_the_file_is_refused_and_the_next_is_read(
    hostile: Sandbox, words: str
) -> None:
    part, decoded = hostile.decode_now(words.encode(), "a.txt")
    assert (part.problem and part.problem.code, decoded) == ("decode-crashed", b"")
    assert hostile.decode_now(b"harmless", "a.txt")[1] == b"allowed"


@linux
def test_a_batch_when_one_file_crashes_its_reader_then_only_that_file_is_refused(hostile: Sandbox) -> None:
    with Batch(hostile) as batch:
        answers = [batch.decode(words, "a.txt", None) for words in (b"one", b"crash", b"two", b"end", b"three")]
    assert [part.problem and part.problem.code for part, _ in answers] == [
        None, "decode-crashed", None, "decode-crashed", None,
    ]  # fmt: skip


@linux
def test_a_reader_when_it_never_ends_then_is_stopped_in_time_and_says_so(hostile: Sandbox) -> None:
    async def both() -> list[str]:
        parts = await asyncio.gather(*(hostile.decode(words, "a.txt") for words in (b"spin", b"sleep")))
        return [part.problem.code if part.problem else "" for part, _ in parts]

    began = time.monotonic()
    assert asyncio.run(both()) == ["decode-timeout", "decode-timeout"]
    assert time.monotonic() - began < 14


@linux
def test_the_warm_process_when_killed_then_the_next_file_starts_a_new_one() -> None:
    with Sandbox() as sandbox:
        sandbox.held()
        first = _reader_process()
        first.kill()
        first.wait(10)
        part, _ = sandbox.decode_now(samples.SEEDS["a.png"], "a.png")
        assert part.problem is None
        assert _reader_process().pid != first.pid


@linux
def test_all_processes_when_the_client_is_killed_then_end() -> None:
    script = (
        "import threading, sys\n"
        "from engine.ingest.sandbox import Sandbox, ForkedReaders\n"
        "box = Sandbox(readers=ForkedReaders('tests.ingest.hostile_zygote'))\n"
        "box.held()\n"
        "threading.Thread(target=box.decode_now, args=(b'sleep', 'a.txt')).start()\n"
        "print('ready', flush=True)\n"
    )
    client = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    with client:
        assert client.stdout is not None
        assert client.stdout.readline() == b"ready\n"
        zygote = psutil.Process(client.pid).children()[0]
        deadline = time.monotonic() + 10
        while not (readers := zygote.children()) and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        client.kill()
    _, alive = psutil.wait_procs([zygote, *readers], timeout=10)
    assert readers
    assert alive == []


def test_the_client_when_imported_then_loads_no_decoder() -> None:
    script = (
        "import sys; from engine.ingest import sandbox, batch, cases\n"
        "print(sorted({'numpy', 'PIL', 'soundfile', 'torch', 'yaml', 'charset_normalizer'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"


def test_a_sandbox_when_closed_then_a_file_comes_back_as_unreadable() -> None:
    sandbox = Sandbox()
    sandbox.close()
    part, _ = sandbox.decode_now(b"x", "a.txt")
    assert part.problem is not None


class _Told:
    """A pipe that says what it was given."""

    def __init__(self, told: bytes) -> None:
        self._told = told

    def send(self, data: bytes | memoryview) -> None:
        raise AssertionError("nothing shall be sent")

    def receive(self, size: int) -> bytes:
        piece, self._told = self._told[:size], self._told[size:]
        return piece


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"CSL",
        frames.HEADER.pack(b"CSL2", 0, 0),
        frames.HEADER.pack(frames.MAGIC, 10, 0),
        frames.HEADER.pack(frames.MAGIC, 2**32 - 1, 0),
        frames.HEADER.pack(frames.MAGIC, 0, 2**64 - 1),
        frames.HEADER.pack(frames.MAGIC, 0, 5) + b"1234",
    ],
)
def test_a_frame_that_is_broken_or_too_large_when_received_then_is_refused_before_it_is_read(told: bytes) -> None:
    with pytest.raises(frames.Broken):
        frames.receive_frame(_Told(told), 100, 100)


def test_limits_when_named_by_a_letter_then_no_two_share_one() -> None:
    assert len(set(confine.LETTERS.values())) == len(confine.LETTERS) == 3


def _reader_process() -> psutil.Process:
    found = [p for p in psutil.Process().children() if "engine.ingest.zygote" in p.cmdline()]
    return max(found, key=lambda process: process.create_time())
