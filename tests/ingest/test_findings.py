"""What a table says of its pictures and sounds: names in a cell, a column of 0 and 1, and an empty cell, which says nothing."""

import pytest

from engine.ingest.importers import plan
from engine.schema.command import ColumnRoles, ImportPlan, PlannedCase, SeenFindings

NAMED_ONLY = ColumnRoles()


def _plan(table: str, roles: ColumnRoles = NAMED_ONLY, sidecar: bytes | None = None) -> ImportPlan:
    return plan(table.encode(), "cases.csv", roles, sidecar)


def _seen(case: PlannedCase, kind: str = "image") -> tuple[tuple[str, ...], tuple[str, ...] | None] | None:
    said = {str(name): told for name, told in case.findings.items()}.get(kind)
    return None if said is None else (said.seen, said.looked_for)


def test_findings_when_named_in_a_cell_then_all_others_were_looked_for_and_an_empty_cell_says_nothing() -> None:
    made = _plan(
        "image,image_findings,label\na.png,patch; big-heart,x\nb.png,none,x\nc.png,,y\nd.png,？,y\n".replace("？", "?")
    )
    assert [_seen(case) for case in made.cases] == [(("patch", "big-heart"), None), ((), None), None, None]
    assert made.roles.image_findings == ("image_findings",)
    assert [(one.modality, one.name, one.seen, one.looked) for one in made.findings] == [
        ("image", "patch", 1, 2),
        ("image", "big-heart", 1, 2),
    ]
    assert made.problems == ()


@pytest.mark.parametrize("word", ["声音发现", "声音所见"])
def test_findings_when_a_column_each_then_only_those_with_a_value_were_looked_for(word: str) -> None:
    made = _plan(f"audio,sound finding: Wheeze,{word}：crackles,label\na.wav,1,,x\nb.wav,0,yes,x\nc.wav,,,y\n")
    assert [_seen(case, "audio") for case in made.cases] == [
        (("Wheeze",), ("Wheeze",)),
        (("crackles",), ("Wheeze", "crackles")),
        None,
    ]


def test_findings_when_both_ways_are_used_then_an_empty_list_leaves_what_the_single_column_says() -> None:
    made = _plan("image,image_findings,image_finding:patch,label\na.png,,0,x\nb.png,cyst,1,y\n")
    assert [_seen(case) for case in made.cases] == [((), ("patch",)), (("cyst", "patch"), None)]


@pytest.mark.parametrize("by", ["person", "sidecar"])
def test_findings_when_their_columns_are_told_then_one_of_only_0_and_1_is_a_finding_by_its_own_name(by: str) -> None:
    table = "image,shadow,seen there,label\na.png,1,patch,x\nb.png,0,,y\n"
    told = ColumnRoles(image_findings=("shadow", "seen there")) if by == "person" else ColumnRoles()
    made = _plan(table, told, b"columns: {image_findings: [shadow, seen there]}" if by == "sidecar" else None)
    assert [_seen(case) for case in made.cases] == [(("patch", "shadow"), None), ((), ("shadow",))]


def test_a_cell_when_it_says_neither_yes_nor_no_then_is_told_and_the_case_comes_in_without() -> None:
    made = _plan("image,image_finding: patch,label\na.png,maybe,x\n")
    assert [case.findings for case in made.cases] == [{}]
    assert [problem.code for problem in made.problems] == ["manifest-finding-value"]
    assert made.problems[0].text("en").startswith("Row 2: “maybe” in the column image_finding: patch")


def test_findings_when_the_row_has_no_such_input_then_are_counted_and_left_out() -> None:
    made = _plan("text,image,image_findings,label\nhi,,patch,x\nho,,,y\n")
    assert [case.findings for case in made.cases] == [{}, {}]
    assert [(p.code, p.parameters["count"]) for p in made.problems] == [("manifest-findings-alone", 1)]
    assert "image findings but no image" in made.problems[0].text("en")


def test_findings_when_two_pictures_are_in_a_row_then_hold_for_both() -> None:
    made = _plan("image,image_findings,label\na.png;b.png,patch,x\n")
    assert made.cases[0].findings == {"image": SeenFindings(seen=("patch",))}
