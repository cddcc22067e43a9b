"""Experts at the same time: as many threads as torch may use, each of which computes alone.

An expert has few rows. Cut over all cores, its products wait for one another more than they compute; here one core takes one expert
whole, and the next one when it is done. Each expert's numbers are the same whoever computes them, and whenever.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

import torch
import torch.utils._python_dispatch

_ENOUGH = 5e6
"""Multiplications of a mean piece from which threads are worth handing it over."""
_UNEVEN = 1.2
"""Where the pieces are so uneven that the last thread ends this much later than if they were even, each is cut over the cores instead."""
_MOST = 8
"""Threads beyond which they would wait for the interpreter, which starts one product at a time."""
_BEGUN_S = 60.0
"""Seconds in which all threads have begun, however busy the machine is."""
_crews: dict[tuple[int, int], ThreadPoolExecutor] = {}
_making = threading.Lock()
_Piece = TypeVar("_Piece")
_Work = Callable[[Iterator[_Piece]], None]


def share_out(work: "_Work[_Piece]", pieces: Sequence[_Piece], rows: Sequence[int], each: int) -> None:
    """Let `work` take pieces until none is left: on every thread at once where that is faster, otherwise here.

    `rows` says how large each piece is, in rows of `each` multiplications. Raises what `work` raises, once all threads have ended.
    """
    threads = min(torch.get_num_threads(), _MOST, len(pieces))
    if threads < 2 or sum(rows) * each < _ENOUGH * len(pieces) or _unevenness(rows, threads) > _UNEVEN or _is_watched():
        work(iter(pieces))
        return
    largest_first = sorted(range(len(pieces)), key=rows.__getitem__, reverse=True)
    handed = _Handed(pieces[index] for index in largest_first)
    infers = torch.is_inference_mode_enabled()
    jobs: list[Future[None]] = []
    try:
        with contextlib.suppress(RuntimeError):  # the interpreter is ending, and no thread begins anything any more
            crew = _crew()
            jobs += [crew.submit(_taking, work, handed, infers) for _ in range(threads)]
        if not jobs:
            work(handed)
        for job in jobs:
            job.result()
    finally:
        handed.stop()  # whatever broke in here, no thread goes on in what the caller may now give away
        wait(jobs)


def _is_watched() -> bool:
    """Tell whether somebody counts operations or memory, which is done on the thread that asked for it alone."""
    return torch.utils._python_dispatch._get_current_dispatch_mode() is not None


def _unevenness(rows: Sequence[int], threads: int) -> float:
    """Return how much later the last thread ends than if all had the same to do; the largest pieces are given out first."""
    given = [0] * threads
    for size in sorted(rows, reverse=True):
        given[given.index(min(given))] += size
    return max(given) * threads / max(1, sum(rows))


class _Handed(Iterator[_Piece]):
    """Pieces that go to whichever thread asks first."""

    def __init__(self, pieces: Iterator[_Piece]) -> None:
        self._pieces, self._lock = pieces, threading.Lock()

    def __next__(self) -> _Piece:
        with self._lock:
            return next(self._pieces)

    def stop(self) -> None:
        """Hand out nothing more."""
        with self._lock:
            self._pieces = iter(())


def _taking(work: "_Work[_Piece]", pieces: Iterator[_Piece], infers: bool) -> None:
    # A thread has modes of its own, and what was made in inference mode may only be written to in it.
    with torch.inference_mode() if infers else torch.no_grad():
        work(pieces)


def _crew() -> ThreadPoolExecutor:
    """Return the threads, begun when they are first needed, and anew in a process that was forked from one that had them."""
    everybody = torch.get_num_threads()
    key = (os.getpid(), everybody)
    with _making:
        if key not in _crews:
            threads = min(everybody, _MOST)
            crew = ThreadPoolExecutor(threads, thread_name_prefix="experts")
            together = threading.Barrier(threads, timeout=_BEGUN_S)
            for job in [crew.submit(_begin, together) for _ in range(threads)]:
                job.result()
            torch.set_num_threads(everybody)  # what threads begin with is what was set last
            _crews[key] = crew
        return _crews[key]


def _begin(together: threading.Barrier) -> None:
    torch.get_num_threads()  # a thread that has never asked is given everybody's number later, over the one set here
    torch.set_num_threads(1)
    together.wait()
