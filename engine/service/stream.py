"""The live stream: each reader pulls from the database by number, so it can neither miss an event nor hold anyone up."""

import asyncio
from collections.abc import AsyncIterator

from engine.store import events
from engine.store.database import Database

PING_SECONDS = 15.0


class Stream:
    """Wakes the readers of the stream when something was committed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._readers: set[asyncio.Event] = set()
        self._open = True

    def wake(self) -> None:
        """Tell the readers that there may be new events."""
        for reader in self._readers:
            reader.set()

    def close(self) -> None:
        """End all readers, so that the service can end."""
        self._open = False
        self.wake()

    async def follow(self, after: int, until_idle: bool = False) -> AsyncIterator[str]:
        """Yield server-sent events after number `after` for ever, or until there are no more."""
        news = asyncio.Event()
        self._readers.add(news)
        try:
            yield ": open\n\n"
            while self._open:
                news.clear()
                found = await self._database.run(events.after, after)
                for seq, body in found:
                    yield f"id: {seq}\ndata: {body}\n\n"
                    after = seq
                if found:
                    continue
                if until_idle:
                    return
                if not await _heard(news):
                    yield ": ping\n\n"
        finally:
            self._readers.discard(news)


async def _heard(news: asyncio.Event) -> bool:
    """Wait for news, but not longer than a reader may go without a sign of life."""
    try:
        async with asyncio.timeout(PING_SECONDS):
            await news.wait()
    except TimeoutError:
        return False
    return True
