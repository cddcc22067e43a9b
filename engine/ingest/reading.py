"""What happens inside the decode process: one request in, one reply out, whatever the bytes do."""

import numpy as np

from engine.ingest import containers, frames, parts
from engine.ingest.decode import audio, image, text
from engine.ingest.importers import plan
from engine.schema.base import Modality
from engine.schema.case import Part, PartFacts, QualityFlag
from engine.schema.command import ColumnRoles
from engine.schema.errors import ConsiliumError, ErrorBody
from engine.schema.worker import DecodedPart

Decoded = tuple[bytes, PartFacts, tuple[QualityFlag, ...]]


def decode(data: bytes, name: str, modality: Modality | None) -> tuple[Part, bytes]:
    """Return a readable part (its hashes still empty) and its decoded form; raises `UserError`."""
    kind = containers.check_kind(data, name, modality)
    found, media_type = containers.MEDIA_TYPES[kind]
    decoded, facts, flags = _decoded(data, name, kind, found)
    part = Part(part_id="part", modality=found, original=parts.NO_HASH, media_type=media_type, facts=facts, flags=flags)
    return part, decoded


def _decoded(data: bytes, name: str, kind: str, modality: Modality) -> Decoded:
    if modality == "text":
        return text.decode(data, name)
    if modality == "image":
        return image.decode(data, name)
    return audio.decode(data, name, kind)


def answer(pipe: frames.Pipe) -> None:
    """Read one request and send one reply."""
    if request := receive(pipe):
        reply(pipe, *request)


def receive(pipe: frames.Pipe) -> tuple[frames.ReadRequest, bytes] | None:
    """Return the next request and its data, or None where the client has closed the line."""
    try:
        head, data = frames.receive_frame(pipe, frames.JSON_LIMIT, frames.DATA_LIMIT)
    except frames.Broken:
        return None
    return frames.ReadRequest.model_validate_json(head), data


def reply(pipe: frames.Pipe, request: frames.ReadRequest, data: bytes) -> None:
    """Send what a request's data hold."""
    said, decoded = _planned(request, data) if request.ask == "plan" else _read(request, data)
    frames.send_frame(pipe, said, decoded)


def _read(request: frames.ReadRequest, data: bytes) -> tuple[bytes, bytes]:
    try:
        part, decoded = decode(data, request.name, request.modality)
    except ConsiliumError as error:
        part, decoded = _failed(error.body()), b""
    except Exception:  # the border of the process: whatever a decoder raises is one refusal, told to the client
        part, decoded = _failed(ErrorBody(code="decode-crashed", parameters={"name": request.name})), b""
    return DecodedPart(part=part, length=len(decoded)).model_dump_json().encode(), decoded


def _failed(problem: ErrorBody) -> Part:
    return Part(part_id="part", modality="text", original=parts.NO_HASH, problem=problem)


def _planned(request: frames.ReadRequest, data: bytes) -> tuple[bytes, bytes]:
    manifest, sidecar = data[: request.manifest_bytes], data[request.manifest_bytes :]
    try:
        made = plan(manifest, request.name, request.roles, sidecar if request.has_sidecar else None, request.listing)
    except ConsiliumError as error:
        return error.body().model_dump_json().encode(), b""
    except Exception:  # as above
        body = ErrorBody(code="manifest-unreadable", parameters={"name": request.name})
        return body.model_dump_json().encode(), b""
    return b"", made.model_dump_json().encode()


def warm_up() -> None:
    """Use every decoder once, so that whatever it loads late is there before files are out of reach."""
    for words, codec in (
        ("ä", "latin-1"),
        ("“ä”", "cp1252"),
        ("咳嗽三天", "gb18030"),
        ("ä", "utf-16"),
        ("ä", "utf-32"),
    ):
        decode(words.encode(codec), "a.txt", "text")
    dot = np.zeros((16, 16), np.uint8)
    for picture in (image.encode_png(dot), image.encode_jpeg(dot)):
        decode(picture, "a", "image")
    hiss = np.random.default_rng(0).normal(0, 0.1, 8000).astype(np.float32)
    for container in ("WAV", "FLAC", "OGG", "MP3"):
        decode(audio.encode(hiss, 8000, container), "a", "audio")
    plan("text,label\nä,1".encode(), "a.csv", ColumnRoles(), b"title: a")
