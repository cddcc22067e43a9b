"""Readers of data sets as people have them; each makes an `ImportPlan` and opens no file itself."""

from collections.abc import Sequence

from engine.ingest.importers import folder, table
from engine.ingest.importers.base import Importer, Source, importers
from engine.schema.command import ColumnRoles, ImportPlan
from engine.schema.errors import UserError

__all__ = ("Importer", "Source", "folder", "importers", "plan", "table")


def plan(
    manifest: bytes,
    name: str,
    roles: ColumnRoles,
    sidecar: bytes | None = None,
    listing: Sequence[str] = (),
) -> ImportPlan:
    """Return the plan of the first importer that recognises the manifest; plain tables take what nobody else does."""
    source = Source(manifest, name, roles, sidecar, tuple(listing))
    for entry in sorted(importers, key=lambda registered: registered.name == table.NAME):
        importer = entry.build()
        if importer.recognises(source):
            return importer.plan(source)
    raise UserError("manifest-unreadable", name=name)
