"""Routes of models: the list, one model, the trash."""

from fastapi import APIRouter
from sqlalchemy import Connection

from engine.schema.command import ModelList
from engine.schema.event import ModelChanged
from engine.schema.model import ModelSummary
from engine.service.routes.here import Here, Id
from engine.store import events, facts, models

router = APIRouter()


@router.get("/models")
async def list_models(here: Here) -> ModelList:
    """Return all models, newest first."""

    def look(connection: Connection) -> ModelList:
        return ModelList(models=models.every(connection), in_use=facts.get(connection, facts.MODEL_IN_USE))

    return await here.read(look)


@router.get("/models/{model_id}")
async def get_model(model_id: Id, here: Here) -> ModelSummary:
    """Return one model."""
    return await here.read(models.find, model_id)


@router.delete("/models/{model_id}")
async def trash_model(model_id: Id, here: Here) -> ModelSummary:
    """Put a model into the trash; where it was in use, the newest of the others takes its place."""

    def trash(connection: Connection) -> ModelSummary:
        gone = models.to_trash(connection, model_id)
        events.append(connection, ModelChanged(model=gone, removed=True))
        in_use = facts.get(connection, facts.MODEL_IN_USE)
        if in_use:
            events.append(connection, ModelChanged(model=models.find(connection, in_use), in_use=True))
        return gone

    return await here.write(trash)
