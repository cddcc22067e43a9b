"""What crosses between window, command line and engine, a line a field, as it was when the protocol got its number.

Two versions of the program refuse each other by that number before they half-understand each other, so it has to go up whenever a
message changes. `python -m tests.contract.wire` writes the lines anew, and does not while the number is the old one.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from engine.schema import PROTOCOL_VERSION
from engine.schema.base import Message
from engine.schema.runtime import EngineAddress
from engine.service.table import ROUTES

FILE = Path(__file__).with_name("wire.txt")
_WORDS = ("title", "description", "default")


def lines() -> list[str]:
    """Return every field of every message that a route takes or answers: its message, its name, whether it must be there, its type."""
    bodies = {body for route in ROUTES for body in (route.takes, route.answers)}
    messages = {body for body in bodies if isinstance(body, type) and issubclass(body, Message)} | {EngineAddress}
    ordered = sorted(messages, key=lambda one: one.__name__)
    schema = models_json_schema([(message, "validation") for message in ordered], by_alias=True)[1]
    found = []
    for name, message in schema["$defs"].items():
        must = message.get("required", [])
        for field, kind in message.get("properties", {"": message}).items():
            found.append(f"{name}.{field}{'!' if field in must else ''} {json.dumps(_bare(kind), sort_keys=True)}")
    return sorted(found)


def agreed() -> tuple[int, list[str]]:
    """Return the number that was kept, and the lines with it."""
    head, *rest = FILE.read_text(encoding="utf-8").splitlines()
    return int(head.rpartition(" ")[2]), rest


def _bare(kind: Any) -> Any:
    """Return a field's type without what is only words, and without what is taken where it is missing."""
    if isinstance(kind, dict):
        return {key: _bare(value) for key, value in kind.items() if key not in _WORDS}
    return [_bare(value) for value in kind] if isinstance(kind, list) else kind


def _write() -> int:
    now = lines()
    if FILE.exists() and agreed() == (PROTOCOL_VERSION, now):
        return 0
    if FILE.exists() and agreed()[0] >= PROTOCOL_VERSION:
        print(f"The messages have changed: raise PROTOCOL_VERSION above {agreed()[0]} first.", file=sys.stderr)
        return 1
    FILE.write_text("\n".join([f"protocol {PROTOCOL_VERSION}", *now, ""]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_write())
