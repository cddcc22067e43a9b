"""The HTTP client of the engine: typed messages out, typed messages back, on Qt's event loop and without threads."""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Final, NamedTuple, TypeVar

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QTimer, QUrl, Signal, Slot
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkProxy, QNetworkReply, QNetworkRequest

from engine.schema.base import Message
from engine.schema.errors import ErrorBody
from engine.schema.runtime import EngineAddress
from engine.schema.sentences import SENTENCES

REQUEST_TIMEOUT_MS: Final = 60_000
"""Longest silence of a request; decoding a large file and answering a case both fit."""
_QUICK_TIMEOUT_MS: Final = 5_000
_NOBODY_THERE: Final = (QNetworkReply.NetworkError.ConnectionRefusedError, QNetworkReply.NetworkError.HostNotFoundError)
"""What Qt says where no engine listens; the second where its socket's file is gone."""

M = TypeVar("M", bound=Message)
Failed = Callable[[ErrorBody], None]


class _Pending(NamedTuple):
    """Who waits for a reply; `dropped` is told instead of `failed` where the client goes to another engine meanwhile."""

    answered: Callable[[bytes], None]
    failed: Failed | None
    dropped: Failed | None


def sha256_of(data: bytes) -> str:
    """Return the sha256 under which the engine keeps `data`."""
    return hashlib.sha256(data).hexdigest()


def _still_there(callback: Callable[..., object]) -> bool:
    """Tell whether the QObject that a bound callback belongs to still lives; a reply may come after its view went."""
    owner = getattr(getattr(callback, "func", callback), "__self__", None)  # `func`: what a partial calls
    return not isinstance(owner, QObject) or shiboken6.isValid(owner)


def let_go(reply: QNetworkReply) -> None:
    """End a reply nobody waits for any more; one that has failed already is not told so again, which Qt would complain of."""
    if reply.isRunning() and reply.error() == QNetworkReply.NetworkError.NoError:
        reply.abort()
    reply.deleteLater()


