"""Domain folders: which files belong to one, how they are read, which ones ship, and which one a project has of its own."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from engine.schema.domain import Domain, DomainInfo, DomainList
from engine.schema.errors import ErrorBody, UserError
from engine.schema.places import assets
from engine.schema.plain_yaml import PlainLoader

DOMAIN_FILE: Final = "domain.yaml"
WORLD_FILE: Final = "world.yaml"
PHRASES_FILE: Final = "phrases.txt"
FILES: Final = (DOMAIN_FILE, "knowledge.yaml", WORLD_FILE, PHRASES_FILE)
"""What a domain folder may hold that a project takes along; `domain.yaml` alone must be there."""
OWN_FOLDER: Final = "domain"
"""Folder of a project that holds its own domain."""
BYTES_LIMIT: Final = 256 * 1024


def read_domain(folder: Path) -> Domain:
    """Read a domain folder; raises `domain-unreadable` naming what is wrong."""
    return parse_domain(read_file(folder, DOMAIN_FILE), folder.name)


def read_file(folder: Path, name: str) -> bytes:
    """Return one of a domain folder's files; raises `domain-unreadable` where it is missing, a link or too large."""
    path = folder / name
    if path.is_symlink():
        raise unreadable(folder, f"{name} is a link")
    if not path.is_file():
        raise unreadable(folder, f"there is no {name}")
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_LIMIT + 1)
    except OSError as error:
        raise unreadable(folder, f"{name} cannot be opened") from error
    if len(data) > BYTES_LIMIT:
        raise unreadable(folder, f"{name} is larger than {BYTES_LIMIT // 1024} KB")
    return data


def read_text(folder: Path, name: str) -> str:
    """Return one of a domain folder's files as text; raises `domain-unreadable` also where it is not UTF-8."""
    try:
        return read_file(folder, name).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(folder, f"{name} is not text in UTF-8") from error


def parse_domain(data: bytes, name: str) -> Domain:
    """Return what a `domain.yaml` says; raises `domain-unreadable` with its first faults."""
    try:
        return Domain.model_validate(load_yaml(data, DOMAIN_FILE))
    except ValidationError as error:
        raise UserError("domain-unreadable", name=name, detail=faults(error)) from error
    except ValueError as error:
        raise UserError("domain-unreadable", name=name, detail=str(error)) from error


def load_yaml(data: bytes, name: str) -> Any:
    """Return a plain YAML document; raises `ValueError` that names the file and, where it is known, the line."""
    try:
        loader = PlainLoader(data.decode("utf-8-sig"))
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError, OverflowError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 1})" if mark is not None else ""
        raise ValueError(f"{name} is not valid YAML{where}") from error


def faults(error: ValidationError) -> str:
    """Return the first faults of a file, each with its place."""
    return "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()[:3])


def unreadable(folder: Path, detail: str) -> UserError:
    """Return the error of a folder that cannot be used."""
    return UserError("domain-unreadable", name=folder.name, detail=detail)


def can_generate(folder: Path) -> bool:
    """Tell whether a folder says how its cases are generated."""
    return all((folder / name).is_file() for name in (WORLD_FILE, PHRASES_FILE))


def shipped() -> tuple[Path, ...]:
    """Return the domain folders that ship with Consilium, by name."""
    return tuple(sorted(path.parent for path in (assets() / "domains").glob(f"*/{DOMAIN_FILE}")))


def own_folder(project: Path) -> Path | None:
    """Return the project's own domain folder; None where it has none."""
    folder = project / OWN_FOLDER
    return folder if folder.is_dir() else None


def find(name: str, project: Path | None = None) -> Path:
    """Return a domain's folder by its id: the project's own, or one that ships; raises `domain-unknown`."""
    own = own_folder(project) if project is not None else None
    if own is not None and read_domain(own).id == name:
        return own
    folder = next((folder for folder in shipped() if folder.name == name), None)
    if folder is None:
        raise UserError("domain-unknown", name=name, known=", ".join(path.name for path in shipped()))
    return folder


def offered(project: Path) -> DomainList:
    """Return the domains a project can use; its own takes the place of one that ships under the same id."""
    found: list[DomainInfo] = []
    problem: ErrorBody | None = None
    own = own_folder(project)
    if own is not None:
        try:
            found.append(DomainInfo(domain=read_domain(own), generates=can_generate(own), own=True))
        except UserError as error:
            problem = error.body()
    taken = {info.domain.id for info in found}
    found += [
        DomainInfo(domain=read_domain(folder), generates=can_generate(folder))
        for folder in shipped()
        if folder.name not in taken
    ]
    return DomainList(domains=tuple(found), problem=problem)


def adopt(folder: Path, project: Path, check: Callable[[Path], object]) -> Domain:
    """Copy a domain folder's files into a project once `check` has found no fault in the copy; return the domain.

    The same files again change nothing; others are refused with `domain-there`, for cases may hang on the first.
    """
    if not folder.is_dir():
        raise unreadable(folder, "it is not a folder")
    names = [DOMAIN_FILE, *(name for name in FILES[1:] if (folder / name).is_symlink() or (folder / name).exists())]
    data = {name: read_file(folder, name) for name in names}
    domain = parse_domain(data[DOMAIN_FILE], folder.name)
    own = own_folder(project)
    if own is not None:
        if {path.name: path.read_bytes() for path in own.iterdir() if path.is_file()} != data:
            raise UserError("domain-there", name=project.name)
        return domain
    with tempfile.TemporaryDirectory(prefix=".domain-", dir=project) as beside:
        copy = Path(beside) / folder.resolve().name  # errors name the folder that the person chose
        copy.mkdir(mode=0o700)
        for name, content in data.items():
            (copy / name).write_bytes(content)
        check(copy)
        shutil.move(copy, project / OWN_FOLDER)
    return domain
