"""What an expert of the domain knows, as data: labels described, findings, rules between them, specialists wanted.

It is written as a plain YAML file (`knowledge.yaml`), which `knowledge_file` reads and `knowledge_writing` writes:

    title: {en: Respiratory clinic, zh: 呼吸门诊}
    labels:
      pneumonia:
        description: {en: Infection of the lung with high fever., zh: 肺部感染，高热。}
        typical: {text: [high-fever], image: [patch]}
    findings:
      high-fever: {modality: text, title: High fever, phrases: {en: [high fever], zh: [高烧]}}
      patch: {modality: image, title: {en: Patch on the lung, zh: 肺部斑片影}}
    rules:
      - {finding: high-fever, label: pneumonia, strength: 0.7}
    specialists:
      - {name: infections, title: {en: Infections, zh: 感染}, keywords: [high fever, 高烧], labels: [pneumonia]}

A wording may be one string; it then belongs to the language it is written in.
"""

import re

from pydantic import Field

from engine.schema.base import Identifier, Message, Modality, Sha256
from engine.schema.case import Label
from engine.schema.errors import ErrorBody

KNOWLEDGE_FILE = "knowledge.yaml"
BYTES_LIMIT = 512 * 1024
_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff]")


class Told(Message):
    """A text in both languages; either may be empty."""

    en: str = Field("", max_length=4000)
    zh: str = Field("", max_length=4000)

    @classmethod
    def plain(cls, text: str) -> "Told":
        """Return a text that stands alone as the language it is written in."""
        return cls(zh=text) if _CHINESE.search(text) else cls(en=text)

    def shown(self, language: str) -> str:
        """Return it in `en` or `zh`, or in the other language where it is not told in this one."""
        first, second = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return first or second


class Phrases(Message):
    """Words a text is searched for, in both languages; `...` within a phrase stands for a few words in between."""

    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()

    @classmethod
    def plain(cls, phrases: list[str]) -> "Phrases":
        """Return phrases that stand in one list, each as the language it is written in."""
        chinese = tuple(phrase for phrase in phrases if _CHINESE.search(phrase))
        return cls(en=tuple(phrase for phrase in phrases if phrase not in chinese), zh=chinese)

    def every(self) -> tuple[str, ...]:
        """Return the phrases of both languages."""
        return self.en + self.zh


class LabelKnowledge(Message):
    """What a label means, and the findings that are typical of it, by modality."""

    description: Told = Told()
    typical: dict[Modality, tuple[str, ...]] = {}


class FindingKnowledge(Message):
    """Something that can be read, seen or heard; a finding of a text is known by its phrases."""

    modality: Modality
    title: Told = Told()
    phrases: Phrases = Phrases()


class Rule(Message):
    """`finding` speaks for `label` (strength above 0) or against it (below 0)."""

    finding: str
    label: str
    strength: float = Field(ge=-1, le=1)


class Specialist(Message):
    """An expert with a name: who it is for is told by keywords, labels or single cases."""

    name: str = Field(max_length=60)
    title: Told = Told()
    keywords: Phrases = Phrases()
    labels: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()


class Knowledge(Message):
    """The whole file."""

    title: Told = Told()
    labels: dict[str, LabelKnowledge] = {}
    findings: dict[str, FindingKnowledge] = {}
    rules: tuple[Rule, ...] = ()
    specialists: tuple[Specialist, ...] = ()

    def finding_title(self, name: str, language: str) -> str:
        """Return a finding as a person reads it."""
        found = self.findings.get(name)
        return (found.title.shown(language) if found else "") or name.replace("-", " ").replace("_", " ")

    def spellings(self, modality: Modality) -> dict[str, str]:
        """Return the findings of one kind of input under their names and titles, as `plain_spelling` writes these."""
        found = {name: finding for name, finding in self.findings.items() if finding.modality == modality}
        titles = {
            text: name for name, finding in found.items() for text in (finding.title.en, finding.title.zh) if text
        }
        return {plain_spelling(text): name for text, name in (titles | {name: name for name in found}).items()}

    def described(self, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        """Return labels with the file's descriptions, where it has one; what reads descriptions then reads these."""
        told = {name: entry.description.shown("en") for name, entry in self.labels.items()}
        return tuple(
            label.model_copy(update={"description": told[label.name][:2000]}) if told.get(label.name) else label
            for label in labels
        )


class KnowledgeVersion(Message):
    """One version of a data set's knowledge file, kept under its sha256."""

    version: int
    sha256: Sha256
    title: Told = Told()
    labels: int = 0
    findings: int = 0
    rules: int = 0
    specialists: int = 0
    at: str = ""


class KnowledgeVersions(Message):
    """All versions of a data set's knowledge file, the oldest first; none where nobody wrote one."""

    dataset: Identifier
    versions: tuple[KnowledgeVersion, ...] = ()

    def find(self, wanted: str) -> KnowledgeVersion | None:
        """Return the version of a number or of a sha256, the newest for `latest`; None where there is none."""
        if wanted == "latest":
            return self.versions[-1] if self.versions else None
        fitting = (one for one in self.versions if wanted in (str(one.version), one.sha256))
        return next(fitting, None)


class KnowledgeText(Message):
    """A version as it was written: what an editor shows and `SaveKnowledge` gives back changed."""

    version: KnowledgeVersion
    text: str = Field(max_length=BYTES_LIMIT)


class CheckKnowledge(Message):
    """Read a file without keeping it."""

    dataset: Identifier
    text: str = Field(max_length=BYTES_LIMIT)


class KnowledgeChecked(Message):
    """What a file says as far as it can be read; each fault carries its `line`."""

    faults: tuple[ErrorBody, ...] = ()
    labels: int = 0
    findings: int = 0
    rules: int = 0
    specialists: int = 0
    undescribed: tuple[str, ...] = Field((), description="Labels of the data set that the file does not describe.")


def plain_spelling(written: str) -> str:
    """Return a finding's name or title in the form in which spellings are compared: small, with single spaces."""
    return " ".join(re.sub(r"[-_\s]+", " ", written).casefold().split())


def version_of(knowledge: Knowledge, number: int, sha256: str, at: str) -> KnowledgeVersion:
    """Return what lists show of a file."""
    counts = {name: len(getattr(knowledge, name)) for name in ("labels", "findings", "rules", "specialists")}
    return KnowledgeVersion(version=number, sha256=sha256, title=knowledge.title, at=at, **counts)
