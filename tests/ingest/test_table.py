import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ingest.importers import plan, table
from engine.schema.command import ColumnRoles, ImportPlan
from engine.schema.errors import UserError

NO_ROLES = ColumnRoles()


def planned(text: str | bytes, roles: ColumnRoles = NO_ROLES, sidecar: str | None = None) -> ImportPlan:
    data = text.encode() if isinstance(text, str) else text
    return plan(data, "cases.csv", roles, sidecar.encode() if sidecar is not None else None)


def codes(made: ImportPlan) -> list[tuple[str, object]]:
    return [(problem.code, problem.parameters.get("row")) for problem in made.problems]


WHOLE = """case_id,group_id,split,label,text,image_file_name,audio_file_name
a,p1,train,flu,"coughs, badly",i/a.png;i/b.png,s/a.wav
b,p2,val,cold,,i/b.png,
c,p2,val,flu,发烧,,
"""


def test_a_manifest_when_planned_then_every_cell_is_in_its_place() -> None:
    made = planned(WHOLE)
    assert made.rows == 3
    assert made.paths == ("i/a.png", "i/b.png", "s/a.wav")
    assert [label.name for label in made.labels] == ["flu", "cold"]
    first, second, third = made.cases
    assert (first.case_id, first.row, first.texts, first.images) == ("a", 2, ("coughs, badly",), ("i/a.png", "i/b.png"))
    assert (first.audios, first.label, first.group, first.split) == (("s/a.wav",), "flu", "p1", "train")
    assert (second.texts, second.images, second.audios, second.split) == ((), ("i/b.png",), (), "val")
    assert (third.texts, third.images) == (("发烧",), ())
    assert made.problems == ()


@pytest.mark.trireal
def test_trireal_when_planned_as_it_is_then_every_row_and_file_is_known(trireal: Path) -> None:
    made = planned((trireal / "cases.csv").read_bytes())
    assert (made.rows, len(made.cases), len(made.labels), made.problems) == (2500, 2500, 10, ())
    assert made.roles.group == "speaker"
    assert [sum(case.split == split for case in made.cases) for split in ("train", "val")] == [2000, 500]
    assert len({case.group for case in made.cases if case.split == "train"}) == 4
    assert len(made.paths) == 2117 + 2140
    assert all((trireal / path).is_file() for path in made.paths)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("codec", "shown"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8-SIG"), ("gb18030", "GB18030"), ("utf-16", "UTF-16")],
)
def test_a_chinese_manifest_in_any_encoding_when_planned_then_reads_the_same(
    delimiter: str, codec: str, shown: str
) -> None:
    rows = [("编号", "文本", "标签", "患者"), ("一", "发烧三天，咳嗽", "流感", "张三"), ("二", "头痛", "感冒", "李四")]
    made = planned("\r\n".join(delimiter.join(row) for row in rows).encode(codec))
    assert made.encoding == shown
    assert [(case.case_id, case.texts, case.label, case.group) for case in made.cases] == [
        ("一", ("发烧三天，咳嗽",), "流感", "张三"), ("二", ("头痛",), "感冒", "李四"),
    ]  # fmt: skip


@pytest.mark.parametrize(("words", "shown"), [("fiévreuse, gêne", "Latin-1"), ("“it hurts” – a lot", "cp1252")])
def test_a_western_manifest_when_planned_then_the_encoding_is_named(words: str, shown: str) -> None:
    made = planned(f'text,label\n"{words}",x\n'.encode("cp1252"))
    assert (made.encoding, made.cases[0].texts) == (shown, (words,))


def test_a_cell_with_commas_quotes_and_lines_when_planned_then_is_one_text() -> None:
    made = planned('text,label\n"one, ""two""\nthree",x\nnext,y\n')
    assert made.cases[0].texts == ('one, "two"\nthree',)
    assert [case.row for case in made.cases] == [2, 3]


