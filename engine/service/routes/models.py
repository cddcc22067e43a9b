"""Routes of models: the list, one model, the trash."""

import asyncio

from fastapi import APIRouter
from pydantic import ValidationError
from sqlalchemy import Connection

from engine.schema.command import ModelList
from engine.schema.errors import UserError
from engine.schema.event import ModelChanged
from engine.schema.ledger import LEDGER_FILE, Ledger
from engine.schema.model import WORTH_FILE, ModelSummary, Worth
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


@router.get("/models/{model_id}/ledger")
async def get_ledger(model_id: Id, here: Here) -> Ledger:
    """Return what the model kept of its teachers and what it costs beside them."""
    await here.read(models.find, model_id)
    try:
        data = await asyncio.to_thread((here.folder.model(model_id) / LEDGER_FILE).read_bytes)
        return Ledger.model_validate_json(data)
    except FileNotFoundError as error:  # it learned from no teacher, or was made before there were ledgers
        raise UserError("not-found", what="ledger", id=model_id) from error
    except (OSError, ValidationError) as error:
        raise UserError("model-damaged", id=model_id) from error


@router.get("/models/{model_id}/worth")
async def get_worth(model_id: Id, here: Here) -> Worth:
    """Return what the model's experts are worth, as it was last found out."""
    await here.read(models.find, model_id)
    try:
        data = await asyncio.to_thread((here.folder.model(model_id) / WORTH_FILE).read_bytes)
        return Worth.model_validate_json(data)
    except (FileNotFoundError, ValidationError) as error:  # nobody asked yet, or it was written by another version
        raise UserError("not-found", what="worth", id=model_id) from error


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
