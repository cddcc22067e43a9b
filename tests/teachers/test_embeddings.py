import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from engine.teachers import embeddings
from engine.teachers.embeddings import Embeddings, size_on_disk
from engine.teachers.lessons import LessonCache
from tests.conftest import ROOT

_KILLED = """
import os, sys
from pathlib import Path
import pytest
import torch
from engine.teachers import embeddings
from engine.teachers.lessons import LessonCache
embeddings.CHUNK = 4
def embed(names):
    if "item-5" in names:
        os._exit(9)
    return torch.tensor([[float(name[5:])] for name in names])
embeddings.Embeddings(LessonCache(Path(sys.argv[1])), "t" * 64, embed).of([f"item-{i}" for i in range(8)], lambda a, b: None)
"""


class Asked:
    """An embedder that remembers what it was asked."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, names: Sequence[str]) -> torch.Tensor:
        self.names += names
        return torch.tensor([[float(name[5:])] for name in names])


def _quiet(done: int, total: int) -> None:
    """Take no notice."""


def test_shards_when_the_process_is_killed_then_finished_ones_are_not_computed_again(tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], cwd=ROOT, check=False)
    assert killed.returncode == 9
    asked = Asked()
    found = Embeddings(LessonCache(tmp_path), "t" * 64, asked).of([f"item-{i}" for i in range(8)], _quiet)
    assert found[:, 0].tolist() == list(range(8))
    assert len(asked.names) == 4
    assert "item-5" in asked.names


def test_shard_when_damaged_then_is_computed_again_and_the_others_are_not(tmp_path: Path, monkeypatch: object) -> None:
    names = [f"item-{i}" for i in range(8)]
    monkeypatch.setattr(embeddings, "CHUNK", 4)  # type: ignore[attr-defined]
    Embeddings(LessonCache(tmp_path), "t" * 64, Asked()).of(names, _quiet)
    shard = min(tmp_path.rglob("*.safetensors"))
    data = bytearray(shard.read_bytes())
    data[-1] ^= 1
    shard.write_bytes(data)
    asked, again = Asked(), Asked()
    found = Embeddings(LessonCache(tmp_path), "t" * 64, asked).of(names, _quiet)
    assert found[:, 0].tolist() == list(range(8))
    assert len(asked.names) == 4
    Embeddings(LessonCache(tmp_path), "t" * 64, again).of(names, _quiet)
    assert not again.names


def test_shard_when_it_takes_long_then_a_word_comes_after_every_batch_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "AT_ONCE", 3)
    asked, told = Asked(), []
    names = [f"item-{i}" for i in range(10)]
    shards = Embeddings(LessonCache(tmp_path), "t" * 64, asked)
    found = shards.of(names, lambda done, total: told.append((done, total, len(asked.names))))
    assert found[:, 0].tolist() == list(range(10))
    assert told == [(0, 10, 0), (3, 10, 3), (6, 10, 6), (9, 10, 9)]
    assert len(list(tmp_path.rglob("*.safetensors"))) == 1


def test_size_when_told_then_it_is_told_before_the_first_item_and_is_about_right(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    class Wide(Asked):
        def __call__(self, names: Sequence[str]) -> torch.Tensor:
            return super().__call__(names).expand(-1, 64)

    asked = Wide()
    shards = Embeddings(
        LessonCache(tmp_path), "t" * 64, asked, announce=lambda items: told.append((items, len(asked.names)))
    )
    shards.of([f"item-{i}" for i in range(100)], _quiet)
    shards.of([f"item-{i}" for i in range(100)], _quiet)
    assert told == [(100, 0)]
    written = sum(path.stat().st_size for path in tmp_path.rglob("*.safetensors"))
    assert abs(written - size_on_disk(100, 64)) < 400
