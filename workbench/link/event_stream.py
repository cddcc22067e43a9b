"""The engine's live stream: server-sent events read as they come, resumed by the number of the last one."""

from collections import deque
from typing import Final

from pydantic import ValidationError
from PySide6.QtCore import QByteArray, QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QNetworkReply, QNetworkRequest

from engine.schema.event import Event
from workbench.link.client import EngineClient, let_go

SILENCE_MS: Final = 40_000
"""The engine sends a comment every 15 s; longer silence than this means that it is gone."""
FIRST_RETRY_MS: Final = 250
LONGEST_RETRY_MS: Final = 5_000
SLICE_MS: Final = 30
"""Pause between slices of a backlog; the window draws in between."""
SLICE: Final = 200
"""Most events parsed in one go; 200 take about 12 ms."""


class EventStream(QObject):
    """Reads `GET /v1/events` and hands out events in order, each once.

    Signals:
        arrived: one `Event`.
        opened: the stream is live (again).
        lost: the stream broke; another try follows by itself. Carries the number of the try.
    """

    arrived = Signal(object)
    opened = Signal()
    lost = Signal(int)

    def __init__(self, client: EngineClient, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._client = client
        self._reply: QNetworkReply | None = None
        self._buffer = b""
        self._waiting: deque[bytes] = deque()
        self._last = 0
        self._tries = 0
        self._retry = QTimer(self, singleShot=True)
        self._retry.timeout.connect(self._open)
        self._slice = QTimer(self, singleShot=True, interval=SLICE_MS)
        self._slice.timeout.connect(self._hand_out)

    @property
    def last(self) -> int:
        """Number of the newest event handed out."""
        return self._last

    def start(self, after: int) -> None:
        """Follow the engine from the event after number `after`."""
        self.stop()
        self._last = after
        self._tries = 0
        self._open()

    def stop(self) -> None:
        """Follow no more; what was not handed out yet comes again at the next start."""
        self._retry.stop()
        self._slice.stop()
        self._waiting.clear()
        self._buffer = b""
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.finished.disconnect(self._on_reply_finished)
            let_go(reply)

    @Slot()
    def _open(self) -> None:
        request = self._client.request("/v1/events")
        request.setRawHeader(QByteArray(b"Accept"), QByteArray(b"text/event-stream"))
        request.setRawHeader(QByteArray(b"Last-Event-ID"), QByteArray(str(self._last).encode()))
        request.setAttribute(
            QNetworkRequest.Attribute.CacheLoadControlAttribute, QNetworkRequest.CacheLoadControl.AlwaysNetwork
        )
        request.setTransferTimeout(SILENCE_MS)
        self._buffer = b""
        self._reply = self._client.open(request)
        self._reply.metaDataChanged.connect(self._on_reply_meta_data_changed)
        self._reply.readyRead.connect(self._on_reply_ready_read)
        self._reply.finished.connect(self._on_reply_finished)

    @Slot()
    def _on_reply_meta_data_changed(self) -> None:
        if self._reply is None:
            return
        if self._reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute) == 200:
            self._tries = 0
            self.opened.emit()

    @Slot()
    def _on_reply_ready_read(self) -> None:
        if self._reply is None:
            return
        self._buffer += bytes(self._reply.readAll().data()).replace(b"\r\n", b"\n")
        *blocks, self._buffer = self._buffer.split(b"\n\n")
        self._waiting.extend(data for data in map(_data_of, blocks) if data)
        if self._waiting and not self._slice.isActive():
            self._hand_out()

    @Slot()
    def _on_reply_finished(self) -> None:
        reply, self._reply = self._reply, None
        if reply is not None:
            reply.deleteLater()
        self._tries += 1
        self._retry.start(min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** min(self._tries - 1, 8)))
        self.lost.emit(self._tries)

    @Slot()
    def _hand_out(self) -> None:
        """Parse and hand out at most `SLICE` events; the rest after the window had its turn."""
        handed = False
        for _ in range(min(SLICE, len(self._waiting))):
            handed = True
            try:
                event = Event.model_validate_json(self._waiting.popleft())
            except ValidationError:  # an event of a newer engine: the rest of the stream is still ours to read
                continue
            if event.seq > self._last:
                self._last = event.seq
                self.arrived.emit(event)
        # Also where none is left: what comes meanwhile waits, so that many small arrivals are no flood either.
        if handed:
            self._slice.start()


def _data_of(block: bytes) -> bytes:
    """Return the joined `data:` lines of a block; empty for comments."""
    lines = (line[5:].removeprefix(b" ") for line in block.split(b"\n") if line.startswith(b"data:"))
    return b"\n".join(lines)
