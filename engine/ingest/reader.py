"""The process behind `KeptReaders`: answers requests on its standard input one after another, until the input ends.

Started as `python -m engine.ingest.reader`.
"""

import contextlib
import os

from engine.ingest import confine, frames, reading

_LIMITS = confine.Limits(memory=6 * 2**30, cpu_seconds=24 * 3600, wall_seconds=0, files=64)
"""What a process may use that reads many files; the time for each is the client's to watch."""


def main() -> None:
    """Answer requests until the input ends."""
    reading.warm_up()
    confine.limit(_LIMITS)
    source, target = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):  # a C library that prints must not write into the answer
        os.dup2(nothing, descriptor)
    line = frames.StreamPipe(source, target)
    with contextlib.suppress(BrokenPipeError):  # the client has given up on this file
        while request := reading.receive(line):
            reading.reply(line, *request)


if __name__ == "__main__":
    main()
