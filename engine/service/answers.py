"""Errors as answers: a status and an `ErrorBody`, never an echo of what was sent."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from engine.schema.errors import ConsiliumError, ErrorBody

_STATUS = {
    "not-found": 404,
    "conflict": 409,
    "knowledge-conflict": 409,
    "knowledge-none": 404,
    "no-model": 409,
    "forbidden": 403,
    "busy": 503,
    "too-large": 413,
    "disk-full": 507,
}
_log = logging.getLogger("consilium.service")


def answer(body: ErrorBody, status: int = 0) -> Response:
    """Return the response for an error; its status follows from its code where none is given."""
    chosen = status or _STATUS.get(body.code, 500 if body.fault else 400)
    return Response(body.model_dump_json(), status_code=chosen, media_type="application/json")


def refusal(status: int, detail: str) -> Response:
    """Return the response to a request that does not fit the API."""
    if status in (401, 403):
        return answer(ErrorBody(code="forbidden"), status)
    if status == 413:
        return answer(ErrorBody(code="too-large", parameters={"name": "The request", "megabytes": 64}), status)
    return answer(ErrorBody(code="bad-request", parameters={"detail": detail}), status)


def install(app: FastAPI) -> None:
    """Make every error of the application one of ours."""
    app.add_exception_handler(ConsiliumError, _on_consilium_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Exception, _on_defect)


async def _on_consilium_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ConsiliumError):
        raise error
    return answer(error.body())


async def _on_validation_error(_request: Request, error: Exception) -> Response:
    found = error.errors() if isinstance(error, RequestValidationError) else ()
    detail = "; ".join(f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in list(found)[:5])
    return answer(ErrorBody(code="bad-request", parameters={"detail": detail[:400]}), 422)


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refusal(status, f"HTTP {status}")


async def _on_defect(request: Request, error: Exception) -> Response:
    route = request.scope.get("route")  # its pattern, not the path: a path may hold what is nobody's business
    _log.error("defect in %s %s", request.method, getattr(route, "path", "?"), exc_info=error)
    return answer(ErrorBody(code="internal", parameters={"detail": type(error).__name__}, fault=True))
