"""Routing as a fold: windows add up and the past stays reachable."""

import numpy as np
from pytestqt.qtbot import QtBot

from tests.workbench.fakes.run_events import routing
from workbench.state.routing import KEPT, RoutingState


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
    assert len(kept) <= KEPT
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
