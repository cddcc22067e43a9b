import pytest

from engine.ingest.decode import text
from engine.schema.errors import UserError

CHINESE = "患者发烧三天，咳嗽有痰，夜间加重。"
FRENCH = "Patiente fiévreuse, gêne à l'inspiration, très fatiguée."
QUOTED = "She said “it hurts” – since Monday…"


@pytest.mark.parametrize(
    ("words", "codec", "shown"),
    [
        (CHINESE, "utf-8", "UTF-8"),
        (CHINESE, "utf-8-sig", "UTF-8-SIG"),
        (CHINESE, "utf-16", "UTF-16"),
        (CHINESE, "utf-32", "UTF-32"),
        (CHINESE, "gb18030", "GB18030"),
        ("姓名", "gb18030", "GB18030"),
        (FRENCH, "latin-1", "Latin-1"),
        ("café", "latin-1", "Latin-1"),
        ("Müller hat Grippe", "latin-1", "Latin-1"),
        (QUOTED, "cp1252", "cp1252"),
    ],
)
def test_a_text_in_a_common_encoding_when_decoded_then_is_utf_8_and_the_encoding_is_named(
    words: str, codec: str, shown: str
) -> None:
    decoded, facts, flags = text.decode(words.encode(codec), "x.txt")
    assert decoded.decode("utf-8") == words
    assert (facts.encoding, facts.characters, flags) == (shown, len(words), ())


@pytest.mark.parametrize("english", [0, 50, 500, 3000])
def test_a_text_when_few_of_its_lines_are_chinese_then_these_decide(english: int) -> None:
    words = "patient has cough and fever,cold\n" * english + "咳嗽三天伴发热，咽痛,流感\n" * 50
    decoded, facts, _ = text.decode(words.encode("gb18030"), "x.txt")
    assert facts.encoding == "GB18030"
    assert "咽痛,流感" in decoded.decode("utf-8")


def test_a_chinese_text_when_a_byte_of_it_is_damaged_then_is_refused_and_not_read_as_western() -> None:
    with pytest.raises(UserError) as caught:
        text.decode((f"{CHINESE}\n" * 40).encode("gb18030") + b"\xff\xff,x", "x.txt")
    assert caught.value.code == "damaged-text"


@pytest.mark.parametrize(
    "data",
    [
        b"abc\0def",
        bytes(range(256)),
        b"\xff\xfe\x00",
        b"\xff\xfe\x00\xd8",
        "a\0b".encode("utf-16"),
        b"\x01\x02\x03\x04" * 50,
    ],
)
def test_what_is_no_text_when_decoded_then_is_refused(data: bytes) -> None:
    with pytest.raises(UserError) as caught:
        text.decode(data, "x.txt")
    assert caught.value.code == "damaged-text"


def test_line_ends_and_a_few_control_characters_when_decoded_then_are_cleaned() -> None:
    decoded, _, _ = text.decode(b"one\r\ntwo\rthree\n\x1b[1mfour " + b"word " * 20, "x.txt")
    assert decoded.startswith(b"one\ntwo\nthree\n[1mfour word")


def test_a_text_larger_than_the_cap_when_decoded_then_is_refused_before_reading() -> None:
    with pytest.raises(UserError) as caught:
        text.decode(b"a" * (4 * 2**20 + 1), "x.txt")
    assert (caught.value.code, caught.value.parameters["megabytes"]) == ("too-large", 4)


def test_a_very_long_text_when_decoded_then_is_cut_and_flagged_with_its_length() -> None:
    decoded, facts, flags = text.decode("咳".encode() * 150_000, "x.txt")
    assert facts.characters == 100_000
    assert len(decoded) == 300_000
    assert [(flag.code, flag.value) for flag in flags] == [("truncated-text", 150_000.0)]


@pytest.mark.parametrize("data", [b"", b"  \n\t ", b"\xef\xbb\xbf"])
def test_an_empty_text_when_decoded_then_is_flagged_empty(data: bytes) -> None:
    decoded, facts, flags = text.decode(data, "x.txt")
    assert (decoded, facts.words, [flag.code for flag in flags]) == (b"", 0, ["empty-text"])


@pytest.mark.parametrize(("words", "count"), [("two words", 2), ("发烧三天", 4), ("CT 显示 2 cm", 5), ("", 0)])
def test_words_when_counted_then_each_han_character_is_one(words: str, count: int) -> None:
    assert text.count_words(words) == count
