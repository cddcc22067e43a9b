"""The tokenizer: nothing is lost, nothing is invented, in Chinese, English and what it never saw."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.preprocess.text import FIRST_PIECE, NEW_WORD, PADDING, Tokenizer, learn_pieces, words

TEXTS = (
    "My card has not arrived, why?",
    "The cards arrived; the card is charged.",
    "发烧三天，咳嗽有痰。",
    "咳嗽三天 with 38.5 degrees",
)
TOKENIZER = Tokenizer(learn_pieces(TEXTS))


def canonical(text: str) -> str:
    return " ".join(word for word, _, _ in words(text))


@pytest.mark.parametrize("text", [*TEXTS, "ＣＡＲＤ Straße 没见过的字", "🤒 naïve ﬁx ½ _x_ 37.2℃", "##s # ##", ""])
def test_a_text_when_encoded_and_decoded_then_is_itself_up_to_case_and_space(text: str) -> None:
    assert TOKENIZER.decode(token.id for token in TOKENIZER.encode(text)) == canonical(text)


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
@example("İstanbul ŉ ΐ")
@example("e\u0301te\u0301 \u0301 a\u0301\u0302b ﬁe\u0301 \u1112\u1161\u11ab\u1100\u1173\u11af")
def test_any_text_when_encoded_and_decoded_then_loses_no_word_and_keeps_spans_in_bounds(text: str) -> None:
    tokens = TOKENIZER.encode(text)
    assert TOKENIZER.decode(token.id for token in tokens) == canonical(text)
    assert all(0 <= token.start < token.stop <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)
    assert all(PADDING < token.id < TOKENIZER.size for token in tokens)


def test_a_chinese_text_when_encoded_then_each_character_is_a_token_with_its_place() -> None:
    tokens = TOKENIZER.encode("咳嗽三天")
    assert [(token.start, token.stop) for token in tokens] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert all(token.id >= FIRST_PIECE for token in tokens)


def test_a_frequent_word_when_encoded_then_is_one_token_over_the_whole_word() -> None:
    (token,) = TOKENIZER.encode("  ARRIVED ")
    assert (token.start, token.stop) == (2, 9)
    assert TOKENIZER.pieces[token.id - FIRST_PIECE] == "arrived"


def test_a_new_word_when_it_has_known_pieces_then_is_made_of_them() -> None:
    pieces = [TOKENIZER.pieces[token.id - FIRST_PIECE] for token in TOKENIZER.encode("cardchest")]
    assert pieces[0] == "card"
    assert all(piece.startswith("##") for piece in pieces[1:])


def test_a_word_in_a_script_never_seen_when_encoded_then_is_bytes_behind_a_mark() -> None:
    tokens = TOKENIZER.encode("Ω")
    assert next(token.id for token in tokens) == NEW_WORD
    assert len(tokens) == 1 + len("ω".encode())
    assert {(token.start, token.stop) for token in tokens} == {(0, 1)}


def test_a_vocabulary_when_the_texts_come_in_another_order_then_is_the_same() -> None:
    assert learn_pieces(reversed(TEXTS)) == learn_pieces(TEXTS)


def test_a_vocabulary_when_it_is_limited_then_keeps_every_letter_first() -> None:
    small = learn_pieces(TEXTS, size=10)
    letters = {letter for text in TEXTS for word, _, _ in words(text) for letter in word}
    assert letters <= set(small)
    assert not [piece for piece in small if len(piece.removeprefix("##")) > 1 and piece != "##"]


MARKED = ("naïve café", "Việt Nam", "हिन्दी में", "مُحَمَّد", "סֵפֶר", "ภาษาไทย", "한글 검사", "Ångström straße", "咳嗽 é")


@pytest.mark.parametrize("text", MARKED)
def test_words_when_accents_are_characters_of_their_own_then_are_the_same(text: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    found = [[word for word, _, _ in words(written)] for written in (composed, apart)]
    assert found[0] == found[1]
    assert all(" " not in apart[start:stop] for _, start, stop in words(apart))
    if "咳" not in text:
        assert len(found[0]) == len(text.split())


@pytest.mark.parametrize("text", MARKED)
def test_tokens_when_accents_are_characters_of_their_own_then_stand_for_the_same_characters(text: str) -> None:
    composed, apart = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    letters = Tokenizer(learn_pieces([composed], least=99))
    tokens = [letters.encode(composed), letters.encode(apart)]
    assert [token.id for token in tokens[0]] == [token.id for token in tokens[1]]
    if len(composed.casefold()) == len(composed):
        for one, other in zip(*tokens, strict=True):
            there, here = composed[one.start : one.stop], apart[other.start : other.stop]
            assert unicodedata.normalize("NFC", here) == unicodedata.normalize("NFC", there)


def test_tokens_when_folding_makes_a_word_longer_then_those_behind_still_stand_for_their_own_characters() -> None:
    letters = Tokenizer(learn_pieces(["s t r a e k"], least=99))
    text = "Straßek"
    assert [text[token.start : token.stop] for token in letters.encode(text)] == [*"Stra", "ß", "ß", "e", "k"]


def test_mark_when_no_letter_stands_before_it_then_is_a_word_of_its_own() -> None:
    assert [(start, stop) for _, start, stop in words("\u0301 7\u0301 é\u0302")] == [(0, 1), (2, 3), (3, 4), (5, 7)]
