"""The running average of the weights, which is what is evaluated, shown, written and kept.

Weights that still jump from step to step answer worse than their average (Polyak & Juditsky 1992; arXiv:1803.05407). So a run that
is stopped early keeps a model nearly as good as one whose learning rate had come down, and early stopping does not pick a lucky jump.
"""

import copy

import torch

from engine.model.student import Student

_SLOW = 10


class WeightAverage:
    """A second student whose weights follow the first; `decay` 0 makes it a copy of the newest weights."""

    def __init__(self, student: Student, decay: float) -> None:
        self.student = copy.deepcopy(student).eval().requires_grad_(False)
        self._decay = decay

    @torch.no_grad()
    def update(self, newest: Student, step: int) -> None:
        """Follow the weights after step `step`, counted from 0; early on faster, so that the start is forgotten."""
        decay = min(self._decay, (1 + step) / (_SLOW + step))
        torch._foreach_lerp_(list(self.student.parameters()), list(newest.parameters()), 1 - decay)
        for kept, buffer in zip(self.student.buffers(), newest.buffers(), strict=True):
            kept.copy_(buffer)
