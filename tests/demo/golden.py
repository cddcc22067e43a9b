"""What the generators make from seed 1, as text a person can read; renewed by `python -m tests.demo.golden`.

Pixels and samples are hashed, not files: how tightly a PNG is packed depends on the library that packs it.
"""

import hashlib
from pathlib import Path

from engine.demo.domains import DOMAINS
from engine.demo.generator import GeneratedCase, generate
from engine.schema.case import Split

GOLDEN = Path(__file__).with_suffix(".txt")
_SPLITS: tuple[Split, ...] = ("train", "val")


def describe() -> str:
    """Return label, findings, text and hashes of a few cases of both demos."""
    lines = []
    for domain in DOMAINS.values():
        for split in _SPLITS:
            lines += [line(case) for case in generate(domain, split, 6, 1)]
    return "\n".join(lines) + "\n"


def line(case: GeneratedCase) -> str:
    """Return one case in one line."""
    found = " ".join(f"{name}={value}" for name, value in case.findings.items())
    picture, sound = (
        "-" if values is None else hashlib.sha256(values.tobytes()).hexdigest()[:16]
        for values in (case.picture, case.sound)
    )
    return f"{case.group}/{case.index} {case.label} [{found}] {picture} {sound} {case.text or '-'}"


if __name__ == "__main__":
    GOLDEN.write_text(describe(), encoding="utf-8")
