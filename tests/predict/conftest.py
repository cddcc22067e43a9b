"""The small council and its cases, once a session."""

import pytest

from engine.model.pretrained import Council
from engine.schema.case import Case
from engine.store.blobs import Blobs
from tests.small_council import build_council, small_cases


@pytest.fixture(scope="session")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Blobs:
    return Blobs(tmp_path_factory.mktemp("blobs"))


@pytest.fixture(scope="session")
def cases(blobs: Blobs) -> list[Case]:
    return small_cases(blobs)


@pytest.fixture(scope="session")
def whole_case(cases: list[Case]) -> Case:
    return next(case for case in cases if case.pattern() == "text+image+audio")


@pytest.fixture(scope="session")
def council(cases: list[Case], blobs: Blobs) -> Council:
    return build_council(cases, blobs)
