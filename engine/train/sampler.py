"""Which rows a step learns from: a pure function of seed and step, so a run resumes anywhere without replaying what was before."""

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray

from engine.device import derived_seed


@dataclasses.dataclass(frozen=True)
class Sampler:
    """Passes over `count` rows in batches of `batch`; each pass is shuffled anew, and what does not fill a batch waits for the next."""

    count: int
    batch: int
    seed: int

    @property
    def steps_per_epoch(self) -> int:
        """Steps of one pass."""
        return max(1, self.count // self.batch)

    def rows(self, step: int) -> NDArray[np.int64]:
        """Return the rows of a step, counted from 0."""
        epoch, place = divmod(step, self.steps_per_epoch)
        return _order(self.count, self.seed, epoch)[place * self.batch : (place + 1) * self.batch]


@functools.lru_cache(maxsize=4)
def _order(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return the order of one pass."""
    return np.random.default_rng(derived_seed(seed, "order", epoch)).permutation(count)
