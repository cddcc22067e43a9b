"""How often the model was right on cases with the same kinds of input: what was measured of it, for that modality pattern."""

from engine.model.calibrated import ALL
from engine.schema.model import Interval, ModelSummary
from engine.schema.prediction import Evidence

LEAST = 20
"""Cases a pattern needs before its share says more than that of all cases together."""


def evidence_for(summary: ModelSummary | None, pattern: str) -> Evidence:
    """Return the best measurement there is: the pattern before all patterns, validation before out of fold."""
    if summary is None:
        return Evidence()
    measured = [
        (found, found is summary.out_of_fold)
        for found in (summary.validation, summary.out_of_fold)
        if found is not None
    ]
    for found, out_of_fold in measured:
        own = found.by_pattern.get(pattern)
        if own is not None and own.n >= LEAST:
            return _evidence(own, pattern, out_of_fold)
    return _evidence(measured[0][0].accuracy, ALL, measured[0][1]) if measured else Evidence()


def _evidence(interval: Interval, pattern: str, out_of_fold: bool) -> Evidence:
    right = round(interval.value * interval.n)
    return Evidence(n=interval.n, right=right, pattern=pattern, out_of_fold=out_of_fold)
