"""What takes rights away from the decode processes: network, user, files, memory, time; each step says whether it held.

Linux has all of it; other systems have what their kernel offers. Nothing here raises: a step that the system refuses is
reported as not held, and the wall clock of the client remains.
"""

import contextlib
import ctypes
import os
import signal
import sys

if sys.platform != "win32":
    import resource  # here, not where it is used: a process that may open no file can import nothing

from engine.schema.base import Message

_NOBODY = 65_534
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446  # the same on every architecture
_LANDLOCK_VERSION = 1
_CAPABILITY_VERSION = 0x20080522


class Limits(Message):
    """What one decode process may use."""

    memory: int = 2 * 2**30
    cpu_seconds: int = 5
    wall_seconds: int = 10
    files: int = 32


DECODE_LIMITS = Limits()
PLAN_LIMITS = Limits(memory=6 * 2**30, cpu_seconds=120, wall_seconds=150)
"""A table of a million rows is plain Python: more time and memory, the same walls."""

BATCH_LIMITS = Limits(cpu_seconds=60, wall_seconds=120)
"""Many small files one after another; each has the seconds of `DECODE_LIMITS` besides."""
LETTERS = {DECODE_LIMITS: b"d", PLAN_LIMITS: b"p", BATCH_LIMITS: b"b"}
"""How a client names the limits it wants."""


class Held(Message):
    """Which walls stand around the decode processes of this computer."""

    forked: bool = False
    network: bool = False
    user: bool = False
    files: bool = False
    limits: bool = False

    def all(self) -> bool:
        """Whether every wall stands."""
        return self.forked and self.network and self.user and self.files and self.limits


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def leave_network() -> bool:
    """Move this process into a network of its own without any interface; before the first thread starts."""
    if sys.platform != "linux":
        return False
    alone = 0 if os.geteuid() == 0 else _CLONE_NEWUSER
    return bool(_libc().unshare(alone | _CLONE_NEWNET | _CLONE_NEWIPC) == 0)


def drop_user() -> bool:
    """Give up root where we have it, and every capability; true where none is left."""
    if sys.platform != "linux":
        return False
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
    except OSError:
        return False
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    return _libc().capset(header, (ctypes.c_uint32 * 6)()) == 0 and os.geteuid() != 0


def die_with(parent: int) -> None:
    """End this process when its parent ends; ends it at once where the parent is gone already."""
    if sys.platform == "linux":
        _libc().prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def limit(limits: Limits) -> bool:
    """Set the limits of this process; the alarm ends it even inside a C library."""
    if sys.platform == "win32":
        return False
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.wall_seconds)
    wanted = {
        "RLIMIT_AS": limits.memory,
        "RLIMIT_CPU": limits.cpu_seconds,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": limits.files,
        "RLIMIT_CORE": 0,
        "RLIMIT_NPROC": 0,
    }
    held = [_lowered(getattr(resource, name, None), most) for name, most in wanted.items()]
    return all(held)  # a list: one that fails must not keep the others from being set


def _lowered(which: int | None, most: int) -> bool:
    if sys.platform == "win32" or which is None:
        return False
    try:
        resource.setrlimit(which, (most, most))
    except (OSError, ValueError):
        return False
    return True


def close_files() -> bool:
    """Forbid this process every path, every new TCP connection and signals to others (Landlock)."""
    if sys.platform != "linux":
        return False
    libc = _libc()
    version = libc.syscall(_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION)
    if version < 1 or libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = libc.syscall(_LANDLOCK_CREATE, (ctypes.c_uint64 * 3)(_file_rights(version), 3, 3), size, 0)
    if ruleset < 0:
        return False
    held = libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return bool(held)


def _file_rights(version: int) -> int:
    """Return the bits of every file right that a Landlock version knows."""
    bits = 13 + (version >= 2) + (version >= 3) + (version >= 5)
    return (1 << bits) - 1


def probe(network: bool, user: bool) -> Held:
    """Return which walls a child of this process will have; tried in one, because they cannot be taken down again."""
    if sys.platform != "linux":
        return Held()
    child = os.fork()
    if child == 0:
        code = 0
        with contextlib.suppress(BaseException):
            code = 4 | close_files() | limit(DECODE_LIMITS) << 1
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    tried = code >= 4
    return Held(
        forked=True, network=network, user=user, files=tried and bool(code & 1), limits=tried and bool(code & 2)
    )
