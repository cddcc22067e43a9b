"""`python -m workbench [PROJECT] [--demo]`: open the window, on a project where one is named."""

import argparse
import sys
from pathlib import Path

from workbench.app import run


def main() -> int:
    """Read the command line and show the window."""
    parser = argparse.ArgumentParser(prog="consilium", description="Open Consilium's window.")
    parser.add_argument(
        "project", nargs="?", type=Path, help="folder of the project to open; made where it is not there"
    )
    parser.add_argument("--demo", action="store_true", help="make the demo project in that folder first")
    given = parser.parse_args()
    project = given.project.resolve() if given.project is not None else None
    if given.demo and project is None:
        parser.error("--demo needs the folder of the project")
    return run(sys.argv[:1], project, make_demo=given.demo)


if __name__ == "__main__":
    sys.exit(main())
