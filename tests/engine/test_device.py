"""Device, threads and seeds: one place, the same answer each time."""

import pytest
import torch

from engine.device import (
    autocast,
    choose_device,
    cores,
    derived_seed,
    generator,
    memory_in_use,
    set_threads,
    torch_device,
)
from engine.schema.errors import UserError


def test_auto_when_there_is_no_gpu_then_is_the_cpu_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    info = choose_device("auto")
    assert info == choose_device("cpu")
    assert "no GPU" in info.sentence()
    assert torch_device(info).type == "cpu"
    assert memory_in_use(info) == 0


@pytest.mark.parametrize("name", ["cuda", "tpu"])
def test_a_device_that_is_not_there_when_asked_for_then_is_a_sentence(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(UserError) as caught:
        choose_device(name)
    assert caught.value.code == "bad-setting"
    assert name in str(caught.value)


def test_the_cpu_when_it_computes_then_keeps_float32() -> None:
    with autocast(choose_device("cpu")):
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_threads_when_a_window_watches_then_leave_it_a_core() -> None:
    before = torch.get_num_threads()
    try:
        assert set_threads(0) == cores() == torch.get_num_threads()
        assert set_threads(0, watched=True) == max(1, cores() - 1)
        assert set_threads(1, watched=True) == 1 == torch.get_num_threads()
    finally:
        torch.set_num_threads(before)


def test_a_generator_when_made_again_then_draws_the_same_and_each_use_draws_its_own() -> None:
    def draw(*use: str | int) -> list[float]:
        return torch.rand(4, generator=generator(1, *use)).tolist()

    assert draw("sampler", 3) == draw("sampler", 3)
    assert len({tuple(draw(*use)) for use in (("sampler", 3), ("sampler", 4), ("augment", 3))}) == 3
    assert 0 <= derived_seed(2**40, "x") < 2**63
