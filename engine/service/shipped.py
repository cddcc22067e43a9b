"""The demo project: the trained model and the sample cases that ship with Consilium, usable at once and without training."""

import contextlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel
from sqlalchemy import Connection

from engine.demo.domains import check_folder
from engine.ingest.sandbox import Sandbox
from engine.jobs import results
from engine.schema.base import MODALITIES
from engine.schema.case import Case, Part
from engine.schema.domain import Domain
from engine.schema.domain_folder import adopt
from engine.schema.errors import EngineFault, UserError
from engine.schema.model import ModelSummary
from engine.schema.places import assets
from engine.schema.runtime import LOCK_FILE
from engine.service.lifetime import runtime_of
from engine.store import cases, facts, models
from engine.store.blobs import Blobs
from engine.store.database import Database
from engine.store.locks import hold
from engine.store.project import ProjectFolder


class Sample(BaseModel):
    """One sample case as `expected.json` lists it; what it says beyond this is for readers."""

    folder: str
    demo: str
    truth: str


class Samples(BaseModel):
    """`expected.json`."""

    cases: tuple[Sample, ...]


def ready_domains() -> tuple[str, ...]:
    """Return the ids of the domains that ship with a trained model, by name."""
    return tuple(sorted(path.name for path in (assets() / "models").glob("*") if path.is_dir()))


def make_demo_project(project: Path, domain: str) -> ModelSummary:
    """Make a project with the shipped models and sample cases of all demos; return the model of `domain`, which is in use.

    A project that has them already is left as it is; one whose engine runs is refused, for the engine alone may write.
    """
    known = ready_domains()
    if domain not in known and any(sample.demo == domain for sample in _listed()):
        raise EngineFault("internal", detail="the installation lacks its demo models")
    if domain not in known:
        raise UserError("domain-no-model", name=domain, known=", ".join(known))
    with _made(project) as (folder, database):
        _fill(folder, database, domain)
        return next(model for model in database.now(models.every) if model.model_id == f"demo-{domain}")


def make_domain_project(project: Path, described: Path) -> Domain:
    """Make a project that has a domain of its own, copied from a folder once no fault was found in it; return the domain."""
    check_folder(described)  # before there is a project, so that a fault leaves none behind
    with _made(project) as (folder, _database):
        return adopt(described, folder.path, check_folder)


@contextlib.contextmanager
def _made(project: Path) -> Iterator[tuple[ProjectFolder, Database]]:
    """Hold a project that nobody else has open, made where it is not there yet; raises `busy`."""
    folder = ProjectFolder(project)
    held = hold(runtime_of(folder.path) / LOCK_FILE)
    if held is None:
        raise UserError("busy", what="project")
    try:
        folder.make()
        database = Database(folder.database)
        try:
            yield folder, database
        finally:
            database.close()
    finally:
        held.release()


def _fill(folder: ProjectFolder, database: Database, domain: str) -> None:
    """Bring in what is not there yet, whole or not at all; the model of `domain` is kept last, and the last case heads the list.

    So what a person tries first, the newest model, is the one in use.
    """
    known = {model.model_id for model in database.now(models.every)}
    domains = sorted(ready_domains(), key=lambda name: name != domain)
    missing = [name for name in domains if f"demo-{name}" not in known]
    summaries = [_publish(folder, name) for name in missing]
    with Sandbox() as sandbox:
        demos = [(name, "") if name == domain else (name,) for name in reversed(missing)]
        made = [case for wanted in demos for case in _samples(folder.blobs, sandbox, wanted)]

    def keep(connection: Connection) -> None:
        if missing == domains:  # a new project
            facts.put(connection, facts.MODEL_IN_USE, f"demo-{domain}")
        for summary in reversed(summaries):
            results.keep_model(connection, summary)
        cases.add_many(connection, made)

    database.now(keep)


def _publish(folder: ProjectFolder, domain: str) -> ModelSummary:
    return results.publish_model(folder, assets() / "models" / domain, f"demo-{domain}", run="")


def _samples(blobs: Blobs, sandbox: Sandbox, demos: Sequence[str]) -> Iterator[Case]:
    """Yield the sample cases of these demos, the last listed first, so that the list shows them in their order."""
    folder = assets() / "cases"
    for sample in reversed(_listed()):
        if sample.demo not in demos:
            continue
        files = sorted(path for path in (folder / sample.folder).iterdir() if path.is_file())
        parts = sandbox.each(lambda path=path: _part(blobs, sandbox, path) for path in files)  # type: ignore[misc]
        yield Case(
            case_id=f"sample-{sample.folder}",
            title=sample.folder.replace("-", " "),
            label=sample.truth,
            source="demo",
            synthetic=True,
            parts=tuple(sorted(parts, key=lambda part: MODALITIES.index(part.modality))),
            created_at=datetime.now(UTC),
        )


def _listed() -> tuple[Sample, ...]:
    return Samples.model_validate_json((assets() / "cases" / "expected.json").read_bytes()).cases


def _part(blobs: Blobs, sandbox: Sandbox, path: Path) -> Part:
    data = path.read_bytes()
    blobs.put(data)
    part, decoded = sandbox.decode_now(data, path.name)
    if part.decoded is not None:
        blobs.put(decoded)
    return part
