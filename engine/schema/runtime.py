"""Where a project's engine can be found: its folder in the user's runtime directory, and the address file in it.

Socket paths are limited to 108 bytes, so the folder is named by a short hash of the project's real path.
"""

import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path

from pydantic import Field

from engine.schema.base import Message

ADDRESS_FILE = "engine.json"
SOCKET_FILE = "engine.sock"
LOCK_FILE = "engine.lock"
PROBLEM_FILE = "problem.json"
"""An `ErrorBody`: why the last start of the engine failed; absent while one runs."""
LOG_FILE = "engine.log"


class EngineAddress(Message):
    """How to reach a running engine; written by the service, readable by its user alone (0600)."""

    protocol: int
    pid: int
    project: str
    socket: str = Field("", description="Unix socket; empty on Windows.")
    port: int = Field(0, description="Loopback port; 0 where a socket is used.")
    token: str = Field("", description="Bearer token for the loopback port.")


def runtime_base() -> Path:
    """Return the folder for sockets of this user: `CONSILIUM_RUNTIME`, `XDG_RUNTIME_DIR/consilium`, or one under the temp folder."""
    named = os.environ.get("CONSILIUM_RUNTIME")
    if named:
        return Path(named)
    session = os.environ.get("XDG_RUNTIME_DIR")
    if session and Path(session).is_dir():
        return Path(session) / "consilium"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "consilium" / "run"
    return Path(tempfile.gettempdir()) / f"consilium-{os.getuid()}"


def runtime_folder(project: Path) -> Path:
    """Return the runtime folder of a project; the same project by another path gives the same folder."""
    digest = hashlib.sha256(os.fsencode(project.resolve())).hexdigest()
    return runtime_base() / digest[:16]


def read_address(project: Path) -> EngineAddress | None:
    """Return the address of the project's engine, or None where none was written or it cannot be read."""
    try:
        return EngineAddress.model_validate_json((runtime_folder(project) / ADDRESS_FILE).read_bytes())
    except (OSError, ValueError):
        return None


def protocol_of(health: bytes) -> int:
    """Return the protocol version that an engine's health answer tells; 0 where it holds none. Nothing else of it is believed before."""
    try:
        body = json.loads(health)
    except ValueError:
        return 0
    version = body.get("protocol", 0) if isinstance(body, dict) else 0
    return version if isinstance(version, int) else 0
