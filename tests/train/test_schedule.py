from typing import get_args

import pytest

from engine.schema.config import Curve
from engine.train.schedule import rate_at, weight_at


def test_rate_when_training_goes_on_then_rises_to_one_and_falls_to_almost_nothing() -> None:
    rates = [rate_at(step, 100, 0.1) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert max(rates) == 1.0
    assert rates[-1] == pytest.approx(0.01, abs=2e-3)


def test_rate_when_there_is_no_warmup_then_begins_at_its_peak() -> None:
    assert rate_at(0, 50, 0.0) == 1.0


@pytest.mark.parametrize(
    ("curve", "shares"),
    [("constant", (1, 1, 1)), ("linear-up", (0, 0.5, 1)), ("linear-down", (1, 0.5, 0)), ("cosine", (1, 0.5, 0))],
)
def test_weight_when_the_run_goes_on_then_follows_its_curve(curve: Curve, shares: tuple[float, ...]) -> None:
    assert [weight_at(curve, done) for done in (0.0, 0.5, 1.0)] == pytest.approx(list(shares))


@pytest.mark.parametrize("curve", get_args(Curve))
def test_weight_at_any_time_then_is_a_share_and_moves_one_way(curve: Curve) -> None:
    found = [weight_at(curve, step / 50) for step in range(51)]
    assert all(-1e-12 <= share <= 1 for share in found)
    assert found in (sorted(found), sorted(found, reverse=True))
