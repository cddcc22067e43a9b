"""A table that comes in again: its rows are known by name and content, and another table of the same title is another."""

from engine.ingest.importers import plan
from engine.jobs.again import Recognised, found_files, recognise, said_by, still_missing
from engine.schema.command import ColumnRoles, FileFound, ImportPlan
from engine.schema.rows import KnownRow
from tests.fakes import a_dataset

BEFORE = "id,text,label\n1,cough,flu\n2,fever,cold\n3,sneeze,cold\n"
UNNAMED = "text,label\ncough,flu\nfever,cold\nsneeze,cold\n"


def _plan(table: str) -> ImportPlan:
    return plan(table.encode(), "cases.csv", ColumnRoles())


def _known(table: str, dataset: str = "table-1", files: tuple[FileFound, ...] = ()) -> list[KnownRow]:
    found = found_files(files)
    rows = [said_by(planned, found) for planned in _plan(table).cases]
    return [KnownRow(case_id=f"{dataset}-{said.row}", dataset=dataset, said=said) for said in rows]


def _again(table: str, *known: KnownRow, title: str = "Fake", files: tuple[FileFound, ...] = ()) -> Recognised:
    datasets = [a_dataset(name, 3) for name in dict.fromkeys(one.dataset for one in known)]
    return recognise(_plan(table), files, title, datasets, known)


def _ids(rows: object) -> dict[int, str]:
    assert isinstance(rows, dict)
    return {number: one.case_id for number, one in rows.items()}


def test_table_when_it_comes_in_as_it_was_is_known_row_by_row() -> None:
    made = _again(BEFORE, *_known(BEFORE))
    assert _ids(made.same) == {2: "table-1-1", 3: "table-1-2", 4: "table-1-3"}
    assert (made.changed, made.missing) == ({}, 0)


def test_table_when_rows_changed_were_added_and_taken_away_tells_each_apart() -> None:
    made = _again("id,text,label\n1,cough,flu\n2,high fever,cold\n9,pain,flu\n", *_known(BEFORE))
    assert _ids(made.same) == {2: "table-1-1"}
    assert _ids(made.changed) == {3: "table-1-2"}
    assert made.missing == 1


def test_answers_when_corrected_all_at_once_are_changes_of_the_same_cases() -> None:
    made = _again(BEFORE.replace("cold", "common cold").replace(",flu", ",influenza"), *_known(BEFORE))
    assert made.dataset is not None
    assert (made.same, sorted(_ids(made.changed))) == ({}, [2, 3, 4])


def test_findings_when_they_are_written_down_later_are_changes_of_the_same_cases() -> None:
    files = (FileFound(path="a.png", sha256="a" * 64),)
    before = _known("id,image,label\n1,a.png,flu\n", files=files)
    made = _again("id,image,image_findings,label\n1,a.png,patch,flu\n", *before, files=files)
    assert _ids(made.changed) == {2: "table-1-1"}


def test_table_without_names_when_a_row_is_put_on_top_knows_the_others_where_they_are_now() -> None:
    made = _again(UNNAMED.replace("cough,flu", "pain,flu\ncough,flu"), *_known(UNNAMED))
    assert _ids(made.same) == {3: "table-1-row-2", 4: "table-1-row-3", 5: "table-1-row-4"}
    assert (made.changed, made.missing) == ({}, 0)


def test_table_without_names_when_an_answer_is_mended_knows_the_case_by_its_inputs_wherever_it_stands_now() -> None:
    made = _again("text,label\nfever,flu\nsneeze,cold\n", *_known(UNNAMED))
    assert _ids(made.same) == {3: "table-1-row-4"}
    assert _ids(made.changed) == {2: "table-1-row-3"}
    assert made.missing == 1


def test_table_without_names_when_other_words_stand_in_a_row_never_takes_them_for_those_of_the_case_that_had_its_number() -> (
    None
):
    made = _again(UNNAMED.replace("fever", "high fever"), *_known(UNNAMED))
    assert sorted(_ids(made.same).values()) == ["table-1-row-2", "table-1-row-4"]
    assert (made.changed, made.missing) == ({}, 1)


def test_rows_without_names_when_alike_are_as_many_cases_as_rows() -> None:
    twice = "text,label\ncough,flu\ncough,flu\n"
    made = _again(twice + "cough,flu\n", *_known(twice))
    assert sorted(_ids(made.same).values()) == ["table-1-row-2", "table-1-row-3"]
    assert made.changed == {}


def test_table_of_another_clinic_when_it_numbers_its_cases_alike_is_another_data_set() -> None:
    other = "id,text,label\n1,headache,flu\n2,rash,cold\n3,sneeze,cold\n"
    assert _again(other, *_known(BEFORE)) == Recognised()
    assert _again(BEFORE, *_known(BEFORE), title="Elsewhere") == Recognised()


def test_table_when_its_answers_are_of_another_kind_is_another_data_set() -> None:
    assert _again(BEFORE.replace(",flu", ",flu;cold"), *_known(BEFORE)) == Recognised()


def test_several_labels_of_a_row_when_they_changed_are_a_change_of_its_case() -> None:
    several = BEFORE.replace(",flu", ",flu;cold")
    known = _known(several)
    datasets = [a_dataset("table-1", 3).model_copy(update={"answers": "several"})]
    made = recognise(_plan(several.replace("2,fever,cold", "2,fever,none")), (), "Fake", datasets, known)
    assert _ids(made.changed) == {3: "table-1-2"}
    assert sorted(_ids(made.same)) == [2, 4]


def test_file_when_it_is_still_missing_is_told_of_a_known_row_too() -> None:
    (planned,) = _plan("id,image,label\n1,gone.png,flu\n").cases
    (told,) = still_missing(planned, {"gone.png": None})
    assert (told.code, told.parameters) == ("file-missing", {"row": 2, "name": "gone.png"})
    assert still_missing(planned, {"gone.png": "a" * 64}) == ()


def test_table_when_several_data_sets_have_its_title_is_the_one_that_shares_most_rows() -> None:
    made = _again(BEFORE, *_known(BEFORE.partition("3,")[0]), *_known(BEFORE, "table-2"))
    assert made.dataset is not None
    assert made.dataset.dataset == "table-2"
