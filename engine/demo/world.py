"""A world whose probabilities are known: labels, findings given a label, and what follows from findings.

A case draws its label from the prior, then each finding independently from p(finding | label). Findings belong to a
modality; whoever sees them can do no better than the posterior computed here.

Shapes: L labels, V values of a finding, S joint values of several findings.
"""

import dataclasses
import itertools
from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from engine.schema.base import MODALITIES, Modality
from engine.schema.case import Label

Numbers = NDArray[np.float64]
Findings = dict[str, str]
"""Finding -> the value that is shown."""


@dataclasses.dataclass(frozen=True)
class Finding:
    """Something that can be seen, heard or read; row l of `table_LV` is p(value | label l)."""

    name: str
    modality: Modality
    values: tuple[str, ...]
    table_LV: Numbers


def finding(name: str, modality: Modality, table: str) -> Finding:
    """Read a finding from a table: a line of values, then a line for each label with percentages."""
    head, *rows = [line.split() for line in table.strip().splitlines()]
    table_LV = np.array([[float(cell) for cell in row[1:]] for row in rows])
    if table_LV.shape[1] != len(head) or not np.allclose(table_LV.sum(axis=1), 100):
        raise ValueError(f"the table of {name!r} is not a table of percentages")
    return Finding(name, modality, tuple(head), table_LV / 100)


@dataclasses.dataclass(frozen=True)
class World:
    """Labels with their prior, and the findings that speak for them."""

    labels: tuple[Label, ...]
    prior_L: Numbers
    findings: tuple[Finding, ...]
    missing: float = 0.12
    """Chance that a modality of a case is absent; the draw is repeated where all would be."""
    modalities: tuple[Modality, ...] = MODALITIES
    """The kinds of input that a case can have."""

    def names(self) -> tuple[str, ...]:
        """Return the labels' names, in the order of every L axis."""
        return tuple(label.name for label in self.labels)

    def of(self, modality: Modality) -> tuple[Finding, ...]:
        """Return the findings that one modality shows."""
        return tuple(found for found in self.findings if found.modality == modality)

    def draw_label(self, rng: np.random.Generator) -> str:
        """Draw a label from the prior."""
        return self.names()[rng.choice(len(self.labels), p=self.prior_L)]

    def draw_findings(self, label: str, rng: np.random.Generator) -> Findings:
        """Draw every finding given the label."""
        row = self.names().index(label)
        return {f.name: f.values[rng.choice(len(f.values), p=f.table_LV[row])] for f in self.findings}

    def draw_present(self, rng: np.random.Generator) -> tuple[Modality, ...]:
        """Draw which modalities a case has: at least one, whatever its label."""
        while True:
            drawn = zip(MODALITIES, rng.random(len(MODALITIES)), strict=True)
            present = tuple(m for m, u in drawn if u >= self.missing and m in self.modalities)
            if present:
                return present

    def posterior(self, shown: Mapping[str, str]) -> Numbers:
        """Return p(label | findings shown); findings that are not shown are summed out."""
        joint_L = self.prior_L.copy()
        for found in self.findings:
            if found.name in shown:
                joint_L *= found.table_LV[:, found.values.index(shown[found.name])]
        result: Numbers = joint_L / joint_L.sum()
        return result

    def oracle(self, modalities: Collection[Modality]) -> float:
        """Return the exact accuracy of whoever names the most probable label, given these modalities."""
        joint_LS = self.prior_L[:, None]
        for found in self.findings:
            if found.modality in modalities:
                joint_LS = (joint_LS[:, :, None] * found.table_LV[:, None, :]).reshape(len(self.prior_L), -1)
        return float(joint_LS.max(axis=0).sum())

    def patterns(self) -> dict[tuple[Modality, ...], float]:
        """Return each set of modalities a case can have, with its probability."""
        chances: dict[tuple[Modality, ...], float] = {}
        for kept in itertools.product((True, False), repeat=len(self.modalities)):
            pattern = tuple(m for m, keep in zip(self.modalities, kept, strict=True) if keep)
            chances[pattern] = float(np.prod([1 - self.missing if keep else self.missing for keep in kept]))
        impossible = chances.pop(())
        return {pattern: chance / (1 - impossible) for pattern, chance in chances.items()}

    def best(self) -> float:
        """Return the oracle accuracy over cases as they come, some with modalities missing."""
        return sum(chance * self.oracle(pattern) for pattern, chance in self.patterns().items())
