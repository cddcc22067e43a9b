"""A domain: what is asked, of which inputs, with which answers, in both languages. A folder with `domain.yaml` is all of it.

id: bakery
title: {en: Order desk, zh: 订单台}            description: {en: ..., zh: ...}
notice: {en: Research use only, zh: ...}     hand_over: {en: Ask the baker., zh: ...}
inputs:                                      labels:
  text: {en: Letter, zh: 来信, file: a.txt}     - {name: order, en: New order, zh: 新订单, description: ...}
group: {en: Customer, zh: 顾客}               out_of_place: [selfie, music]
"""

from typing import Any, Final, Self

from pydantic import Field, field_validator, model_validator

from engine.schema.base import MODALITIES, Identifier, Message, Modality
from engine.schema.case import Label
from engine.schema.errors import ErrorBody

LABELS_LIMIT: Final = 500


class Words(Message):
    """One wording in both languages; where one is empty the other stands in."""

    en: str = Field("", max_length=2000)
    zh: str = Field("", max_length=2000)

    def shown(self, language: str) -> str:
        """Return the wording in `en` or `zh`."""
        return (self.zh if language == "zh" else self.en) or self.en or self.zh


class InputWords(Words):
    """What one kind of input is called here, and the usual name of its file."""

    file: str = Field("", max_length=100, pattern=r"^[\w][\w. -]*$|^$")


class Domain(Message):
    """`domain.yaml`: everything the window and the engine need to know of a domain."""

    id: Identifier
    title: Words
    description: Words = Words()
    notice: Words = Field(Words(), description="What the answers are not for; stands at the top of the window.")
    medical: bool = Field(
        False, description="Whether its cases are of patients: then reports carry the whole medical notice."
    )
    hand_over: Words = Field(Words(), description="What to do with a case that the council is not sure of.")
    group: Words = Field(Words(), description="Who several cases belong to, such as a patient or a client.")
    labels: tuple[Label, ...] = Field(min_length=2, max_length=LABELS_LIMIT)
    inputs: dict[Modality, InputWords] = Field(
        {modality: InputWords() for modality in MODALITIES}, description="The kinds of input there are.", min_length=1
    )
    out_of_place: tuple[str, ...] = Field((), description="Generated strangers that belong nowhere here.")

    @field_validator("labels", mode="before")
    @classmethod
    def _labels(cls, value: Any) -> Any:
        """Take bare names for labels without wording."""
        if not isinstance(value, list):
            return value
        return [entry if isinstance(entry, dict) else {"name": str(entry)} for entry in value]

    @field_validator("title", "description", "notice", "hand_over", "group", mode="before")
    @classmethod
    def _one_language(cls, value: Any) -> Any:
        """Take a bare sentence for one that holds in both languages."""
        return {"en": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _once(self) -> Self:
        names = [label.name for label in self.labels]
        if len(set(names)) != len(names):
            raise ValueError("a label is named twice")
        return self

    def modalities(self) -> tuple[Modality, ...]:
        """Return the kinds of input there are, in the fixed order."""
        return tuple(modality for modality in MODALITIES if modality in self.inputs)

    def worded(self, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        """Return labels with the wording of this domain, where they have none of their own."""
        own = {label.name: label for label in self.labels}
        return tuple(_worded(label, own.get(label.name)) for label in labels)

    def files(self) -> dict[Modality, str]:
        """Return the usual name of each kind of input's file."""
        usual: dict[Modality, str] = {"text": "text.txt", "image": "picture.png", "audio": "sound.wav"}
        return {modality: words.file or usual[modality] for modality, words in self.inputs.items()}


class DomainInfo(Message):
    """A domain as a project offers it."""

    domain: Domain
    generates: bool = Field(description="Whether cases of it can be generated: it has a world and its phrases.")
    own: bool = Field(False, description="Whether it is the project's own folder.")


class DomainList(Message):
    """Answer of `GET /v1/domains`: the project's own first, then those that ship, by name."""

    domains: tuple[DomainInfo, ...]
    problem: ErrorBody | None = Field(None, description="Why the project's own folder could not be read.")


def _worded(label: Label, own: Label | None) -> Label:
    if own is None:
        return label
    told = {name: getattr(label, name) or getattr(own, name) for name in ("en", "zh", "description")}
    return label.model_copy(update=told)
