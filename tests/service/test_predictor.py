"""The warm predictor in its service: what cannot be told of it keeps nobody from an answer."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from engine.schema.errors import EngineFault, UserError
from engine.schema.event import EventBody
from engine.schema.prediction import Prediction
from engine.service.predictor import Predictor
from engine.store.project import ProjectFolder
from tests.engines import FAKES
from tests.fakes import a_case, a_summary


def test_predictor_when_nothing_can_be_told_then_answers_and_after_its_death_answers_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in FAKES.items():
        monkeypatch.setenv(name, value)
    told: list[EventBody] = []

    async def full(event: EventBody) -> None:
        told.append(event)
        raise UserError("disk-full", megabytes=200)

    folder = ProjectFolder(tmp_path / "project")
    folder.make()

    async def asked(predictor: Predictor) -> Prediction:
        return await asyncio.wait_for(predictor.predict(a_case("one"), a_summary("model-1")), 60)

    async def live() -> None:
        predictor = Predictor(folder, full)
        assert (await asked(predictor)).case_id == "one"
        assert predictor._process is not None
        predictor._process.kill()
        await predictor._process.wait()
        with contextlib.suppress(EngineFault):  # it may meet the dead one, and is told so at once
            await asked(predictor)
        assert (await asked(predictor)).case_id == "one"
        await predictor.end()
        assert predictor._process.returncode is not None
        assert predictor._process._transport.is_closing()  # type: ignore[attr-defined]

    asyncio.run(live())
    assert told
