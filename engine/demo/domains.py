"""From domain folders to generators: who the people are is code, everything else is what the folder says.

`world.yaml` has `people` (patients, customers or callers), `missing`, `prior` and `findings`, each with its `input` and a table of
percentages, a line an answer; callers' papers are drawn as `papers` says. `phrases.txt` is a phrasebook.
"""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationError

from engine.demo.callers import Caller
from engine.demo.customers import Customer
from engine.demo.generator import DrawPerson, Generated
from engine.demo.paper import Look
from engine.demo.patients import Patient
from engine.demo.phrasebook import LANGUAGES, Phrasebook, read_phrasebook
from engine.demo.world import Finding, World, finding
from engine.schema import knowledge_file
from engine.schema.base import Message, Modality
from engine.schema.domain import Domain
from engine.schema.domain_folder import (
    PHRASES_FILE,
    WORLD_FILE,
    can_generate,
    faults,
    find,
    load_yaml,
    read_domain,
    read_file,
    read_text,
    shipped,
    unreadable,
)
from engine.schema.errors import UserError
from engine.schema.knowledge import KNOWLEDGE_FILE

_CORNER = "given"
_SPOKEN: Mapping[str, tuple[str, ...]] = {
    "mood": ("calm", "angry", "anxious", "tired"),
    "ending": ("rising", "falling"),
    "place": ("quiet", "street", "beeps"),
}
_SHOWN: Mapping[str, Mapping[Modality, Mapping[str, tuple[str, ...]]]] = {
    "patients": {
        "image": {
            "lungs": ("clear", "patch", "fluid", "edge"),
            "heart": ("normal", "large"),
            "inflation": ("usual", "stretched"),
        },
        "audio": {
            "cough": ("none", "dry", "wet"),
            "breath": ("plain", "wheeze", "crackles"),
            "pace": ("calm", "fast"),
        },
    },
    "customers": {
        "image": {
            "window": ("login", "invoice", "crash", "loading"),
            "icon": ("none", "warning", "lock", "nosignal"),
            "stripe": ("none", "red", "green"),
        },
        "audio": _SPOKEN,
    },
    "callers": {"image": {}, "audio": _SPOKEN},
}
"""What each kind of people can show or let be heard: findings and their values, all of which a world must have."""


class FindingTable(Message):
    """One finding of `world.yaml`."""

    input: Modality
    table: str = Field(max_length=20_000)


class WorldFile(Message):
    """`world.yaml`."""

    people: Literal["patients", "customers", "callers"]
    missing: float = Field(0.12, ge=0, lt=1)
    prior: dict[str, float]
    findings: dict[str, FindingTable] = Field(min_length=1)
    papers: dict[str, dict[str, Look]] = {}


def read_generated(folder: Path) -> Generated:
    """Return the generator that a folder describes; raises `domain-no-generator` or `domain-unreadable`."""
    domain = read_domain(folder)
    if not can_generate(folder):
        raise UserError("domain-no-generator", name=domain.title.en or domain.id)
    try:
        return _generated(domain, _world_file(folder), read_text(folder, PHRASES_FILE))
    except ValidationError as error:
        raise unreadable(folder, f"{WORLD_FILE}: {faults(error)}") from error
    except ValueError as error:
        raise unreadable(folder, str(error)[:300]) from error


def named(name: str, project: Path | None = None) -> Generated:
    """Return a generator by its domain's id: the project's own, or one that ships; raises `domain-unknown`."""
    return read_generated(find(name, project))


def check_folder(folder: Path) -> None:
    """Raise `domain-unreadable` with the first fault of any of a domain folder's files, a knowledge file's with its line."""
    domain = read_domain(folder)
    there = [name for name in (WORLD_FILE, PHRASES_FILE) if (folder / name).is_file()]
    if len(there) == 1:
        raise unreadable(folder, f"of {WORLD_FILE} and {PHRASES_FILE} only {there[0]} is there")
    if there:
        read_generated(folder)
    if (folder / KNOWLEDGE_FILE).is_file():
        labels = [label.name for label in domain.labels]
        found = knowledge_file.check(read_file(folder, KNOWLEDGE_FILE), labels).faults
        if found:
            raise found[0].error()


