"""Speed and memory: what is asked here holds on a machine of any speed."""

import torch
from torch import nn

from engine.evaluate.speed import alternate, latency, median, one_thread, weight_bytes, working_memory


def _layers(inner: int) -> nn.Module:
    return nn.Sequential(nn.Linear(64, inner), nn.ReLU(), nn.Linear(inner, 8)).eval()


def test_memory_when_two_tensors_live_at_once_is_the_size_of_both() -> None:
    model, x_ND = _layers(1000), torch.randn(32, 64)
    assert working_memory(lambda: model(x_ND)) == 2 * 32 * 1000 * 4


def test_memory_when_tensors_share_a_storage_is_counted_once() -> None:
    x_N = torch.randn(1000)
    assert working_memory(lambda: (x_N + 1).view(10, 100).t()) == 4000
    assert working_memory(lambda: x_N.view(10, 100)) == 0


def test_weights_when_shared_by_two_modules_are_counted_once() -> None:
    first = nn.Linear(10, 10)
    second = nn.Linear(10, 10)
    second.weight = first.weight
    assert weight_bytes([first, second]) == (100 + 10 + 10) * 4


def test_median_when_values_are_known_has_the_ranks_of_the_binomial() -> None:
    found = median(torch.arange(1.0, 101.0).double().numpy())
    assert (found.low, found.value, found.high) == (41.0, 50.5, 61.0)
    few = median(torch.tensor([3.0, 1.0, 2.0]).double().numpy())
    assert (few.low, few.value, few.high) == (1.0, 2.0, 3.0)


def test_latency_when_one_side_does_many_times_the_work_sees_it() -> None:
    little, much = torch.randn(64, 64), torch.randn(1024, 1024)
    found = latency(32, lambda: little @ little, lambda: much @ much, pairs=5)
    assert found.ratio.value > 5
    assert found.teacher.value > found.student.value
    assert found.pairs >= 5 or found.quiet < 5


def test_pairs_when_they_alternate_run_both_sides_equally_often_in_turned_order() -> None:
    ran: list[str] = []
    alternate(lambda: ran.append("a"), lambda: ran.append("b"), pairs=4, seconds=60.0)
    blocks = [one for at, one in enumerate(ran) if at == 0 or ran[at - 1] != one]
    assert abs(ran.count("a") - ran.count("b")) < max(ran.count("a"), ran.count("b"))
    assert blocks[:2] == ["a", "b"]


def test_threads_when_measured_on_one_are_as_before_afterwards() -> None:
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before
