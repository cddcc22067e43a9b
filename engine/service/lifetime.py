"""From start to end of a service: the lock, the socket, the address file, the server."""

import contextlib
import json
import os
import secrets
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.schema import PROTOCOL_VERSION
from engine.schema.errors import ConsiliumError, UserError
from engine.schema.runtime import (
    ADDRESS_FILE,
    LOCK_FILE,
    PROBLEM_FILE,
    SOCKET_FILE,
    EngineAddress,
    runtime_folder,
)
from engine.store.blobs import write_whole
from engine.store.locks import hold
from engine.store.project import ProjectFolder

if sys.platform != "win32":
    import resource


def serve(project: Path, create: bool = False) -> bool:
    """Run the service of a project until it is told to end; returns False at once where another one holds the project."""
    folder = ProjectFolder(project)
    runtime = runtime_of(folder.path)
    held = hold(runtime / LOCK_FILE)
    if held is None:
        return False
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would lay cases open; workers inherit this
    try:
        for left in (PROBLEM_FILE, ADDRESS_FILE):
            (runtime / left).unlink(missing_ok=True)
        _serve(folder, runtime, create)
    except ConsiliumError as error:
        write_whole(runtime / PROBLEM_FILE, error.body().model_dump_json().encode())
        raise
    finally:
        held.release()
    return True


def _serve(folder: ProjectFolder, runtime: Path, create: bool) -> None:
    if not create and not folder.exists():
        raise UserError("project-not-found")
    import uvicorn  # the lock comes first: a second service must not load all this only to find the project taken

    from engine.service.app import build_app
    from engine.service.core import Service
    from engine.service.guard import SameUserProtocol

    with _listening(folder.path, runtime) as (listener, address):
        service = Service(folder)
        config = uvicorn.Config(
            build_app(service, address.token),
            http=SameUserProtocol,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)

        def stop() -> None:
            service.stream.close()  # readers of the stream would never end by themselves
            server.should_exit = True

        service.stop = stop
        server.run(sockets=[listener])


def runtime_of(project: Path) -> Path:
    """Make the folder that only this user may enter; raises where it belongs to somebody else."""
    runtime = runtime_folder(project)
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform != "win32":
        if runtime.stat().st_uid != os.getuid():
            raise UserError("forbidden")
        runtime.chmod(0o700)
    return runtime


@contextlib.contextmanager
def _listening(project: Path, runtime: Path) -> Iterator[tuple[socket.socket, EngineAddress]]:
    """Open the door and write where it is; take both away at the end."""
    listener, address = _tcp(project) if sys.platform == "win32" else _unix(project, runtime / SOCKET_FILE)
    try:
        _write_address(runtime / ADDRESS_FILE, address)
        yield listener, address
    finally:
        (runtime / ADDRESS_FILE).unlink(missing_ok=True)
        listener.close()
        if address.socket:
            Path(address.socket).unlink(missing_ok=True)


def _unix(project: Path, path: Path) -> tuple[socket.socket, EngineAddress]:
    path.unlink(missing_ok=True)  # left by a service that was killed; the lock says that nobody listens there
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    listener.listen(128)
    return listener, _address(project).model_copy(update={"socket": str(path)})


def _tcp(project: Path) -> tuple[socket.socket, EngineAddress]:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    facts = {"port": listener.getsockname()[1], "token": secrets.token_urlsafe(32)}
    return listener, _address(project).model_copy(update=facts)


def _address(project: Path) -> EngineAddress:
    return EngineAddress(protocol=PROTOCOL_VERSION, pid=os.getpid(), project=str(project))


def _write_address(path: Path, address: EngineAddress) -> None:
    """Write the address so that no other user can read it at any moment."""
    before = os.umask(0o177)
    try:
        write_whole(path, json.dumps(address.model_dump()).encode())
    finally:
        os.umask(before)
