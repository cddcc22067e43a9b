"""Reading many blobs: several at a time, because a disk answers many questions as fast as one, and handed on in order."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_AT_ONCE = 4
_AHEAD = 32
"""Items on their way: enough to keep the disk busy, few enough to hold in memory whatever they are."""


def in_order(read: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield `read(item)` for each item, in the order of the items; what one of them raises is raised at its place."""
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="reading") as pool:
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(read, item))
                if len(waiting) >= _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
