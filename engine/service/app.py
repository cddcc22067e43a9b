"""The application: routes of all nouns around one `Service`, behind the guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import ASGIApp

from engine.service import answers
from engine.service.core import Service
from engine.service.guard import Guard
from engine.service.routes import blobs, cases, jobs, knowledge, live, models, parts, project
from engine.service.table import ROUTES


def build_api(service: Service) -> FastAPI:
    """Return the API without its guard; its documentation is the table of routes."""
    api = FastAPI(lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    api.state.service = service
    answers.install(api)
    for room in (project, blobs, cases, parts, jobs, models, knowledge, live):
        api.include_router(room.router, prefix="/v1")
    return api


def build_app(service: Service, token: str = "") -> ASGIApp:
    """Return the API behind the guard."""
    return Guard(build_api(service), ROUTES, token)


@asynccontextmanager
async def _lifespan(api: FastAPI) -> AsyncIterator[None]:
    service: Service = api.state.service
    await service.start()
    try:
        yield
    finally:
        await service.end()
