"""`serve`: run the engine of a project in the foreground; the window and the other commands start it so."""

from pathlib import Path
from typing import Annotated

import typer


def serve(
    project: Annotated[Path, typer.Argument(help="The project folder.")],
    create: Annotated[bool, typer.Option("--create", help="Make the project where there is none.")] = False,
) -> dict[str, str | bool]:
    """Run the engine of a project until it is told to end; ends at once where one runs already."""
    from engine.service.lifetime import serve as run  # the other commands need no server

    return {"project": str(project.resolve()), "served": run(project, create)}
