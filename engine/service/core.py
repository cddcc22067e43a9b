"""What the routes share: the project's folder and database, the stream, and the processes that work for it."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection

from engine.jobs.supervisor import Supervisor
from engine.schema.base import Message
from engine.schema.command import Command
from engine.schema.event import EventBody
from engine.service.decoding import Decoding
from engine.service.predictor import Predictor
from engine.service.stream import Stream
from engine.store import commands, events
from engine.store.database import Database
from engine.store.project import ProjectFolder

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=Message)

_LOOK_SECONDS = 1.0
"""Time between two looks at whether the project is still there."""
_DISK_SECONDS = 0.5
"""Longest wait for a disk that is asked that."""


class Service:
    """One project's engine while it runs."""

    def __init__(self, folder: ProjectFolder) -> None:
        folder.make()
        self.folder = folder
        self.session = secrets.token_hex(8)
        self.database = Database(folder.database)
        self._mark = folder.mark()
        self._watching: asyncio.Task[None] | None = None
        self.stream = Stream(self.database)
        self.predictor = Predictor(folder, self.tell)
        self.decoding = Decoding(folder.blobs)
        self.supervisor = Supervisor(folder, self.database, self.stream.wake)
        self.stop: Callable[[], None] = lambda: None
        self._under_way: dict[str, asyncio.Future[str]] = {}

    async def start(self) -> None:
        """Take up the jobs where they are and warm the predictor."""
        await self.supervisor.look()
        self.predictor.start()
        self._watching = asyncio.create_task(self._watch())

    async def end(self) -> None:
        """End everything but the jobs' own processes."""
        if self._watching is not None:
            self._watching.cancel()
        self.stream.close()
        await self.supervisor.end()
        await self.predictor.end()
        await self.decoding.end()
        self.database.close()

    async def is_gone(self) -> bool:
        """Whether the project was deleted or moved away, be there another at its place or not; a disk that hangs is no reason."""
        try:
            return await asyncio.wait_for(asyncio.to_thread(self.folder.mark), _DISK_SECONDS) != self._mark
        except (OSError, TimeoutError):
            return False

    async def _watch(self) -> None:
        """End once the project is gone: what this service says would be of a project that nobody has any more."""
        while not await self.is_gone():
            await asyncio.sleep(_LOOK_SECONDS)
        self.stop()

    async def read(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **options: P.kwargs) -> T:
        """Read from the database."""
        return await self.database.run(work, *args, **options)

    async def write(self, work: Callable[Concatenate[Connection, P], T], *args: P.args, **options: P.kwargs) -> T:
        """Write to the database and let the stream's readers know."""
        done = await self.database.run(work, *args, **options)
        self.stream.wake()
        return done

    async def obey(self, command: Command, reply: type[M], work: Callable[[Connection], M], about: str = "") -> M:
        """Do what a command asks (of the thing of id `about`) in one transaction, once; a repeat gets the first answer."""
        text = await self.write(commands.once, command, about, work)
        return reply.model_validate_json(text)

    async def obey_slowly(
        self, command: Command, reply: type[M], prepare: Callable[[], Awaitable[Callable[[Connection], M]]], about: str
    ) -> M:
        """Like `obey` for commands with work before the transaction; a repeat meanwhile waits for the same work."""
        running = self._under_way.get(command.command_id)
        if running is not None:
            await asyncio.wait([running])  # its failure is told to who asked first; the repeat then tries by itself
        known = await self.read(commands.remembered, command, about)
        if known is not None:
            return reply.model_validate_json(known)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._under_way[command.command_id] = future
        try:
            return await self.obey(command, reply, await prepare(), about)
        finally:
            self._under_way.pop(command.command_id, None)
            future.cancel()

    async def tell(self, body: EventBody) -> None:
        """Append an event of the service itself."""
        await self.write(events.append, body)
