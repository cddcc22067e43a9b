"""Thousands of blobs at once, as safe as one by one: two syncs of the file system instead of two a blob.

A blob gets its name only after its bytes are on the disk, so nobody ever finds a name without its bytes. The caller names
blobs in rows only after `flush`, as everywhere: blob first, row second.
"""

import contextlib
import ctypes
import os
import secrets
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.schema.errors import EngineFault
from engine.store.blobs import Blobs, disk_errors

PENDING_BYTES = 512 * 2**20
"""Bytes that may wait for a name; then they are flushed, so that an interrupted import leaves no endless garbage."""


class BulkBlobs(Blobs):
    """Blobs that are written together; leaving the `with` block keeps them, an exception throws them away.

    Where the system cannot sync one file system (Windows, macOS), every blob is kept at once, as `Blobs` does.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._pending: dict[str, Path] = {}
        self._bytes = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()
        else:
            self._drop()

    def flush(self) -> None:
        """Give every waiting blob its name; when this returns, all of them survive a power cut."""
        with self._lock:
            if not self._pending:
                return
            self._sync()
            for sha256, temporary in self._pending.items():
                os.replace(temporary, self.path(sha256))
            self._sync()
            self._pending.clear()
            self._bytes = 0

    def _keep(self, sha256: str, data: bytes) -> None:
        if sys.platform != "linux":
            super()._keep(sha256, data)
            return
        with self._lock:
            if sha256 in self._pending or self.has(sha256):
                return
            self._pending[sha256] = self._written(sha256, data)
            self._bytes += len(data)
            full = self._bytes > PENDING_BYTES
        if full:
            self.flush()

    def _written(self, sha256: str, data: bytes) -> Path:
        target = self.path(sha256).parent
        target.mkdir(parents=True, exist_ok=True)
        temporary = target / f".{sha256}.{secrets.token_hex(4)}"
        with disk_errors(), open(temporary, "xb") as file:
            file.write(data)
        return temporary

    def _sync(self) -> None:
        """Wait until everything written to this file system is on the disk."""
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            if ctypes.CDLL(None, use_errno=True).syncfs(handle) != 0:
                raise EngineFault("internal", detail="the disk did not take what was written")
        finally:
            os.close(handle)

    def _drop(self) -> None:
        with self._lock:
            for temporary in self._pending.values():
                with contextlib.suppress(OSError):  # garbage either way; what matters is the error on its way
                    temporary.unlink(missing_ok=True)
            self._pending.clear()
