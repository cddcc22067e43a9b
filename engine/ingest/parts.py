"""Parts of a case made from bytes: the client's half of decoding, which trusts nothing that the decode process said.

Pure Python: the service imports it and must load no decoder of untrusted files.
"""

import hashlib
import struct

from pydantic import ValidationError

from engine.ingest import containers
from engine.ingest.decode import text as text_form
from engine.schema.base import Modality, new_id
from engine.schema.case import Part
from engine.schema.errors import ErrorBody, UserError
from engine.schema.sentences import SENTENCES
from engine.schema.worker import DecodedPart

NAME_LIMIT = 400
NO_HASH = "0" * 64
"""Stands for hashes inside the decode process; the client computes the real ones."""
_LONGEST_SIDE = 1024
_IMAGE_BYTES = _LONGEST_SIDE * _LONGEST_SIDE * 3 + 2**18
_AUDIO_BYTES = 600 * 16_000 * 2 + 44
DECODED_LIMITS: dict[Modality, int] = {
    "text": 4 * text_form.CHARACTERS_LIMIT,
    "image": _IMAGE_BYTES,
    "audio": _AUDIO_BYTES + 4096,
}
"""Bytes a decoded form can have at most; known before the first of them is read."""

_PNG_HEAD = struct.Struct(">8sI4sIIBB")
_WAV_HEAD = struct.Struct("<4sI4s4sIHHI")


def shown_name(name: str) -> str:
    """Return a file's name as parts and messages carry it: without folders, printable, not longer than the schema allows."""
    last = name.replace("\\", "/").rpartition("/")[2] or name
    return "".join(letter if letter.isprintable() else "�" for letter in last)[-NAME_LIMIT:]


def unreadable(problem: ErrorBody, data: bytes, name: str, modality: Modality | None) -> Part:
    """Return the part that stands for a file which could not be decoded."""
    return Part(
        part_id=new_id("part"),
        modality=modality or guessed_modality(data, name),
        original=hashlib.sha256(data).hexdigest(),
        name=shown_name(name),
        size=len(data),
        problem=problem,
    )


def guessed_modality(data: bytes, name: str) -> Modality:
    """Return the modality by name, else by content, else text: for files that could not be read."""
    by_content = containers.MEDIA_TYPES.get(containers.kind_of(data))
    return containers.named_modality(name) or (by_content[0] if by_content else "text")


def text_part(text: str, name: str = "") -> tuple[Part, bytes]:
    """Return typed or inline text as a part with its decoded form; text needs no decoder, so no other process."""
    data = text.encode("utf-8", "replace")
    try:
        decoded, facts, flags = text_form.decode(data, shown_name(name) or "text")
    except UserError as error:
        return unreadable(error.body(), data, name, "text"), b""
    part = Part(
        part_id=new_id("part"), modality="text", original=NO_HASH, facts=facts, flags=flags, media_type="text/plain"
    )
    return _finished(part, data, decoded, name), decoded


def accepted(reply: bytes, decoded: bytes, data: bytes, name: str, modality: Modality | None) -> tuple[Part, bytes]:
    """Return what the decode process said, checked and completed; anything odd becomes `decode-crashed`."""
    try:
        said = DecodedPart.model_validate_json(reply).part
    except ValidationError:
        return crashed(data, name, modality), b""
    if said.problem is not None and said.problem.code in SENTENCES:
        return unreadable(_named(said.problem, name), data, name, modality), b""
    if said.problem is not None or not _is_decoded_form(said.modality, decoded):
        return crashed(data, name, modality), b""
    return _finished(said, data, decoded, name), decoded


def crashed(data: bytes, name: str, modality: Modality | None, code: str = "decode-crashed") -> Part:
    """Return the part for a file that ended its reader."""
    return unreadable(ErrorBody(code=code, parameters={"name": shown_name(name)}), data, name, modality)


def _named(problem: ErrorBody, name: str) -> ErrorBody:
    return problem.model_copy(update={"parameters": {**problem.parameters, "name": shown_name(name)}})


def _finished(part: Part, data: bytes, decoded: bytes, name: str) -> Part:
    return part.model_copy(
        update={
            "part_id": new_id("part"),
            "original": hashlib.sha256(data).hexdigest(),
            "decoded": hashlib.sha256(decoded).hexdigest(),
            "name": shown_name(name),
            "size": len(data),
        }
    )


def _is_decoded_form(modality: Modality, decoded: bytes) -> bool:
    """Whether bytes begin like the decoded form of a modality; others read them after us."""
    if len(decoded) > DECODED_LIMITS[modality]:
        return False
    return {"text": _is_text, "image": _is_png, "audio": _is_wav}[modality](decoded)


def _is_text(decoded: bytes) -> bool:
    try:
        return "\0" not in decoded.decode("utf-8")
    except UnicodeDecodeError:
        return False


def _is_png(decoded: bytes) -> bool:
    if len(decoded) < _PNG_HEAD.size:
        return False
    mark, _, chunk, width, height, bits, colour = _PNG_HEAD.unpack_from(decoded)
    fits = 1 <= width <= _LONGEST_SIDE and 1 <= height <= _LONGEST_SIDE
    return bool(mark == b"\x89PNG\r\n\x1a\n" and chunk == b"IHDR" and fits and bits == 8 and colour in (0, 2))


def _is_wav(decoded: bytes) -> bool:
    if len(decoded) < 44:
        return False
    riff, _, wave, fmt, size, coding, channels, rate = _WAV_HEAD.unpack_from(decoded)
    return (riff, wave, fmt, size, coding, channels, rate) == (b"RIFF", b"WAVE", b"fmt ", 16, 1, 1, 16_000)
