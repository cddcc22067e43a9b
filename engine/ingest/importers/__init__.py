"""Readers of data sets as people have them; each makes an `ImportPlan` and opens no file itself."""

from collections.abc import Sequence

from engine.ingest.importers import folder, table
from engine.ingest.importers.base import Importer, Source, importers
from engine.schema.command import ColumnRoles, ImportPlan

__all__ = ("Importer", "Source", "folder", "importers", "plan", "table")


def plan(
    manifest: bytes,
    name: str,
    roles: ColumnRoles,
    sidecar: bytes | None = None,
    listing: Sequence[str] = (),
) -> ImportPlan:
    """Return the plan of the first importer that recognises the manifest; the table importer takes what is left."""
    source = Source(manifest, name, roles, sidecar, tuple(listing))
    for entry in importers:
        importer = entry.build()
        if importer.recognises(source):
            return importer.plan(source)
    return table.TableImporter().plan(source)
