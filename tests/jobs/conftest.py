"""A real service whose jobs are done by the fake worker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import FAKES, Engine, engine_of, shared_engine


@pytest.fixture
def engine(tmp_path: Path, _private_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    for name, value in FAKES.items():
        monkeypatch.setenv(name, value)
    with engine_of(tmp_path / "project") as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return an engine for tests whose jobs have ended when they end."""
    with shared_engine(tmp_path_factory.mktemp("shared") / "project") as running:
        yield running
