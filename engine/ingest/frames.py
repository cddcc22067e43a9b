"""The one way bytes cross the border of the decode sandbox: a fixed header, a JSON part, a bytes part, both bounded."""

import struct
from typing import BinaryIO, Literal, Protocol

from engine.schema.base import Message, Modality
from engine.schema.command import ColumnRoles

MAGIC = b"CSL1"
HEADER = struct.Struct("<4sIQ")
"""Magic, bytes of JSON, bytes of data."""
JSON_LIMIT = 32 * 1024 * 1024
"""Bytes of a request's JSON; a plan's listing of files may be long."""
REPLY_LIMIT = 64 * 1024
"""Bytes of a reply's JSON."""
DATA_LIMIT = 256 * 1024 * 1024
"""Bytes of one file."""
PLAN_LIMIT = 1024 * 1024 * 1024
"""Bytes of a plan: a million rows with their texts."""
_PIECE = 1 << 20


class Pipe(Protocol):
    """Both ends of a byte stream."""

    def send(self, data: bytes | memoryview) -> None:
        """Write all of `data`."""

    def receive(self, size: int) -> bytes:
        """Read at most `size` bytes; empty at the end."""


class StreamPipe:
    """A pair of binary streams as a `Pipe`."""

    def __init__(self, source: BinaryIO, target: BinaryIO) -> None:
        self._source = source
        self._target = target

    def send(self, data: bytes | memoryview) -> None:
        """Write all of `data`."""
        self._target.write(data)
        self._target.flush()

    def receive(self, size: int) -> bytes:
        """Read `size` bytes, fewer only at the end."""
        return self._source.read(size)


class ReadRequest(Message):
    """Decode the data that follow, or plan the manifest that follows; a sidecar's bytes come after the manifest's."""

    ask: Literal["decode", "plan"]
    name: str
    modality: Modality | None = None
    roles: ColumnRoles = ColumnRoles()
    manifest_bytes: int = 0
    has_sidecar: bool = False
    listing: tuple[str, ...] = ()


class Broken(Exception):
    """The other end is gone, or what it sent is no frame within the limits."""


def send_frame(pipe: Pipe, head: bytes, *data: bytes) -> None:
    """Send one frame; `data` are sent as they are, in pieces, without a copy of the whole."""
    pipe.send(HEADER.pack(MAGIC, len(head), sum(map(len, data))) + head)
    for part in data:
        view = memoryview(part)
        for start in range(0, len(view), _PIECE):
            pipe.send(view[start : start + _PIECE])


def receive_frame(pipe: Pipe, json_limit: int, data_limit: int) -> tuple[bytes, bytes]:
    """Return JSON and data of one frame; sizes are checked before anything is read."""
    magic, json_size, data_size = HEADER.unpack(_exactly(pipe, HEADER.size))
    if magic != MAGIC or json_size > json_limit or data_size > data_limit:
        raise Broken
    return _exactly(pipe, json_size), _exactly(pipe, data_size)


def _exactly(pipe: Pipe, size: int) -> bytes:
    pieces = []
    while size:
        piece = pipe.receive(min(size, _PIECE))
        if not piece:
            raise Broken
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
