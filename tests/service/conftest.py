"""Real services with a fake worker and a fake predictor: one a test, or one that the tests of a module share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import FAKES, Engine, engine_of, shared_engine


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in FAKES.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def engine(tmp_path: Path, _fakes: None, _private_runtime: Path) -> Iterator[Engine]:
    with engine_of(tmp_path / "project") as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return an engine for tests that leave it as they found it, each with cases of its own."""
    with shared_engine(tmp_path_factory.mktemp("shared") / "project") as running:
        yield running
