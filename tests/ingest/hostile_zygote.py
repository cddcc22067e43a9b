"""A warm process whose decoder does what an attacker's code would do inside it; the file's text says what."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from engine.ingest import parts, reading, zygote
from engine.schema.base import Modality
from engine.schema.case import Part


def read_a_file() -> None:
    with open("/etc/passwd") as file:
        file.read()


def read_a_folder() -> None:
    os.listdir("/")


def write_a_file() -> None:
    with open("/tmp/hostile-was-here", "w") as file:
        file.write("x")


def connect_over_tcp() -> None:
    with socket.create_connection(("127.0.0.1", int(os.environ.get("PORT", "9"))), 1):
        pass


def send_over_udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(b"x", ("127.0.0.1", 53535))


def fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def run_a_program() -> None:
    os.execv("/bin/true", ["true"])


def run_a_shell() -> None:
    subprocess.run(["/bin/sh", "-c", "true"], check=True)


def signal_the_parent() -> None:
    os.kill(os.getppid(), signal.SIGTERM)


def trace_the_parent() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, os.getppid(), 0, 0) != 0:  # PTRACE_ATTACH
        raise PermissionError(ctypes.get_errno(), "ptrace")


def become_root() -> None:
    os.setuid(0)


def take_three_gigabytes() -> None:
    bytearray(3 * 2**30)


def open_many_files() -> None:
    for _ in range(100):
        os.pipe()


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def end() -> None:
    os._exit(0)


def spin() -> None:
    while True:
        pass


def sleep() -> None:
    time.sleep(60)


ATTEMPTS: dict[str, Callable[[], None]] = {
    attempt.__name__: attempt
    for attempt in (
        read_a_file, read_a_folder, write_a_file, connect_over_tcp, send_over_udp, fork, run_a_program, run_a_shell,
        signal_the_parent, trace_the_parent, become_root, take_three_gigabytes, open_many_files, crash, end, spin, sleep,
    )
}  # fmt: skip


def _hostile(data: bytes, name: str, modality: Modality | None) -> tuple[Part, bytes]:
    """Answer as the decoder does; the text of the answer says whether the attempt was let through."""
    words = data.decode()
    if words == "lie about the form":
        return Part(part_id="part", modality="image", original=parts.NO_HASH, media_type="image/png"), b"no picture"
    if words == "answer too much":
        return Part(part_id="part", modality="text", original=parts.NO_HASH), b"x" * (64 * 2**20)
    if words == "speak of an unknown problem":
        return _honest(b"\0", "a.txt", None)
    told = "allowed"
    if words in ATTEMPTS:
        try:
            ATTEMPTS[words]()
        except BaseException as error:
            told = f"denied: {type(error).__name__}"
    return Part(part_id="part", modality="text", original=parts.NO_HASH, media_type="text/plain"), told.encode()


_honest = reading.decode

if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    reading.warm_up()
    reading.warm_up = lambda: None
    reading.decode = _hostile
    zygote.main()
