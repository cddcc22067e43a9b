"""Finding a policy for the dynamic choice of modalities from out-of-fold answers: when some inputs are as good as all of them.

c_S is the smallest confidence at which the cases show, with 95 % certainty, that at most `CHANGED` of those that stop would be told
something else with everything read: a sequence of exact binomial tests from the surest case down, which ends at the first that fails
(fixed-sequence testing; Angelopoulos et al. 2021, arXiv:2110.01052), at a level that all chains share. Of the policies that keep
this promise the cheapest is taken; where none saves anything, everything is read. Shapes: N cases.
"""

import dataclasses
import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.evaluate.dynamic import Told, mean_costs, told_from
from engine.model.calibrated import Calibration
from engine.predict.contributions import Subset, subsets
from engine.predict.enough import Step, key_of
from engine.schema.base import MODALITIES, Modality
from engine.schema.config import StudentConfig
from engine.train.finish import Kept, student_with
from engine.train.material import Material

CHANGED = 0.03
"""Largest share of the cases that stop early which would be told something else with everything read."""
_LEVEL = 0.05
_MOST = 3000
"""Cases of a pattern that are looked at; more would change the confidence by next to nothing."""

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Said:
    """What is told of N cases from some of their inputs: how sure the first impression, and whether all inputs tell the same."""

    sure_N: Floats
    same_N: Flags


@dataclasses.dataclass(frozen=True)
class Policy:
    """Steps before everything is read, the mean cost of an answer with them, and the share of cases that stop early."""

    steps: tuple[Step, ...]
    cost: float
    stopped: float

    def written(self, present: Sequence[Modality]) -> dict[str, float]:
        """Return the policy as `calibration.json` keeps it; steps at which nothing stops are left out."""
        whole = frozenset(present)
        return {key_of(step.chosen, whole): step.sure for step in self.steps if math.isfinite(step.sure)}


def fit_enough(
    kept: Kept, material: Material, config: StudentConfig, folds: Sequence[str], calibration: Calibration
) -> dict[str, float]:
    """Return for each pattern of inputs from which confidence some of them are enough, by students that never saw the cases."""
    students = {name: student_with(weights, material, config) for name, weights in kept.folds.items()}
    whole = student_with(kept.weights, material, config)
    patterns, found = material.patterns(), dict[str, float]()
    for pattern in sorted(set(patterns)):
        places = [i for i, row in enumerate(kept.held.rows_N) if patterns[row] == pattern]
        places = [i for i in places if folds[kept.held.fold_N[i]] in students][:: max(1, len(places) // _MOST)]
        present = [modality for modality in MODALITIES if modality in pattern.split("+")]
        if len(present) < 2 or len(places) < _fewest(_LEVEL):
            continue
        wanted = [chosen for chosen in subsets(present) if chosen]
        told: dict[Subset, list[Told]] = {chosen: [] for chosen in wanted}
        for number, name in enumerate(folds):
            rows = [int(kept.held.rows_N[i]) for i in places if kept.held.fold_N[i] == number]
            cases = [material.views[row][0] for row in rows]
            for chosen in wanted if cases else ():
                told[chosen].append(told_from(students[name], calibration, material.preparation, cases, chosen))
        asked = [material.views[int(kept.held.rows_N[place])][0] for place in places]
        costs = mean_costs(whole, material.preparation, asked, wanted)
        policy = choose_policy(present, _beside(told, wanted[-1]), costs)
        found |= policy.written(present)
    return found


def _beside(told: Mapping[Subset, Sequence[Told]], whole: Subset) -> dict[Subset, Said]:
    """Return how sure each subset was and whether it told what the whole told, over all folds."""
    return {
        chosen: Said(
            np.concatenate([one.sure_N for one in parts]),
            np.concatenate([one.same(other) for one, other in zip(parts, told[whole], strict=True)]),
        )
        for chosen, parts in told.items()
        if chosen != whole
    }


def choose_policy(present: Sequence[Modality], said: Mapping[Subset, Said], costs: Mapping[Subset, float]) -> Policy:
    """Return the cheapest policy for cases with these inputs; `costs` are those of one answer from a subset."""
    whole = frozenset(present)
    proper = [chosen for chosen in subsets(present) if chosen and chosen != whole]
    chains: list[tuple[Subset, ...]] = [(), *((one,) for one in proper)]
    chains += [(one, two) for one, two in itertools.permutations(proper, 2) if one < two]
    level = _LEVEL / max(1, len(chains) - 1)  # each chain but the empty one ends with a sequence of tests of its own
    policies = [_fitted(chain, whole, said, costs, level) for chain in chains]
    return min(policies, key=lambda policy: (policy.cost, len(policy.steps)))


def _fitted(
    chain: Sequence[Subset], whole: Subset, said: Mapping[Subset, Said], costs: Mapping[Subset, float], level: float
) -> Policy:
    left_N = np.ones(len(next(iter(said.values())).sure_N), dtype=bool)
    spent, steps = 0.0, []
    for chosen in chain:
        one = said[chosen]
        step = Step(chosen, least_confidence(one.sure_N[left_N], one.same_N[left_N], level))
        stops_N = left_N & (one.sure_N >= step.sure)
        spent += costs[chosen] * float(stops_N.mean())
        left_N = left_N & ~stops_N
        steps.append(step)
    share = float(left_N.mean())
    return Policy(tuple(steps), spent + costs[whole] * share, 1.0 - share)


def least_confidence(sure_N: Floats, same_N: Flags, level: float) -> float:
    """Return the smallest confidence from which stopping keeps the promise; infinity where no case may stop.

    The first test takes the surest fifth of the cases, or as many as could show the promise at all, so that a single unlucky case does
    not end the sequence at once; each further test takes a twentieth more.
    """
    order_N = np.argsort(-sure_N, kind="stable")
    changed_N = np.cumsum(~same_N[order_N])
    found, stop = math.inf, max(_fewest(level), len(sure_N) // 5)
    while stop <= len(sure_N) and _chance(int(changed_N[stop - 1]), stop) <= level:
        found = float(sure_N[order_N[stop - 1]])
        stop += max(1, stop // 20)
    return found


def _fewest(level: float) -> int:
    """Return the cases from which the promise can be shown, if none of them is told anything else."""
    return math.ceil(math.log(level) / math.log1p(-CHANGED))


def _chance(changed: int, n: int) -> float:
    """Return P(at most `changed` of n) where each has the chance `CHANGED`: small where the true one must be smaller."""
    each = math.log(CHANGED) - math.log1p(-CHANGED)
    none = math.lgamma(n + 1) + n * math.log1p(-CHANGED)
    return sum(math.exp(none + k * each - math.lgamma(k + 1) - math.lgamma(n - k + 1)) for k in range(changed + 1))