def test_a_spreadsheet_line_that_names_the_delimiter_when_planned_then_is_skipped() -> None:
    made = planned("sep=;\ntext;label\nhi, you;x\n")
    assert (made.cases[0].texts, made.cases[0].row) == (("hi, you",), 3)


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        (
            "id,utterance,picture,recording,target,patient_id",
            ("id", "utterance", "picture", "recording", "target", "patient_id"),
        ),
        ("Case ID,Text,Image,Audio,Label,Speaker", ("Case ID", "Text", "Image", "Audio", "Label", "Speaker")),
        ("uid,note,img_path,wav_file,dx,group", ("uid", "note", "img_path", "wav_file", "dx", "group")),
    ],
)
def test_columns_when_named_otherwise_then_are_recognised(header: str, roles: tuple[str, ...]) -> None:
    found = planned(header + "\n1,hi,a.png,a.wav,x,p\n").roles
    assert (found.case_id, *found.text, *found.image, *found.audio, found.label, found.group) == roles


def test_a_file_column_of_any_prefix_when_planned_then_its_files_say_what_it_is() -> None:
    found = planned("xray_file_name,cough_file_names,label\na.png,a.wav;b.wav,x\n")
    assert (found.roles.image, found.roles.audio) == (("xray_file_name",), ("cough_file_names",))
    assert found.cases[0].audios == ("a.wav", "b.wav")


def test_several_columns_of_one_kind_when_planned_then_all_count() -> None:
    case = planned("text_1,text_2,image1,image2,label\nhi,ho,a.png,b.png,x\n").cases[0]
    assert (case.texts, case.images) == (("hi", "ho"), ("a.png", "b.png"))


def test_roles_when_said_then_go_before_the_sidecar_and_before_names() -> None:
    text = "text,a,b,label,group,ward\nt,aa,bb,x,g,w\n"
    sidecar = "columns: {text: a, label: label, group: ward}"
    assert planned(text, sidecar=sidecar).cases[0].texts == ("aa",)
    assert planned(text, ColumnRoles(text=("b",)), sidecar).cases[0].texts == ("bb",)
    assert planned(text, ColumnRoles(group="group"), sidecar).cases[0].group == "g"
    assert planned(text, sidecar=sidecar).cases[0].group == "w"


def test_a_role_for_a_column_that_is_not_there_when_planned_then_is_refused_by_name() -> None:
    with pytest.raises(UserError) as caught:
        planned(WHOLE, ColumnRoles(group="ward"))
    assert (caught.value.code, caught.value.parameters["value"]) == ("bad-setting", "ward")


def test_a_sidecar_when_it_names_answers_then_their_order_and_wording_hold_and_others_are_listed() -> None:
    made = planned(
        WHOLE + "d,p3,train,fluu,hm,,\n", sidecar="title: T\nsynthetic: true\nlabels: [{name: cold, zh: 感冒}, flu]"
    )
    assert [label.name for label in made.labels] == ["cold", "flu"]
    assert made.labels[0].zh == "感冒"
    assert (made.title, made.synthetic, len(made.cases)) == ("T", True, 3)
    assert codes(made) == [("manifest-label-unknown", 5)]


@pytest.mark.parametrize(
    ("written", "split"),
    [
        ("train", "train"),
        ("Training", "train"),
        ("", "train"),
        ("valid", "val"),
        ("dev", "val"),
        ("VALIDATION", "val"),
        ("test", "test"),
    ],
)
def test_splits_when_written_otherwise_then_mean_the_same(written: str, split: str) -> None:
    assert planned(f"text,label,split\nhi,x,{written}\n").cases[0].split == split


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("b,,x,,train", "manifest-row-empty"),
        ("b,hi,,,train", "manifest-row-label"),
        ("b,hi,x,../a.png,train", "manifest-path"),
        ("b,hi,x,C:\\a.png,train", "manifest-path"),
        ("b,hi,x,\\\\host\\a.png,train", "manifest-path"),
        ("b,hi,x,i/a.png;/etc/passwd,train", "manifest-path"),
        ("b,hi,x,,fold7", "manifest-split"),
        ("b,hi, there,x,,train", "manifest-row-shape"),
        ("a,hi,x,,train", "manifest-duplicate-case"),
        ("b,hi," + "x" * 201 + ",,train", "manifest-label-unknown"),
        ("b,hi,x," + ";".join(["a.png"] * 65) + ",train", "manifest-path"),
    ],
)
def test_a_bad_row_when_planned_then_is_listed_and_the_others_come_in(row: str, code: str) -> None:
    made = planned(f"case_id,text,label,image,split\na,one,x,,train\n{row}\nc,three,y,,train\n")
    assert [case.case_id for case in made.cases] == ["a", "c"]
    assert codes(made) == [(code, 3)]
    for language in ("en", "zh"):
        assert "3" in made.problems[0].text(language)
        assert "{" not in made.problems[0].text(language)


