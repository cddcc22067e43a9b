"""How a comparison that somebody starts by hand ends: with a sentence instead of a traceback, and an exit code."""

import sys
from collections.abc import Callable

from engine.schema.errors import ConsiliumError


def exit_code(make: Callable[[], int]) -> int:
    """Return what `make` returns; 2 where a person can mend what stopped it, 1 for a fault of ours, after a sentence about it."""
    try:
        return make()
    except ConsiliumError as error:
        sys.stderr.write(f"{error}\n")
        return 1 if error.fault else 2
