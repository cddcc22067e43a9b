"""Content-addressed files, immutable once written: `blobs/ab/<sha256>`.

The one way to write a file that must survive: temp file in the same folder, write, fsync, rename, fsync of the folder.
"""

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.schema.errors import EngineFault, UserError

_CHUNK = 1 << 20


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` so that `path` holds either what it held before or all of `data`, whatever happens meanwhile."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with disk_errors(), open(temporary, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def file_sha256(path: Path) -> str:
    """Return the sha256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


@contextlib.contextmanager
def disk_errors() -> Iterator[None]:
    """Tell a full disk apart from a defect."""
    try:
        yield
    except OSError as error:
        if is_disk_full(error):
            raise disk_full() from error
        raise


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that there is no room left, or none for this user."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def disk_full() -> UserError:
    """Return how a person is told that there is no room left."""
    return UserError("disk-full", megabytes=200)


class Incoming:
    """A blob on its way in, piece by piece; it exists once `keep` has returned, and not at all if that raises."""

    def __init__(self, sha256: str, folder: Path) -> None:
        self._sha256 = sha256
        self._folder = folder
        self._digest = hashlib.sha256()
        self._temporary = folder / f".{sha256}.{secrets.token_hex(4)}"
        self._file = open(self._temporary, "xb")  # noqa: SIM115, it stays open from the first piece to the last

    def add(self, piece: bytes) -> None:
        """Take the next piece."""
        self._digest.update(piece)
        with disk_errors():
            self._file.write(piece)

    def keep(self) -> None:
        """Make the blob exist; raises `blob-mismatch` where it is not what was announced."""
        with disk_errors(), self._file as file:
            file.flush()
            os.fsync(file.fileno())
        if self._digest.hexdigest() != self._sha256:
            raise UserError("blob-mismatch")
        os.replace(self._temporary, self._folder / self._sha256)
        sync_folder(self._folder)

    def drop(self) -> None:
        """Leave nothing behind; does nothing after `keep`."""
        self._file.close()
        self._temporary.unlink(missing_ok=True)


class Blobs:
    """The blobs of one project; safe to use from several processes at once, because a blob never changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return where a blob lies, or would lie."""
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Whether the blob is there."""
        return self.path(sha256).is_file()

    def put(self, data: bytes) -> str:
        """Keep `data` and return its sha256; keeping it twice costs nothing."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._keep(sha256, data)
        return sha256

    def put_named(self, sha256: str, data: bytes) -> None:
        """Keep `data` that was announced as `sha256`; raises `blob-mismatch` where it is something else."""
        if hashlib.sha256(data).hexdigest() != sha256:
            raise UserError("blob-mismatch")
        self._keep(sha256, data)

    def receive(self, sha256: str) -> Incoming:
        """Begin to take in a blob that was announced as `sha256`."""
        return Incoming(sha256, self._folder_of(sha256))

    def adopt(self, file: Path) -> str:
        """Copy a file in, reading it in pieces, and return its sha256."""
        sha256 = file_sha256(file)
        if not self.has(sha256):
            target = self._folder_of(sha256)
            temporary = target / f".{sha256}.{secrets.token_hex(4)}"
            with disk_errors():
                shutil.copyfile(file, temporary)
                with open(temporary, "rb+") as copied:
                    os.fsync(copied.fileno())
            os.replace(temporary, self.path(sha256))
            sync_folder(target)
        return sha256

    def read(self, sha256: str) -> bytes:
        """Return a blob's bytes, checked against its name; raises `EngineFault` where it is gone or damaged."""
        try:
            data = self.path(sha256).read_bytes()
        except OSError as error:
            raise EngineFault("internal", detail="a stored file is missing") from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EngineFault("internal", detail="a stored file is damaged")
        return data

    def _folder_of(self, sha256: str) -> Path:
        folder = self.path(sha256).parent
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)
        return folder

    def _keep(self, sha256: str, data: bytes) -> None:
        if not self.has(sha256):
            self._folder_of(sha256)
            write_whole(self.path(sha256), data)
