"""The average of the weights follows them as the formula says, and is what is kept."""

import copy

import torch

from engine.train.average import WeightAverage
from tests.model.small_council import student


def test_average_when_updated_then_is_the_running_mean_of_the_weights() -> None:
    newest = student(seed=1)
    average = WeightAverage(newest, 0.9)
    expected = {name: value.clone() for name, value in newest.named_parameters()}
    for step in range(40):
        with torch.no_grad():
            for parameter in newest.parameters():
                parameter += torch.randn(parameter.shape, generator=torch.Generator().manual_seed(step))
        average.update(newest, step)
        decay = min(0.9, (1 + step) / (10 + step))
        for name, value in newest.named_parameters():
            expected[name] = decay * expected[name] + (1 - decay) * value.detach()
    for name, value in average.student.named_parameters():
        torch.testing.assert_close(value, expected[name], rtol=1e-4, atol=1e-4)
        assert not value.requires_grad


def test_average_when_its_decay_is_zero_then_is_a_copy_of_the_newest_weights() -> None:
    newest = student(seed=2)
    average = WeightAverage(newest, 0.0)
    with torch.no_grad():
        for parameter in newest.parameters():
            parameter += 1
    average.update(newest, 3)
    kept, now = average.student.state_dict(), newest.state_dict()
    assert all(torch.equal(kept[name], now[name]) for name in now)


def test_average_when_made_then_leaves_the_student_as_it_is() -> None:
    newest = student(seed=3).train()
    before = copy.deepcopy(newest.state_dict())
    WeightAverage(newest, 0.9).update(newest, 0)
    assert newest.training
    assert all(parameter.requires_grad for parameter in newest.parameters())
    assert all(torch.equal(before[name], value) for name, value in newest.state_dict().items())
