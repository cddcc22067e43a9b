"""Routes of blobs: bytes in and out under their sha256."""

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.schema.errors import UserError
from engine.service.routes.here import Hash, Here

router = APIRouter()


@router.head("/blobs/{sha256}")
async def has_blob(sha256: Hash, here: Here) -> Response:
    """Answer 200 where the blob is there, else 404."""
    return Response(status_code=200 if here.folder.blobs.has(sha256) else 404)


@router.put("/blobs/{sha256}", status_code=204)
async def put_blob(sha256: Hash, request: Request, here: Here) -> Response:
    """Keep the body; when this is answered it is on the disk, and it is what was announced."""
    if here.folder.blobs.has(sha256):
        async for _ in request.stream():
            pass  # a body must be read to its end, or the client sees a broken pipe instead of the answer
        return Response(status_code=204)
    incoming = here.folder.blobs.receive(sha256)
    try:
        async for piece in request.stream():
            incoming.add(piece)
        await asyncio.to_thread(incoming.keep)
    finally:
        incoming.drop()
    return Response(status_code=204)


@router.get("/blobs/{sha256}")
async def get_blob(sha256: Hash, here: Here) -> Response:
    """Return the bytes, checked against their name."""
    if not here.folder.blobs.has(sha256):
        raise UserError("not-found", what="blob", id=sha256)
    data = await asyncio.to_thread(here.folder.blobs.read, sha256)
    headers = {"Cache-Control": "private, immutable, max-age=31536000", "X-Content-Type-Options": "nosniff"}
    return Response(data, media_type="application/octet-stream", headers=headers)
