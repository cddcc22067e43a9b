"""Cases, their parts and their answers, as rows."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from engine.schema.case import Case, CasePage, Part
from engine.schema.errors import UserError
from engine.schema.prediction import Prediction
from engine.store import tables

Show = Literal["all", "mine", "train", "val", "trash"]
_BATCH = 500


def find(connection: Connection, case_id: str) -> Case:
    """Return a case with its parts and its latest answer, also when it lies in the trash; raises `not-found`."""
    table = tables.cases
    row = connection.execute(select(table).where(table.c.case_id == case_id)).one_or_none()
    if row is None:
        raise UserError("not-found", what="case", id=case_id)
    (found,) = _with_parts(connection, [row])
    if row.prediction_id is None:
        return found
    answers = tables.predictions
    body = connection.scalar(select(answers.c.body).where(answers.c.prediction_id == row.prediction_id))
    return found.model_copy(update={"prediction": Prediction.model_validate_json(body or "")})


def page(connection: Connection, search: str, offset: int, limit: int, show: Show) -> CasePage:
    """Return a page of the list, newest first; answers come without their token-by-token routing."""
    table = tables.cases
    wanted = _shown(show, search)
    total = connection.scalar(select(func.count()).select_from(table).where(wanted)) or 0
    chosen = select(table).where(wanted).order_by(table.c.number.desc()).offset(offset).limit(limit)
    return CasePage(cases=_with_parts(connection, connection.execute(chosen).all()), total=total, offset=offset)


def count(connection: Connection) -> int:
    """Return how many cases are not in the trash."""
    table = tables.cases
    return connection.scalar(select(func.count()).select_from(table).where(table.c.trashed == 0)) or 0


def of_dataset(connection: Connection, dataset: str, after: int, limit: int) -> tuple[int, tuple[Case, ...]]:
    """Return up to `limit` cases of a data set after row `after`, in order, and the row to go on from (0 at the end)."""
    table = tables.cases
    chosen = select(table).where(table.c.dataset == dataset, table.c.number > after, table.c.trashed == 0)
    rows = connection.execute(chosen.order_by(table.c.number).limit(limit)).all()
    return (rows[-1].number if len(rows) == limit else 0), _with_parts(connection, rows)


def add(connection: Connection, made: Case) -> None:
    """Add a case with its parts."""
    add_many(connection, [made])


def add_many(connection: Connection, made: Iterable[Case]) -> None:
    """Add cases with their parts, in order; one that is there already (by id) is left as it is."""
    table = tables.cases
    for some in _batches(made):
        known = set(connection.scalars(select(table.c.case_id).where(table.c.case_id.in_([c.case_id for c in some]))))
        fresh = list({case.case_id: case for case in reversed(some) if case.case_id not in known}.values())[::-1]
        parts = [_part_row(case.case_id, i, part) for case in fresh for i, part in enumerate(case.parts)]
        if fresh:
            connection.execute(insert(table), [_columns(case) for case in fresh])
        if parts:
            connection.execute(insert(tables.parts), parts)


def change(connection: Connection, case_id: str, seen: int | None = None, parts: bool = False, **fields: Any) -> Case:
    """Set columns of a case and count its version up; raises `conflict` where it is no longer at the version `seen`."""
    table = tables.cases
    now = find(connection, case_id)
    if seen is not None and seen != now.version:
        raise UserError("conflict")
    version = now.version + 1
    values = {**_stored(fields), "version": version} | ({"parts_version": version} if parts else {})
    connection.execute(update(table).where(table.c.case_id == case_id).values(values))
    changed = find(connection, case_id)
    connection.execute(update(table).where(table.c.case_id == case_id).values(searched=_searched(changed)))
    return changed


def trashed(connection: Connection, case_id: str) -> bool:
    """Whether a case lies in the trash."""
    return bool(connection.scalar(select(tables.cases.c.trashed).where(tables.cases.c.case_id == case_id)))


def add_part(connection: Connection, case_id: str, part: Part, replaces: str = "") -> Case:
    """Add a part at the end, or in the place of another, which is kept as removed."""
    table = tables.parts
    if replaces:
        position = _position(connection, case_id, replaces)
        connection.execute(update(table).where(table.c.part_id == replaces).values(removed=1))
    else:
        highest = connection.scalar(select(func.max(table.c.position)).where(table.c.case_id == case_id))
        position = 0 if highest is None else highest + 1
    connection.execute(insert(table).values(_part_row(case_id, position, part)))
    return change(connection, case_id, parts=True)


def remove_part(connection: Connection, case_id: str, part_id: str, removed: bool = True) -> Case:
    """Take a part out of a case, or put it back."""
    table = tables.parts
    _position(connection, case_id, part_id)
    this = (table.c.part_id == part_id) & (table.c.removed != int(removed))
    moved = connection.execute(update(table).where(this).values(removed=int(removed))).rowcount
    return change(connection, case_id, parts=True) if moved else find(connection, case_id)


def replace_parts(connection: Connection, case_id: str, old: Sequence[str], new: Sequence[Part]) -> None:
    """Keep some parts as removed and add others at the end; the case's version is the caller's to count."""
    table = tables.parts
    connection.execute(update(table).where(table.c.case_id == case_id, table.c.part_id.in_(old)).values(removed=1))
    highest = connection.scalar(select(func.max(table.c.position)).where(table.c.case_id == case_id))
    first = 0 if highest is None else highest + 1
    if new:
        connection.execute(insert(table), [_part_row(case_id, first + i, part) for i, part in enumerate(new)])


def add_prediction(connection: Connection, made: Prediction) -> Case:
    """Keep an answer and show it with its case; the case's own version stays, for nothing in it changed."""
    row = {
        "prediction_id": made.prediction_id,
        "case_id": made.case_id,
        "model_id": made.model_id,
        "at": made.at.isoformat(),
        "body": made.model_dump_json(),
    }
    connection.execute(insert(tables.predictions).values(row))
    shown = {"prediction_id": made.prediction_id, "answer": _slim(made).model_dump_json()}
    connection.execute(update(tables.cases).where(tables.cases.c.case_id == made.case_id).values(shown))
    return find(connection, made.case_id)


