"""A handful of files becomes one case, many cases, a table, or a sentence."""

from pathlib import Path

import pytest

from workbench.state.files import kind_of, sort_files


def _touch(folder: Path, *names: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in names]
    for path in paths:
        path.write_bytes(b"x")
    return paths


def test_handful_when_one_file_a_kind_is_one_case(tmp_path: Path) -> None:
    handful = sort_files(_touch(tmp_path, "a.txt", "b.PNG", "c.wav"))
    assert handful.is_one_case()
    assert handful.title() == tmp_path.name


def test_handful_when_two_of_a_kind_is_a_question_by_name(tmp_path: Path) -> None:
    handful = sort_files(_touch(tmp_path, "p1.txt", "p1.png", "P2.txt"))
    assert not handful.is_one_case()
    assert {name: len(paths) for name, paths in handful.by_name().items()} == {"p1": 2, "P2": 1}


def test_handful_when_a_folder_with_one_file_a_kind_is_one_case_of_its_name(tmp_path: Path) -> None:
    _touch(tmp_path / "visit-3", "note.txt", "xray.png", "cough.wav")
    handful = sort_files([tmp_path / "visit-3"])
    assert handful.is_one_case()
    assert handful.title() == "visit-3"


def test_handful_when_a_folder_of_folders_is_a_case_a_folder(tmp_path: Path) -> None:
    for name in ("a", "b"):
        _touch(tmp_path / "ward" / name, "note.txt", "xray.png")
    handful = sort_files([tmp_path / "ward"])
    assert not handful.is_one_case()
    assert sorted(handful.by_name()) == ["a", "b"]


def test_handful_when_names_repeat_in_other_folders_keeps_all(tmp_path: Path) -> None:
    paths = [*_touch(tmp_path / "x", "p.txt"), *_touch(tmp_path / "y", "p.txt")]
    groups = sort_files(paths).by_name()
    assert len(groups) == 2
    assert {path for found in groups.values() for path in found} == set(paths)


def test_handful_when_a_folder_holds_other_files_names_them_but_not_those_of_the_system(tmp_path: Path) -> None:
    _touch(tmp_path / "f", "a.txt", "Thumbs.db", ".hidden.png", "cases.csv", "letter.docx")
    handful = sort_files([tmp_path / "f"])
    assert [path.name for path in handful.inputs] == ["a.txt"]
    assert [path.name for path in handful.tables] == ["cases.csv"]
    assert [path.name for path in handful.unknown] == ["letter.docx"]


def test_handful_when_a_picked_file_does_not_open_names_it(tmp_path: Path) -> None:
    assert [path.name for path in sort_files(_touch(tmp_path, "scan.dcm")).unknown] == ["scan.dcm"]


@pytest.mark.parametrize(("name", "kind"), [("a.JPEG", "image"), ("a.ogg", "audio"), ("a.docx", None), ("txt", None)])
def test_kind_when_asked_follows_from_the_ending(name: str, kind: str | None) -> None:
    assert kind_of(Path(name)) == kind
