"""The knowledge files of the domains that ship: whole, true to the sentences they look for, and on the side of the world's tables."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from engine.demo.dataset import keep_cases
from engine.demo.domains import DOMAINS
from engine.demo.phrasebook import read_phrasebook
from engine.preprocess.phrases import Phrase, denials, found, spoken
from engine.schema.domain_folder import find, shipped
from engine.schema.knowledge import KNOWLEDGE_FILE, Knowledge
from engine.schema.knowledge_file import check
from engine.store.blobs import Blobs

NAMES = [folder.name for folder in shipped()]
_SLOTS = ("age", "hours", "days", "years", "packs", "normal", "slight", "high", "amount", "number", "weeks")


def _knowledge(name: str) -> Knowledge:
    folder = find(name)
    checked = check((folder / KNOWLEDGE_FILE).read_bytes(), DOMAINS[name].world.names())
    assert checked.faults == ()
    return checked.knowledge


def _tells(knowledge: Knowledge, finding: str, sentence: str) -> bool:
    for slot in _SLOTS:
        sentence = sentence.replace("{" + slot + "}", "7")
    said = spoken(sentence)
    phrases = [Phrase.read(phrase) for phrase in knowledge.findings[finding].phrases.every()]
    return found(said, phrases, denials(said))


def _sentences(name: str, held_out: bool) -> Iterator[tuple[str, str]]:
    """Yield `finding-value` (or `aside`) with a sentence that says it."""
    folder = find(name)
    book = read_phrasebook((folder / "phrases.txt").read_text(encoding="utf-8"))
    for (key, _, held), sentences in book.sentences.items():
        if held == held_out:
            yield from ((key.replace(" ", "-"), sentence) for sentence in sentences)


@pytest.mark.parametrize("name", NAMES)
def test_knowledge_when_a_domain_ships_then_it_describes_every_label_in_both_languages(name: str) -> None:
    knowledge = _knowledge(name)
    assert set(knowledge.labels) == set(DOMAINS[name].world.names())
    told = [entry.description for entry in knowledge.labels.values()] + [knowledge.title]
    told += [finding.title for finding in knowledge.findings.values()] + [one.title for one in knowledge.specialists]
    assert all(words.en and words.zh for words in told)
    assert 3 <= len(knowledge.specialists) <= 6


@pytest.mark.parametrize("name", NAMES)
def test_phrases_when_read_in_the_training_sentences_then_tell_exactly_the_findings_that_are_said(name: str) -> None:
    knowledge = _knowledge(name)
    texts = [finding for finding, entry in knowledge.findings.items() if entry.modality == "text"]
    for said, sentence in _sentences(name, held_out=False):
        assert [finding for finding in texts if _tells(knowledge, finding, sentence)] == [
            finding for finding in texts if finding == said
        ], sentence


@pytest.mark.parametrize("name", NAMES)
def test_phrases_when_read_in_sentences_nobody_wrote_them_for_then_tell_nearly_all_and_nothing_wrong(name: str) -> None:
    knowledge = _knowledge(name)
    texts = [finding for finding, entry in knowledge.findings.items() if entry.modality == "text"]
    right, meant = 0, 0
    for said, sentence in _sentences(name, held_out=True):
        told = [finding for finding in texts if _tells(knowledge, finding, sentence)]
        assert set(told) <= {said}, sentence
        meant, right = meant + (said in texts), right + (said in told)
    assert right >= 0.95 * meant


@pytest.mark.parametrize("name", NAMES)
def test_rules_when_compared_with_the_world_then_speak_in_the_direction_of_its_tables(name: str) -> None:
    knowledge, world = _knowledge(name), DOMAINS[name].world
    known = {f"{one.name}-{value}": (one, v) for one in world.findings for v, value in enumerate(one.values)}
    for finding, entry in knowledge.findings.items():
        assert known[finding][0].modality == entry.modality, finding
    for rule in knowledge.rules:
        one, v = known[rule.finding]
        given_L = one.table_LV[:, v]
        lift = np.log(given_L[world.names().index(rule.label)] / (world.prior_L @ given_L))
        assert lift * rule.strength > 0, rule


def test_generated_part_when_it_is_no_text_then_says_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    cases = keep_cases(
        DOMAINS["clinic"], "train", 8, 3, Blobs(tmp_path / "blobs"), "d", datetime(2030, 1, 1, tzinfo=UTC)
    )
    shown = [part for case in cases for part in case.parts]
    assert all((part.findings is None) == (part.modality == "text") for part in shown)
    images = [part.findings for part in shown if part.modality == "image"]
    assert all(found is not None and len(found) == 3 for found in images)
    assert {name.partition("-")[0] for found in images for name in found or ()} == {"lungs", "heart", "inflation"}