def test_a_short_row_when_planned_then_its_missing_cells_are_empty() -> None:
    assert planned("text,label,image,split\nhi,x\n").cases[0].images == ()


def test_rows_without_ids_when_planned_then_are_named_by_their_number() -> None:
    assert [case.case_id for case in planned("text,label\nhi,x\n\nho,x\n").cases] == ["row-2", "row-4"]


def test_a_person_on_both_sides_when_planned_then_is_told_once_for_the_whole_table() -> None:
    made = planned("text,label,patient_id,split\na,x,p,train\nb,x,p,val\nc,x,p,test\nd,x,q,val\n")
    assert codes(made) == [("manifest-group-crosses", None)]
    assert made.problems[0].parameters == {"count": 1, "example": "p"}
    assert len(made.cases) == 4


def test_more_problems_than_anyone_reads_when_planned_then_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "PROBLEMS_LIMIT", 10)
    made = planned("text,label\n" + "hi,\n" * 25 + "ho,x\n")
    assert len(made.problems) == 11
    assert made.problems[-1].parameters == {"count": 15}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "manifest-unreadable"),
        (b"\n\n\n", "manifest-unreadable"),
        (b"text,label\na\0b,x\n", "manifest-unreadable"),
        (b"PK\x03\x04" + bytes(100), "manifest-unreadable"),
        (b'text,label\n"' + b"x" * 5_000_000, "manifest-unreadable"),
        (b"a," * 3000 + b"\n", "manifest-unreadable"),
        (b"text,image\nhi,a.png\n", "manifest-no-label"),
        (b"label,age\nx,3\n", "manifest-no-input"),
        (b"text,label\n" + b"".join(b"hi,%d\n" % n for n in range(501)), "manifest-too-many-labels"),
    ],
)
def test_a_table_of_which_nothing_can_be_used_when_planned_then_says_why(data: bytes, code: str) -> None:
    with pytest.raises(UserError) as caught:
        planned(data)
    assert caught.value.code == code


def test_a_table_of_too_many_rows_when_planned_then_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "ROWS_LIMIT", 100)
    assert planned("text,label\n" + "hi,x\n" * 100).rows == 100
    with pytest.raises(UserError) as caught:
        planned("text,label\n" + "hi,x\n" * 101)
    assert caught.value.code == "manifest-too-long"


def test_the_limit_of_the_csv_module_when_a_table_was_planned_then_is_as_before() -> None:
    before = csv.field_size_limit()
    planned(WHOLE)
    assert csv.field_size_limit() == before


CELLS = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=6))
def test_any_cells_when_planned_then_come_back_or_are_listed(rows: list[tuple[str, str, str]]) -> None:
    target = io.StringIO()
    csv.writer(target).writerows([("text", "label", "image"), *rows])
    made = planned(target.getvalue())
    assert len(made.cases) + len([p for p in made.problems if "row" in p.parameters]) == made.rows
    for case in made.cases:
        assert case.label
        assert all(".." not in path.split("/") for path in case.images)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_when_planned_then_give_a_plan_or_one_of_our_errors(data: bytes) -> None:
    for hostile in (data, b"text,label,image\n" + data):
        with contextlib.suppress(UserError):
            made = planned(hostile)
            assert len(made.cases) <= made.rows


