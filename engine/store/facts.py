"""Single facts of a project (the model in use) and its data sets."""

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from engine.schema.case import Dataset
from engine.store import tables

MODEL_IN_USE = "model-in-use"
CATALOG = "catalog"


def get(connection: Connection, name: str) -> str:
    """Return a fact, empty where it was never set."""
    return connection.scalar(select(tables.facts.c.value).where(tables.facts.c.name == name)) or ""


def put(connection: Connection, name: str, value: str) -> None:
    """Set a fact."""
    row = upsert(tables.facts).values(name=name, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def datasets(connection: Connection) -> tuple[Dataset, ...]:
    """Return all data sets, the newest last."""
    rows = connection.scalars(select(tables.datasets.c.body).order_by(tables.datasets.c.number))
    return tuple(Dataset.model_validate_json(body) for body in rows)


def dataset(connection: Connection, name: str) -> Dataset | None:
    """Return the named data set, or the newest where the name is empty."""
    chosen = select(tables.datasets.c.body).order_by(tables.datasets.c.number.desc()).limit(1)
    if name:
        chosen = chosen.where(tables.datasets.c.dataset == name)
    body = connection.scalar(chosen)
    return None if body is None else Dataset.model_validate_json(body)


def put_dataset(connection: Connection, made: Dataset) -> None:
    """Add a data set, or replace the one of the same id."""
    connection.execute(delete(tables.datasets).where(tables.datasets.c.dataset == made.dataset))
    connection.execute(insert(tables.datasets).values(dataset=made.dataset, body=made.model_dump_json()))
