"""The warm predictor: a `PredictRequest` a line on stdin, a `PredictReply` a line on stdout; it ends when stdin does.

Started as `python -m engine.jobs.predict_job`. No request ends it: what goes wrong becomes the reply's `problem`.
"""

import hashlib
import os
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from engine.device import set_threads
from engine.ingest.confine import die_with
from engine.model.pretrained import CONFIG_FILE, SUMMARY_FILE, load_council
from engine.predict.predictor import Predictor
from engine.schema.errors import ConsiliumError, EngineFault, UserError
from engine.schema.worker import PredictReply, PredictRequest
from engine.store.blobs import Blobs

_KEPT = 2
"""Councils kept in memory: the one in use, and the one before it."""


class PredictWorker:
    """Answers requests; keeps the councils it used last, by folder and by the hashes of what is in it."""

    def __init__(self) -> None:
        self._predictors: dict[tuple[str, str], Predictor] = {}

    def answer(self, line: bytes) -> PredictReply:
        """Return the reply to one line, whatever it holds."""
        try:
            request = PredictRequest.model_validate_json(line)
        except ValidationError:
            return PredictReply(request="", problem=UserError("bad-request", detail="not a request").body())
        try:
            return self._reply(request)
        except ConsiliumError as error:
            return PredictReply(request=request.request, problem=error.body())
        except MemoryError:
            self._predictors.clear()
            return PredictReply(request=request.request, problem=UserError("out-of-memory").body())
        except Exception as error:  # the worker's edge: the next request must still be answered
            traceback.print_exc(file=sys.stderr)
            return PredictReply(
                request=request.request, problem=EngineFault("internal", detail=type(error).__name__).body()
            )

    def _reply(self, request: PredictRequest) -> PredictReply:
        if request.ask == "catalog":
            return PredictReply(request=request.request, catalog=_catalog())
        if request.ask == "forget":
            self._forget(request.model_folder)
            return PredictReply(request=request.request)
        predictor = self._predictor(Path(request.model_folder))
        prediction = predictor.predict(request.parts, Blobs(Path(request.blobs)), request.explain, request.spare)
        return PredictReply(request=request.request, prediction=prediction)

    def _forget(self, folder: str) -> None:
        """Drop a model from memory; all of them where none is named."""
        gone = str(Path(folder).resolve()) if folder else ""
        self._predictors = {key: kept for key, kept in self._predictors.items() if folder and key[0] != gone}

    def _predictor(self, folder: Path) -> Predictor:
        key = (str(folder.resolve()), _fingerprint(folder))
        found = self._predictors.pop(key, None) or Predictor(load_council(folder))
        self._predictors[key] = found
        for oldest in list(self._predictors)[:-_KEPT]:
            del self._predictors[oldest]
        return found


def _fingerprint(folder: Path) -> str:
    """Return a hash of the two files that name everything in a model folder: its configuration holds the others' hashes."""
    digest = hashlib.sha256()
    for name in (CONFIG_FILE, SUMMARY_FILE):
        path = folder / name
        digest.update(path.read_bytes() if path.is_file() else b"")
        digest.update(b"\0")
    return digest.hexdigest()


def _catalog() -> str:
    """Return the catalog as JSON; what it lists is imported only now, because the first answer shall not wait for teachers."""
    from engine.jobs.catalog import build_catalog

    return build_catalog().model_dump_json()


def serve(requests: Iterable[bytes], replies: BinaryIO) -> None:
    """Answer every line until there are no more."""
    worker = PredictWorker()
    for line in requests:
        replies.write(worker.answer(line).model_dump_json().encode() + b"\n")
        replies.flush()


def main() -> int:
    """Serve the pipe this process was started with; whatever else writes to stdout goes to stderr instead."""
    die_with(os.getppid())
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    set_threads(0, watched=True)
    try:
        serve(sys.stdin.buffer, replies)
    except BrokenPipeError:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
