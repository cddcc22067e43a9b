"""What kind of file bytes are, by their content alone, and whether its container is whole; pure Python, opens nothing."""

from engine.schema.base import Modality
from engine.schema.errors import UserError

MEDIA_TYPES: dict[str, tuple[Modality, str]] = {
    "text": ("text", "text/plain"),
    "png": ("image", "image/png"),
    "jpeg": ("image", "image/jpeg"),
    "wav": ("audio", "audio/wav"),
    "flac": ("audio", "audio/flac"),
    "mp3": ("audio", "audio/mpeg"),
    "ogg": ("audio", "audio/ogg"),
}
"""Kind of content -> the modality it belongs to and its media type: the allow-list."""

_EXTENSIONS: dict[str, Modality] = {
    **dict.fromkeys(("txt", "text", "md"), "text"),
    **dict.fromkeys(("png", "jpg", "jpeg", "jpe", "gif", "bmp", "tif", "tiff", "webp", "heic"), "image"),
    **dict.fromkeys(("wav", "wave", "flac", "mp3", "ogg", "oga", "opus", "m4a", "aac"), "audio"),
}

_FOREIGN = (
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0", "Office"),
    (b"\x7fELF", "program"),
    (b"MZ", "program"),
    (b"FORM", "AIFF"),
    (b"\x1aE\xdf\xa3", "WebM"),
    (b"\x89PNG", "PNG"),
)
"""Beginnings of formats that are not read, so that a message can name what was found; only for content with NUL bytes."""

_ID3 = (b"ID3\x02", b"ID3\x03", b"ID3\x04")
_LAYER_III = frozenset((0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2))


def kind_of(data: bytes) -> str:
    """Return a key of `MEDIA_TYPES`, or the name of something else; what has no mark and no binary bytes is `text`."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "wav"
    if data.startswith(b"OggS"):
        return "ogg"
    body = _after_id3(data)
    if body.startswith(b"fLaC"):
        return "flac"
    if _is_mp3(body) or (body is not data and not body):
        return "mp3"
    return _text_or_foreign(data)


def _text_or_foreign(data: bytes) -> str:
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")) or b"\0" not in head:
        foreign = next((shown for mark, shown in _FOREIGN if len(mark) > 3 and head.startswith(mark)), "")
        return foreign if foreign not in ("", "AIFF") else "text"
    if head[4:8] == b"ftyp":
        return "MP4"
    return next((shown for mark, shown in _FOREIGN if head.startswith(mark)), "binary data")


def _after_id3(data: bytes) -> bytes:
    """Return what follows an ID3v2 tag; its version is a small number, no letter, and its length is written in seven bits a byte."""
    if not data.startswith(_ID3) or len(data) < 10 or any(byte > 0x7F for byte in data[6:10]):
        return data
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte
    return data[10 + size :]


def _is_mp3(body: bytes) -> bool:
    """Whether a layer III frame header with possible values stands at the beginning."""
    if len(body) < 4 or body[0] != 0xFF or body[1] not in _LAYER_III:
        return False
    bitrate, rate = body[2] >> 4, body[2] >> 2 & 3
    return bitrate not in (0, 15) and rate != 3


def named_modality(name: str) -> Modality | None:
    """Return the modality that a file's extension promises, or None where it promises nothing."""
    return _EXTENSIONS.get(name.rpartition(".")[2].lower()) if "." in name else None


def check_kind(data: bytes, name: str, modality: Modality | None) -> str:
    """Return the kind of content; raises `UserError` where it is unreadable or not what name or person promised."""
    kind = kind_of(data)
    promised = modality or named_modality(name)
    if not data and promised in ("image", "audio"):
        raise UserError(f"damaged-{promised}", name=name)
    found = MEDIA_TYPES[kind][0] if kind in MEDIA_TYPES else None
    if found is None:
        raise _unreadable(name, kind, promised)
    named = named_modality(name)
    for claim in (modality, named):
        if claim is not None and claim != found:
            raise UserError(
                "content-mismatch", name=name, named=_extension(name) if claim == named else claim, found=kind
            )
    return kind


def _unreadable(name: str, kind: str, promised: Modality | None) -> UserError:
    if kind != "binary data":
        return UserError("unknown-format", name=name)
    if promised is None:
        return UserError("unknown-format", name=name)
    return UserError(f"damaged-{promised}", name=name)


def _extension(name: str) -> str:
    return "." + name.rpartition(".")[2].lower()[:8]


def check_complete(data: bytes, name: str, kind: str) -> None:
    """Raise `damaged-audio` where a container announces more bytes than there are."""
    if (kind == "wav" and not _wav_is_whole(data)) or (kind == "ogg" and not _ogg_is_whole(data)):
        raise UserError("damaged-audio", name=name)


def _wav_is_whole(data: bytes) -> bool:
    """Whether the `data` chunk lies inside the file; streamed files announce 0 or all ones and end where they end."""
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"data":
            return size in (0, 0xFFFFFFFF) or at + 8 + size <= len(data)
        at += 8 + size + size % 2
    return False


def _ogg_is_whole(data: bytes) -> bool:
    """Whether pages follow each other without a gap to the last byte."""
    at = 0
    while at < len(data):
        if data[at : at + 4] != b"OggS" or at + 27 > len(data):
            return False
        segments = data[at + 26]
        at += 27 + segments + sum(data[at + 27 : at + 27 + segments])
    return at == len(data)
