"""`python -m workbench [PROJECT]`: open the window, on a project where one is named."""

import argparse
import sys
from pathlib import Path

from workbench.app import run


def main() -> int:
    """Read the command line and show the window."""
    parser = argparse.ArgumentParser(prog="consilium", description="Open Consilium's window.")
    parser.add_argument("project", nargs="?", type=Path, help="folder of the project to open; made where it is not there")
    given = parser.parse_args()
    return run(sys.argv[:1], given.project.resolve() if given.project is not None else None)


if __name__ == "__main__":
    sys.exit(main())
