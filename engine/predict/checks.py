"""The input checks: how unlike the training inputs of one modality an input looks, by plain facts alone.

Shapes: I items of a case, F facts, V buckets.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
from torch import Tensor

from engine.predict.familiarity import ALLOWED_SPREAD, Familiarity, learn
from engine.predict.inputs import Facts, InputFacts
from engine.predict.neighbours import Space
from engine.schema.base import Modality

_SPREAD = 0.02
"""Standard deviation allowed on top of that of the training facts, which are of the order of 1: what no one would notice."""


@dataclasses.dataclass(frozen=True)
class InputCheck:
    """What the training inputs of one modality look like; `familiarity` is there for text alone."""

    modality: Modality
    space: Space
    familiarity: Familiarity | None = None

    def measure(self, case: InputFacts) -> float:
        """Return how far the case's strangest item of this modality lies from the training items."""
        return float(self.space.measure(_rows(self.modality, case, self.familiarity)).max())

    def measure_held(self, case: InputFacts, rng: np.random.Generator) -> list[float]:
        """Return the scores that a held-out training case stands for: as it is, and for a text as another author's."""
        if self.familiarity is None:
            return [self.measure(case)]
        other = dataclasses.replace(self, familiarity=self.familiarity.another_author(rng))
        return [self.measure(case), other.measure(case)]

    @classmethod
    def fit(cls, modality: Modality, cases: Sequence[InputFacts]) -> Self:
        """Learn from training cases, each of which has the modality."""
        familiarity = learn(text for case in cases for text in case.texts) if modality == "text" else None
        rows = np.concatenate([_rows(modality, case, familiarity, itself=True) for case in cases])
        return cls(modality, Space.even(rows, allowed_spread(modality, rows.shape[1])), familiarity)

    def tensors(self) -> dict[str, Tensor]:
        """Return what was learned, named `modality.name`."""
        known = {} if self.familiarity is None else self.familiarity.tensors()
        return self.space.tensors(self.modality) | {f"{self.modality}.{name}": value for name, value in known.items()}

    @classmethod
    def from_tensors(cls, modality: Modality, tensors: Mapping[str, Tensor]) -> Self:
        """Return the check that `tensors` flattened."""
        known = {name.removeprefix("text."): tensor for name, tensor in tensors.items() if name.startswith("text.")}
        familiarity = Familiarity.from_tensors(known) if modality == "text" else None
        return cls(modality, Space.from_tensors(modality, tensors), familiarity)


def allowed_spread(modality: Modality, width: int) -> Facts:
    """Return the standard deviation that rounding, another device or another author may add to each fact."""
    if modality == "text":
        return np.asarray(ALLOWED_SPREAD, dtype=np.float32)
    return np.full(width, _SPREAD, dtype=np.float32)


def _rows(modality: Modality, case: InputFacts, familiarity: Familiarity | None, itself: bool = False) -> Facts:
    if modality == "image":
        return case.images_IF
    if modality == "audio":
        return case.audios_IF
    if familiarity is None:
        raise ValueError("text is measured by its familiarity")
    return np.stack([familiarity.facts(text, itself) for text in case.texts])
