"""What was measured of a model, told for one pattern of inputs and with the name of its source."""

import pytest

from engine.predict.evidence import evidence_for
from engine.schema.model import Interval, Measured
from tests.small_council import summary


def _measured(n: int, pattern_n: int) -> Measured:
    def interval(cases: int) -> Interval:
        return Interval(value=0.8, low=0.7, high=0.9, n=cases)

    return Measured(
        split="val", accuracy=interval(n), balanced_accuracy=0.8, macro_f1=0.8, ece=0.1, nll=0.5,
        by_pattern={"text": interval(pattern_n)},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("validation", "out_of_fold", "pattern", "is_out_of_fold"),
    [
        (_measured(300, 100), _measured(900, 300), "text", False),
        (_measured(300, 5), _measured(900, 300), "text", True),
        (_measured(300, 5), _measured(900, 5), "all", False),
        (None, _measured(900, 5), "all", True),
    ],
)
def test_evidence_when_several_measurements_are_there_names_the_one_it_takes(
    validation: Measured | None, out_of_fold: Measured, pattern: str, is_out_of_fold: bool
) -> None:
    found = evidence_for(summary().model_copy(update={"validation": validation, "out_of_fold": out_of_fold}), "text")
    assert (found.pattern, found.out_of_fold) == (pattern, is_out_of_fold)
