"""Throats: the size of a speaker's vocal tract and the pitch of the voice. Training never hears those of the test half."""

import dataclasses

import numpy as np

from engine.schema.case import Split


@dataclasses.dataclass(frozen=True)
class Voice:
    """One kind of throat: resonances are scaled by `tract`, the voice lies at `pitch` Hz, `breathy` is its air."""

    name: str
    tract: float
    pitch: float
    breathy: float

    def varied(self, rng: np.random.Generator) -> "Voice":
        """Return a person with such a throat."""
        return dataclasses.replace(
            self, tract=self.tract * rng.uniform(0.97, 1.03), pitch=self.pitch * rng.uniform(0.95, 1.05)
        )


VOICES = (
    Voice("bass", 0.86, 112, 0.04),
    Voice("baritone", 0.90, 122, 0.08),
    Voice("tenor", 0.95, 136, 0.05),
    Voice("hoarse-man", 0.92, 126, 0.16),
    Voice("old-man", 0.94, 140, 0.12),
    Voice("alto", 1.04, 172, 0.06),
    Voice("mezzo", 1.09, 195, 0.10),
    Voice("soprano", 1.14, 225, 0.05),
    Voice("hoarse-woman", 1.06, 180, 0.17),
    Voice("old-woman", 1.08, 205, 0.13),
    Voice("youth", 1.12, 215, 0.08),
    Voice("deep-woman", 1.00, 155, 0.07),
)
HELD_OUT_VOICES = (
    Voice("narrator", 0.93, 118, 0.06),
    Voice("teacher", 1.02, 165, 0.09),
    Voice("student", 1.10, 208, 0.07),
    Voice("neighbour", 0.97, 134, 0.14),
    Voice("singer", 1.06, 188, 0.05),
)


def voices(split: Split) -> tuple[Voice, ...]:
    """Return the voices of a split."""
    return VOICES if split == "train" else HELD_OUT_VOICES
