"""Cases as rows: versions, parts, pages, search, and a list of 100,000."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.schema.case import Part
from engine.schema.errors import UserError
from engine.store import cases
from engine.store.database import Database
from tests.fakes import a_case, a_prediction


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "project.sqlite")
    yield opened
    opened.close()


def _part(part_id: str) -> Part:
    return Part(part_id=part_id, modality="image", original="c" * 64, name="lung.png")


def test_case_when_added_and_found_is_the_same(database: Database) -> None:
    made = a_case("case-1", title="Mrs A", group="p7", split="val", label="flu", source="imported", synthetic=True)
    database.now(cases.add, made)
    assert database.now(cases.find, "case-1") == made


def test_case_when_unknown_is_not_found(database: Database) -> None:
    with pytest.raises(UserError) as missing:
        database.now(cases.find, "nobody")
    assert missing.value.code == "not-found"


def test_edit_when_the_version_was_overtaken_is_a_conflict_and_changes_nothing(database: Database) -> None:
    database.now(cases.add, a_case("case-1", title="old"))
    first = database.now(cases.change, "case-1", seen=1, title="new")
    assert (first.title, first.version) == ("new", 2)
    with pytest.raises(UserError) as lost:
        database.now(cases.change, "case-1", seen=1, title="lost update")
    assert lost.value.code == "conflict"
    assert database.now(cases.find, "case-1").title == "new"


def test_part_when_it_replaces_another_takes_its_place_and_can_be_undone(database: Database) -> None:
    database.now(cases.add, a_case("case-1"))
    database.now(cases.add_part, "case-1", _part("second"))
    replaced = database.now(cases.add_part, "case-1", _part("first-again"), replaces="part-case-1")
    assert [part.part_id for part in replaced.parts] == ["first-again", "second"]
    database.now(cases.remove_part, "case-1", "first-again")
    undone = database.now(cases.remove_part, "case-1", "part-case-1", removed=False)
    assert [part.part_id for part in undone.parts] == ["part-case-1", "second"]


def test_part_when_removed_twice_counts_one_version(database: Database) -> None:
    database.now(cases.add, a_case("case-1"))
    once = database.now(cases.remove_part, "case-1", "part-case-1")
    assert database.now(cases.remove_part, "case-1", "part-case-1").version == once.version


def test_answer_when_a_part_changes_is_stale_but_not_when_a_view_is_given(database: Database) -> None:
    database.now(cases.add, a_case("case-1"))
    database.now(cases.add_prediction, a_prediction("case-1"))
    assert not database.now(cases.change, "case-1", own_view="flu").stale()
    assert database.now(cases.add_part, "case-1", _part("later")).stale()


def test_page_when_cases_have_answers_leaves_out_what_grows_with_the_tokens(database: Database) -> None:
    database.now(cases.add, a_case("case-1"))
    database.now(cases.add_prediction, a_prediction("case-1"))
    (listed,) = database.now(cases.page, "", 0, 10, "all").cases
    whole = database.now(cases.find, "case-1").prediction
    assert listed.prediction is not None
    assert listed.prediction.routing.experts is None
    assert listed.prediction.probabilities == (0.9, 0.1)
    assert whole is not None
    assert whole.routing.experts is not None


def test_list_when_filtered_shows_newest_first_and_trash_apart(database: Database) -> None:
    rows = [("mine", "dropped", ""), ("t", "imported", "train"), ("v", "imported", "val"), ("gone", "dropped", "")]
    for name, source, split in rows:
        database.now(cases.add, a_case(name, source=source, split=split))
    database.now(cases.change, "gone", trashed=1)

    def shown(show: cases.Show) -> list[str]:
        return [case.case_id for case in database.now(cases.page, "", 0, 10, show).cases]

    assert shown("all") == ["v", "t", "mine"]
    assert (shown("mine"), shown("train"), shown("val"), shown("trash")) == (["mine"], ["t"], ["v"], ["gone"])


@pytest.mark.parametrize("words", ["müller", "MÜLLER copd", "100%", "发烧", "note.txt müller"])
def test_search_when_words_occur_finds_the_case_and_no_other(database: Database, words: str) -> None:
    database.now(cases.add, a_case("case-1", title="Müller 100% 发烧", label="COPD"))
    database.now(cases.add, a_case("case-2", title="Meier 100 _"))
    found = database.now(cases.page, words, 0, 10, "all")
    assert ([case.case_id for case in found.cases], found.total) == (["case-1"], 1)


def test_search_when_the_title_was_edited_finds_the_new_one(database: Database) -> None:
    database.now(cases.add, a_case("case-1", title="before"))
    database.now(cases.change, "case-1", title="after")
    assert database.now(cases.page, "after", 0, 10, "all").total == 1
    assert database.now(cases.page, "before", 0, 10, "all").total == 0


def test_cases_when_added_again_are_left_as_they_are(database: Database) -> None:
    database.now(cases.add_many, [a_case("a", title="first"), a_case("b")])
    database.now(cases.add_many, [a_case("a", title="second"), a_case("c"), a_case("c")])
    assert database.now(cases.find, "a").title == "first"
    assert database.now(cases.count) == 3


def test_cases_of_a_dataset_when_read_in_batches_come_once_and_in_order(database: Database) -> None:
    names = [f"case-{i}" for i in range(25)]
    database.now(cases.add_many, [a_case(name, dataset="d") for name in names])
    database.now(cases.add, a_case("other", dataset="e"))
    read: list[str] = []
    after = 0
    while True:
        after, some = database.now(cases.of_dataset, "d", after, 10)
        read += [case.case_id for case in some]
        if not after:
            break
    assert read == names


def test_list_when_it_holds_a_hundred_thousand_cases_pages_fast(database: Database) -> None:
    made = (a_case(f"case-{i}", title=f"Title {i % 977}", split="train", label="flu") for i in range(100_000))
    database.now(cases.add_many, made)
    slowest = 0.0
    for search, offset, show in (("", 0, "all"), ("", 99_900, "train"), ("title 976", 0, "all"), ("", 0, "mine")):
        began = time.perf_counter()
        page = database.now(cases.page, search, offset, 100, show)
        slowest = max(slowest, time.perf_counter() - began)
        assert page.total > 0
    assert slowest < 1.0
