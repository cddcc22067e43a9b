"""What a finished council knows of its own sureness: plain data, fitted by `engine.predict`, stored in the model folder.

Shapes: N training cases, D width, M modalities, F features of an input check.
"""

import dataclasses
from collections.abc import Mapping
from typing import Self

from torch import Tensor

ALL = "all"
"""The key of what is shared by every modality pattern."""


@dataclasses.dataclass(frozen=True)
class Calibration:
    """Temperatures and conformal thresholds by modality pattern (`text+audio`), with what all patterns share under `all`.

    `thresholds` hold the LAC quantile: a label belongs to the set where 1 - p <= threshold, so 1.0 takes every label. `n`
    counts the out-of-fold cases behind each pattern. With `several` labels a case each probability is a sigmoid of its own, and the
    threshold comes from conformal risk control (`engine.predict.risk`); the rule of the set is the same. `enough` holds confidences from which some inputs stand for all of a pattern
    (`text>text+audio`); a pattern without any is read whole. `hidden` counts the fuller cases behind a pattern that few training cases
    have: all but its inputs was hidden from them.
    """

    temperature: dict[str, float]
    thresholds: dict[str, float]
    alpha: float
    n: dict[str, int]
    enough: dict[str, float] = dataclasses.field(default_factory=dict)
    several: bool = False
    hidden: dict[str, int] = dataclasses.field(default_factory=dict)

    def temperature_of(self, pattern: str) -> float:
        """Return the pattern's own temperature, or the shared one."""
        return self.temperature.get(pattern, self.temperature.get(ALL, 1.0))

    def threshold_of(self, pattern: str) -> float:
        """Return the pattern's own threshold, or the widest one there is; 1.0 where none was fitted.

        The one that all cases share would promise too much: most of them have more inputs than a pattern that is rare (a sound
        alone held the truth in 78 instead of 90 of 100 generated cases).
        """
        return self.thresholds.get(pattern, max(self.thresholds.values(), default=1.0))


@dataclasses.dataclass(frozen=True)
class Reference:
    """What the training cases look like, so that an input unlike all of them can be told.

    fused_ND, pooled_NMD: the finished student's vectors of (a sample of) the training cases; present_NM: what each had.
    checks: what the input checks learned, by `modality.name`. held: sorted scores of out-of-fold training cases, by check
    (`fused/text+audio`, `fused/all`, `text/deep`, `text/input`), so that a score becomes a percentile.
    """

    fused_ND: Tensor
    pooled_NMD: Tensor
    present_NM: Tensor
    checks: dict[str, Tensor]
    held: dict[str, Tensor]

    def tensors(self) -> dict[str, Tensor]:
        """Return everything as one flat mapping for `reference.safetensors`."""
        whole = {"fused_ND": self.fused_ND, "pooled_NMD": self.pooled_NMD, "present_NM": self.present_NM}
        whole |= {f"checks:{name}": tensor for name, tensor in self.checks.items()}
        whole |= {f"held:{name}": tensor for name, tensor in self.held.items()}
        return {name: tensor.contiguous() for name, tensor in whole.items()}

    @classmethod
    def from_tensors(cls, whole: Mapping[str, Tensor]) -> Self:
        """Return the reference that `tensors` flattened; raises `KeyError` where a part is missing."""
        return cls(
            whole["fused_ND"],
            whole["pooled_NMD"],
            whole["present_NM"],
            {name.removeprefix("checks:"): tensor for name, tensor in whole.items() if name.startswith("checks:")},
            {name.removeprefix("held:"): tensor for name, tensor in whole.items() if name.startswith("held:")},
        )
