"""Real services with a fake worker and a fake predictor: one a test, or one that the tests of a module share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import Engine, engine_of

_FAKES = {"CONSILIUM_WORKER": "tests.fake_worker", "CONSILIUM_PREDICTOR": "tests.fake_predictor"}


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _FAKES.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def engine(tmp_path: Path, _fakes: None, _private_runtime: Path) -> Iterator[Engine]:
    with engine_of(tmp_path / "project") as running:
        yield running


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Return an engine for tests that leave it as they found it, each with cases of its own."""
    runtime = tempfile.mkdtemp(prefix="cr-", dir="/tmp")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**_FAKES, "CONSILIUM_RUNTIME": runtime}.items():
            environment.setenv(name, value)
        running = Engine(tmp_path_factory.mktemp("shared") / "project")
    yield running
    running.end()
    shutil.rmtree(runtime, ignore_errors=True)
