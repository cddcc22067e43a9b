"""How long forward passes take beside one another, and how much memory one holds; one thread, alternating blocks.

Both sides run block by block in turn, the order turned round each time, so that whatever else the machine does meets both alike.
A block is quiet where the processor worked for us at least nine tenths of its time; figures come from quiet pairs where there are
enough of them. B blocks, N pairs.
"""

import dataclasses
import math
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from engine.evaluate.intervals import Z95
from engine.model.encoders.pretrained import kept_inside
from engine.schema.ledger import Estimate, Latency

Forward = Callable[[], object]
PAIRS = 30
_BLOCK_SECONDS = 0.004
"""A block takes at least this long: short passes are repeated in it."""
_QUIET = 0.9
_FEWEST_QUIET = 10


@dataclasses.dataclass(frozen=True)
class Blocks:
    """Seconds a pass of both sides, pair by pair, and which pairs were quiet."""

    first_N: NDArray[np.float64]
    second_N: NDArray[np.float64]
    quiet_N: NDArray[np.bool_]

    def used(self) -> "Blocks":
        """Return the quiet pairs, or all of them where too few were quiet."""
        kept = self.quiet_N if self.quiet_N.sum() >= _FEWEST_QUIET else np.ones_like(self.quiet_N)
        return Blocks(self.first_N[kept], self.second_N[kept], self.quiet_N[kept])


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread within."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def alternate(first: Forward, second: Forward, pairs: int = PAIRS, seconds: float = 30.0) -> Blocks:
    """Time both in turn until there are `pairs` quiet pairs, three times as many of any kind, or the time is up.

    At least three pairs are taken however long they last; each side runs once before, unmeasured.
    """
    sides = (first, second)
    repeats = [_repeats(side) for side in sides]
    times: list[tuple[float, float]] = []
    quiet: list[bool] = []
    began = time.perf_counter()
    while len(times) < 3 or (sum(quiet) < pairs and len(times) < 3 * pairs and time.perf_counter() - began < seconds):
        order = (0, 1) if len(times) % 2 == 0 else (1, 0)
        found = {place: _block(sides[place], repeats[place]) for place in order}
        times.append((found[0][0], found[1][0]))
        quiet.append(min(found[0][1], found[1][1]) >= _QUIET)
    both_N2 = np.array(times)
    return Blocks(both_N2[:, 0], both_N2[:, 1], np.array(quiet))


def latency(batch: int, student: Forward, teacher: Forward, pairs: int = PAIRS, seconds: float = 30.0) -> Latency:
    """Return how long both take for a batch, and their ratio; both are called in inference mode on one thread."""
    with one_thread(), torch.inference_mode():
        blocks = alternate(student, teacher, pairs, seconds)
    used = blocks.used()
    return Latency(
        batch=batch,
        student=median(1000 * used.first_N),
        teacher=median(1000 * used.second_N),
        ratio=median(used.second_N / used.first_N),
        pairs=len(used.first_N),
        quiet=int(blocks.quiet_N.sum()),
    )


def median(values_N: NDArray[np.float64]) -> Estimate:
    """Return the median with a 95 % interval from order statistics: no shape of the distribution is assumed.

    Ranks n/2 -+ 1.96 sqrt(n)/2, the normal approximation of the binomial; the least and the greatest where n is small.
    """
    ordered_N = np.sort(values_N)
    n = len(ordered_N)
    half = Z95 * math.sqrt(n) / 2
    low, high = math.floor(n / 2 - half), math.ceil(n / 2 + half)
    return Estimate(
        value=float(np.median(ordered_N)),
        low=float(ordered_N[max(0, low)]),
        high=float(ordered_N[min(n - 1, high)]),
    )


def working_memory(forward: Forward) -> int:
    """Return the most bytes that tensors made during a forward pass hold at once; what a library takes inside is not seen."""
    living = _Living()
    with torch.inference_mode(), living:
        forward()
    return living.most


def weight_bytes(modules: Sequence[nn.Module]) -> int:
    """Return the bytes of all weights and buffers, those of encoders kept inside too, as they lie in memory."""
    sizes = {t.data_ptr(): int(t.nbytes) for m in modules for t in (*m.parameters(), *m.buffers(), *kept_inside(m))}
    return sum(sizes.values())


def _repeats(side: Forward) -> int:
    """Return how often a side runs in a block."""
    side()
    began = time.perf_counter()
    side()
    return max(1, math.ceil(_BLOCK_SECONDS / max(1e-6, time.perf_counter() - began)))


def _block(side: Forward, repeats: int) -> tuple[float, float]:
    """Return the seconds a pass took, and which share of that time the processor worked for this process."""
    wall, busy = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        side()
    wall, busy = time.perf_counter() - wall, time.process_time() - busy
    return wall / repeats, busy / max(1e-9, wall)


class _Living(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Watches every tensor that is made, by its storage, until the last one of it is gone."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.most: int = 0
        self._now: int = 0
        self._users: dict[int, int] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = {t.untyped_storage().data_ptr() for t in tree_leaves((args, kwargs)) if isinstance(t, Tensor)}
        made = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(made):
            if isinstance(tensor, Tensor):
                storage = tensor.untyped_storage()
                key, size = storage.data_ptr(), storage.nbytes()
                if key in self._users or key not in given:
                    self._add(tensor, key, size)
        return made

    def _add(self, tensor: Tensor, key: int, size: int) -> None:
        if not size:
            return
        if key not in self._users:
            self._now += size
            self.most = max(self.most, self._now)
        self._users[key] = self._users.get(key, 0) + 1
        weakref.finalize(tensor, self._gone, key, size).atexit = False

    def _gone(self, key: int, size: int) -> None:
        self._users[key] -= 1
        if not self._users[key]:
            del self._users[key]
            self._now -= size
