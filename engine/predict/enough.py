"""Dynamic choice of modalities: which inputs are asked first, and from which confidence they are enough, so that no other is read.

A council keeps a policy for each pattern of inputs: a chain of growing subsets S with a confidence c_S each. The inputs of S go through
their encoders; where their joint first impression (`sureness`) is as sure as c_S, the answer is made of S alone and stands for the
answer from everything. Where it is not, nothing was computed in vain. How c_S is found: `engine.train.policy`.
"""

import dataclasses
from collections.abc import Mapping, Sequence

from engine.predict.contributions import Subset, pattern_of, subsets
from engine.schema.base import Modality


@dataclasses.dataclass(frozen=True)
class Step:
    """Read these inputs; where their first impression is as sure as this they are enough."""

    chosen: Subset
    sure: float


def steps_for(enough: Mapping[str, float], present: Sequence[Modality]) -> tuple[Step, ...]:
    """Return the steps for a case with these inputs, the smallest subset first; none where everything is to be read."""
    whole = frozenset(present)
    found = [Step(chosen, enough[key]) for chosen in subsets(present) if (key := key_of(chosen, whole)) in enough]
    return tuple(sorted(found, key=lambda step: len(step.chosen)))


def key_of(chosen: Subset, whole: Subset) -> str:
    """Return how `calibration.json` names a step: `text>text+image+audio`."""
    return f"{pattern_of(chosen)}>{pattern_of(whole)}"
