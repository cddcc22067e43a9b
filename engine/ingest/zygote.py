"""The warm process behind the sandbox: decoders loaded once, no torch, one forked child a file.

Started as `python -m engine.ingest.zygote FD`, where FD is a Unix socket. Each message on it is one letter (`confine.LETTERS`)
with one end of a socket pair; the child it forks answers there. It ends when the other side closes.
"""

import gc
import os
import select
import signal
import socket
import sys
import time

from engine.ingest import confine

_LIMITS = {letter: limits for limits, letter in confine.LETTERS.items()}
_GRACE_SECONDS = 0.5
"""How much longer than its own alarm a child may live before it is killed from here."""


class SocketPipe:
    """A blocking socket as a `Pipe`."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def send(self, data: bytes | memoryview) -> None:
        """Write all of `data`."""
        self._end.sendall(data)

    def receive(self, size: int) -> bytes:
        """Read at most `size` bytes; empty at the end."""
        return self._end.recv(size)


class Zygote:
    """Forks children and sees to it that each ends in time."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, tuple[int, float]] = {}
        """Process descriptor -> process id and the moment it must have ended."""

    def run(self) -> None:
        """Serve until the other side closes, then end all children."""
        while True:
            ready = self._wait()
            for descriptor in [fd for fd in ready if fd in self._children]:
                self._reap(descriptor)
            if self._control.fileno() in ready and not self._serve():
                break
        for descriptor in list(self._children):
            signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            self._reap(descriptor)

    def _wait(self) -> list[int]:
        now = time.monotonic()
        for descriptor, (_, deadline) in self._children.items():
            if deadline <= now:
                signal.pidfd_send_signal(descriptor, signal.SIGKILL)
        poll = select.poll()
        for descriptor in (self._control.fileno(), *self._children):
            poll.register(descriptor, select.POLLIN)
        next_deadline = min((deadline for _, deadline in self._children.values()), default=None)
        patience = None if next_deadline is None else max(50.0, (next_deadline - now) * 1000)
        return [descriptor for descriptor, _ in poll.poll(patience)]

    def _reap(self, descriptor: int) -> None:
        process, _ = self._children.pop(descriptor)
        os.waitpid(process, 0)
        os.close(descriptor)

    def _serve(self) -> bool:
        """Fork a child for one request; false when the other side is gone."""
        letter, descriptors, _, _ = socket.recv_fds(self._control, 1, 1)
        if not letter:
            return False
        limits = _LIMITS[letter]
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            _be_child(self._control, descriptors[0], limits, parent)
        os.close(descriptors[0])
        self._children[os.pidfd_open(child)] = (child, time.monotonic() + limits.wall_seconds + _GRACE_SECONDS)
        return True


def _be_child(control: socket.socket, descriptor: int, limits: confine.Limits, parent: int) -> None:
    """Live as a child: take every right away, answer one request, end. Never returns."""
    status = 1
    try:
        control.close()
        confine.die_with(parent)
        confine.close_files()
        confine.limit(limits)
        from engine.ingest import reading

        line = SocketPipe(socket.socket(fileno=descriptor))
        if limits == confine.BATCH_LIMITS:
            _answer_all(line)
        else:
            reading.answer(line)
        status = 0
    finally:
        os._exit(status)  # no clean-up of the parent's objects, no traceback: the client sees an end without an answer


def _answer_all(line: SocketPipe) -> None:
    """Answer until the client closes; the alarm rings for each file, not for the time between two."""
    from engine.ingest import reading

    while request := reading.receive(line):
        signal.alarm(confine.DECODE_LIMITS.wall_seconds)
        reading.reply(line, *request)
        signal.alarm(0)


def main() -> None:
    """Load the decoders, take the rights away, say what held, serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    network = confine.leave_network()
    _load()
    user = confine.drop_user()
    held = confine.probe(network, user)
    _be_quiet()
    gc.collect()
    gc.freeze()  # children write to fewer shared pages
    control.send(held.model_dump_json().encode())
    Zygote(control).run()


def _load() -> None:
    """Import everything a child could need: it can open no file, so it can import nothing later."""
    from engine.ingest import reading

    reading.warm_up()


def _be_quiet() -> None:
    """Let C libraries write their complaints about a file nowhere: they may quote it."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


if __name__ == "__main__":
    main()