def _shown(show: Show, search: str) -> ColumnElement[bool]:
    table = tables.cases
    wanted = [table.c.trashed == int(show == "trash")]
    if show == "mine":
        wanted.append(table.c.source == "dropped")
    if show in ("train", "val"):
        wanted.append(table.c.split == show)
    wanted += [table.c.searched.contains(word, autoescape=True) for word in search.casefold().split()[:8]]
    return and_(*wanted)


def _with_parts(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[Case, ...]:
    table = tables.parts
    ids = [row.case_id for row in rows]
    chosen = select(table.c.case_id, table.c.body).where(table.c.case_id.in_(ids), table.c.removed == 0)
    bodies: dict[str, list[str]] = {}
    for case_id, body in connection.execute(chosen.order_by(table.c.case_id, table.c.position)):
        bodies.setdefault(case_id, []).append(body)
    return tuple(_case(row, bodies.get(row.case_id, [])) for row in rows)


def _case(row: Row[Any], parts: list[str]) -> Case:
    head = {
        "case_id": row.case_id,
        "title": row.title,
        "dataset": row.dataset,
        "group": row.group,
        "split": row.split,
        "label": row.label,
        "labels": _read(row.labels),
        "own_view": row.own_view,
        "own_labels": _read(row.own_labels),
        "source": row.source,
        "synthetic": bool(row.synthetic),
        "version": row.version,
        "parts_version": row.parts_version,
        "created_at": row.created_at,
    }
    answer = row.answer or "null"
    whole = f'{json.dumps(head)[:-1]}, "parts": [{",".join(parts)}], "prediction": {answer}}}'
    return Case.model_validate_json(whole)


def _columns(case: Case) -> dict[str, Any]:
    plain = case.model_dump(mode="json", exclude={"parts", "prediction", "created_at", "synthetic"})
    stamped = {"created_at": case.created_at.astimezone(UTC).isoformat(), "synthetic": int(case.synthetic)}
    return _stored(plain) | stamped | {"searched": _searched(case)}


def _stored(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return fields as their columns hold them: a set of labels as JSON, and none said apart from none of them."""
    lists = ("labels", "own_labels")
    return {
        name: json.dumps(value, ensure_ascii=False) if name in lists and value is not None else value
        for name, value in fields.items()
    }


def _read(labels: str | None) -> list[str] | None:
    found: list[str] | None = None if labels is None else json.loads(labels)
    return found


def _searched(case: Case) -> str:
    names = (part.name for part in case.parts)
    labels = (case.label, *(case.labels or ()), case.own_view, *(case.own_labels or ()))
    return " ".join((case.title, case.case_id, *labels, case.group, *names)).casefold()


def _part_row(case_id: str, position: int, part: Part) -> dict[str, Any]:
    return {
        "part_id": part.part_id,
        "case_id": case_id,
        "position": position,
        "removed": 0,
        "body": part.model_dump_json(),
    }


def _position(connection: Connection, case_id: str, part_id: str) -> int:
    table = tables.parts
    found: int | None = connection.scalar(
        select(table.c.position).where(table.c.part_id == part_id, table.c.case_id == case_id)
    )
    if found is None:
        raise UserError("not-found", what="part", id=part_id)
    return found


def _slim(made: Prediction) -> Prediction:
    """Leave out what grows with the tokens: a list of a hundred answers must stay small."""
    routing = made.routing.model_copy(update={"spans": (), "experts": None, "weights": None})
    return made.model_copy(update={"routing": routing})


def _batches(made: Iterable[Case]) -> Iterator[list[Case]]:
    some: list[Case] = []
    for case in made:
        some.append(case)
        if len(some) == _BATCH:
            yield some
            some = []
    if some:
        yield some


def fresh(case_id: str, title: str) -> Case:
    """Return an empty case of this moment."""
    return Case(case_id=case_id, title=title, created_at=datetime.now(UTC))
