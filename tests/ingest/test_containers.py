import pytest

from engine.ingest import containers
from engine.schema.base import Modality
from engine.schema.errors import UserError
from tests.ingest import samples

KINDS = {
    "a.png": "png",
    "a.jpg": "jpeg",
    "a.wav": "wav",
    "a.flac": "flac",
    "a.ogg": "ogg",
    "a.mp3": "mp3",
    "a.txt": "text",
}


@pytest.mark.parametrize("name", KINDS)
def test_content_when_weighed_then_its_kind_is_known_without_a_name(name: str) -> None:
    assert containers.kind_of(samples.SEEDS[name]) == KINDS[name]
    assert containers.check_kind(samples.SEEDS[name], "unnamed", None) == KINDS[name]


def test_an_mp3_behind_a_tag_when_weighed_then_is_an_mp3() -> None:
    assert containers.kind_of(b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + samples.SEEDS["a.mp3"]) == "mp3"


@pytest.mark.parametrize("note", ["ID3 mutation found, no cough", "GIF8 was shown", "FORM 7 was filled in", "RIFF"])
def test_a_note_when_it_begins_like_the_mark_of_a_format_then_is_text(note: str) -> None:
    assert containers.kind_of(note.encode()) == "text"


@pytest.mark.parametrize(
    ("data", "name", "modality", "code"),
    [
        (b"hello", "a.png", None, "content-mismatch"),
        (b"hello", "a.wav", None, "content-mismatch"),
        (samples.SEEDS["a.png"], "a.txt", None, "content-mismatch"),
        (samples.SEEDS["a.png"], "a.wav", None, "content-mismatch"),
        (samples.SEEDS["a.png"], "a.png", "audio", "content-mismatch"),
        (samples.SEEDS["a.wav"], "unnamed", "image", "content-mismatch"),
        (b"GIF89a\0\0", "a.gif", None, "unknown-format"),
        (b"%PDF-1.7\n%abc", "a.pdf", None, "unknown-format"),
        (b"PK\x03\x04\0\0", "a.docx", None, "unknown-format"),
        (b"\x7fELF\0\0", "a", None, "unknown-format"),
        (b"\0\1\2\3", "a", None, "unknown-format"),
        (b"\0\1\2\3", "a.png", None, "damaged-image"),
        (b"\0\1\2\3", "a.wav", None, "damaged-audio"),
        (b"\0\1\2\3", "a.txt", None, "damaged-text"),
        (b"", "a.png", None, "damaged-image"),
        (b"", "a.mp3", None, "damaged-audio"),
        (b"RIFF\0\0\0\0WEBPVP8 \0", "a.webp", None, "unknown-format"),
        (b"\0\0\0\x18ftypM4A \0", "a.m4a", None, "unknown-format"),
    ],
)
def test_content_that_is_not_what_was_promised_when_checked_then_is_refused_with_a_reason(
    data: bytes, name: str, modality: Modality | None, code: str
) -> None:
    with pytest.raises(UserError) as caught:
        containers.check_kind(data, name, modality)
    assert caught.value.code == code
    for language in ("en", "zh"):
        assert "{" not in caught.value.body().text(language)


def test_a_png_named_jpg_when_checked_then_is_taken_for_what_it_is() -> None:
    assert containers.check_kind(samples.SEEDS["a.png"], "photo.JPG", "image") == "png"
