"""Which answers of the engine still count: those to what was asked since the last turn, none to what was given up."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Turns:
    """Counts how often something was begun anew or given up; what was asked before then is heard no more."""

    def __init__(self) -> None:
        self._now = 0

    def next(self) -> None:
        """Begin anew: answers still on their way are dropped."""
        self._now += 1

    def only_now(self, callback: Callable[[T], None], late: Callable[[T], None] | None = None) -> Callable[[T], None]:
        """Return `callback` for answers that come before the next turn; those that come after go to `late`, or nowhere."""
        asked = self._now

        def answered(value: T) -> None:
            if asked == self._now:
                callback(value)
            elif late is not None:
                late(value)

        return answered
