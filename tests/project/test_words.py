"""One word for one thing: what people hear is a sound or a recording, `audio` only what they type."""

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from engine.jobs.catalog import build_catalog
from engine.schema.places import assets
from engine.schema.sentences import SENTENCES

_TYPED = re.compile(r"`[^`]*`|--audio\b|^ {4,}.*$|^```.*?^```", re.MULTILINE | re.DOTALL)
"""Names of columns, options and parts in a text, and whole lines of a command."""
_OTHER_WORD = re.compile(r"\baudio\b|音频", re.IGNORECASE)
_PROSE = {"title", "title_zh", "summary", "summary_zh", "help", "help_zh", "description", "description_zh"}


def _strings(value: object, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, entry in value.items():
            yield from _strings(entry, name)
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry, key)
    elif isinstance(value, str) and key in _PROSE:
        yield value


def _of_the_engine() -> list[str]:
    sentences = [told.text() for wording in SENTENCES.values() for told in (wording.en, wording.zh)]
    return [*sentences, *_strings(json.loads(build_catalog().model_dump_json()))]


def _of_the_window() -> list[str]:
    messages = ElementTree.parse(assets() / "translations" / "consilium_zh_CN.ts").getroot().iter("message")
    return ["".join(part.itertext()) for message in messages for part in message]


def _of_the_manual() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted((assets() / "manual").rglob("*.md"))]


@pytest.mark.parametrize("texts", [_of_the_engine, _of_the_window, _of_the_manual], ids=["engine", "window", "manual"])
def test_words_for_people_when_of_sounds_never_say_audio(texts: object) -> None:
    assert callable(texts)
    told = texts()
    assert len(told) > 5
    assert [text[:200] for text in told if _OTHER_WORD.search(_TYPED.sub("", text))] == []
