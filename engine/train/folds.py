"""Inner folds of the training rows: each leaves whole groups (patients, speakers) out, or a stratified share where none are known."""

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.device import derived_seed
from engine.schema.errors import UserError

FEWEST_CASES = 8


@dataclasses.dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows left out, as indices into the training cases."""

    number: int
    learn: NDArray[np.int64]
    held: NDArray[np.int64]

    @property
    def name(self) -> str:
        """The fold as a stage of the run, `fold-1` and so on."""
        return f"fold-{self.number}"


def make_folds(groups: Sequence[str], labels: Sequence[int], folds: int, seed: int) -> tuple[Fold, ...]:
    """Return at most `folds` folds; by group where at least two are known, else stratified by label and seeded.

    Rows without a group are groups of their own. Raises `too-few-cases` where there is nothing to learn from.
    """
    if len(labels) < FEWEST_CASES or len(set(labels)) < 2:
        raise UserError("too-few-cases", have=len(labels), need=FEWEST_CASES)
    known = {group for group in groups if group}
    place = _by_group(groups, folds) if len(known) >= 2 else _by_label(labels, folds, seed)
    rows = np.arange(len(labels))
    numbers = np.unique(place)
    return tuple(Fold(n + 1, rows[place != number], rows[place == number]) for n, number in enumerate(numbers))


def _by_group(groups: Sequence[str], folds: int) -> NDArray[np.int64]:
    """Deal groups out, the largest first, each to the fold that is smallest so far; ties go by name, so no seed is needed."""
    named = [group or f"\0{row}" for row, group in enumerate(groups)]
    counts = Counter(named)
    sizes = [0] * min(folds, len(counts))
    fold_of: dict[str, int] = {}
    for group, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        fold_of[group] = sizes.index(min(sizes))
        sizes[fold_of[group]] += n
    return np.array([fold_of[group] for group in named])


def _by_label(labels: Sequence[int], folds: int, seed: int) -> NDArray[np.int64]:
    """Deal the rows of each label out in turn, in a seeded order."""
    labels_N = np.asarray(labels)
    place = np.zeros(len(labels_N), dtype=np.int64)
    random = np.random.default_rng(derived_seed(seed, "folds"))
    dealt = 0
    for label in np.unique(labels_N):
        rows = random.permutation(np.flatnonzero(labels_N == label))
        place[rows] = (np.arange(len(rows)) + dealt) % folds
        dealt += len(rows)
    return place
