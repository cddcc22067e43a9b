"""Which of the three outcomes an answer has, and why: the rules, in one place and nowhere else.

Not sure: no readable modality, nothing to judge by, unlike the training cases, a failed quality check of a modality that the
answer leans on, no label fits, or more than min(3, C - 1) do. Unclear: two or three labels. Suggests: exactly one.

Where a case may have several labels, what counts are those that are open: not suggested, and not excluded either. Suggests: none is
open, so the labels that are suggested, or none of them, are all there is to say. Unclear: one to min(3, C - 1) are open.
"""

import dataclasses
from collections.abc import Mapping, Sequence

from engine.schema.base import MODALITIES, Modality
from engine.schema.case import Part
from engine.schema.prediction import Contribution, Novelty, Outcome, Reason

MOST_LABELS = 3
"""A set of more labels than this helps nobody choose."""
NOVEL = 99.0
"""Percentile among out-of-fold training cases above which an input counts as unlike them."""
LEANS_ON = 0.25
"""Share of the summed absolute contributions from which the answer leans on a modality."""
FAILED_CHECKS = frozenset({"blank-image", "silent-audio", "empty-text"})
"""Flags that mean there is nothing to see, hear or read; the other flags are doubts, which the person is shown."""


@dataclasses.dataclass(frozen=True)
class Evidenced:
    """All that the rules look at, for one case."""

    modalities: tuple[Modality, ...]
    set_size: int
    num_labels: int
    novelty: Novelty
    failed: frozenset[Modality] = frozenset()
    leaned_on: frozenset[Modality] = frozenset()
    calibrated: bool = True
    compared: bool = True
    shared_threshold: int = 0
    hidden_threshold: int = 0
    several: bool = False
    suggested: int = 0

    @property
    def open(self) -> int:
        """Labels of several that are neither suggested nor excluded."""
        return self.set_size - self.suggested


def judge(seen: Evidenced) -> tuple[Outcome, tuple[Reason, ...]]:
    """Return the outcome and its reasons, the weightiest first."""
    against = _reasons_against(seen)
    if against:
        return "not-sure", against
    behind = {"shared-threshold": seen.shared_threshold, "hidden-threshold": seen.hidden_threshold}
    shared = tuple(Reason(code=code, value=cases) for code, cases in behind.items() if cases)
    if seen.several:
        return _judge_several(seen, shared)
    if seen.set_size == 1:
        return "suggests", (Reason(code="one-label", value=1), *shared)
    return "unclear", (Reason(code="several-labels", value=seen.set_size), *shared)


def _judge_several(seen: Evidenced, shared: tuple[Reason, ...]) -> tuple[Outcome, tuple[Reason, ...]]:
    if seen.open:
        return "unclear", (Reason(code="some-open", value=seen.open), *shared)
    code = "all-settled" if seen.suggested else "none-of-them"
    return "suggests", (Reason(code=code, value=seen.suggested), *shared)


def _reasons_against(seen: Evidenced) -> tuple[Reason, ...]:
    if not seen.modalities:
        return (Reason(code="nothing-readable"),)
    reasons = [*_quality(seen), *_unlike_training(seen.novelty)]
    if not seen.calibrated:
        reasons.append(Reason(code="not-calibrated"))
    if not seen.compared:
        reasons.append(Reason(code="not-compared"))
    if seen.calibrated and seen.set_size == 0 and not seen.several:
        reasons.append(Reason(code="no-label-fits"))
    named = seen.open if seen.several else seen.set_size
    if seen.calibrated and named > min(MOST_LABELS, seen.num_labels - 1):
        reasons.append(Reason(code="too-many-open" if seen.several else "too-many-labels", value=named))
    return tuple(reasons)


def _quality(seen: Evidenced) -> list[Reason]:
    lone = len(seen.modalities) == 1
    return [
        Reason(code=f"quality-{modality}")
        for modality in seen.modalities
        if modality in seen.failed and (lone or modality in seen.leaned_on)
    ]


def _unlike_training(novelty: Novelty) -> list[Reason]:
    """Name the modalities that are unlike training; the whole case where none of them is so on its own."""
    named = [
        Reason(code=f"unlike-training-{modality}", value=novelty.by_modality[modality])
        for modality in MODALITIES
        if novelty.by_modality.get(modality, 0.0) > NOVEL
    ]
    if not named and novelty.overall > NOVEL:
        return [Reason(code="unlike-training", value=novelty.overall)]
    return named


def failed_checks(parts: Sequence[Part]) -> frozenset[Modality]:
    """Return the modalities whose every readable part failed a quality check."""
    states: dict[Modality, bool] = {}
    for part in parts:
        if part.decoded is not None:
            failed = any(flag.code in FAILED_CHECKS for flag in part.flags)
            states[part.modality] = states.get(part.modality, True) and failed
    return frozenset(modality for modality, failed in states.items() if failed)


def leaned_on(contributions: Sequence[Contribution], present: Sequence[Modality]) -> frozenset[Modality]:
    """Return the modalities the answer leans on; all of them where the contributions say nothing."""
    sizes: Mapping[Modality, float] = {given.modality: abs(given.log_odds) for given in contributions}
    whole = sum(sizes.values())
    if whole <= 0.0:
        return frozenset(present)
    return frozenset(modality for modality, size in sizes.items() if size / whole >= LEANS_ON)
