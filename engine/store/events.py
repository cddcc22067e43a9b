"""The project's events: numbered, append-only; the stream, an old run and a recovery all read them here."""

from datetime import UTC, datetime

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects.sqlite import insert as careful

from engine.schema.event import Event, EventBody, Log, RunLine
from engine.store import tables

_BATCH = 200


def append(connection: Connection, body: EventBody, job: str = "") -> int:
    """Append an event of the service itself and return its number."""
    row = insert(tables.events).values(at=datetime.now(UTC).isoformat(), job=job, n=0, body=body.model_dump_json())
    seq: int = connection.scalars(row.returning(tables.events.c.seq)).one()
    return seq


def append_line(connection: Connection, job: str, line: RunLine) -> bool:
    """Append a line of a run; returns False where that line was taken before."""
    row = careful(tables.events).values(at=line.at.isoformat(), job=job, n=line.n, body=line.body.model_dump_json())
    return connection.execute(row.on_conflict_do_nothing()).rowcount == 1


def newest(connection: Connection) -> int:
    """Return the number of the newest event, 0 where there is none."""
    return connection.scalar(select(func.max(tables.events.c.seq))) or 0


def after(connection: Connection, seq: int, limit: int = _BATCH) -> list[tuple[int, str]]:
    """Return number and JSON of the events after `seq`, oldest first; the stored JSON is passed on without reading it."""
    table = tables.events
    found = connection.execute(select(table).where(table.c.seq > seq).order_by(table.c.seq).limit(limit))
    return [(row.seq, _json(row.seq, row.at, row.job, row.n, row.body)) for row in found]


def of_job(connection: Connection, job: str, n: int, limit: int) -> list[Event]:
    """Return what a job's worker told after its line `n`, oldest first."""
    table = tables.events
    chosen = select(table).where(table.c.job == job, table.c.n > n).order_by(table.c.n).limit(limit)
    found = connection.execute(chosen)
    return [Event.model_validate_json(_json(row.seq, row.at, row.job, row.n, row.body)) for row in found]


def last_told(connection: Connection, job: str, kind: str) -> str | None:
    """Return the JSON of the last event of a kind that a job's worker told, or None."""
    table = tables.events
    said = select(table.c.body).where(table.c.job == job, table.c.n > 0)
    found = said.where(table.c.body.startswith(f'{{"kind":"{kind}"')).order_by(table.c.n.desc()).limit(1)
    body: str | None = connection.scalar(found)
    return body


def last_logged(connection: Connection, job: str, code: str) -> Log | None:
    """Return what the service itself last logged under a code about a job, or None."""
    table = tables.events
    said = select(table.c.body).where(table.c.job == job, table.c.n == 0, table.c.body.contains(f'"code":"{code}"'))
    body = connection.scalar(said.order_by(table.c.seq.desc()).limit(1))
    return Log.model_validate_json(body) if body is not None else None


def _json(seq: int, at: str, job: str, n: int, body: str) -> str:
    return f'{{"seq":{seq},"at":"{at}","job":"{job}","n":{n},"body":{body}}}'
