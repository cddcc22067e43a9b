"""Showing how a job goes on, on stderr: one line that is drawn over on a terminal, few lines in a file."""

import shlex
import sys
import time

from engine.client import Client
from engine.schema.base import new_id
from engine.schema.command import JobInfo
from engine.schema.event import Event, Log, Progress

_FILE_SECONDS = 5.0
"""Seconds between lines where stderr is no terminal."""


class Follower:
    """Prints what a job tells."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._terminal = sys.stderr.isatty()
        self._last = 0.0
        self._phase = ""

    def show(self, event: Event) -> None:
        """Print what a person wants to know of an event, if anything."""
        body = event.body
        if isinstance(body, Log) and body.code == "device":
            self._line(f"{self._name}: {body.parameters.get('sentence', '')}", stays=True)
        elif isinstance(body, Progress):
            self._progress(body)
        elif body.kind == "problem" and not body.fatal:
            self._line(body.problem.text(), stays=True)
        elif body.kind == "job" and body.job.state in ("preparing", "paused", "stopping"):
            self._line(f"{self._name}: {body.job.state}", stays=True)

    def end(self) -> None:
        """Leave the line that is drawn over."""
        if self._terminal:
            print(file=sys.stderr)

    def _progress(self, body: Progress) -> None:
        now = time.monotonic()
        soon = body.phase == self._phase and now - self._last < _FILE_SECONDS and body.done < body.total
        if soon and not self._terminal:
            return
        self._last, self._phase = now, body.phase
        left = "" if body.seconds_left is None else f" · {duration(body.seconds_left)} left"
        detail = f" · {body.detail}" if body.detail else ""
        self._line(f"{self._name}: {body.phase} {body.done}/{body.total}{detail}{left}", stays=False)

    def _line(self, text: str, stays: bool) -> None:
        if self._terminal:
            print(f"\r\x1b[2K{text}", end="\n" if stays else "", file=sys.stderr, flush=True)
        else:
            print(text, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Return a time as a person says it: `45 s`, `3 min`, `1 h 20 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def followed(client: Client, job: JobInfo) -> JobInfo:
    """Show a job until it has ended and return it; raises the problem that ended it.

    Ctrl+C ends the looking, not the job.
    """
    follower = Follower(job.name or job.job_id)
    try:
        for event in client.follow(job.job_id):
            follower.show(event)
    except KeyboardInterrupt:
        follower.end()
        project = client.address.project
        print(
            f"Detached; {job.job_id} goes on. Look again: python -m engine jobs {project} --follow {job.job_id}",
            file=sys.stderr,
        )
        raise
    follower.end()
    ended = client.get(f"/v1/jobs/{job.job_id}", JobInfo)
    if ended.can_go_on:
        print(
            f"What it learnt is kept. Go on: python -m engine resume {shlex.quote(client.address.project)} {job.job_id}",
            file=sys.stderr,
        )
    if ended.state == "failed" and ended.problem is not None:
        raise ended.problem.error()
    return ended


def command_id() -> str:
    """Return a fresh id for a command."""
    return new_id("cli")
