"""Phrases in texts, in English and Chinese, and what denies them."""

import pytest

from engine.preprocess.phrases import Phrase, affirmed, denials, found, spoken


def tells(text: str, *phrases: str) -> bool:
    said = spoken(text)
    return found(said, [Phrase.read(phrase) for phrase in phrases], denials(said))


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("High FEVER since Monday.", "high fever"),
        ("Swollen ankle by evening", "swollen ankles"),
        ("three attacks of pain", "attack"),
        ("高烧三天，咳嗽", "高烧"),
        ("ＨＩＧＨ fever", "high fever"),
        ("The same trouble for 15 long years.", "for ... years"),
        ("症状已5天", "症状已…天"),
        ("No cough, but fever", "fever"),
        ("No fever.", "no fever"),
        ("没有发烧。", "没有发烧"),
        ("not only cough but fever", "fever"),
        ("Smoker, never stopped.", "smoker ... never stopped"),
        ("没有发烧，咳嗽三天", "咳嗽"),
        ("不舒服发烧三天", "发烧"),
        ("浑身无力，发烧", "发烧"),
    ],
)
def test_phrase_when_the_text_says_it_then_is_found(text: str, phrase: str) -> None:
    assert tells(text, phrase)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("No fever.", "fever"),
        ("Denies chest pain", "chest pain"),
        ("She denied any chest pain", "chest pain"),
        ("He doesn't have a fever", "fever"),
        ("He doesn’t have a fever", "fever"),
        ("without fever, chills or cough", "cough"),
        ("negative for sputum", "sputum"),
        ("没有发烧", "发烧"),
        ("否认胸痛、发烧", "发烧"),
        ("无寒战", "寒战"),
        ("不发烧，只咳嗽", "发烧"),
        ("fevers chart", "fever pain"),
        ("feverish", "fever"),
        ("Ill for three days. Heart attack years ago", "for ... years"),
        ("for one two three four five years", "for ... years"),
    ],
)
def test_phrase_when_the_text_denies_it_or_says_something_else_then_is_not_found(text: str, phrase: str) -> None:
    assert not tells(text, phrase)


def test_phrase_when_it_is_denied_once_and_said_once_then_is_found() -> None:
    assert tells("No fever yesterday; fever today", "fever")


def test_phrase_when_empty_then_is_never_found() -> None:
    assert not tells("anything", "", "...")


def test_words_when_denied_then_are_left_out_of_what_is_affirmed() -> None:
    assert affirmed("no fever, cough") == ("no", ",", "cough")
    assert affirmed("没有发烧，咳嗽") == ("没", "有", ",", "咳", "嗽")
