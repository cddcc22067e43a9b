"""Which encoding bytes are in: byte order marks, then strict UTF-8, then GB18030 or a Western code page."""

import codecs

from engine.schema.errors import UserError

SAMPLE_BYTES = 64 * 1024
"""How much of a file is weighed when it is neither marked nor UTF-8; detection is slow and more adds nothing."""

_FEW = 20
"""Chinese lines, or characters, for each that is none, from which a file counts as a damaged Chinese one."""

_MARKS = (  # UTF-32 before UTF-16: its little-endian mark begins with the other's
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8-SIG"),
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def decode_text(data: bytes, name: str) -> tuple[str, str]:
    """Return the text without its byte order mark, and the encoding's name; raises `damaged-text` for what is no text."""
    text, encoding = _decoded(data, name)
    if "\0" in text:
        raise UserError("damaged-text", name=name)
    return text, encoding


def _decoded(data: bytes, name: str) -> tuple[str, str]:
    for mark, codec, shown in _MARKS:
        if data.startswith(mark):
            return _strict(data, codec, name), shown
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError:
        return _legacy(data, name)


def _strict(data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise UserError("damaged-text", name=name) from error


def _legacy(data: bytes, name: str) -> tuple[str, str]:
    """Decode what is neither marked nor UTF-8; a byte that no Western text has means that it is no text."""
    if _has_controls(data):
        raise UserError("damaged-text", name=name)
    if _looks_chinese(data):
        try:
            return data.decode("gb18030"), "GB18030"
        except UnicodeDecodeError as error:
            text = data.decode("gb18030", "replace")
            if text.count("\ufffd") * _FEW < sum("\u4e00" <= letter <= "\u9fff" for letter in text):
                raise UserError("damaged-text", name=name) from error
            # The sample looked Chinese, much of the rest does not: read it as Western, which never fails.
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1"), "Latin-1"
    return text, "cp1252" if any(0x80 <= byte < 0xA0 for byte in data) else "Latin-1"


def _looks_chinese(data: bytes) -> bool:
    """Whether a detector that knows only GB18030 and the Western code page chooses the first.

    It weighs only lines that are not plain ASCII: those are the same in both, and many of them hide a few of the others. Where nearly
    all of them can be Chinese, the others are taken for damaged ones.
    """
    from charset_normalizer import from_bytes

    lines = [line for line in data.split(b"\n") if not line.isascii()]
    whole = [line for line in lines if _is_gb18030(line)]
    telling = b"\n".join(whole if _FEW * (len(lines) - len(whole)) < len(lines) else lines)
    end = telling.rfind(b"\n", 0, SAMPLE_BYTES) if len(telling) > SAMPLE_BYTES else len(telling)
    best = from_bytes(telling[: end if end > 0 else SAMPLE_BYTES], cp_isolation=["gb18030", "cp1252"]).best()
    return best is not None and best.encoding == "gb18030"


def _is_gb18030(line: bytes) -> bool:
    try:
        line.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _has_controls(data: bytes) -> bool:
    """Whether control bytes other than white space, form feed and escape occur; text in no code page has them."""
    return any(byte in _CONTROLS for byte in data)


_CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\v\f\r\x1b") | {0x7F}
