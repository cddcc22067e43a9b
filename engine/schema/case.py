"""A case: what a person dropped or imported, part by part."""

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from pydantic import Field

from engine.schema.base import MODALITIES, Answering, Identifier, Message, Modality, Sha256, ShortText
from engine.schema.errors import ErrorBody
from engine.schema.prediction import Prediction

Split = Literal["", "train", "val", "test"]
"""Which part of its data set a case belongs to; empty for a case that a person dropped."""
Source = Literal["dropped", "imported", "demo"]


class QualityFlag(Message):
    """One failed or doubtful quality check of a part, found while decoding; `value` in the unit its code implies.

    Codes: `blank-image`, `blurred-image`, `tiny-image`, `silent-audio`, `short-audio`, `clipped-audio`, `empty-text`,
    `truncated-text`.
    """

    code: str
    value: float = 0.0


class PartFacts(Message):
    """What decoding found out; zero or empty where it does not apply."""

    width: int = 0
    height: int = 0
    seconds: float = 0.0
    sample_rate: int = 0
    channels: int = 0
    characters: int = 0
    words: int = 0
    encoding: str = ""


class Part(Message):
    """One file (or typed text) of a case.

    `original` is the blob as it was picked; `decoded` is what the model reads and the person sees: UTF-8 text, an 8-bit
    PNG (grey or RGB, longest side <= 1024) or 16-bit mono 16 kHz WAV. An unreadable part has `decoded=None` and `problem`.
    """

    part_id: Identifier
    modality: Modality
    original: Sha256
    decoded: Sha256 | None = None
    name: ShortText = ""
    media_type: str = ""
    size: int = Field(0, ge=0, description="Bytes of the original.")
    facts: PartFacts = PartFacts()
    flags: tuple[QualityFlag, ...] = ()
    problem: ErrorBody | None = None
    findings: tuple[str, ...] | None = Field(
        None, description="Findings of a knowledge file that somebody saw in it; None where nobody looked."
    )
    looked_for: tuple[str, ...] | None = Field(
        None,
        description="The findings that somebody looked for, where that was not every one; of the others nothing is known.",
    )

    def shows(self, finding: str) -> bool | None:
        """Return whether somebody saw a finding in it, None where nobody looked for it."""
        if self.findings is None:
            return None
        if finding in self.findings:
            return True
        return False if self.looked_for is None or finding in self.looked_for else None


class Case(Message):
    """One case as the project holds it. `version` grows by one with each change and guards edits against lost updates."""

    case_id: Identifier
    title: ShortText = ""
    dataset: str = ""
    group: ShortText = Field("", description="Patient or speaker; one group never crosses splits.")
    split: Split = ""
    label: str = Field("", description="The true answer where it is known.")
    labels: tuple[str, ...] | None = Field(
        None, description="The true labels where several may hold at once; empty for none of them, None where unknown."
    )
    own_view: str = Field("", description="The answer a person gave; empty where nobody did, `unsure` if they said so.")
    own_labels: tuple[str, ...] | None = Field(
        None,
        description="The labels a person gave where several may hold; empty for none of them, None where nobody did.",
    )
    source: Source = "dropped"
    synthetic: bool = False
    parts: tuple[Part, ...] = ()
    version: int = 1
    parts_version: int = Field(1, description="The version at which the parts last changed.")
    created_at: datetime
    prediction: Prediction | None = Field(None, description="The latest answer, also when it is stale.")

    def readable(self) -> tuple[Part, ...]:
        """Return the parts that could be decoded."""
        return tuple(part for part in self.parts if part.decoded is not None)

    def present(self) -> tuple[Modality, ...]:
        """Return the modalities with at least one readable part, in the fixed order."""
        found = {part.modality for part in self.readable()}
        return tuple(modality for modality in MODALITIES if modality in found)

    def inputs(self) -> tuple[Sha256, ...]:
        """Return what a model reads of the case: the decoded parts, kind by kind, in their order."""
        ranked = sorted(self.readable(), key=lambda part: MODALITIES.index(part.modality))
        return tuple(part.decoded for part in ranked if part.decoded is not None)

    def stale(self) -> bool:
        """Whether the latest answer was given for other inputs than those of now; a change that was taken back is none."""
        if self.prediction is None:
            return False
        if self.prediction.inputs is None:
            return self.prediction.case_version < self.parts_version
        return self.prediction.inputs != self.inputs()

    def truth(self) -> tuple[str, ...] | None:
        """Return the labels that are true, one or several; empty for none of them, None where the truth is unknown."""
        if self.labels is not None:
            return self.labels
        return (self.label,) if self.label else None

    def has_answer(self, names: Collection[str], answers: Answering) -> bool:
        """Whether its truth is known, of the kind that is asked for, and holds nothing but these labels."""
        several = self.labels is not None
        truth = self.truth()
        return truth is not None and several == (answers == "several") and all(label in names for label in truth)

    def seen(self) -> bool:
        """Whether a person has said what they think of it."""
        return bool(self.own_view) or self.own_labels is not None

    def pattern(self) -> str:
        """Return the modality pattern, such as `text+audio`; `none` where nothing is readable."""
        return "+".join(self.present()) or "none"


class CasePage(Message):
    """A page of the case list; `total` counts all cases that match."""

    cases: tuple[Case, ...]
    total: int
    offset: int


class Label(Message):
    """One answer the council can give; `name` is what the data say, `en` and `zh` what people read."""

    name: str = Field(max_length=200)
    en: str = ""
    zh: str = ""
    description: str = Field(
        "", max_length=2000, description="What the answer means, in words a language model can use."
    )

    def shown(self, language: str) -> str:
        """Return the label in `en` or `zh`, or its plain name where no wording is known."""
        return (self.zh if language == "zh" else self.en) or self.name.replace("_", " ")


class Dataset(Message):
    """A set of labelled cases that came in together; a council is trained on one."""

    dataset: Identifier
    title: ShortText = ""
    labels: tuple[Label, ...]
    answers: Answering = Field("one", description="Whether its cases have one answer each, or several labels at once.")
    synthetic: bool = False
    licence: ShortText = ""
    created_at: datetime
    counts: dict[str, int] = Field({}, description="Cases by split (`train`, `val`, `test`).")
    patterns: dict[str, int] = Field({}, description="Cases by modality pattern, all splits.")
    groups: int = Field(0, description="Distinct groups among the training cases.")
    domain: str = Field("", description="Id of the domain it belongs to; empty where none is known.")
