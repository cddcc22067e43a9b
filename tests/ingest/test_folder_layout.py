"""Files in folders beside a table: each finds the case it is named after, and nobody gets another's."""

import pytest

from engine.ingest.importers import plan
from engine.schema.base import Modality
from engine.schema.command import ColumnRoles, ImportPlan

NO_ROLES = ColumnRoles()


def layout(ids: tuple[str, ...], listing: list[str], with_ids: bool = True) -> ImportPlan:
    head = "case_id,text,label\n" if with_ids else "text,label\n"
    rows = "".join(f"{name}," * with_ids + f"words of {name},x\n" for name in ids)
    return plan((head + rows).encode(), "text.csv", NO_ROLES, None, listing)


def files(made: ImportPlan, modality: Modality) -> list[tuple[str, ...]]:
    return [case.images if modality == "image" else case.audios for case in made.cases]


def test_the_article_s_layout_when_files_are_named_after_cases_then_each_finds_its_row() -> None:
    made = layout(("c1", "c12", "c2"), ["images/c12.png", "images/c1_left.png", "images/c1_right.jpg", "audio/c2.wav"])
    assert files(made, "image") == [("images/c1_left.png", "images/c1_right.jpg"), ("images/c12.png",), ()]
    assert files(made, "audio") == [(), (), ("audio/c2.wav",)]
    assert made.problems == ()


@pytest.mark.parametrize("first", [0, 1])
def test_the_article_s_layout_when_files_are_numbered_then_numbers_count_the_rows(first: int) -> None:
    listing = [f"images/img_{first + n:03}.png" for n in range(3)] + [f"audio/{first + 1}.wav", f"audio/{first}.wav"]
    made = layout(("a", "b", "c"), listing, with_ids=False)
    assert files(made, "image") == [(listing[0],), (listing[1],), (listing[2],)]
    assert files(made, "audio") == [(f"audio/{first}.wav",), (f"audio/{first + 1}.wav",), ()]
    assert [(p.code, p.parameters) for p in made.problems] == [("manifest-files-counted", {"first": first})]


def test_the_article_s_layout_when_one_folder_lacks_its_first_file_then_both_count_the_same_rows() -> None:
    made = layout(("a", "b", "c"), [*(f"images/img_{n}.png" for n in range(3)), "audio/1.wav", "audio/2.wav"], False)
    assert files(made, "image") == [("images/img_0.png",), ("images/img_1.png",), ("images/img_2.png",)]
    assert files(made, "audio") == [(), ("audio/1.wav",), ("audio/2.wav",)]
    assert [p.code for p in made.problems] == ["manifest-files-counted"]


@pytest.mark.parametrize("first", [0, 1])
def test_the_article_s_layout_when_every_number_is_there_then_nothing_is_in_doubt(first: int) -> None:
    made = layout(("a", "b"), [f"{folder}/{first + n}.{end}" for folder, end in (("images", "png"), ("audio", "wav")) for n in (0, 1)], False)  # fmt: skip
    assert made.problems == ()
    assert len(made.paths) == 4


@pytest.mark.parametrize(
    ("ids", "name"),
    [(("P003", "P001", "P002"), "p00{}"), (("3", "1", "2"), "img_{}"), (("003", "001", "002"), "scan-0{}")],
)
def test_files_when_named_almost_like_the_cases_then_find_their_own_and_never_the_row_of_their_number(
    ids: tuple[str, ...], name: str
) -> None:
    listing = [f"images/{name.format(number)}.png" for number in (1, 2, 3)]
    made = layout(ids, listing)
    assert files(made, "image") == [(listing[2],), (listing[0],), (listing[1],)]
    assert made.problems == ()


@pytest.mark.parametrize("ids", [("a7", "b7"), ("Ann", "ann"), ("x", "y")])
def test_files_when_named_after_no_case_for_sure_then_belong_to_nobody(ids: tuple[str, ...]) -> None:
    made = layout(ids, ["images/img_1.png", "images/img_7.png", "images/ANN.png"])
    assert files(made, "image") == [(), ()]
    assert [(p.code, p.parameters) for p in made.problems] == [("manifest-files-unmatched", {"count": 3})]


def test_the_article_s_layout_when_files_belong_to_nobody_then_they_are_counted() -> None:
    made = layout(
        ("c1",), ["images/c1.png", "images/c9.png", "images/readme.txt", "elsewhere/c1.png", "images/../../c1.png"]
    )
    assert made.paths == ("images/c1.png",)
    assert [(p.code, p.parameters) for p in made.problems] == [("manifest-files-unmatched", {"count": 1})]
