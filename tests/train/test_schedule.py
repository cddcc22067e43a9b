import pytest

from engine.train.schedule import rate_at


def test_rate_when_training_goes_on_then_rises_to_one_and_falls_to_almost_nothing() -> None:
    rates = [rate_at(step, 100, 0.1) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert max(rates) == 1.0
    assert rates[-1] == pytest.approx(0.01, abs=2e-3)


def test_rate_when_there_is_no_warmup_then_begins_at_its_peak() -> None:
    assert rate_at(0, 50, 0.0) == 1.0
