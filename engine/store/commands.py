"""What was answered to which command, so that a repeat is a no-op with the same answer."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from engine.schema.base import Message
from engine.schema.command import Command
from engine.schema.errors import UserError
from engine.store import tables


def remembered(connection: Connection, command: Command, about: str = "") -> str | None:
    """Return the JSON that was answered to this command about the thing of id `about`, or None where it is new.

    Raises `bad-request` where another command came under the same id: answering it with the old reply would be a lie.
    """
    table = tables.commands
    found = connection.execute(select(table).where(table.c.command_id == command.command_id)).one_or_none()
    if found is None:
        return None
    if found.digest != _digest(command, about):
        raise UserError("bad-request", detail="command_id was used for another command")
    reply: str = found.reply
    return reply


def once(connection: Connection, command: Command, about: str, effect: Callable[[Connection], Message]) -> str:
    """Do `effect` and remember its answer, or return the answer of the first time; both in the caller's transaction."""
    known = remembered(connection, command, about)
    if known is not None:
        return known
    reply = effect(connection).model_dump_json()
    row = {
        "command_id": command.command_id,
        "digest": _digest(command, about),
        "reply": reply,
        "at": datetime.now(UTC).isoformat(),
    }
    connection.execute(insert(tables.commands).values(row))
    return reply


def _digest(command: Command, about: str) -> str:
    told = f"{type(command).__name__} {about} {command.model_dump_json()}"
    return hashlib.sha256(told.encode()).hexdigest()
