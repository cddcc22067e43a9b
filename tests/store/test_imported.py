"""What a table says anew of a case: its own changes come in, and what a person did to the case stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.schema.case import Case, Part
from engine.schema.rows import KnownRow, RowSaid
from engine.store import cases, imported
from engine.store.database import Database
from tests.fakes import a_case

SAID = RowSaid(row="p1", label="flu", group="anna", split="train", inputs=("a" * 64,))


def _part(part_id: str, original: str) -> Part:
    return Part(part_id=part_id, modality="image", original=original * 64, decoded=original * 64, name="lung.png")


def _of_table(**fields: object) -> Case:
    told = {
        "title": "p1",
        "dataset": "table-1",
        "label": "flu",
        "group": "anna",
        "split": "train",
        "source": "imported",
    }
    return a_case("case-1", **(told | fields))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "project.sqlite")
    opened.now(cases.add, _of_table())
    opened.now(imported.put, [KnownRow(case_id="case-1", dataset="table-1", said=SAID)])
    yield opened
    opened.close()


def _renewed(database: Database, said: RowSaid, *parts: Part) -> Case:
    return database.now(imported.renew, _of_table(label=said.label, parts=parts), said)


def test_row_when_its_label_changed_is_changed_and_the_own_view_stays(database: Database) -> None:
    database.now(cases.change, "case-1", own_view="cold")
    made = _renewed(database, SAID.model_copy(update={"label": "cold"}))
    assert (made.label, made.own_view, made.group) == ("cold", "cold", "anna")
    assert [part.part_id for part in made.parts] == ["part-case-1"]


def test_row_when_its_several_labels_changed_is_changed(database: Database) -> None:
    said = SAID.model_copy(update={"label": "", "labels": ("flu",)})
    database.now(cases.change, "case-1", label="", labels=("flu",))
    for labels in (("flu", "cold"), ()):
        database.now(imported.put, [KnownRow(case_id="case-1", dataset="table-1", said=said)])
        said = said.model_copy(update={"labels": labels})
        assert _renewed(database, said).labels == labels


def test_label_when_a_person_corrected_it_since_stays_theirs(database: Database) -> None:
    database.now(cases.change, "case-1", label="asthma")
    made = _renewed(database, SAID.model_copy(update={"label": "cold", "group": "ben"}))
    assert (made.label, made.group) == ("asthma", "ben")


def test_inputs_when_the_table_has_others_are_replaced_and_a_person_s_own_input_stays(database: Database) -> None:
    database.now(cases.add_part, "case-1", _part("by-hand", "c"))
    made = _renewed(database, SAID.model_copy(update={"inputs": ("b" * 64,)}), _part("anew", "b"))
    assert [part.part_id for part in made.parts] == ["by-hand", "anew"]
    assert made.parts_version == made.version
    back = database.now(cases.remove_part, "case-1", "part-case-1", removed=False)
    assert "part-case-1" in [part.part_id for part in back.parts], "it was kept as removed"


def test_row_when_it_says_what_it_said_changes_nothing(database: Database) -> None:
    assert _renewed(database, SAID).version == 1


def test_cases_when_they_came_in_before_rows_were_remembered_are_known_by_what_they_hold(database: Database) -> None:
    old = a_case("case-2", title="p2", dataset="table-1", label="flu", source="imported")
    database.now(cases.add, old)
    database.now(cases.change, "case-1", trashed=1)
    after, first = database.now(imported.known, "table-1", 0, 1)
    assert (after > 0, [one.case_id for one in first]) == (True, ["case-1"])
    after, rest = database.now(imported.known, "table-1", after, 10)
    assert after == 0
    assert [one.said for one in rest] == [RowSaid(row="p2", label="flu", inputs=("a" * 64,))]


def test_row_when_it_moved_is_called_by_where_it_stands_now_and_a_name_that_a_person_gave_stays(
    database: Database,
) -> None:
    def told(row: str, case_id: str = "case-1") -> KnownRow:
        return KnownRow(case_id=case_id, dataset="table-1", said=SAID.model_copy(update={"row": row}))

    second = a_case("case-2", title="row-3", dataset="table-1", label="flu", source="imported")
    database.now(cases.add, second)
    database.now(cases.change, "case-1", title="row-2")
    database.now(imported.put, [told("row-2"), told("row-3", "case-2")])
    moved = [told("row-3"), told("row-4", "case-2")]
    assert [case.title for case in database.now(imported.renumber, moved)] == ["row-3", "row-4"]
    database.now(imported.put, moved)
    assert database.now(imported.renumber, moved) == []
    database.now(cases.change, "case-1", title="Mrs. Li")
    assert database.now(imported.renumber, [told("row-9")]) == []
    assert database.now(cases.find, "case-1").title == "Mrs. Li"
