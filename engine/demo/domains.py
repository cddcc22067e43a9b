"""From domain folders to generators: who the people are is code, everything else is what the folder says.

`world.yaml` has `people` (patients, customers or callers), `missing`, `prior` and `findings`, each with its `input` and a table of
percentages, a line an answer; callers' papers are drawn as `papers` says. `phrases.txt` is a phrasebook.
"""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import yaml
from pydantic import Field, ValidationError

from engine.demo.callers import Caller
from engine.demo.customers import Customer
from engine.demo.generator import DrawPerson, Generated
from engine.demo.paper import Look
from engine.demo.patients import Patient
from engine.demo.phrasebook import LANGUAGES, Phrasebook, read_phrasebook
from engine.demo.world import Finding, World, finding
from engine.schema.base import Message, Modality
from engine.schema.domain import Domain, load_yaml, read_domain, read_file, shipped, shipped_folder
from engine.schema.errors import UserError

WORLD_FILE, PHRASES_FILE = "world.yaml", "phrases.txt"
_CORNER = "given"
_SHOWN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "patients": {
        "lungs": ("clear", "patch", "fluid", "edge"),
        "heart": ("normal", "large"),
        "inflation": ("usual", "stretched"),
        "cough": ("none", "dry", "wet"),
        "breath": ("plain", "wheeze", "crackles"),
        "pace": ("calm", "fast"),
    },
    "customers": {
        "window": ("login", "invoice", "crash", "loading"),
        "icon": ("none", "warning", "lock", "nosignal"),
        "stripe": ("none", "red", "green"),
        "mood": ("calm", "angry", "anxious", "tired"),
        "ending": ("rising", "falling"),
        "place": ("quiet", "street", "beeps"),
    },
    "callers": {
        "mood": ("calm", "angry", "anxious", "tired"),
        "ending": ("rising", "falling"),
        "place": ("quiet", "street", "beeps"),
    },
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
    if not all((folder / name).is_file() for name in (WORLD_FILE, PHRASES_FILE)):
        raise UserError("domain-no-generator", name=domain.title.en or domain.id)
    try:
        return _generated(domain, _world_file(folder), read_file(folder, PHRASES_FILE).decode("utf-8-sig"))
    except ValidationError as error:
        detail = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])
        raise UserError("domain-unreadable", name=folder.name, detail=detail) from error
    except (ValueError, KeyError, yaml.YAMLError) as error:
        raise UserError("domain-unreadable", name=folder.name, detail=str(error)[:300]) from error


def named(name: str, project: Path | None = None) -> Generated:
    """Return a generator by its domain's id: the project's own, or one that ships; raises `domain-unknown`."""
    folder = folder_of(name, project)
    if folder is None:
        raise UserError("domain-unknown", name=name, known=", ".join(path.name for path in shipped()))
    return read_generated(folder)


def folder_of(name: str, project: Path | None = None) -> Path | None:
    """Return the folder of a domain by its id: the project's own, or one that ships; None where there is neither."""
    own = project / "domain" if project is not None else None
    if own is not None and own.is_dir() and read_domain(own).id == name:
        return own
    return shipped_folder(name)


def _world_file(folder: Path) -> WorldFile:
    return WorldFile.model_validate(load_yaml(read_file(folder, WORLD_FILE)))


def _generated(domain: Domain, said: WorldFile, phrases: str) -> Generated:
    names = [label.name for label in domain.labels]
    if list(said.prior) != names:
        raise ValueError("the prior must name every label, in the order of domain.yaml")
    prior_L = np.array(list(said.prior.values()))
    if (prior_L <= 0).any() or not np.isclose(prior_L.sum(), 1):
        raise ValueError("the prior must be above 0 and add up to 1")
    findings = tuple(_finding(name, table, names) for name, table in said.findings.items())
    world = World(domain.labels, prior_L, findings, said.missing)
    book = read_phrasebook(phrases)
    _check(world, said, book)
    return Generated(domain, world, _people(said, book), domain.files())


def _finding(name: str, said: FindingTable, labels: list[str]) -> Finding:
    head, *rows = said.table.strip().splitlines()
    if head.split()[0] != _CORNER or [row.split()[0] for row in rows] != labels:
        raise ValueError(
            f"the table of {name} must begin with `{_CORNER}` and have a line for each label, in their order"
        )
    return finding(name, said.input, "\n".join([head.strip().removeprefix(_CORNER), *rows]))


def _people(said: WorldFile, book: Phrasebook) -> DrawPerson:
    kinds: Mapping[str, Callable[..., Any]] = {
        "patients": functools.partial(Patient.draw, book),
        "customers": functools.partial(Customer.draw, book),
        "callers": functools.partial(Caller.draw, book, said.papers),
    }
    drawn: DrawPerson = kinds[said.people]
    return drawn


def _check(world: World, said: WorldFile, book: Phrasebook) -> None:
    """Raise `ValueError` where a finding could not be said, shown or heard, so that no case is lost halfway."""
    shown = dict(_SHOWN[said.people])
    if said.people == "callers":
        shown |= {name: tuple(looks) for name, looks in said.papers.items()}
    for one in world.findings:
        if one.modality != "text":
            unknown = set(one.values) - set(shown.get(one.name, ()))
            if unknown:
                raise ValueError(f"nothing shows {one.name} {', '.join(sorted(unknown))}")
            shown.pop(one.name)
    if shown:
        raise ValueError(f"{said.people} need the finding {', '.join(shown)}")
    said_of = [f"{one.name} {value}" for one in world.of("text") for value in one.values if value != "unsaid"]
    for key in ("opening", "aside", *said_of):
        for language in LANGUAGES:
            for held_out in (False, True):
                if not book.sentences.get((key, language, held_out)):
                    raise ValueError(
                        f"phrases.txt has no {'held-out ' if held_out else ''}sentence {language} for {key}"
                    )


DOMAINS: Mapping[str, Generated] = {
    folder.name: read_generated(folder) for folder in shipped() if (folder / WORLD_FILE).is_file()
}
"""Id, as `StartDemo` carries it -> the demo that ships."""
