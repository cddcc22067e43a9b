"""The guard: the outermost layer of the service, which lets through only what it knows.

A request needs a route of the table, a local `Host`, no `Origin` and no cookie (so no web page can send it), the media type of
its route, a body within its cap and, over TCP, the bearer token. Over a Unix socket the peer must be the same user.
"""

import os
import secrets
import socket
import struct
import sys
from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from engine.service.answers import refusal
from engine.service.table import Route

_HOSTS = (b"localhost", b"127.0.0.1", b"engine")


class Guard:
    """Wraps the application; `token` is empty where a Unix socket and its folder's mode keep others out."""

    def __init__(self, app: ASGIApp, routes: Sequence[Route], token: str = "") -> None:
        self._app = app
        self._routes = [(route, route.pattern()) for route in routes]
        self._token = f"Bearer {token}".encode() if token else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer why not; a websocket is none of ours and is closed."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: dict[bytes, bytes] = dict(scope["headers"])
        status, detail = self._stranger(headers)
        route = None
        if not status:
            route, status = self._route(scope["method"], scope["path"])
            detail = "unknown path or method"
        if route is not None:
            status, detail = _unfit(route, headers)
        if status or route is None:
            await refusal(status, detail)(scope, receive, send)
            return
        await self._app(scope, _Capped(receive, route.largest), send)

    def _stranger(self, headers: dict[bytes, bytes]) -> tuple[int, str]:
        """Tell whether the sender is no program of this user: (0, "") where it is one."""
        if self._token and not secrets.compare_digest(headers.get(b"authorization", b""), self._token):
            return 401, ""
        if headers.get(b"host", b"").rsplit(b":", 1)[0] not in _HOSTS:
            return 403, ""
        if b"origin" in headers or b"cookie" in headers or b"sec-fetch-site" in headers:
            return 403, ""
        return 0, ""

    def _route(self, method: str, path: str) -> tuple[Route | None, int]:
        fitting = [route for route, pattern in self._routes if pattern.fullmatch(path)]
        for route in fitting:
            if route.method == method:
                return route, 0
        return None, 405 if fitting else 404


def _unfit(route: Route, headers: dict[bytes, bytes]) -> tuple[int, str]:
    """Tell what is wrong with a request's body by its headers: (0, "") where nothing is."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit():
        return 400, "content-length is no number"
    if int(length) > route.largest:
        return 413, ""
    has_body = int(length) > 0 or b"transfer-encoding" in headers
    wanted = b"application/octet-stream" if route.takes is bytes else b"application/json"
    if has_body and headers.get(b"content-type", b"").split(b";")[0].strip().lower() != wanted:
        return 415, f"the body must be {wanted.decode()}"
    return 0, ""


class _Capped:
    """Counts the bytes of a body as they come: a chunked one announces no length."""

    def __init__(self, receive: Receive, largest: int) -> None:
        self._receive = receive
        self._left = largest

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413)
        return message


class SameUserProtocol(H11Protocol):
    """HTTP over a connection that is dropped before its first byte is read where another user is at its other end."""

    def connection_made(self, transport: Any) -> None:
        """Look at who connected."""
        super().connection_made(transport)
        if not _same_user(transport.get_extra_info("socket")):
            transport.abort()


def _same_user(connection: Any) -> bool:
    """Whether the peer runs as this user; the folder's mode alone decides where the system cannot tell."""
    if sys.platform != "linux" or connection.family != socket.AF_UNIX:
        return True
    size = struct.calcsize("3i")
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return bool(uid == os.getuid())
