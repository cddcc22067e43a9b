"""Routing as a fold: windows add up, the past stays reachable, and the measures are those of the definitions."""

import math

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.schema.base import Array
from engine.schema.event import Routing
from tests.workbench.fakes.run_events import routing
from workbench.state import routing as measures
from workbench.state.routing import RoutingState


def test_newest_measurement_when_read_equals_the_event_integer_for_integer(qtbot: QtBot) -> None:
    state = RoutingState()
    body = routing(40)
    with qtbot.waitSignal(state.changed):
        state.apply(body)
    newest = state.latest()
    assert newest is not None
    assert newest.counts_LEM.ravel().tolist() == body.counts.flat()
    assert newest.of("image").tolist() == newest.counts_LEM[:, :, 1].tolist()
    assert newest.of(None).sum() == sum(body.counts.flat())


def test_window_when_asked_for_is_the_sum_of_its_steps(qtbot: QtBot) -> None:
    state = RoutingState()
    made = [routing(step) for step in range(10, 310, 10)]
    for body in made:
        state.apply(body)
    total = state.window(100)
    assert total is not None
    expected = sum(np.array(body.counts.flat()) for body in made[-10:])
    assert total.counts_LEM.ravel().tolist() == expected.tolist()
    assert total.merged == 10


def test_long_history_when_thinned_loses_no_piece_and_keeps_the_newest(qtbot: QtBot) -> None:
    state = RoutingState()
    made = [routing(step) for step in range(1, 1500)]
    for body in made:
        state.apply(body)
    kept = state.history("final", "training")
    assert len(kept) <= measures.KEPT
    assert sum(int(snapshot.counts_LEM.sum()) for snapshot in kept) == sum(sum(body.counts.flat()) for body in made)
    assert sum(snapshot.merged for snapshot in kept) == len(made)
    assert kept[-1].counts_LEM.ravel().tolist() == made[-1].counts.flat()
    assert [snapshot.step for snapshot in kept] == sorted(snapshot.step for snapshot in kept)


def test_run_when_it_went_back_to_a_checkpoint_forgets_the_steps_after_it(qtbot: QtBot) -> None:
    state = RoutingState()
    for step in (10, 20, 30, 40):
        state.apply(routing(step))
    state.apply(routing(25))
    assert [snapshot.step for snapshot in state.history("final", "training")] == [10, 20, 25]


def test_stages_and_sources_when_measured_stay_apart(qtbot: QtBot) -> None:
    state = RoutingState()
    state.apply(routing(30, stage="fold-1"))
    state.apply(routing(20, source="check", stage="final"))
    state.apply(routing(10, stage="final"))
    assert [snapshot.step for snapshot in state.history("final", "training")] == [10]
    check = state.latest("check")
    assert check is not None
    assert check.step == 20
    assert state.latest("check", "fold-1") is None


def _apply(counts: np.ndarray) -> RoutingState:
    state = RoutingState()
    packed = Array.pack([int(n) for n in counts.ravel()], counts.shape)
    state.apply(Routing(step=1, source="check", counts=packed, entropy=(1.0,), max_violation=(0.0,)))
    return state


def test_measures_when_the_load_is_even_are_one_and_zero() -> None:
    counts = np.full((2, 8), 50)
    assert measures.entropy(counts) == pytest.approx([1.0, 1.0])
    assert measures.max_violation(counts) == pytest.approx([0.0, 0.0])
    assert measures.dead(counts) == ()


def test_measures_when_one_expert_does_everything_are_zero_and_e_minus_one() -> None:
    counts = np.array([[100, 0, 0, 0]])
    assert measures.entropy(counts) == pytest.approx([0.0])
    assert measures.max_violation(counts) == pytest.approx([3.0])
    assert measures.dead(counts) == ((0, 1), (0, 2), (0, 3))


def test_measures_of_a_layer_without_pieces_are_defined() -> None:
    counts = np.zeros((1, 4), np.int64)
    assert measures.shares(counts).tolist() == [[0, 0, 0, 0]]
    assert measures.entropy(counts) == pytest.approx([0.0])
    assert measures.max_violation(counts) == pytest.approx([0.0])
    assert measures.dead(counts) == ()


def test_entropy_when_two_of_four_share_the_work_is_one_half() -> None:
    assert measures.entropy(np.array([[50, 50, 0, 0]])) == pytest.approx([math.log(2) / math.log(4)])


def test_lift_when_an_expert_takes_only_sound_is_the_ratio_of_the_definition() -> None:
    counts = np.zeros((1, 2, 3), np.int64)
    counts[0, 0] = (10, 10, 0)
    counts[0, 1] = (10, 10, 40)
    assert measures.lift(counts, 2)[0].tolist() == pytest.approx([0.0, 80 / 60])
    assert measures.lift(counts, None)[0].tolist() == pytest.approx([0.5, 1.5])
    newest = _apply(counts).latest("check")
    assert newest is not None
    assert newest.layers == 1
    assert newest.experts == 2
