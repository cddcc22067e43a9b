"""Experts on several threads: the same numbers, on as many threads as are worth it, and no thread left behind by a failure."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from engine.model.trunk import crew
from engine.model.trunk.crew import share_out
from engine.model.trunk.experts import Experts
from engine.model.trunk.routers import Routing

TOKENS, EXPERTS, WIDTH, HIDDEN = 600, 6, 24, 16


@pytest.fixture(autouse=True)
def _two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(crew, "_ENOUGH", 0)
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(1)


def step(layer: Experts, threads: int) -> tuple[list[Tensor], Tensor]:
    """Return all gradients and the output of one step on so many threads."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    x_TD = torch.randn(TOKENS, WIDTH, requires_grad=True)
    weights_TK = torch.rand(TOKENS, 2, requires_grad=True)
    experts_TK = torch.rand(TOKENS, EXPERTS).argsort(1)[:, :2]
    y_TD = layer(x_TD, Routing(weights_TK, experts_TK, torch.zeros(TOKENS, EXPERTS)))
    return list(torch.autograd.grad(y_TD.square().sum(), [x_TD, weights_TK, *layer.parameters()])), y_TD.detach()


def seen_by(rows: list[int], each: int = 1) -> dict[str, list[int]]:
    """Return which threads took which pieces; each waits for the other one's first, where there are two."""
    found: dict[str, list[int]] = {}
    both = threading.Barrier(2, timeout=5)

    def work(pieces: Iterator[int]) -> None:
        name = threading.current_thread().name
        for piece in pieces:
            if name not in found and name.startswith("experts"):
                both.wait()
            found.setdefault(name, []).append(piece)

    share_out(work, list(range(len(rows))), rows, each)
    return found


def test_the_layer_when_worked_on_by_two_threads_then_says_the_same_to_the_last_bit_as_on_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layer = Experts(EXPERTS, WIDTH, HIDDEN)
    monkeypatch.setattr("engine.model.trunk.order._FEW", 1)
    for one, other in zip(*(([y, *gradients]) for gradients, y in (step(layer, 1), step(layer, 2))), strict=True):
        assert torch.equal(one, other)


def test_pieces_when_there_are_enough_then_go_to_both_threads_and_each_to_one() -> None:
    found = seen_by([5] * 8)
    assert len(found) == 2
    assert sorted(piece for pieces in found.values() for piece in pieces) == list(range(8))


@pytest.mark.parametrize("rows", [[100], [100, 1, 1], [5, 5, 5]])
def test_pieces_when_they_cannot_be_shared_out_evenly_then_stay_here_one_after_the_other(rows: list[int]) -> None:
    assert seen_by(rows) == {threading.current_thread().name: list(range(len(rows)))}


def test_pieces_when_they_are_small_then_stay_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_ENOUGH", 100)
    assert list(seen_by([10, 10], each=9)) == [threading.current_thread().name]
    assert len(seen_by([10, 10], each=10)) == 2


def test_a_thread_when_it_computes_then_does_so_alone_and_leaves_the_others_their_number() -> None:
    numbers: list[int] = []
    share_out(lambda pieces: numbers.extend(torch.get_num_threads() for _ in pieces), [0, 1], [1, 1], 1)
    assert numbers == [1, 1]
    assert torch.get_num_threads() == 2
    later: list[int] = []
    fresh = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    fresh.start()
    fresh.join()
    assert later == [2]


def test_a_failure_when_it_happens_on_a_thread_then_is_raised_here_and_the_next_call_works() -> None:
    def work(pieces: Iterator[int]) -> None:
        for piece in pieces:
            if piece == 3:
                raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        share_out(work, list(range(8)), [5] * 8, 1)
    assert len(seen_by([5] * 8)) == 2


@pytest.mark.parametrize("mode", [torch.inference_mode, torch.no_grad])
def test_the_layer_when_nothing_is_learned_then_works_on_threads_as_well(mode: type) -> None:
    layer = Experts(EXPERTS, WIDTH, HIDDEN)
    experts_TK = torch.rand(TOKENS, EXPERTS).argsort(1)[:, :2]
    x_TD = torch.randn(TOKENS, WIDTH)
    routing = Routing(torch.rand(TOKENS, 2), experts_TK, torch.zeros(TOKENS, EXPERTS))
    with mode():
        torch.set_num_threads(2)
        found_TD = layer(x_TD, routing)
        torch.set_num_threads(1)
        assert torch.allclose(found_TD, layer(x_TD, routing), atol=1e-6)


def test_operations_when_counted_then_are_the_same_on_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.model.trunk.order._FEW", 1)
    layer, x_TD = Experts(EXPERTS, WIDTH, HIDDEN), torch.randn(TOKENS, WIDTH)
    routing = Routing(
        torch.rand(TOKENS, 2), torch.rand(TOKENS, EXPERTS).argsort(1)[:, :2], torch.zeros(TOKENS, EXPERTS)
    )
    counted = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            layer(x_TD, routing)
        counted.append(counter.get_total_flops())
    assert counted == [2 * 3 * 2 * TOKENS * WIDTH * HIDDEN] * 2


def test_pieces_when_the_interpreter_begins_no_thread_any_more_then_are_worked_on_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed = ThreadPoolExecutor(2)
    closed.shutdown()
    monkeypatch.setattr(crew, "_crew", lambda: closed)
    assert seen_by([5] * 8) == {threading.current_thread().name: list(range(8))}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_process_when_forked_from_one_with_threads_then_begins_its_own() -> None:
    assert len(seen_by([5] * 8)) == 2
    child = os.fork()
    if child == 0:  # nothing of pytest may run on in here
        signal.alarm(20)
        os._exit(0 if len(seen_by([5] * 8)) == 2 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_threads_when_there_are_many_cores_then_are_no_more_than_the_interpreter_can_serve() -> None:
    torch.set_num_threads(12)
    found: set[str] = set()
    all_of_them = threading.Barrier(crew._MOST, timeout=5)

    def work(pieces: Iterator[int]) -> None:
        for _ in pieces:
            found.add(threading.current_thread().name)
            all_of_them.wait()

    share_out(work, list(range(16)), [1] * 16, 1)
    assert len(found) == crew._MOST
    assert torch.get_num_threads() == 12