def test_a_column_without_a_name_when_it_stands_in_a_table_then_plays_no_part() -> None:
    made = plan(b",text,label\n0,cough,x\n1,fever,y\n0,pain,x\n", "cases.csv", NO_ROLES)
    assert [(case.case_id, case.group, case.split) for case in made.cases] == [
        ("row-2", "", "train"), ("row-3", "", "train"), ("row-4", "", "train"),
    ]  # fmt: skip
    assert made.problems == ()


def test_a_table_that_names_its_files_when_folders_lie_beside_it_then_the_table_counts() -> None:
    made = plan(WHOLE.encode(), "cases.csv", NO_ROLES, None, ["images/a.png", "audio/a.wav"])
    assert made.paths == ("i/a.png", "i/b.png", "s/a.wav")


PARTED = """case_id,label,text
a,edema;mass,one
b,mass,two
c,none,three
d,edema | mass,four
e,,five
f,mass;none,six
"""
FLAGGED = """case_id,text,Edema,Mass,No Finding
a,one,1,1,0
b,two,0,1,0
c,three,0,0,1
d,four,,0,0
e,five,-1,0,0
"""


def truths(made: ImportPlan) -> dict[str, tuple[str, ...] | None]:
    return {case.case_id: case.labels for case in made.cases}


def test_a_label_column_when_its_cells_name_several_then_it_is_found_and_none_is_a_case_without_a_label() -> None:
    made = planned(PARTED)
    assert (made.answers, made.roles.answers, made.roles.label) == ("several", "several", "label")
    assert truths(made) == {"a": ("edema", "mass"), "b": ("mass",), "c": (), "d": ("edema", "mass")}
    assert [label.name for label in made.labels] == ["edema", "mass"]
    assert codes(made) == [("manifest-row-label", 6), ("manifest-none-and-more", 7)]
    assert all(case.label == "" for case in made.cases)


def test_columns_of_0_and_1_when_no_column_names_the_answer_then_each_is_a_label_and_a_blank_one_leaves_the_row_out() -> (
    None
):
    made = planned(FLAGGED)
    assert (made.answers, made.roles.flags, made.roles.label) == ("several", ("Edema", "Mass"), "")
    assert truths(made) == {"a": ("Edema", "Mass"), "b": ("Mass",), "c": ()}
    assert [label.name for label in made.labels] == ["Edema", "Mass"]
    assert codes(made) == [("manifest-row-label", 5), ("manifest-flag", 6)]


def test_a_separator_when_it_only_stands_inside_names_then_a_case_keeps_its_one_answer_unless_several_are_asked_for() -> (
    None
):
    text = "label,text\nflu; mild,one\ncold; severe,two\nflu; mild,three\n"
    made = planned(text)
    assert (made.answers, [case.label for case in made.cases]) == ("one", ["flu; mild", "cold; severe", "flu; mild"])
    asked = planned(text, ColumnRoles(answers="several"))
    assert (asked.answers, asked.cases[0].labels) == ("several", ("flu", "mild"))
    assert planned(PARTED, ColumnRoles(answers="one")).answers == "one"


def test_dataset_yaml_when_it_names_flags_or_labels_then_they_decide_what_a_case_may_have() -> None:
    text = "text,edema,smoker\none,1,0\ntwo,0,1\n"
    flags = planned(text, sidecar="columns: {flags: [edema]}")
    assert (flags.answers, flags.roles.flags, truths(flags)) == (
        "several",
        ("edema",),
        {"row-2": ("edema",), "row-3": ()},
    )
    parted = planned("text,label\none,a;b\ntwo,none\n", sidecar="labels: [a, b, none]\nanswers: several")
    assert truths(parted) == {"row-2": ("a", "b"), "row-3": ("none",)}


def test_a_table_when_nothing_in_it_holds_answers_then_it_is_refused_in_a_sentence() -> None:
    with pytest.raises(UserError) as refused:
        planned("text,smoker\none,1\ntwo,0\n")
    assert refused.value.code == "manifest-no-label"
