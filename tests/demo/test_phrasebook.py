"""Phrases: every finding can be said in both languages and both halves, and no half borrows from the other."""

import numpy as np
import pytest

from engine.demo.domains import DOMAINS, PHRASES_FILE
from engine.demo.phrasebook import LANGUAGES, Phrasebook, read_phrasebook, write_note
from engine.ingest.decode.text import count_words
from engine.schema.domain_folder import shipped

_BOOKS = {folder.name: read_phrasebook((folder / PHRASES_FILE).read_text(encoding="utf-8")) for folder in shipped()}
_LONGEST_TOKENS = 64
"""What a student reads of a text where nothing else is set."""


@pytest.fixture(params=list(_BOOKS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _keys(name: str) -> list[str]:
    found = [f"{f.name} {value}" for f in DOMAINS[name].world.of("text") for value in f.values if value != "unsaid"]
    return ["opening", "aside", *found]


def test_phrasebook_when_read_then_it_says_every_value_in_both_languages_and_halves(name: str) -> None:
    for key in _keys(name):
        for language in LANGUAGES:
            assert len(_BOOKS[name].of(key, language, "train")) >= 5
            assert len(_BOOKS[name].of(key, language, "val")) >= 3
            assert _BOOKS[name].of(key, language, "val") == _BOOKS[name].of(key, language, "test")


def test_phrasebook_when_read_then_it_has_nothing_that_no_finding_needs(name: str) -> None:
    assert {key for key, _, _ in _BOOKS[name].sentences} == set(_keys(name))


def test_sentences_when_compared_then_none_stands_twice_so_each_says_one_thing_in_one_half(name: str) -> None:
    sentences = [sentence for listed in _BOOKS[name].sentences.values() for sentence in listed]
    assert len(set(sentences)) == len(sentences)


def test_notes_when_written_for_both_halves_then_no_sentence_of_the_test_half_was_in_training(name: str) -> None:
    book, world = _BOOKS[name], DOMAINS[name].world
    rng = np.random.default_rng(1)
    said: dict[bool, set[str]] = {False: set(), True: set()}
    for k in range(300):
        found = world.draw_findings(world.draw_label(rng), rng)
        texts = {f.name: found[f.name] for f in world.of("text")}
        note = write_note(book, texts, LANGUAGES[k % 2], "val" if k % 4 < 2 else "train", rng)
        held_out = [s for (_, _, held), listed in book.sentences.items() for s in listed if held and "{" not in s]
        said[k % 4 < 2] |= {sentence for sentence in held_out if sentence in note}
    assert said[True]
    assert not said[False]


def test_notes_when_written_then_they_are_short_enough_to_be_read_whole(name: str) -> None:
    book, world = _BOOKS[name], DOMAINS[name].world
    rng = np.random.default_rng(2)
    for k in range(600):
        found = world.draw_findings(world.draw_label(rng), rng)
        texts = {f.name: found[f.name] for f in world.of("text")}
        note = write_note(book, texts, LANGUAGES[k % 2], "train" if k % 3 else "val", rng)
        assert 4 <= count_words(note) <= 60
        assert "{" not in note
        assert len(note) <= (400 if k % 2 == 0 else _LONGEST_TOKENS + 8)


def test_note_when_a_finding_is_unsaid_then_only_the_others_are_mentioned() -> None:
    book = read_phrasebook("@ opening\nen Hello.\n@ aside\nen Bye.\n@ cough dry\nen Dry.\n@ fever high\nen Hot.")
    note = write_note(book, {"cough": "dry", "fever": "unsaid"}, "en", "train", np.random.default_rng(0))
    assert "Dry." in note
    assert "Hot." not in note


def test_notes_when_numbers_are_filled_in_then_temperatures_fit_what_is_said() -> None:
    book, rng = _BOOKS["clinic"], np.random.default_rng(3)
    for _ in range(200):
        high = book.say("fever high", "en", "train", rng)
        digits = "".join(letter for letter in high if letter.isdigit() or letter == ".").strip(".")
        assert not digits or 39.0 <= float(digits) <= 40.5


@pytest.mark.parametrize("line", ["fr Bonjour.", "en without a list", "en** Twice."])
def test_phrasebook_when_a_line_is_none_then_it_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="phrasebook"):
        read_phrasebook(line if "without" in line else f"@ a\n{line}")


def test_phrasebook_when_empty_then_it_holds_nothing() -> None:
    assert read_phrasebook("") == Phrasebook({})
