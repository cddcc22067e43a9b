"""Reading a run's `events.jsonl` into the database: each line once, whole lines only, whatever happened to its writer."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from engine.jobs.run_folder import EVENTS_FILE
from engine.schema.event import Finished, Log, Problem, Progress, Resource, RunLine
from engine.store import events, jobs

_MOST_BYTES = 4 << 20
"""Most bytes read in one transaction; a longer line is no event of ours and is passed over."""


def has_more(run: Path, read: int) -> bool:
    """Whether the file has grown beyond what was read; costs one look at its size."""
    try:
        return (run / EVENTS_FILE).stat().st_size > read
    except OSError:
        return False


def take(connection: Connection, job_id: str, run: Path) -> int:
    """Take over the next lines in the caller's transaction and return how many bytes were passed."""
    read = jobs.find(connection, job_id).read
    data = _piece(run / EVENTS_FILE, read)
    whole = data.rfind(b"\n") + 1
    if not whole and len(data) < _MOST_BYTES:
        return 0
    passed = whole or len(data)
    fresh = [line for line in _lines(data[:passed]) if events.append_line(connection, job_id, line)]
    _apply(connection, job_id, fresh)
    jobs.keep_place(connection, job_id, read + passed)
    return passed


def _piece(path: Path, read: int) -> bytes:
    """Return what follows after byte `read`; it is on the disk before the database says that it was taken.

    Otherwise a power cut could take back lines that were acknowledged, and a resumed worker would give their numbers to others.
    """
    try:
        with open(path, "rb+") as file:
            file.seek(read)
            data = file.read(_MOST_BYTES)
            if data:
                os.fsync(file.fileno())
            return data
    except FileNotFoundError:
        return b""


def _lines(data: bytes) -> Iterator[RunLine]:
    """Yield the lines that can be read; a worker that was killed in a write may leave one that cannot."""
    for raw in data.split(b"\n"):
        try:
            yield RunLine.model_validate_json(raw)
        except ValidationError:
            continue


def _apply(connection: Connection, job_id: str, lines: list[RunLine]) -> None:
    """Fold lines into the job's info; one write for all of them."""
    fields: dict[str, Any] = {}
    for line in lines:
        body = line.body
        if isinstance(body, Progress):
            fields |= {"phase": body.phase, "done": body.done, "total": body.total, "seconds_left": body.seconds_left}
        elif isinstance(body, Resource):
            fields["device"] = body.device
        elif isinstance(body, Log) and body.code == "device":
            fields["device"] = str(body.parameters.get("sentence", ""))
        elif isinstance(body, Problem) and body.fatal:
            fields["problem"] = body.problem
        elif isinstance(body, Problem):
            jobs.problem(connection, job_id, body.problem)
        elif isinstance(body, Finished):
            fields["result"] = body.values
    if not lines:
        return
    if jobs.find(connection, job_id).info.state == "preparing":
        jobs.enter(connection, job_id, "running", **fields)
    elif fields:
        jobs.put(connection, job_id, **fields)
