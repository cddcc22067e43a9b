"""The warm predictor: a process that holds the model, asked by lines on its pipes, started again where it dies."""

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from engine.schema.base import new_id
from engine.schema.case import Case
from engine.schema.catalog import Catalog
from engine.schema.errors import ConsiliumError, EngineFault, UserError
from engine.schema.event import EngineChanged, EventBody
from engine.schema.model import ModelSummary
from engine.schema.prediction import Prediction
from engine.schema.worker import PredictReply, PredictRequest, worker_environment
from engine.store.project import ProjectFolder

_log = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 64 << 20
_PATIENCE = 120.0
"""Seconds an answer may take; the first one loads the model."""
_STARTS = 3
"""Starts in a row that may fail before the predictor is given up until somebody asks for an answer."""


class Predictor:
    """Answers with models and tells the catalog; `state` is what the light in the window shows.

    The process ends with the service: its standard input closes.
    """

    def __init__(self, folder: ProjectFolder, tell: Callable[[EventBody], Awaitable[None]]) -> None:
        self.state: Literal["starting", "ready", "failed"] = "starting"
        self._folder = folder
        self._tell = tell
        self._process: asyncio.subprocess.Process | None = None
        self._waiting: dict[str, asyncio.Future[PredictReply]] = {}
        self._catalog: Catalog | None = None
        self._life: asyncio.Task[None] | None = None
        self._fallen = 0
        self._up = asyncio.Event()

    def start(self) -> None:
        """Start the process, unless it runs."""
        if self._life is None or self._life.done():
            self._life = asyncio.create_task(self._live())

    async def end(self) -> None:
        """End the process, and wait until nothing of it is left."""
        if self._life is not None:
            self._life.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._life
        if self._process is not None:
            await self._process.communicate()

    async def catalog(self) -> Catalog:
        """Return what the engine can do; raises `busy` until the process has told it."""
        if self._catalog is None:
            self._raise_if_failed()
            raise UserError("busy", what="predictor")
        return self._catalog

    async def predict(self, case: Case, model: ModelSummary, spare: bool = False) -> Prediction:
        """Return the model's answer to a case, with `spare` from no more inputs than needed; waits while the process starts."""
        request = PredictRequest(
            request=new_id("ask"),
            model_folder=str(self._folder.model(model.model_id)),
            parts=case.parts,
            blobs=str(self._folder.blobs.folder),
            explain=not spare,
            spare=spare,
        )
        reply = await self._asked(request)
        if reply.prediction is None:
            raise EngineFault("internal", detail="the predictor gave no answer")
        facts = {
            "prediction_id": new_id("answer"),
            "case_id": case.case_id,
            "case_version": case.version,
            "inputs": case.inputs(),
            "model_id": model.model_id,
            "model_name": model.name,
            "synthetic": model.synthetic,
        }
        return reply.prediction.model_copy(update=facts)

    async def _asked(self, request: PredictRequest) -> PredictReply:
        """Send a request and wait for its reply; raises the problem that the reply carries."""
        if self.state == "failed":  # somebody asks: it deserves another try
            self.state, self._fallen = "starting", 0
            self._up.clear()
        self.start()
        future: asyncio.Future[PredictReply] = asyncio.get_running_loop().create_future()
        self._waiting[request.request] = future
        try:
            await self._send(request)
            async with asyncio.timeout(_PATIENCE):
                reply = await future
        except TimeoutError:
            self._kill()
            raise _death() from None
        finally:
            self._waiting.pop(request.request, None)
        if reply.problem is not None:
            raise reply.problem.error()
        return reply

    async def _send(self, request: PredictRequest) -> None:
        await self._up.wait()
        self._raise_if_failed()
        pipe = self._process.stdin if self._process is not None else None
        if pipe is None:
            raise _death()
        pipe.write(request.model_dump_json().encode() + b"\n")
        with contextlib.suppress(ConnectionError):  # its death is noticed where its answers are read
            await pipe.drain()

    async def _live(self) -> None:
        """Keep a process running; give up after too many falls in a row."""
        while self._fallen < _STARTS:
            self._process = await self._spawned()
            self._up.set()
            try:
                await self._send(PredictRequest(request=new_id("ask"), ask="catalog"))
                await self._hear(self._process)
            except (
                ConsiliumError
            ) as error:  # what could not be told, such as over a full disk, is no reason to answer nobody
                _log.error("what the predictor does could not be told", exc_info=error)
            finally:
                self._kill()
            self._fallen += 1
            await self._fell()
        self.state = "failed"
        self._up.set()
        await self._say(EngineChanged(predictor="failed", problem=_death().body()))

    async def _spawned(self) -> asyncio.subprocess.Process:
        module = os.environ.get("CONSILIUM_PREDICTOR", "engine.jobs.predict_job")
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=_ROOT,
            env=worker_environment(),
            limit=_LONGEST_LINE,
        )

    async def _hear(self, process: asyncio.subprocess.Process) -> None:
        """Read replies until the process ends, or says something that is none."""
        lines = process.stdout
        while lines is not None and (line := await lines.readline()):
            try:
                reply = PredictReply.model_validate_json(line)
            except ValidationError:
                return
            self._fallen = 0
            if reply.catalog:
                await self._ready(Catalog.model_validate_json(reply.catalog))
            future = self._waiting.get(reply.request)
            if future is not None and not future.done():
                future.set_result(reply)

    async def _ready(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self.state = "ready"
        await self._say(EngineChanged(predictor="ready"))

    async def _fell(self) -> None:
        """Let those who wait know; the next request meets a fresh process."""
        self._up.clear()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(_death())
        if self.state == "ready":
            self.state = "starting"
            await self._say(EngineChanged(predictor="starting", problem=_death().body()))

    async def _say(self, event: EngineChanged) -> None:
        """Tell how the predictor is; where that cannot be kept, as on a full disk, it answers all the same."""
        try:
            await self._tell(event)
        except ConsiliumError as error:
            _log.error("what the predictor does could not be told", exc_info=error)

    def _kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()

    def _raise_if_failed(self) -> None:
        if self.state == "failed":
            raise _death()


def _death() -> EngineFault:
    return EngineFault("worker-died", what="predictor")
