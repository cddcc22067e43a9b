"""The guard: every route x every method x every bad header is refused, and a stranger hears nothing."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from engine.service.guard import Guard
from engine.service.table import ROUTES
from tests.engines import Engine

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND")
_PATHS = sorted({route.path for route in ROUTES})
_BAD_HEADERS: dict[str, dict[str, str]] = {
    "another host": {"Host": "evil.example"},
    "rebound host": {"Host": "localhost.evil.example"},
    "origin": {"Origin": "http://localhost"},
    "null origin": {"Origin": "null"},
    "cookie": {"Cookie": "a=b"},
    "from a page": {"Sec-Fetch-Site": "cross-site"},
}


@pytest.fixture(scope="module")
def raw(shared: Engine) -> Iterator[httpx.Client]:
    transport = httpx.HTTPTransport(uds=shared.client.address.socket)
    with httpx.Client(transport=transport, base_url="http://localhost", timeout=30) as client:
        yield client


def _filled(path: str) -> str:
    return path.replace("{sha256}", "3" * 64).replace("{case_id}", "nobody").replace("{job_id}", "nobody") \
        .replace("{model_id}", "nobody").replace("{part_id}", "nobody").replace("{dataset}", "nobody") \
        .replace("{version}", "latest")  # fmt: skip


@pytest.mark.parametrize("path", _PATHS)
def test_path_when_asked_by_a_method_it_has_not_is_refused(raw: httpx.Client, path: str) -> None:
    known = {route.method for route in ROUTES if route.path == path}
    for method in set(_METHODS) - known:
        assert raw.request(method, _filled(path)).status_code == 405, method


@pytest.mark.parametrize("reason", _BAD_HEADERS)
def test_route_when_the_headers_are_a_strangers_is_refused_before_anything_is_read(
    raw: httpx.Client, reason: str
) -> None:
    for route in ROUTES:
        reply = raw.request(route.method, _filled(route.path), headers=_BAD_HEADERS[reason])
        assert reply.status_code == 403, route
        assert route.method == "HEAD" or reply.json()["code"] == "forbidden"


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_command_when_its_media_type_is_one_that_a_page_can_send_is_refused(raw: httpx.Client, media_type: str) -> None:
    for route in ROUTES:
        if route.takes is not None:
            headers = {"Content-Type": media_type} if media_type else {}
            reply = raw.request(route.method, _filled(route.path), content=b"{}", headers=headers)
            assert reply.status_code == 415, route


@pytest.mark.parametrize(
    "path",
    ["/", "/v1", "/v1/", "/v1/health/", "/v2/health", "/docs", "/openapi.json", "/v1/cases/a%2Fb",
     "/v1/cases/%2e%2e", "/v1//cases", "/V1/health", "/v1/cases/" + "a" * 129],
)  # fmt: skip
def test_path_when_it_is_not_in_the_table_is_refused(raw: httpx.Client, path: str) -> None:
    for method in ("GET", "POST"):
        assert raw.request(method, path).status_code in (404, 405)


def test_body_when_its_length_is_a_lie_or_nonsense_does_no_harm(shared: Engine, raw: httpx.Client) -> None:
    for length in (b"-1", b"1e3", b"99999999999999999999"):
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(shared.client.address.socket)
            line.sendall(
                b"POST /v1/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                + length
                + b"\r\n\r\n"
            )
            line.shutdown(socket.SHUT_WR)
            answered = line.recv(4096)
        assert answered.startswith((b"HTTP/1.1 400", b"HTTP/1.1 413")), length
    assert raw.get("/v1/health").status_code == 200


def test_small_command_when_its_body_is_large_is_refused(raw: httpx.Client) -> None:
    body = b'{"command_id": "' + b"x" * (2 << 20) + b'"}'
    reply = raw.post("/v1/cases", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 413


@pytest.mark.parametrize(("token", "status"), [("", 401), ("wrong", 401), ("пароль", 401), ("right", 200)])
def test_guard_when_a_token_is_asked_lets_only_that_one_in(token: str, status: int) -> None:
    answered = _asked_with_token(token.encode())
    assert answered == status


def _asked_with_token(token: bytes) -> int:
    import asyncio

    heard: list[int] = []

    async def app(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[operator]

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            heard.append(int(str(message["status"])))

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"host", b"127.0.0.1:4711")] + ([(b"authorization", b"Bearer " + token)] if token else [])
    scope = {"type": "http", "method": "GET", "path": "/v1/health", "headers": headers, "query_string": b""}
    asyncio.run(Guard(app, ROUTES, "right")(scope, receive, send))  # type: ignore[arg-type]
    return heard[0]


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel who is at the other end")
def test_socket_when_another_user_gets_at_it_gives_no_answer(shared: Engine) -> None:
    import os

    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    path = Path(shared.client.address.socket)
    script = (
        "import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        "s.sendall(b'GET /v1/health HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n'); print(s.recv(100))"
    )

    def ask() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=False)

    assert "PermissionError" in ask().stderr
    modes = (path.parent.parent.stat().st_mode, path.parent.stat().st_mode, path.stat().st_mode)
    try:
        path.parent.parent.chmod(0o755)
        path.parent.chmod(0o755)
        path.chmod(0o666)
        opened = ask()
    finally:
        for place, mode in zip((path.parent.parent, path.parent, path), modes, strict=True):
            place.chmod(mode)
    assert "HTTP/1.1 200" not in opened.stdout
    assert "b''" in opened.stdout or "ConnectionReset" in opened.stderr or "BrokenPipe" in opened.stderr


def test_websocket_when_opened_is_refused(raw: httpx.Client) -> None:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "a" * 22 + "==",
        "Sec-WebSocket-Version": "13",
    }
    assert raw.get("/v1/events?until_idle=true", headers=headers).status_code in (200, 400, 403)
