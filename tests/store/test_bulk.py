import contextlib
import hashlib
import os
import threading
from pathlib import Path

import pytest

from engine.store import bulk
from engine.store.blobs import Blobs
from engine.store.bulk import BulkBlobs


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "blobs"
    made.mkdir()
    return made


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_blobs_when_put_together_then_are_there_at_the_end_and_none_else(folder: Path) -> None:
    data = [os.urandom(100) for _ in range(50)] * 2
    with BulkBlobs(folder) as blobs:
        names = [blobs.put(piece) for piece in data]
    assert names == [hashlib.sha256(piece).hexdigest() for piece in data]
    assert files(folder) == sorted(set(names))
    assert [Blobs(folder).read(name) for name in names] == data


@pytest.mark.skipif(os.name == "nt", reason="SKIPPED: one by one on Windows")
def test_blobs_when_not_yet_synced_then_nobody_finds_them_by_name(folder: Path) -> None:
    with BulkBlobs(folder) as blobs:
        name = blobs.put(b"x")
        if blobs._pending:
            assert not Blobs(folder).has(name)
        blobs.flush()
        assert Blobs(folder).has(name)


def test_blobs_when_the_work_fails_then_leave_nothing_behind(folder: Path) -> None:
    blobs = BulkBlobs(folder)
    with contextlib.suppress(KeyError), blobs:
        blobs.put(b"x")
        raise KeyError
    assert [name for name in files(folder) if name.startswith(".")] == []


def test_blobs_when_they_grow_beyond_the_bound_then_are_flushed_on_the_way(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "PENDING_BYTES", 1000)
    with BulkBlobs(folder) as blobs:
        names = [blobs.put(os.urandom(400)) for _ in range(4)]
        assert Blobs(folder).has(names[0])


def test_blobs_when_put_from_several_threads_then_none_is_lost(folder: Path) -> None:
    with BulkBlobs(folder) as blobs:
        threads = [threading.Thread(target=lambda: [blobs.put(f"{n}".encode()) for n in range(100)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(files(folder)) == 100


def test_a_blob_that_is_there_already_when_put_again_then_is_not_written(folder: Path) -> None:
    Blobs(folder).put(b"x")
    with BulkBlobs(folder) as blobs:
        blobs.put(b"x")
        assert len(files(folder)) == 1
