from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.device import choose_device
from engine.schema.event import Alert, EventBody, Metrics, Resource, Routing
from engine.train.check_pass import Checked
from engine.train.telemetry import Telemetry, routing_alerts, routing_event


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _telemetry() -> tuple[Telemetry, list[EventBody], Clock]:
    told: list[EventBody] = []
    clock = Clock()
    return Telemetry(told.append, "final", choose_device("cpu"), clock), told, clock


def _counts(*loads: int) -> np.ndarray:
    return np.array([[[load, 0, 0] for load in loads]], dtype=np.int64)


def test_routing_when_load_is_even_then_entropy_is_one_and_violation_zero() -> None:
    event = routing_event(Checked(_counts(5, 5, 5, 5)), 1, "check", "final")
    assert event.entropy == (pytest.approx(1.0),)
    assert event.max_violation == (0.0,)


def test_routing_when_one_expert_does_all_then_entropy_is_zero_and_violation_e_minus_one() -> None:
    event = routing_event(Checked(_counts(0, 12, 0, 0)), 1, "check", "final")
    assert event.entropy == (0.0,)
    assert event.max_violation == (3.0,)


def test_routing_when_the_council_is_as_large_as_it_may_be_then_tells_every_count() -> None:
    counts_LEM = np.arange(12 * 256 * 3, dtype=np.int64).reshape(12, 256, 3)
    event = routing_event(Checked(counts_LEM), 1, "check", "final")
    assert event.counts.shape == counts_LEM.shape
    assert event.counts.flat() == counts_LEM.flatten().tolist()


def test_gate_when_told_has_each_sum_in_its_own_place() -> None:
    sums = {"top_LM": 3.0, "entropy_LM": 2.0, "margin_LM": 1.0}
    gate = SimpleNamespace(
        tokens_M=torch.tensor([4, 0, 0]),
        unserved_LM=torch.zeros(1, 3, dtype=torch.int64),
        **{name: torch.tensor([[value, 0.0, 0.0]]) for name, value in sums.items()},
    )
    told = routing_event(Checked(_counts(2, 2), gate), 1, "check", "final").gate  # type: ignore[arg-type]
    assert told is not None
    assert told.entropy is not None
    assert told.margin is not None
    assert [array.flat()[0] for array in (told.tokens, told.top, told.entropy, told.margin)] == [4, 3.0, 2.0, 1.0]


def test_alerts_when_an_expert_has_almost_nothing_then_it_is_named() -> None:
    (alert,) = routing_alerts(_counts(40, 30, 30, 1), "final")
    assert (alert.code, alert.parameters["layer"], alert.parameters["expert"]) == ("dead-expert", 1, 4)
    assert not routing_alerts(_counts(40, 30, 30, 20), "final")
    assert "collapse" in {alert.code for alert in routing_alerts(_counts(100, 1, 1, 1), "final")}


def test_telemetry_when_steps_come_fast_then_tells_four_times_a_second_and_loses_no_token() -> None:
    telemetry, told, clock = _telemetry()
    for step in range(100):
        clock.now += 0.02
        telemetry.step(step, step / 10, {"loss": torch.tensor(float(step))}, torch.ones(1, 2, 3, dtype=torch.int64))
    telemetry.flush(100, 10.0)
    routing = [event for event in told if isinstance(event, Routing)]
    assert 7 <= len(routing) <= 9
    assert sum(sum(event.counts.flat()) for event in routing) == 600
    losses = [event.values["loss"] for event in told if isinstance(event, Metrics)]
    assert losses[0] == pytest.approx(np.mean(range(13)))
    assert 1 <= sum(isinstance(event, Resource) for event in told) <= 2


def test_telemetry_when_an_expert_stays_dead_then_alerts_once() -> None:
    telemetry, told, _ = _telemetry()
    for step in (1, 2, 3):
        telemetry.check(Checked(_counts(50, 50, 0)), step, f"final-{step}")
    assert sum(isinstance(event, Alert) for event in told) == 1
    assert [event.checkpoint for event in told if isinstance(event, Routing)] == ["final-1", "final-2", "final-3"]
