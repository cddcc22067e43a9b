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


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Denies fever, chills, cough.", ("fever", "chills", "cough")),
        ("Negative for fever, cough, chest pain.", ("fever", "cough", "chest pain")),
        ("Patient denies chest pain, shortness of breath, fever", ("chest pain", "shortness of breath", "fever")),
        ("Denies: fever, cough", ("fever", "cough")),
        ("She denied fever, night sweats, weight loss, loss of appetite, and cough", ("weight loss", "cough")),
        ("No fever, chills, and cough.", ("fever", "chills", "cough")),
        ("No fever, chills, night sweats, shortness of breath, or cough", ("night sweats", "cough")),
        ("without cough, fever and chills", ("cough", "fever", "chills")),
        ("no temperature above 38.5 or cough", ("cough",)),
        ("denies temperature above 38.5, cough", ("cough",)),
        ("Denies fever, cough in the past 3 days", ("fever", "cough")),
        ("否认发热、咳嗽、胸痛", ("发热", "咳嗽", "胸痛")),
        ("否认发热，咳嗽，胸痛", ("发热", "咳嗽", "胸痛")),
        ("否认：发热、咳嗽", ("发热", "咳嗽")),
        ("否认高血压，冠状动脉粥样硬化性心脏病", ("高血压", "冠状动脉")),
        ("没有发烧、头痛、胸痛、咳嗽", ("咳嗽",)),
        ("无发热、寒战、盗汗、咯血和胸痛", ("咯血", "胸痛")),
        ("否认近三天发热，咳嗽", ("发热", "咳嗽")),
        ("FEVER: no", ("fever",)),
        ("High fever: no, cough: yes", ("high fever",)),
        ("Any fever? No. He coughs", ("fever",)),
        ("Chest pain: negative\nCough: yes", ("chest pain",)),
        ("发热：无；咳嗽：有", ("发热",)),
        ("发热（-），咳嗽（+）", ("发热",)),
        ("fever (-), cough (+)", ("fever",)),
    ],
)
def test_list_when_a_negation_governs_it_then_every_item_is_denied(text: str, phrases: tuple[str, ...]) -> None:
    assert [phrase for phrase in phrases if tells(text, phrase)] == []


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("No fever, but cough", "cough"),
        ("Denies fever, but has a cough", "cough"),
        ("Denies fever. Cough for 3 days", "cough"),
        ("Denies fever, chills, has cough", "cough"),
        ("Denies fever, cough for 3 days", "cough"),
        ("Denies fever, with cough since Monday", "cough"),
        ("Denies fever, however cough", "cough"),
        ("Denies any pain except chest pain", "chest pain"),
        ("no fever, has cough", "cough"),
        ("Attacks at night, no fever, wheezing and a dry cough", "wheezing"),
        ("no connection, often on a trip or outdoors", "on a trip"),
        ("Denies fever, came in today because of a bad cough", "cough"),
        ("I deny that, the contract ended in May", "contract"),
        ("No fever and he has a cough", "cough"),
        ("no fever, cough", "cough"),
        ("No chills, fever started yesterday and cough", "fever"),
        ("否认发热，但有咳嗽", "咳嗽"),
        ("否认发热，不过咳嗽", "咳嗽"),
        ("否认发热、胸痛，有咳嗽", "咳嗽"),
        ("否认发热，咳嗽三天", "咳嗽"),
        ("否认发热，咳嗽超过3个月", "咳嗽"),
        ("无发热，咳嗽三天", "咳嗽"),
        ("FEVER: no\nCOUGH: yes", "cough"),
        ("High fever: no, cough: yes", "cough"),
        ("Cough for 3 days, fever: no", "cough"),
        ("Chest pain: no change", "chest pain"),
        ("发热：无；咳嗽：有", "咳嗽"),
        ("发热（-），咳嗽（+）", "咳嗽"),
        ("咳嗽（+）发热（-）", "咳嗽"),
        ("No fever. Temp 38.5, cough", "cough"),
        ("fever of 38.5 degrees for years", "fever ... degrees"),
    ],
)
def test_list_when_something_turns_it_round_then_what_comes_after_is_said(text: str, phrase: str) -> None:
    assert tells(text, phrase)


def test_phrase_when_accents_are_written_apart_then_is_found() -> None:
    assert tells("patient is nai\u0308ve to the drug", "naïve")
