"""Knowledge files as an engine keeps them: read by the engine's own rules, kept in memory."""

import hashlib
from datetime import UTC, datetime

from engine.schema import knowledge_file
from engine.schema.command import SaveKnowledge
from engine.schema.errors import UserError
from engine.schema.knowledge import KnowledgeChecked, KnowledgeText, KnowledgeVersion, KnowledgeVersions, version_of

KNOWN = """\
# What our two lung doctors agree on.
title: {en: Respiratory clinic, zh: 呼吸门诊}

labels:
  pneumonia:  # Pneumonia · 肺炎
    description:
      en: Infection of the lung with high fever.
      zh: 肺部感染，高热。
    typical: {text: [high-fever], image: [patch]}
  asthma:
    description: {en: "Narrow airways, with a wheeze.", zh: 气道狭窄，伴喘鸣。}
    typical: {audio: [wheeze]}

findings:
  high-fever: {modality: text, title: {en: High fever, zh: 高热}, phrases: {en: [high fever, 39 degrees], zh: [高烧]}}
  patch: {modality: image, title: {en: Patch on the lung, zh: 肺部斑片影}}
  wheeze: {modality: audio, title: {en: Wheeze, zh: 喘鸣音}}

rules:
  - {finding: high-fever, label: pneumonia, strength: 0.7}
  - {finding: patch, label: pneumonia, strength: 0.8}
  - {finding: wheeze, label: pneumonia, strength: -0.4}

specialists:
  - {name: infections, title: {en: Infections, zh: 感染}, keywords: {en: [high fever], zh: [高烧]}, labels: [pneumonia]}
"""
"""A file without a fault for a data set whose labels include pneumonia and asthma."""


class KnowledgeBooks:
    """The versions of each data set's file."""

    def __init__(self) -> None:
        self._texts: dict[str, list[str]] = {}
        self._versions: dict[str, list[KnowledgeVersion]] = {}

    def write(self, dataset: str, text: str, labels: tuple[str, ...] = ()) -> KnowledgeVersion:
        """Keep a text as the newest version, whoever wrote it; raises its first fault."""
        known = self._versions.setdefault(dataset, [])
        told = knowledge_file.read(text.encode(), labels)
        digest = hashlib.sha256(text.encode()).hexdigest()
        made = version_of(told, len(known) + 1, digest, datetime.now(UTC).isoformat(timespec="seconds"))
        known.append(made)
        self._texts.setdefault(dataset, []).append(text)
        return made

    def text(self, dataset: str) -> str:
        """Return the newest text."""
        return self._texts[dataset][-1]

    def versions(self, dataset: str) -> KnowledgeVersions:
        """Return all versions."""
        return KnowledgeVersions(dataset=dataset, versions=tuple(self._versions.get(dataset, ())))

    def read(self, dataset: str, version: str) -> KnowledgeText:
        """Return one version; raises `knowledge-none`."""
        found = self.versions(dataset).find(version)
        if found is None:
            raise UserError("knowledge-none", id=dataset)
        return KnowledgeText(version=found, text=self._texts[dataset][found.version - 1])

    def save(self, command: SaveKnowledge, labels: tuple[str, ...]) -> KnowledgeVersion:
        """Keep a text that was edited; raises `knowledge-conflict` where another came before it."""
        known = self._versions.get(command.dataset, [])
        if command.based_on != len(known):
            raise UserError("knowledge-conflict")
        return self.write(command.dataset, command.text, labels)

    def check(self, text: str, labels: tuple[str, ...]) -> KnowledgeChecked:
        """Read a text and say everything that is wrong with it."""
        checked = knowledge_file.check(text.encode(), labels)
        told = checked.knowledge
        described = {name for name, entry in told.labels.items() if entry.description.en or entry.description.zh}
        return KnowledgeChecked(
            faults=checked.faults, labels=len(told.labels), findings=len(told.findings), rules=len(told.rules),
            specialists=len(told.specialists), undescribed=tuple(name for name in labels if name not in described),
        )  # fmt: skip
