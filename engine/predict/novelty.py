"""How unlike the training cases an input is, as percentiles among training cases that were held out.

Whole case: mean distance of its fused vector to the k = 10 nearest training vectors, among out-of-fold training cases of the
same pattern (`definitions` 19). Each modality: the same of its own pooled vector, and of plain facts of the input, the more
unusual of the two. Shapes: M modalities, D width.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.model.calibrated import ALL, Reference
from engine.predict.checks import InputCheck
from engine.predict.inputs import InputFacts
from engine.predict.neighbours import Rows, Space
from engine.predict.unusual import ENOUGH, percentile
from engine.schema.base import MODALITIES, Modality
from engine.schema.prediction import Novelty

_ALLOWED_DEEP = 1.5
_ALLOWED_INPUT: Mapping[Modality, float] = {"text": 1.15, "image": 1.5, "audio": 1.35}
"""How many times the edge's distance an input may lie away: what a new camera or voice adds to a genuine case. Text needs the
least, because among its held-out scores are those of imagined other authors."""


class Comparison:
    """A reference made ready to measure cases against."""

    def __init__(self, reference: Reference) -> None:
        pooled_NMD = reference.pooled_NMD.float().numpy()
        present_NM = reference.present_NM.numpy()
        self._held = {name: scores.numpy() for name, scores in reference.held.items()}
        self._fused = Space.plain(reference.fused_ND.float().numpy())
        self._deep: dict[Modality, Space] = {}
        self._inputs: dict[Modality, InputCheck] = {}
        for m, modality in enumerate(MODALITIES):
            if present_NM[:, m].sum() > 1 and f"{modality}.mean" in reference.checks:
                self._deep[modality] = Space.plain(pooled_NMD[present_NM[:, m], m])
                self._inputs[modality] = InputCheck.from_tensors(modality, reference.checks)

    def novelty(self, fused_D: Rows, pooled_MD: Rows, facts: InputFacts, modalities: Sequence[Modality]) -> Novelty:
        """Return the percentiles of one case that has the given modalities."""
        if not modalities:
            return Novelty(overall=0.0, measured=False)
        score = float(self._fused.measure(fused_D[None])[0])
        return Novelty(
            overall=self._percentile_of_case(score, "+".join(modalities)),
            by_modality={m: self._percentile_of(m, pooled_MD[MODALITIES.index(m)], facts) for m in modalities},
        )

    def _percentile_of_case(self, score: float, pattern: str) -> float:
        own = self._held.get(f"fused/{pattern}", np.zeros(0, np.float32))
        held = own if len(own) >= ENOUGH else self._held[f"fused/{ALL}"]
        return percentile(score, held)

    def _percentile_of(self, modality: Modality, pooled_D: Rows, facts: InputFacts) -> float:
        """Return a modality's percentile; 100 where the training cases never had it."""
        if modality not in self._deep:
            return 100.0
        deep, plain = float(self._deep[modality].measure(pooled_D[None])[0]), self._inputs[modality].measure(facts)
        return max(
            percentile(deep, self._held[f"{modality}/deep"], _ALLOWED_DEEP),
            percentile(plain, self._held[f"{modality}/input"], _ALLOWED_INPUT[modality]),
        )
