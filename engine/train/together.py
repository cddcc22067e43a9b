"""Experts that learn as one before they part: early in a run each would see too few pieces to learn what all of them need.

They begin as one network, and until they part each is moved by what all of them learned, so that they stay one: a layer then learns as a
dense one does, only its router already sorts. When they part, what sets them apart are the pieces that each is given. It is sparse
upcycling (arXiv:2212.05055) within one run.
"""

import torch
from torch import nn

from engine.model.trunk.experts import Experts


class Together:
    """Holds the experts of each layer together for the first steps; does nothing where a layer has but one."""

    def __init__(self, student: nn.Module, steps: int) -> None:
        """Take the layers of a student; its experts learn as one for so many steps, and with 0 nothing is touched."""
        self._steps = steps
        self._stacks = _stacks(student)

    @torch.no_grad()
    def begin(self) -> None:
        """Make one network of each layer's experts: the first one's."""
        if self._steps:
            for stack_EXX in self._stacks:
                stack_EXX.copy_(stack_EXX[:1].clone().expand_as(stack_EXX))

    @torch.no_grad()
    def pool(self, step: int) -> None:
        """Give each expert of a layer the gradient of all, until they part.

        Over the root of their number, so that the norm of the whole, which is limited, is that of one network.
        """
        if step >= self._steps:
            return
        for stack_EXX in self._stacks:
            if stack_EXX.grad is not None:
                pooled_1XX = stack_EXX.grad.sum(0, keepdim=True) / len(stack_EXX) ** 0.5
                stack_EXX.grad.copy_(pooled_1XX.expand_as(stack_EXX))


def alike(student: nn.Module) -> bool:
    """Return whether the experts of every layer are one network still, as in a run that ended before they parted."""
    stacks = _stacks(student)
    return bool(stacks) and all(torch.equal(stack_EXX, stack_EXX[:1].expand_as(stack_EXX)) for stack_EXX in stacks)


def _stacks(student: nn.Module) -> list[nn.Parameter]:
    """Return the weights of all layers that have several experts, stacked by expert."""
    layers = [module for module in student.modules() if isinstance(module, Experts) and module.number > 1]
    return [stack for layer in layers for stack in layer.parameters()]
