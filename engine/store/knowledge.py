"""Versions of data sets' knowledge files, as rows; their texts are blobs."""

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from engine.schema.errors import UserError
from engine.schema.knowledge import Knowledge, KnowledgeVersion, KnowledgeVersions, version_of
from engine.store import tables


def versions(connection: Connection, dataset: str) -> KnowledgeVersions:
    """Return all versions of a data set's file, the oldest first."""
    table = tables.knowledge
    chosen = select(table.c.body).where(table.c.dataset == dataset).order_by(table.c.version)
    found = (KnowledgeVersion.model_validate_json(body) for body in connection.scalars(chosen))
    return KnowledgeVersions(dataset=dataset, versions=tuple(found))


def named(connection: Connection, dataset: str, wanted: str) -> KnowledgeVersion:
    """Return the version of a number, or the newest for `latest`; raises `knowledge-none`."""
    found = versions(connection, dataset).find(wanted)
    if found is None:
        raise UserError("knowledge-none", id=dataset)
    return found


def add(connection: Connection, dataset: str, knowledge: Knowledge, sha256: str, based_on: int) -> KnowledgeVersion:
    """Add a file whose text is kept already as the newest version; the same text again is the version it was.

    Raises `knowledge-conflict` where the newest version is not the one that was edited.
    """
    known = versions(connection, dataset).versions
    newest = known[-1].version if known else 0
    if known and known[-1].sha256 == sha256:
        return known[-1]
    if based_on != newest:
        raise UserError("knowledge-conflict")
    made = version_of(knowledge, newest + 1, sha256, datetime.now(UTC).isoformat(timespec="seconds"))
    row = {"dataset": dataset, "version": made.version, "body": made.model_dump_json()}
    connection.execute(insert(tables.knowledge).values(row))
    return made


def put_brought(connection: Connection, dataset: str, made: KnowledgeVersion) -> None:
    """Add the version that came in with a data set; a text that any version has is left, another becomes the newest."""
    known = versions(connection, dataset).versions
    if made.sha256 not in {version.sha256 for version in known}:
        number = known[-1].version + 1 if known else made.version
        body = made.model_copy(update={"version": number}).model_dump_json()
        connection.execute(insert(tables.knowledge).values({"dataset": dataset, "version": number, "body": body}))
