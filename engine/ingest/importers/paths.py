"""Paths in manifests: relative ones inside the manifest's folder, or nothing."""

import re

PATH_LIMIT = 1024
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f:*?"<>|]')
"""Control characters, and what Windows reads as a drive, a stream or a pattern."""
_DEVICE = re.compile(r"^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)


def relative_path(written: str) -> str | None:
    """Return a cell's path with forward slashes, or None where it could lead out of the manifest's folder.

    A backslash separates folders too: tables made on Windows have them, and an attack by one is then an ordinary `..`.
    """
    path = written.strip().replace("\\", "/")
    if not path or len(path) > PATH_LIMIT or path.startswith("/") or _FORBIDDEN.search(path):
        return None
    steps = [step for step in path.split("/") if step not in ("", ".")]
    if not steps or any(_leads_away(step) for step in steps):
        return None
    return "/".join(steps)


def _leads_away(step: str) -> bool:
    """Whether a step is `..`, one that Windows takes for it (`.. `, `...`), one with spaces at its ends, or a device."""
    return not step.strip(" .") or step != step.strip() or step.endswith((".", " ")) or bool(_DEVICE.match(step))


def split_cell(cell: str) -> list[str]:
    """Return the entries of a cell with several files, separated by semicolons."""
    return [entry for entry in (piece.strip() for piece in cell.split(";")) if entry]
