"""Reading strangers' files for the service: blobs in, parts out, every byte of it read in the sandbox."""

import asyncio

from engine.ingest.sandbox import Sandbox
from engine.schema.base import Modality
from engine.schema.case import Part
from engine.schema.command import ImportPlan, PlanImport
from engine.schema.errors import UserError
from engine.store.blobs import Blobs


class Decoding:
    """The service's own sandbox; imports bring theirs along in their worker."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._sandbox = Sandbox()

    async def part(self, sha256: str, name: str, modality: Modality | None) -> Part:
        """Return a blob as a part whose decoded form is a blob too; an unreadable one has its problem instead."""
        data = await self._bytes(sha256)
        part, decoded = await self._sandbox.decode(data, name, modality)
        if part.decoded is not None:
            await asyncio.to_thread(self._blobs.put, decoded)
        return part

    async def plan(self, command: PlanImport) -> ImportPlan:
        """Return what a manifest holds, without its rows: the client needs only the paths."""
        manifest = await self._bytes(command.manifest)
        sidecar = None if command.sidecar is None else await self._bytes(command.sidecar)
        plan = await self._sandbox.plan(manifest, command.name, command.roles, sidecar, command.listing)
        return plan.model_copy(update={"cases": ()})

    async def end(self) -> None:
        """End every reading process."""
        await asyncio.to_thread(self._sandbox.close)

    async def _bytes(self, sha256: str) -> bytes:
        if not self._blobs.has(sha256):
            raise UserError("not-found", what="blob", id=sha256)
        return await asyncio.to_thread(self._blobs.read, sha256)
