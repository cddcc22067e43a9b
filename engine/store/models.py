"""The models of a project, as rows; their files lie in `models/<id>/`."""

from sqlalchemy import Connection, insert, select, update

from engine.schema.errors import UserError
from engine.schema.model import ModelSummary
from engine.store import facts, tables


def every(connection: Connection) -> tuple[ModelSummary, ...]:
    """Return all models that are not in the trash, newest first."""
    table = tables.models
    bodies = connection.scalars(select(table.c.body).where(table.c.trashed == 0).order_by(table.c.number.desc()))
    return tuple(ModelSummary.model_validate_json(body) for body in bodies)


def find(connection: Connection, model_id: str) -> ModelSummary:
    """Return a model; raises `not-found`."""
    table = tables.models
    body = connection.scalar(select(table.c.body).where(table.c.model_id == model_id, table.c.trashed == 0))
    if body is None:
        raise UserError("not-found", what="model", id=model_id)
    return ModelSummary.model_validate_json(body)


def named(connection: Connection, wanted: str) -> ModelSummary:
    """Return the model of this id; `latest` is the newest, empty the one in use; raises `no-model`, `not-found`."""
    if wanted == "latest":
        known = every(connection)
        if not known:
            raise UserError("no-model")
        return known[0]
    in_use = wanted or facts.get(connection, facts.MODEL_IN_USE)
    if not in_use:
        raise UserError("no-model")
    return find(connection, in_use)


def add(connection: Connection, summary: ModelSummary) -> None:
    """Add a model whose files are already on the disk."""
    connection.execute(insert(tables.models).values(model_id=summary.model_id, body=summary.model_dump_json()))


def to_trash(connection: Connection, model_id: str) -> ModelSummary:
    """Take a model out of the list, and out of use; its files stay."""
    found = find(connection, model_id)
    connection.execute(update(tables.models).where(tables.models.c.model_id == model_id).values(trashed=1))
    if facts.get(connection, facts.MODEL_IN_USE) == model_id:
        left = every(connection)
        facts.put(connection, facts.MODEL_IN_USE, left[0].model_id if left else "")
    return found
