"""The project's database: one SQLite file, one connection, one thread that uses it.

WAL with `synchronous=FULL`: what was committed survives a power cut, so a commit may be acknowledged.
"""

import asyncio
import contextlib
import functools
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, StaticPool, create_engine, event, exc

from engine.schema.errors import EngineFault, UserError
from engine.store import upgrade

P = ParamSpec("P")
T = TypeVar("T")

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "trusted_schema=OFF",
    "secure_delete=ON",
    "mmap_size=0",
    "cache_size=-32000",
)

_CHECKED_BYTES = 64 << 20
"""Largest database that is looked through at each opening; a larger one would keep people waiting for seconds."""


class Database:
    """One connection on one thread; every `read` and `write` waits its turn, so no two of them interleave."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._connection = self._thread.submit(_open, path).result()

    async def run(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **options: P.kwargs) -> T:
        """Run `work` in a transaction on the database's thread; when this returns, what it wrote is on the disk."""
        whole = functools.partial(work, self._connection, *args, **options)
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._transact, whole)

    def now(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **options: P.kwargs) -> T:
        """Do what `run` does, waiting for it; for programs without an event loop."""
        return self._thread.submit(self._transact, functools.partial(work, self._connection, *args, **options)).result()

    def close(self) -> None:
        """Close the file; what waits its turn is finished first."""
        self._thread.submit(self._close).result()
        self._thread.shutdown()

    def _close(self) -> None:
        self._connection.close()
        self._connection.engine.dispose()  # the pool would keep the file open, and its log beside it

    def _transact(self, whole: Callable[[], T]) -> T:
        with _full_disk_told(), self._connection.begin():
            return whole()


def sqlite_version() -> str:
    """Return the version of the SQLite library in use."""
    return sqlite3.sqlite_version


def _open(path: Path) -> Connection:
    engine = create_engine(f"sqlite:///{path}", poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        with _full_disk_told():
            upgrade.to_newest(engine, path)
            return _held(engine, path)
    except exc.DatabaseError as error:
        engine.dispose()
        raise EngineFault("internal", detail="the project's database is damaged") from error


def _held(engine: Engine, path: Path) -> Connection:
    connection = engine.connect()
    if path.stat().st_size > _CHECKED_BYTES:
        return connection
    answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    connection.rollback()
    if answer != "ok":
        raise EngineFault("internal", detail="the project's database is damaged")
    return connection


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = (
        None  # the driver's own transactions begin too late and end too early; `_begin` begins them
    )
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextlib.contextmanager
def _full_disk_told() -> Iterator[None]:
    """Tell a full or read-only disk apart from a defect."""
    try:
        yield
    except exc.OperationalError as error:
        name = getattr(error.orig, "sqlite_errorname", "")
        if name.startswith("SQLITE_FULL"):
            raise UserError("disk-full", megabytes=200) from error
        if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise UserError("project-not-writable") from error
        raise
