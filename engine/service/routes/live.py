"""The route of the live stream."""

from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import StreamingResponse

from engine.service.routes.here import Here

router = APIRouter()


@router.get("/events")
async def follow(
    here: Here,
    after: Annotated[int, Query(ge=0)] = 0,
    until_idle: bool = False,
    last_event_id: Annotated[int, Header(ge=0)] = 0,
) -> StreamingResponse:
    """Send every event after `Last-Event-ID` (or `after`), and then each new one as it is committed."""
    told = here.stream.follow(max(after, last_event_id), until_idle)
    return StreamingResponse(told, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
