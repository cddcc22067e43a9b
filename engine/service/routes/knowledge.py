"""Routes of knowledge files: the versions of a data set's file, one of them, keeping a new one, reading one for its faults."""

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import Connection

from engine.schema import knowledge_file
from engine.schema.case import Dataset
from engine.schema.command import SaveKnowledge
from engine.schema.errors import UserError
from engine.schema.knowledge import CheckKnowledge, KnowledgeChecked, KnowledgeText, KnowledgeVersion, KnowledgeVersions
from engine.service.core import Service
from engine.service.routes.here import Here, Id
from engine.store import facts, knowledge

router = APIRouter()

Version = Annotated[str, Path(pattern=r"^(latest|[1-9][0-9]{0,8})$")]


@router.get("/datasets/{dataset}/knowledge")
async def list_versions(dataset: Id, here: Here) -> KnowledgeVersions:
    """Return all versions of a data set's file."""

    def look(connection: Connection) -> KnowledgeVersions:
        _dataset(connection, dataset)
        return knowledge.versions(connection, dataset)

    return await here.read(look)


@router.get("/datasets/{dataset}/knowledge/{version}")
async def get_version(dataset: Id, version: Version, here: Here) -> KnowledgeText:
    """Return one version as it was written."""

    def look(connection: Connection) -> KnowledgeVersion:
        _dataset(connection, dataset)
        return knowledge.named(connection, dataset, version)

    found = await here.read(look)
    data = await asyncio.to_thread(here.folder.blobs.read, found.sha256)
    return KnowledgeText(version=found, text=data.decode())


@router.post("/knowledge")
async def save(command: SaveKnowledge, here: Here) -> KnowledgeVersion:
    """Keep a file as the newest version; one with a fault is refused with the first of them."""
    return await here.obey_slowly(command, KnowledgeVersion, lambda: _read(here, command), command.dataset)


@router.post("/knowledge/check")
async def check(command: CheckKnowledge, here: Here) -> KnowledgeChecked:
    """Read a file and say everything that is wrong with it."""
    labels = await _labels(here, command.dataset)
    checked = await asyncio.to_thread(knowledge_file.check, command.text.encode(), labels)
    told = checked.knowledge
    return KnowledgeChecked(
        faults=checked.faults,
        labels=len(told.labels),
        findings=len(told.findings),
        rules=len(told.rules),
        specialists=len(told.specialists),
        undescribed=tuple(name for name in labels if not _described(checked, name)),
    )


async def _read(here: Service, command: SaveKnowledge) -> Callable[[Connection], KnowledgeVersion]:
    """Read the file and keep its text; what remains is its row."""
    data = command.text.encode()
    labels = await _labels(here, command.dataset)
    told = await asyncio.to_thread(knowledge_file.read, data, labels)
    sha256 = await asyncio.to_thread(here.folder.blobs.put, data)
    return lambda connection: knowledge.add(connection, command.dataset, told, sha256, command.based_on)


async def _labels(here: Service, dataset: str) -> tuple[str, ...]:
    return tuple(label.name for label in (await here.read(_dataset, dataset)).labels)


def _dataset(connection: Connection, name: str) -> Dataset:
    found = facts.dataset(connection, name)
    if found is None:
        raise UserError("not-found", what="dataset", id=name)
    return found


def _described(checked: knowledge_file.Checked, label: str) -> bool:
    entry = checked.knowledge.labels.get(label)
    return entry is not None and bool(entry.description.en or entry.description.zh)
