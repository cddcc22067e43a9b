"""What an error speaks of is named in the language of the sentence."""

import re

import pytest

from engine.schema.errors import UserError
from tests.conftest import ROOT


@pytest.mark.parametrize("what", ["blob", "case", "job", "model", "part", "project"])
def test_sentence_when_in_chinese_names_the_thing_in_chinese(what: str) -> None:
    said = UserError("not-found", what=what, id="17").body().sentence("zh").happened
    assert not re.search("[A-Za-z]", said), said
    assert "blob" not in UserError("not-found", what=what, id="17").body().text("en")


def test_things_when_named_in_the_code_all_have_words() -> None:
    named = {
        what
        for path in (ROOT / "engine").rglob("*.py")
        for what in re.findall(r'what="([a-z -]+)"', path.read_text(encoding="utf-8"))
    }
    assert {"case", "job", "model"} <= named
    for what in named:
        assert not re.search("[A-Za-z]", UserError("not-found", what=what, id="17").body().sentence("zh").happened), (
            what
        )
