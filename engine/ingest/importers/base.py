"""What an importer is, and the registry of them."""

import dataclasses
from typing import Protocol

from engine.registry import Registry
from engine.schema.command import ColumnRoles, ImportPlan


@dataclasses.dataclass(frozen=True)
class Source:
    """A manifest as a person picked it, with what lies beside it; `listing` are relative paths of files around it."""

    manifest: bytes
    name: str
    roles: ColumnRoles = dataclasses.field(default_factory=ColumnRoles)
    sidecar: bytes | None = None
    listing: tuple[str, ...] = ()


class Importer(Protocol):
    """Makes a plan of one kind of data set."""

    def recognises(self, source: Source) -> bool:
        """Whether the source looks like this kind; cheap, never raises."""

    def plan(self, source: Source) -> ImportPlan:
        """Return what the source holds and wants; raises `UserError` where nothing of it can be used."""


importers: Registry[Importer] = Registry("importer")
