"""Routes of cases: the list, one case, its answer."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from engine.schema.case import Case, CasePage
from engine.schema.command import Command, CreateCase, EditCase, Predict
from engine.schema.event import CaseChanged
from engine.schema.prediction import Prediction
from engine.service.core import Service
from engine.service.routes.here import Here, Id
from engine.store import cases, events, models

router = APIRouter()


@router.get("/cases")
async def list_cases(
    here: Here,
    search: Annotated[str, Query(max_length=200)] = "",
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    show: cases.Show = "all",
) -> CasePage:
    """Return a page of the list, newest first."""
    return await here.read(cases.page, search, offset, limit, show)


@router.post("/cases")
async def create_case(command: CreateCase, here: Here) -> Case:
    """Make an empty case; one of this id that is there already is returned as it is."""

    def create(connection: Connection) -> Case:
        cases.add(connection, cases.fresh(command.case_id, command.title))
        return changed(connection, cases.find(connection, command.case_id))

    return await here.obey(command, Case, create)


@router.get("/cases/{case_id}")
async def get_case(case_id: Id, here: Here) -> Case:
    """Return one case with its whole latest answer."""
    return await here.read(cases.find, case_id)


@router.patch("/cases/{case_id}")
async def edit_case(case_id: Id, command: EditCase, here: Here) -> Case:
    """Change the fields that are named."""
    fields = command.fields()

    def edit(connection: Connection) -> Case:
        return changed(connection, cases.change(connection, case_id, seen=command.version, **fields))

    return await here.obey(command, Case, edit, case_id)


@router.delete("/cases/{case_id}")
async def trash_case(case_id: Id, here: Here) -> Case:
    """Put a case into the trash."""
    return await here.write(_move, case_id, trashed=True)


@router.post("/cases/{case_id}/restore")
async def restore_case(case_id: Id, command: Command, here: Here) -> Case:
    """Take a case out of the trash."""
    return await here.obey(command, Case, lambda connection: _move(connection, case_id, trashed=False), case_id)


@router.post("/cases/{case_id}/predict")
async def predict(case_id: Id, command: Predict, here: Here) -> Prediction:
    """Answer a case with the named model, or the one in use, and keep the answer."""
    return await here.obey_slowly(command, Prediction, lambda: _answered(here, case_id, command), case_id)


def changed(connection: Connection, case: Case, removed: bool = False) -> Case:
    """Let the stream know what became of a case."""
    events.append(connection, CaseChanged(case=case, removed=removed))
    return case


def _move(connection: Connection, case_id: str, trashed: bool) -> Case:
    if cases.trashed(connection, case_id) == trashed:
        return cases.find(connection, case_id)
    return changed(connection, cases.change(connection, case_id, trashed=int(trashed)), removed=trashed)


async def _answered(here: Service, case_id: str, command: Predict) -> Callable[[Connection], Prediction]:
    case, model = await here.read(lambda c: (cases.find(c, case_id), models.named(c, command.model_id)))
    made = await here.predictor.predict(case, model, command.spare)

    def keep(connection: Connection) -> Prediction:
        changed(connection, cases.add_prediction(connection, made))
        return made

    return keep
