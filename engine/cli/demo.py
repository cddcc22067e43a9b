"""`demo`: a project to play with, made in seconds from what ships."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from engine.client import attach
from engine.schema.errors import UserError
from engine.schema.model import ModelSummary


def demo(
    project: Annotated[Path, typer.Argument(help="The project folder; it is made.")],
    domain: Annotated[str, typer.Option(help="clinic or support")] = "clinic",
) -> dict[str, Any]:
    """Make a demo project: a trained model and sample cases, all of it synthetic."""
    from engine.service.shipped import make_demo_project  # it brings the database along, which no other command needs

    if domain not in ("clinic", "support"):
        raise UserError("bad-setting", key="domain", value=domain, detail="known are clinic, support")
    chosen: Literal["clinic", "support"] = "clinic" if domain == "clinic" else "support"
    try:
        model = make_demo_project(project, chosen)
    except UserError as error:
        if error.code != "busy":
            raise
        model = _of_running(project, chosen)
    print(f"{project}: demo project with {model.name or model.model_id}. Synthetic: not for patients.")
    return {"project": str(project.resolve()), "model": model.model_id, "synthetic": True}


def _of_running(project: Path, domain: str) -> ModelSummary:
    """Return the demo model of a project whose engine runs: it was made before, so there is nothing left to do."""
    with attach(project, start=False) as client:
        return client.get(f"/v1/models/demo-{domain}", ModelSummary)
