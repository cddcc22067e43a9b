"""Routes of the parts of a case: add, take out, put back."""

from collections.abc import Callable

from fastapi import APIRouter
from sqlalchemy import Connection

from engine.schema.case import Case
from engine.schema.command import AddPart, Command, PartAdded
from engine.schema.errors import UserError
from engine.service.core import Service
from engine.service.routes.cases import changed
from engine.service.routes.here import Here, Id
from engine.store import cases

router = APIRouter()


@router.post("/cases/{case_id}/parts")
async def add_part(case_id: Id, command: AddPart, here: Here) -> PartAdded:
    """Decode a blob in the sandbox and add it; one that cannot be read is kept with its problem, an empty one is refused."""
    return await here.obey_slowly(command, PartAdded, lambda: _decoded(here, case_id, command), case_id)


@router.delete("/cases/{case_id}/parts/{part_id}")
async def remove_part(case_id: Id, part_id: Id, here: Here) -> Case:
    """Take a part out of its case."""
    return await here.write(lambda c: changed(c, cases.remove_part(c, case_id, part_id)))


@router.post("/cases/{case_id}/parts/{part_id}/restore")
async def restore_part(case_id: Id, part_id: Id, command: Command, here: Here) -> Case:
    """Put a part back where it was."""

    def restore(connection: Connection) -> Case:
        return changed(connection, cases.remove_part(connection, case_id, part_id, removed=False))

    return await here.obey(command, Case, restore, part_id)


async def _decoded(here: Service, case_id: str, command: AddPart) -> Callable[[Connection], PartAdded]:
    await here.read(cases.find, case_id)
    if not here.folder.blobs.has(command.sha256):
        raise UserError("not-found", what="blob", id=command.sha256)
    part = await here.decoding.part(command.sha256, command.name, command.modality)
    if not part.size:
        raise UserError("file-empty", name=command.name)

    def keep(connection: Connection) -> PartAdded:
        case = cases.add_part(connection, case_id, part, command.replaces)
        return PartAdded(case=changed(connection, case), part_id=part.part_id)

    return keep
