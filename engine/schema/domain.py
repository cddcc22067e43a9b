"""A domain: what is asked, of which inputs, with which answers, in both languages. A folder with `domain.yaml` is all of it.

id: legal                                   task: single
title: {en: Legal intake, zh: 法律受理}       description: {en: ..., zh: ...}
notice: {en: Not legal advice, zh: ...}     hand_over: {en: Pass it to a lawyer., zh: ...}
inputs:                                     labels:
  text: {en: Letter, zh: 信, file: a.txt}     - {name: tenancy, en: Tenancy, zh: 租房, description: ...}
group: {en: Client, zh: 当事人}               out_of_place: [selfie, music]
"""

from pathlib import Path
from typing import Any, Final, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from engine.schema.base import MODALITIES, Identifier, Message, Modality
from engine.schema.case import Label
from engine.schema.errors import UserError
from engine.schema.places import assets
from engine.schema.plain_yaml import PlainLoader

DOMAIN_FILE: Final = "domain.yaml"
FILES: Final = (DOMAIN_FILE, "knowledge.yaml", "world.yaml", "phrases.txt")
"""What a domain folder may hold that a project takes along; `domain.yaml` alone must be there."""
BYTES_LIMIT: Final = 1024 * 1024
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

    def files(self) -> dict[Modality, str]:
        """Return the usual name of each kind of input's file."""
        usual: dict[Modality, str] = {"text": "text.txt", "image": "picture.png", "audio": "sound.wav"}
        return {modality: words.file or usual[modality] for modality, words in self.inputs.items()}


def read_domain(folder: Path) -> Domain:
    """Read a domain folder; raises `domain-unreadable` naming what is wrong."""
    return parse_domain(read_file(folder, DOMAIN_FILE), folder.name)


def read_file(folder: Path, name: str) -> bytes:
    """Return one of a domain folder's files; raises `domain-unreadable` where it is missing, a link or too large."""
    path = folder / name
    try:
        if path.is_symlink() or path.stat().st_size > BYTES_LIMIT:
            raise UserError("domain-unreadable", name=folder.name, detail=f"{name} is too large or a link")
        return path.read_bytes()
    except OSError as error:
        raise UserError("domain-unreadable", name=folder.name, detail=f"there is no {name}") from error


def parse_domain(data: bytes, name: str) -> Domain:
    """Return what a `domain.yaml` says; raises `domain-unreadable` with every fault."""
    try:
        return Domain.model_validate(load_yaml(data))
    except ValidationError as error:
        detail = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
        raise UserError("domain-unreadable", name=name, detail=detail) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError, OverflowError, TypeError) as error:
        raise UserError("domain-unreadable", name=name, detail="not valid YAML") from error


def load_yaml(data: bytes) -> Any:
    """Return a plain YAML document; raises `yaml.YAMLError` or `ValueError`."""
    loader = PlainLoader(data.decode("utf-8-sig"))
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def shipped() -> tuple[Path, ...]:
    """Return the domain folders that ship with Consilium, by name."""
    return tuple(sorted(path.parent for path in (assets() / "domains").glob(f"*/{DOMAIN_FILE}")))


def shipped_folder(name: str) -> Path | None:
    """Return the folder of a shipped domain by its id; None where there is none of that name."""
    return next((folder for folder in shipped() if folder.name == name), None)
