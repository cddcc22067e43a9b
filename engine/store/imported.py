"""What imported tables said of their cases, and taking in what a table says anew; what a person did to a case stays."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert as upsert

from engine.schema.case import Case
from engine.schema.rows import KnownRow, RowSaid
from engine.store import cases, tables

_FIELDS = ("label", "labels", "group", "split")


def known(connection: Connection, dataset: str, after: int, limit: int) -> tuple[int, tuple[KnownRow, ...]]:
    """Return up to `limit` imported cases of a data set after row `after`, also from the trash, and the row to go on from."""
    table, told = tables.cases, tables.rows
    joined = select(table.c.number, table.c.case_id, told.c.body).outerjoin(told, told.c.case_id == table.c.case_id)
    wanted = joined.where(table.c.dataset == dataset, table.c.source == "imported", table.c.number > after)
    found = connection.execute(wanted.order_by(table.c.number).limit(limit)).all()
    rows = tuple(
        KnownRow(case_id=row.case_id, dataset=dataset, said=_said(connection, row.case_id, row.body)) for row in found
    )
    return (found[-1].number if len(found) == limit else 0), rows


def put(connection: Connection, told: Iterable[KnownRow]) -> None:
    """Remember what a table says of its cases."""
    for one in told:
        row = upsert(tables.rows).values(case_id=one.case_id, body=one.said.model_dump_json())
        connection.execute(row.on_conflict_do_update(index_elements=["case_id"], set_={"body": row.excluded.body}))


def renumber(connection: Connection, told: Iterable[KnownRow]) -> list[Case]:
    """Call cases by the rows they stand in now, where their table has no ids and has moved them; a title that a person gave stays.

    A file that speaks of rows speaks of the table as it is now: by the row of before it would reach another case.
    """
    moved = []
    for one in told:
        body = connection.scalar(select(tables.rows.c.body).where(tables.rows.c.case_id == one.case_id))
        before = _said(connection, one.case_id, body).row
        if before != one.said.row and cases.find(connection, one.case_id).title == before:
            moved.append(cases.change(connection, one.case_id, title=one.said.row))
    return moved


def renew(connection: Connection, read: Case, said: RowSaid) -> Case:
    """Change a case to what its table says now.

    A field that a person has changed since stays theirs, and so do inputs that a person added; inputs of the table that it no longer
    has are kept as removed.
    """
    now = cases.find(connection, read.case_id)
    body = connection.scalar(select(tables.rows.c.body).where(tables.rows.c.case_id == read.case_id))
    before = _said(connection, read.case_id, body)
    fields: dict[str, Any] = {
        name: getattr(said, name)
        for name in _FIELDS
        if getattr(said, name) != getattr(before, name) == getattr(now, name)
    }
    inputs = (said.inputs, said.findings) != (before.inputs, before.findings)
    if inputs:
        old = [part.part_id for part in now.parts if part.original in before.inputs]
        cases.replace_parts(connection, read.case_id, old, read.parts)
    return cases.change(connection, read.case_id, parts=inputs, **fields) if fields or inputs else now


def _said(connection: Connection, case_id: str, body: str | None) -> RowSaid:
    """Return what a row said; of a case that came in before this was remembered, what the case holds now."""
    if body is not None:
        return RowSaid.model_validate_json(body)
    now = cases.find(connection, case_id)
    inputs = tuple(part.original for part in now.parts)
    answer = {"label": now.label, "labels": now.labels}
    return RowSaid.model_validate({"row": now.title, "group": now.group, "split": now.split, "inputs": inputs} | answer)
