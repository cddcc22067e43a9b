"""`demo`: a project to play with, made in seconds from what ships, or a new one that has a domain of its own."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from engine.client import attach
from engine.schema.errors import EngineFault, UserError
from engine.schema.model import ModelSummary

_ENDING_SECONDS = 15.0
"""Longest time that an engine takes to end."""
_LOOK_SECONDS = 0.2


def demo(
    project: Annotated[Path, typer.Argument(help="The project folder; it is made.")],
    domain: Annotated[str, typer.Option(help="id of a domain that ships with a trained model")] = "clinic",
    domain_folder: Annotated[
        Path | None, typer.Option(help="make a new project with the domain that this folder describes")
    ] = None,
) -> dict[str, Any]:
    """Make a demo project: a trained model and sample cases, all of it synthetic. Or a project from a domain folder."""
    from engine.service import shipped  # it brings the database along, which no other command needs

    if domain_folder is not None:
        return _from_folder(project, domain_folder)
    model = _until_ended(lambda: shipped.make_demo_project(project, domain), lambda: _of_running(project, domain))
    print(f"{project}: demo project with {model.name or model.model_id}. Synthetic: not for patients.")
    return {"project": str(project.resolve()), "model": model.model_id, "synthetic": True}


def _from_folder(project: Path, folder: Path) -> dict[str, Any]:
    from engine.schema.domain_folder import can_generate  # nor this, which reads YAML
    from engine.service import shipped

    made = shipped.make_domain_project(project, folder)
    generates = can_generate(folder)
    after = "start a demo run in it" if generates else "import cases with answers"
    print(f"{project}: project of the domain {made.title.en or made.id}. Open it and {after}.")
    return {"project": str(project.resolve()), "domain": made.id, "generates": generates}


def _until_ended(make: Callable[[], ModelSummary], known: Callable[[], ModelSummary]) -> ModelSummary:
    """Make it, or ask the engine that holds the project; one that belongs to a project deleted here is about to end."""
    began = time.monotonic()
    while True:
        try:
            return make()
        except UserError as error:
            if error.code != "busy":
                raise
        try:
            return known()
        except EngineFault:
            if time.monotonic() - began > _ENDING_SECONDS:
                raise
        time.sleep(_LOOK_SECONDS)


def _of_running(project: Path, domain: str) -> ModelSummary:
    """Return the demo model of a project whose engine runs: it was made before, so there is nothing left to do."""
    with attach(project, start=False) as client:
        return client.get(f"/v1/models/demo-{domain}", ModelSummary)
