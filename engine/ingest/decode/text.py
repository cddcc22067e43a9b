"""Text as the model reads it: UTF-8, line feeds, no control characters, at most 100,000 characters."""

import re

from engine.ingest.encoding import decode_text
from engine.schema.case import PartFacts, QualityFlag
from engine.schema.errors import UserError

BYTES_LIMIT = 4 * 1024 * 1024
CHARACTERS_LIMIT = 100_000
"""More than any person reads; a longer text is cut here and flagged, its original is kept whole."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CONTROLS_SHARE = 0.02
"""A text with more control characters than this share is no text but a file of another kind."""
_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]|[^\W\u3400-\u9fff\uf900-\ufaff]+")


def decode(data: bytes, name: str) -> tuple[bytes, PartFacts, tuple[QualityFlag, ...]]:
    """Return a text file's decoded form, what was found, and what is doubtful about it."""
    if len(data) > BYTES_LIMIT:
        raise UserError("too-large", name=name, megabytes=BYTES_LIMIT // 2**20)
    text, encoding = decode_text(data, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = _CONTROLS.sub("", text)
    if len(text) - len(cleaned) > max(1, _CONTROLS_SHARE * len(text)):
        raise UserError("damaged-text", name=name)
    kept = cleaned.strip()[:CHARACTERS_LIMIT]
    facts = PartFacts(characters=len(kept), words=count_words(kept), encoding=encoding)
    return kept.encode("utf-8", "replace"), facts, _flags(cleaned.strip(), kept)


def count_words(text: str) -> int:
    """Return the number of words; each Han character counts as one."""
    return sum(1 for _ in _WORD.finditer(text))


def _flags(whole: str, kept: str) -> tuple[QualityFlag, ...]:
    if not kept:
        return (QualityFlag(code="empty-text"),)
    if len(whole) > len(kept):
        return (QualityFlag(code="truncated-text", value=float(len(whole))),)
    return ()
