"""What each modality contributed: exact Shapley values and pair interactions from every subset of the present modalities.

v(S) is the calibrated log-odds of the shown label when only the modalities of S are given; v of none is what the learned
tokens for absence say alone (`definitions` 17); of several labels the most probable one is shown, also where none is suggested, because
it is what the person would ask about first. Three modalities have eight subsets, so nothing is sampled or estimated.
Shapes: S subsets, M modalities, C labels.
"""

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from engine.predict.calibration import Floats
from engine.schema.base import MODALITIES, Modality
from engine.schema.prediction import Contribution, Interaction

Subset = frozenset[Modality]
Values = Mapping[Subset, float]


def subsets(present: Sequence[Modality]) -> tuple[Subset, ...]:
    """Return every subset of the present modalities, the empty one first and the whole one last."""
    return tuple(
        frozenset(chosen) for size in range(len(present) + 1) for chosen in itertools.combinations(present, size)
    )


def pattern_of(chosen: Subset) -> str:
    """Return the modality pattern of a subset, as `Case.pattern` writes it."""
    return "+".join(modality for modality in MODALITIES if modality in chosen) or "none"


def log_odds(logits_C: Floats, label: int, temperature: float, several: bool = False) -> float:
    """Return log p/(1 - p) of a label at a temperature, from logits, so that it stays finite however sure the answer.

    Where several labels may hold, a label's logit is its log-odds: it has a sigmoid of its own.
    """
    scaled_C = np.asarray(logits_C, dtype=np.float64) / temperature
    if several:
        return float(scaled_C[label])
    others = np.delete(scaled_C, label)
    top = others.max()
    return float(scaled_C[label] - top - math.log(np.exp(others - top).sum()))


def shapley(values: Values, present: Sequence[Modality]) -> tuple[Contribution, ...]:
    """Return each present modality's exact Shapley value; together they are v(all) - v(none)."""
    return tuple(Contribution(modality=modality, log_odds=_value(values, present, modality)) for modality in present)


def _value(values: Values, present: Sequence[Modality], modality: Modality) -> float:
    others = [other for other in present if other != modality]
    return sum(
        _weight(len(chosen), len(present)) * (values[chosen | {modality}] - values[chosen])
        for chosen in subsets(others)
    )


def _weight(size: int, players: int) -> float:
    """Return |S|! (M - |S| - 1)! / M!, the share of orders in which exactly S comes first."""
    return math.factorial(size) * math.factorial(players - size - 1) / math.factorial(players)


def interactions(values: Values, present: Sequence[Modality]) -> tuple[Interaction, ...]:
    """Return for each pair v(S+ab) - v(S+a) - v(S+b) + v(S), averaged over what else is given."""
    return tuple(
        Interaction(first=first, second=second, log_odds=_joint(values, present, first, second))
        for first, second in itertools.combinations(present, 2)
    )


def _joint(values: Values, present: Sequence[Modality], first: Modality, second: Modality) -> float:
    """Return the Shapley interaction index of a pair: weights |S|! (M - |S| - 2)! / (M - 1)! (Grabisch & Roubens 1999)."""
    others = [other for other in present if other not in (first, second)]
    return sum(
        _weight(len(chosen), len(present) - 1)
        * (values[chosen | {first, second}] - values[chosen | {first}] - values[chosen | {second}] + values[chosen])
        for chosen in subsets(others)
    )
