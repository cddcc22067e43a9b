"""Dealing cases out to parts so that what belongs together stays together and every label is in every part.

Shapes: N cases, C labels, U units that stay together, P parts.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.preprocess.truth import marks_of

_UNEVEN = 0.1
"""Share of a label by which a part may differ from an even one, beyond what dealing by labels reaches, before that is done instead."""

Integers = NDArray[np.int64]


def by_marks(units: Sequence[str], marks_NC: Integers, parts: int, random: np.random.Generator) -> Integers:
    """Deal whole units out, those with the rarest labels first, each to the part that has least of what it holds.

    As in iterative stratification (Sechidis 2011), but for units of several cases: a part has so much of a label as its share of all
    cases with it, and of cases as its share of all; of equally good parts the first. A row without a unit is one of its own.
    """
    names, unit_N = np.unique([unit or f"\0{row}" for row, unit in enumerate(units)], return_inverse=True)
    held_UC = np.zeros((len(names), marks_NC.shape[1] + 1))
    np.add.at(held_UC, unit_N, np.column_stack([marks_NC, np.ones(len(marks_NC), dtype=np.int64)]))
    share_UC = held_UC / np.maximum(1.0, held_UC.sum(0))
    shuffled_U = random.permutation(len(names))
    order_U = shuffled_U[np.argsort(-share_UC[shuffled_U].max(1), kind="stable")]
    has_PC = np.zeros((min(parts, len(names)), share_UC.shape[1]))
    part_U = np.zeros(len(names), dtype=np.int64)
    for unit in order_U:
        part_U[unit] = int((has_PC @ share_UC[unit]).argmin())
        has_PC[part_U[unit]] += share_UC[unit]
    return np.asarray(part_U[unit_N], dtype=np.int64)


def evenly(
    place_N: Integers, units: Sequence[str], labels_N: Integers, parts: int, random: np.random.Generator
) -> Integers:
    """Return the places as they were dealt, unless labels came out uneven where dealing whole units by their labels does better.

    Units that are dealt by their names or sizes alone may put one label into one part: matched pairs that are numbered in turn, one
    patient a label. Whoever learns from the others then never sees it.
    """
    marks_NC = marks_of(labels_N, int(labels_N.max(initial=0)) + 1)
    other_N = by_marks(units, marks_NC, parts, random)
    return other_N if _unevenness(place_N, marks_NC) > _unevenness(other_N, marks_NC) + _UNEVEN else place_N


def _unevenness(place_N: Integers, marks_NC: Integers) -> float:
    """Return the most by which a part's share of a label is off an even one."""
    numbers = np.unique(place_N)
    known_NC = marks_NC[:, marks_NC.any(0)]
    shares_PC = np.stack([known_NC[place_N == number].sum(0) for number in numbers]) / known_NC.sum(0)
    return float(np.abs(shares_PC - 1 / len(numbers)).max())
