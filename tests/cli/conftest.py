"""The command line as a user runs it: a process, its exit code, its last line."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.engines import FAKES, Engine, engine_of


@dataclasses.dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> dict[str, Any]:
        """The last line of the output, read as JSON."""
        told: dict[str, Any] = json.loads(self.out.splitlines()[-1])
        return told


Run = Callable[..., Said]


@pytest.fixture
def run(_private_runtime: Path) -> Run:
    def command(*arguments: object) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "engine", *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    return command


@pytest.fixture
def engine(tmp_path: Path, _private_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    for name, value in FAKES.items():
        monkeypatch.setenv(name, value)
    with engine_of(tmp_path / "project") as running:
        yield running
