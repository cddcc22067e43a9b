"""`demo`: a project to play with, made in seconds from what ships."""

from pathlib import Path
from typing import Annotated, Any

import typer

from engine.schema.errors import UserError


def demo(
    project: Annotated[Path, typer.Argument(help="The project folder; it is made.")],
    domain: Annotated[str, typer.Option(help="clinic or support")] = "clinic",
) -> dict[str, Any]:
    """Make a demo project: a trained model and sample cases, all of it synthetic."""
    from engine.service.shipped import make_demo_project  # it brings the database along, which no other command needs

    if domain not in ("clinic", "support"):
        raise UserError("bad-setting", key="domain", value=domain, detail="known are clinic, support")
    model = make_demo_project(project, "clinic" if domain == "clinic" else "support")
    print(f"{project}: demo project with {model.name or model.model_id}. Synthetic: not for patients.")
    return {"project": str(project.resolve()), "model": model.model_id, "synthetic": True}
