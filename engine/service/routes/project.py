"""Routes of the project as a whole: health, overview, the model in use, the catalog, the end."""

import asyncio
import os

from fastapi import APIRouter
from sqlalchemy import Connection

import engine
from engine.schema import PROTOCOL_VERSION
from engine.schema.catalog import Catalog
from engine.schema.command import Command, Health, ProjectInfo, UseModel
from engine.schema.domain import DomainList
from engine.schema.domain_folder import offered
from engine.schema.errors import EngineFault
from engine.schema.event import ModelChanged
from engine.schema.model import ModelSummary
from engine.service.core import Service
from engine.service.routes.here import Here
from engine.store import cases, events, facts, models

router = APIRouter()


@router.get("/health")
async def health(here: Here) -> Health:
    """Say who answers, whatever else goes on; nobody does for a project that was deleted, so that another engine is started."""
    if await here.is_gone():
        here.stop()
        raise EngineFault("engine-unreachable")
    return _health(here)


@router.get("/project")
async def overview(here: Here) -> ProjectInfo:
    """Return the project at a glance; the stream goes on after `last_event`."""

    def look(connection: Connection) -> ProjectInfo:
        return ProjectInfo(
            name=here.folder.name,
            datasets=facts.datasets(connection),
            models=models.every(connection),
            model_in_use=facts.get(connection, facts.MODEL_IN_USE),
            cases=cases.count(connection),
            last_event=events.newest(connection),
        )

    return await here.read(look)


@router.post("/project/model")
async def use_model(command: UseModel, here: Here) -> ModelSummary:
    """Choose the model in use."""

    def choose(connection: Connection) -> ModelSummary:
        chosen = models.find(connection, command.model_id)
        facts.put(connection, facts.MODEL_IN_USE, chosen.model_id)
        events.append(connection, ModelChanged(model=chosen, in_use=True))
        return chosen

    return await here.obey(command, ModelSummary, choose)


@router.get("/catalog")
async def catalog(here: Here) -> Catalog:
    """Return what the engine can do; raises `busy` while the predictor has not told it yet."""
    return await here.predictor.catalog()


@router.get("/domains")
async def domains(here: Here) -> DomainList:
    """Return the domains that a demo can be started with and that data sets may belong to."""
    return await asyncio.to_thread(offered, here.folder.path)


@router.post("/shutdown")
async def shutdown(_command: Command, here: Here) -> Health:
    """End the service once this answer is on its way."""
    here.stop()
    return _health(here)


def _health(here: Service) -> Health:
    return Health(
        protocol=PROTOCOL_VERSION,
        version=engine.__version__,
        pid=os.getpid(),
        project=str(here.folder.path),
        session=here.session,
        predictor=here.predictor.state,
    )