def _world_file(folder: Path) -> WorldFile:
    return WorldFile.model_validate(load_yaml(read_file(folder, WORLD_FILE), WORLD_FILE))


def _generated(domain: Domain, said: WorldFile, phrases: str) -> Generated:
    names = [label.name for label in domain.labels]
    if list(said.prior) != names:
        raise ValueError("the prior must name every label, in the order of domain.yaml")
    prior_L = np.array(list(said.prior.values()))
    if (prior_L <= 0).any() or not np.isclose(prior_L.sum(), 1):
        raise ValueError("the prior must be above 0 and add up to 1")
    findings = tuple(_finding(name, table, names) for name, table in said.findings.items())
    world = World(domain.labels, prior_L, findings, said.missing, domain.modalities())
    book = read_phrasebook(phrases)
    _check_shown(world, said)
    _check_said(world, book)
    return Generated(domain, world, _people(said, book), domain.files())


def _finding(name: str, said: FindingTable, labels: list[str]) -> Finding:
    head, *rows = [line.split() for line in said.table.splitlines() if line.strip()] or [[]]
    if head[:1] != [_CORNER] or [row[0] for row in rows] != labels:
        raise ValueError(
            f"the table of {name} must begin with `{_CORNER}` and have a line for each label, in their order"
        )
    try:
        made = finding(name, said.input, "\n".join(map(" ".join, [head[1:], *rows])))
    except (ValueError, IndexError) as error:
        raise ValueError(f"the lines of the table of {name} must have a number for each value, 100 in all") from error
    if (made.table_LV < 0).any():
        raise ValueError(f"the table of {name} has a number below 0")
    return made


def _people(said: WorldFile, book: Phrasebook) -> DrawPerson:
    kinds: Mapping[str, Callable[..., Any]] = {
        "patients": functools.partial(Patient.draw, book),
        "customers": functools.partial(Customer.draw, book),
        "callers": functools.partial(Caller.draw, book, said.papers),
    }
    drawn: DrawPerson = kinds[said.people]
    return drawn


def _check_shown(world: World, said: WorldFile) -> None:
    """Raise `ValueError` where a finding could not be shown or heard, so that no case is lost halfway."""
    for one in world.findings:
        if one.modality not in world.modalities:
            raise ValueError(f"{one.name} belongs to the input {one.modality}, which domain.yaml does not have")
    for modality in world.modalities:
        if not world.of(modality):
            raise ValueError(f"{WORLD_FILE} has no finding for the input {modality}")
        if modality == "text":
            continue
        able = dict(_SHOWN[said.people][modality])
        if said.people == "callers" and modality == "image":
            able |= {name: tuple(looks) for name, looks in said.papers.items()}
        for one in world.of(modality):
            unknown = set(one.values) - set(able.pop(one.name, ()))
            if unknown:
                raise ValueError(f"nothing shows {one.name} {', '.join(sorted(unknown))}")
        if able:
            raise ValueError(f"{said.people} need the finding {', '.join(able)} with the input {modality}")


def _check_said(world: World, book: Phrasebook) -> None:
    """Raise `ValueError` where a finding could not be said in both languages and both halves."""
    told = [f"{one.name} {value}" for one in world.of("text") for value in one.values if value != "unsaid"]
    for key in ("opening", "aside", *told) if "text" in world.modalities else ():
        for language in LANGUAGES:
            for held_out in (False, True):
                if not book.sentences.get((key, language, held_out)):
                    half = "held-out " if held_out else ""
                    raise ValueError(f"{PHRASES_FILE} has no {half}sentence {language} for {key}")


DOMAINS: Mapping[str, Generated] = {folder.name: read_generated(folder) for folder in shipped() if can_generate(folder)}
"""Id, as `StartDemo` carries it -> the demo that ships."""
