from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.schema.case import Case
from engine.store.blobs import Blobs

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "blobs").mkdir()
    return folder


@pytest.fixture(scope="session")
def cases(project: Path) -> list[Case]:
    blobs = Blobs(project / "blobs")
    made = [*keep_cases(DOMAINS["clinic"], "train", 96, 7, blobs, "tiny", NOW)]
    return [*made, *keep_cases(DOMAINS["clinic"], "val", 24, 7, blobs, "tiny", NOW)]