class EngineClient(QObject):
    """Speaks to one engine.

    Each method returns at once; `then` is called with the reply, `failed` with an `ErrorBody`. Where `failed` is left out, the
    signal of the same name tells it. A callback that is a method of a deleted QObject is dropped.

    Signals:
        failed: a request failed and nobody else took the error.
        unreachable: a request found no engine at its address.
    """

    failed = Signal(object)
    unreachable = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._network = QNetworkAccessManager(self)
        self._network.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))  # a site's proxy would swallow loopback
        self._address: EngineAddress | None = None
        self._pending: dict[QNetworkReply, _Pending] = {}

    @property
    def address(self) -> EngineAddress | None:
        """Where the engine is; None until one was found."""
        return self._address

    def set_address(self, address: EngineAddress | None) -> None:
        """Speak to this engine from now on; requests that are under way are dropped, and fail at the next turn of the loop.

        With None the project is left: what was asked of it concerns nobody any more, least of all the next project.
        """
        if address == self._address:
            return
        dropped, self._pending = self._pending, {}
        for reply, waiting in dropped.items():
            let_go(reply)
            if address is not None:  # not told at once: who asks again then finds the client as it is after the change
                QTimer.singleShot(0, self, functools.partial(self._tell, waiting.dropped, _unreachable()))
        self._network.clearConnectionCache()
        self._address = address

    def request(self, path: str) -> QNetworkRequest:
        """Return a request for `path` at the engine's address."""
        address = self._address
        request = QNetworkRequest()
        if address is None or address.socket:
            request.setUrl(QUrl(f"unix+http://localhost{path}"))
            name = address.socket if address is not None else ""
            request.setAttribute(QNetworkRequest.Attribute.FullLocalServerNameAttribute, name)
        else:
            request.setUrl(QUrl(f"http://127.0.0.1:{address.port}{path}"))
            request.setRawHeader(QByteArray(b"Authorization"), QByteArray(f"Bearer {address.token}".encode()))
        return request

    def open(self, request: QNetworkRequest) -> QNetworkReply:
        """Open a GET that the caller reads as it comes: the event stream."""
        reply = self._network.get(request)
        reply.finished.connect(self._on_open_finished)
        return reply

    def get(self, path: str, reply: type[M], then: Callable[[M], None], failed: Failed | None = None) -> None:
        """Ask for `path` and read the answer as a `reply`."""
        self._send("GET", path, b"", lambda body: reply.model_validate_json(body), then, failed)

    def ping(self, path: str, then: Callable[[bytes], None], failed: Failed) -> None:
        """Ask for `path` with a short patience and hand over the bytes unread: the other side's version is not known yet.

        Dropped, it fails silently: who looks for an engine has gone to another address, and need not hear of the former one.
        """
        self._send(
            "GET", path, b"", lambda body: body, then, failed, timeout=_QUICK_TIMEOUT_MS, dropped=lambda _problem: None
        )

    def post(
        self, path: str, message: Message, reply: type[M], then: Callable[[M], None], failed: Failed | None = None
    ) -> None:
        """Send a command to `path`."""
        self._send(
            "POST", path, message.model_dump_json().encode(), lambda b: reply.model_validate_json(b), then, failed
        )

    def patch(
        self, path: str, message: Message, reply: type[M], then: Callable[[M], None], failed: Failed | None = None
    ) -> None:
        """Send a change of what is at `path`."""
        self._send(
            "PATCH", path, message.model_dump_json().encode(), lambda b: reply.model_validate_json(b), then, failed
        )

    def delete(self, path: str, then: Callable[[bytes], None], failed: Failed | None = None) -> None:
        """Ask for what is at `path` to be put away."""
        self._send("DELETE", path, b"", lambda body: body, then, failed)

    def put_blob(self, data: bytes, then: Callable[[str], None], failed: Failed | None = None) -> None:
        """Send bytes under their sha256; `then` gets the hash once the engine has confirmed it."""
        digest = sha256_of(data)
        self._send("PUT", f"/v1/blobs/{digest}", data, lambda _body: digest, then, failed)

    def get_blob(self, digest: str, then: Callable[[bytes], None], failed: Failed | None = None) -> None:
        """Ask for the bytes of a blob."""
        self._send("GET", f"/v1/blobs/{digest}", b"", lambda body: body, then, failed)

    def _send(
        self,
        verb: str,
        path: str,
        body: bytes,
        read: Callable[[bytes], object],
        then: Callable[..., None],
        failed: Failed | None,
        timeout: int = REQUEST_TIMEOUT_MS,
        dropped: Failed | None = None,
    ) -> None:
        request = self.request(path)
        request.setTransferTimeout(timeout)
        if body:
            kind = "application/octet-stream" if verb == "PUT" else "application/json"
            request.setHeader(QNetworkRequest.KnownHeaders.ContentTypeHeader, kind)
        reply = self._network.sendCustomRequest(request, QByteArray(verb.encode()), QByteArray(body))

        def answered(raw: bytes) -> None:
            if _still_there(then):
                then(read(raw))

        self._pending[reply] = _Pending(answered, failed, dropped or failed)
        reply.finished.connect(self._on_reply_finished)

    @Slot()
    def _on_reply_finished(self) -> None:
        reply = self.sender()
        if not isinstance(reply, QNetworkReply) or reply not in self._pending:
            return
        answered, failed, _dropped = self._pending.pop(reply)
        raw = bytes(reply.readAll().data())
        status = int(reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute) or 0)
        error = reply.error()
        reply.deleteLater()
        if status and status < 400 and error == QNetworkReply.NetworkError.NoError:
            try:
                answered(raw)
            except ValueError as mismatch:  # pydantic's ValidationError is a ValueError: the two versions differ
                self._tell(
                    failed, ErrorBody(code="internal", parameters={"detail": type(mismatch).__name__}, fault=True)
                )
        elif status:
            self._tell(failed, _problem(raw, status))
        else:
            self._mend(error)
            self._tell(failed, _unreachable())
            self.unreachable.emit()

    @Slot()
    def _on_open_finished(self) -> None:
        reply = self.sender()
        if isinstance(reply, QNetworkReply):
            self._mend(reply.error())

    def _mend(self, error: QNetworkReply.NetworkError) -> None:
        """Begin with fresh connections where nobody listened; what else was under way fails, too.

        Each of Qt's six connections to a local socket stays unusable once it was refused (seen with Qt 6.11): without this the
        seventh request waits until its time is up, also when the engine is back. To be deleted when Qt tries such a one again.
        """
        if error in _NOBODY_THERE:
            self._network.clearConnectionCache()

    def _tell(self, failed: Failed | None, problem: ErrorBody) -> None:
        if failed is None:
            self.failed.emit(problem)
        elif _still_there(failed):
            failed(problem)


def _unreachable() -> ErrorBody:
    return ErrorBody(code="engine-unreachable", fault=True)


def _problem(raw: bytes, status: int) -> ErrorBody:
    """Read the body of a refusal; what is no `ErrorBody` of ours becomes one that names the status."""
    try:
        found = ErrorBody.model_validate(json.loads(raw))
    except ValueError:
        found = ErrorBody(code="internal", parameters={"detail": f"HTTP {status}"}, fault=True)
    if found.code not in SENTENCES:
        return ErrorBody(code="internal", parameters={"detail": found.code}, fault=True)
    return found
