"""How often the model was right on cases like this one: what was measured of it, for the case's modality pattern."""

from engine.model.calibrated import ALL
from engine.schema.model import Interval, Measured, ModelSummary
from engine.schema.prediction import Evidence

LEAST = 20
"""Cases a pattern needs before its share says more than that of all cases together."""


def evidence_for(summary: ModelSummary | None, pattern: str) -> Evidence:
    """Return the best measurement there is: the pattern before all patterns, validation before out of fold."""
    if summary is None:
        return Evidence()
    measured = [found for found in (summary.validation, summary.out_of_fold) if found is not None]
    for found in measured:
        own = found.by_pattern.get(pattern)
        if own is not None and own.n >= LEAST:
            return _evidence(own, pattern)
    return _of_all(measured)


def _of_all(measured: list[Measured]) -> Evidence:
    return _evidence(measured[0].accuracy, ALL) if measured else Evidence()


def _evidence(interval: Interval, pattern: str) -> Evidence:
    return Evidence(n=interval.n, right=round(interval.value * interval.n), pattern=pattern)
