"""A manifest as the user picked it: the table, what lies beside it, and the files it names, sent as blobs."""

import dataclasses
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.progress import command_id
from engine.client import Client
from engine.schema.command import ColumnRoles, FileFound, ImportPlan, PlanImport
from engine.schema.errors import UserError
from engine.schema.knowledge import KNOWLEDGE_FILE

SIDECAR = "dataset.yaml"
LARGEST = 64 << 20
"""Bytes of the largest file the engine takes."""
_AT_ONCE = 8
"""Files under way at once: each waits for the disk, and the disk takes several as fast as one."""
_TABLES = ("data/text.csv", "text.csv", "cases.csv")
"""Where the table lies in a folder that was named instead of a table."""
_FILE_FOLDERS = 200_000
"""Most files of a listing."""

Columns = Annotated[list[str] | None, typer.Option(help="Column; may be given several times.")]
Column = Annotated[str, typer.Option(help="Column.")]
Flags = Annotated[list[str] | None, typer.Option("--flag", help="A column of 0 and 1 for one label; several times.")]
Answers = Annotated[
    str, typer.Option(help="`one` answer a case, or `several` labels; empty is found from what stands in the table.")
]


@dataclasses.dataclass(frozen=True)
class Sent:
    """A manifest that the engine has: what planning, importing and measuring share."""

    manifest: str
    name: str
    roles: ColumnRoles
    sidecar: str | None
    files: tuple[FileFound, ...]


def send(client: Client, picked: Path, roles: ColumnRoles) -> Sent:
    """Send a manifest and every file it names; files that cannot be read are marked so, not refused."""
    table, base = located(picked)
    manifest = client.put_blob(_read(table))
    sidecar = _put_beside(client, table, base, SIDECAR)
    request = PlanImport(
        command_id=command_id(),
        manifest=manifest,
        name=table.name,
        roles=roles,
        sidecar=sidecar,
        listing=tuple(listing(base)),
    )
    plan = client.post("/v1/imports/plan", request, ImportPlan)
    print(f"{table.name}: {plan.rows} rows, read as {plan.encoding}", file=sys.stderr, flush=True)
    if plan.answers == "several":
        names = ", ".join(label.name for label in plan.labels[:10])
        print(f"each case may have several labels, or none: {names}", file=sys.stderr, flush=True)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = threads.map(lambda path: _found(client, base, path), plan.paths)
        files = tuple(_counted(found, len(plan.paths)))
    return Sent(manifest, table.name, roles, sidecar, files)


def send_knowledge(client: Client, picked: Path) -> str | None:
    """Send the knowledge file beside a manifest, where there is one, and return its sha256."""
    return _put_beside(client, *located(picked), KNOWLEDGE_FILE)


def located(picked: Path) -> tuple[Path, Path]:
    """Return the table and the folder that its paths start from; a folder stands for the table in it."""
    if picked.is_dir():
        table = next((picked / name for name in _TABLES if (picked / name).is_file()), None)
        if table is None:
            raise UserError("manifest-unreadable", name=picked.name)
        return table, picked
    in_data = picked.parent.name == "data" and any(
        (picked.parent.parent / name).is_dir() for name in ("images", "audio")
    )
    return picked, picked.parent.parent if in_data else picked.parent


def listing(base: Path) -> Iterator[str]:
    """Yield the relative paths of the files in the folders beside a table, for tables that name no files.

    A name that is no text, as after unpacking an archive of another country, belongs to no row: it is passed over, and that is said.
    """
    count = nameless = 0
    for folder in sorted(entry for entry in base.iterdir() if entry.is_dir() and not entry.name.startswith(".")):
        for root, _, names in os.walk(folder):
            for name in sorted(names):
                count += 1
                if count > _FILE_FOLDERS:
                    return
                path = (Path(root) / name).relative_to(base).as_posix()
                if not _is_text(path):
                    nameless += 1
                    continue
                yield path
    if nameless:
        told = f"{nameless} files have names that are no text in this system's encoding; they were passed over."
        print(told, file=sys.stderr, flush=True)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _put_beside(client: Client, table: Path, base: Path, name: str) -> str | None:
    beside = next((folder / name for folder in (table.parent, base) if (folder / name).is_file()), None)
    return None if beside is None else client.put_blob(_read(beside))


def _found(client: Client, base: Path, path: str) -> FileFound:
    """Send one file; one that leads out of the table's folder is as good as missing."""
    file = (base / path).resolve()
    try:
        if not file.is_relative_to(base.resolve()) or file.stat().st_size > LARGEST:
            return FileFound(path=path)
        return FileFound(path=path, sha256=client.put_blob(file.read_bytes()))
    except OSError:
        return FileFound(path=path)


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise UserError("too-large", name=path.name, megabytes=LARGEST >> 20)
        return path.read_bytes()
    except OSError as error:
        raise UserError("manifest-unreadable", name=path.name) from error


def _counted(found: Iterable[FileFound], total: int) -> Iterator[FileFound]:
    """Pass the files on and show how many were sent."""
    for done, file in enumerate(found, start=1):
        yield file
        if done % 500 == 0 or done == total:
            print(f"files: {done}/{total}", file=sys.stderr, flush=True)
