"""Inner folds of the training rows: each leaves whole groups (patients, speakers) out, or a stratified share where none are known.

Teachers are dear and students cheap. So a fold's teachers leave all of it out, and its students one part of it after the other: what
they are calibrated on then comes from students that learned from nearly as many cases as the final one did.

Shapes: N cases, C labels, U units that stay together, F folds.
"""

import dataclasses
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.device import derived_seed
from engine.preprocess.dealing import by_marks, evenly
from engine.schema.base import Message
from engine.schema.errors import UserError

FEWEST_CASES = 8


@dataclasses.dataclass(frozen=True)
class Fold:
    """Rows to learn from and rows left out, as indices into the training cases; a part of a fold tells that one's number as `whole`."""

    number: int
    learn: NDArray[np.int64]
    held: NDArray[np.int64]
    whole: int = 0

    @property
    def name(self) -> str:
        """The fold as a stage of the run, `fold-1` and so on."""
        return f"fold-{self.number}"


class Deal(Message):
    """How cases are dealt out to folds, beside what they are."""

    folds: int
    seed: int
    parts: int = 1


def make_folds(
    groups: Sequence[str], labels: Sequence[int] | Sequence[Sequence[int]], folds: int, seed: int
) -> tuple[Fold, ...]:
    """Return at most `folds` folds; by group where at least two are known, else stratified by label and seeded.

    Rows without a group are groups of their own. Where a case may have several labels (marks of 0 and 1), and where groups by their sizes
    alone would spread labels unevenly, whole groups are dealt out so that each label is spread as evenly as they allow. Raises `too-few-cases` where there is nothing to learn from.
    """
    labels_N = np.asarray(labels, dtype=np.int64)
    if len(labels_N) < FEWEST_CASES or len(np.unique(labels_N, axis=0)) < 2:
        raise UserError("too-few-cases", have=len(labels_N), need=FEWEST_CASES)
    rows = np.arange(len(labels_N))
    place = _dealt(_units(groups), labels_N, folds, seed)
    numbers = np.unique(place)
    return tuple(Fold(n + 1, rows[place != number], rows[place == number]) for n, number in enumerate(numbers))


def make_parts(
    folds: Sequence[Fold], groups: Sequence[str], labels: Sequence[int] | Sequence[Sequence[int]], deal: Deal
) -> tuple[Fold, ...]:
    """Return what students leave out: each of `folds` in at most `deal.parts` parts, a part at a time; whole groups stay together.

    A part's students learn from all cases but its own. Whoever taught the fold that it is a part of saw none of these.
    """
    labels_N, units = np.asarray(labels, dtype=np.int64), _units(groups)
    rows = np.arange(len(labels_N))
    found: list[Fold] = []
    for fold in folds:
        place = _dealt([units[row] for row in fold.held], labels_N[fold.held], deal.parts, deal.seed)
        for number in np.unique(place):
            held = fold.held[place == number]
            found.append(Fold(len(found) + 1, np.setdiff1d(rows, held), held, fold.number))
    return tuple(found)


def _units(groups: Sequence[str]) -> list[str]:
    """Return what stays together with each row: its group, itself where it has none, nothing where fewer than two groups are known."""
    if len({group for group in groups if group}) < 2:
        return [""] * len(groups)
    return [group or f"\0{row}" for row, group in enumerate(groups)]


def _dealt(units: Sequence[str], labels_N: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """Return the place of each row among `folds` places; fewer where there are fewer units."""
    if folds == 1:
        return np.zeros(len(labels_N), dtype=np.int64)
    random = np.random.default_rng(derived_seed(seed, "folds"))
    if labels_N.ndim == 2:
        return by_marks(units, labels_N, folds, random)
    if not any(units):
        return _by_label(labels_N, folds, random)
    return evenly(_by_group(units, folds), units, labels_N, folds, random)


def _by_group(groups: Sequence[str], folds: int) -> NDArray[np.int64]:
    """Deal groups out, the largest first, each to the fold that is smallest so far; ties go by name, so no seed is needed."""
    counts = Counter(groups)
    sizes = [0] * min(folds, len(counts))
    fold_of: dict[str, int] = {}
    for group, n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        fold_of[group] = sizes.index(min(sizes))
        sizes[fold_of[group]] += n
    return np.array([fold_of[group] for group in groups])


def _by_label(labels_N: NDArray[np.int64], folds: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Deal the rows of each label out in turn, in a seeded order."""
    place = np.zeros(len(labels_N), dtype=np.int64)
    dealt = 0
    for label in np.unique(labels_N):
        rows = random.permutation(np.flatnonzero(labels_N == label))
        place[rows] = (np.arange(len(rows)) + dealt) % folds
        dealt += len(rows)
    return place
