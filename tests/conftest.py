"""What every test shares: a private runtime folder, the offscreen platform, and where the trireal data set lies."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.schema.worker import worker_environment

ROOT = Path(__file__).resolve().parents[1]
TRIREAL = Path(os.environ.get("CONSILIUM_TRIREAL", ROOT.parent / "shared" / "data" / "trireal"))

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.update(worker_environment())  # two test processes on two cores would spin each other to a standstill


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of an `xdist_group` in one process: pytest-xdist 3.8 sets an attribute that pytest 9.2 no longer reads.

    https://github.com/pytest-dev/pytest-xdist/issues/1386; to be deleted with the first release of pytest-xdist that mends it.
    """
    if not config.getoption("loadgroup", default=False) or not hasattr(pytest.Item, "id"):
        return
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        if mark is not None and not item.nodeid.endswith(f"@{mark.args[0]}"):
            item._id = type(item.id).parse(f"{item.nodeid}@{mark.args[0]}")  # type: ignore[attr-defined]


def _has_window(item: pytest.Item) -> bool:
    return "qapp" in getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Let a test with a window leave its garbage to `pytest_runtest_teardown`.

    Python collects cycles in whichever thread happens to allocate; a test with a server in a thread of its own would
    destroy another test's widgets there, and Qt does not survive that. The window itself has no thread of Python's.
    """
    if _has_window(item):
        gc.disable()
    yield


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Collect what a test with a window left, in the thread that made it."""
    try:
        yield
    finally:
        if _has_window(item):
            gc.collect()
            gc.enable()


@pytest.fixture(autouse=True)
def _private_runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test its own folder for sockets; short, because a socket's path may have 108 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="cr-", dir="/tmp" if os.name != "nt" else None))
    monkeypatch.setenv("CONSILIUM_RUNTIME", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def trireal() -> Path:
    """Return the folder of the trireal data set; skips loudly where it is absent."""
    if not (TRIREAL / "cases.csv").is_file():
        pytest.skip(f"SKIPPED: the trireal data set is not at {TRIREAL}")
    return TRIREAL
