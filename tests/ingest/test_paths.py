import string
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ingest.importers.paths import relative_path, split_cell

BAD = [
    "", " ", ".", "..", "../a.png", "a/../../b.png", "a/..", "/etc/passwd", "//server/share/a.png", "\\\\server\\share\\a.png",
    "\\a.png", "C:\\a.png", "c:a.png", "C:/a.png", "..\\a.png", "a\\..\\..\\b", "a/.. /b", "a/.../b", "a /b.png", "a./b.png",
    "a.png:stream", "NUL", "a/nul.png", "COM1", "lpt9.txt", "con", "a\0.png", "a\n.png", "http://host/a.png", "file:///etc/passwd",
    "a*.png", "a?.png", "x" * 1025,
]  # fmt: skip


@pytest.mark.parametrize("written", BAD)
def test_a_path_that_could_lead_away_when_read_then_is_refused(written: str) -> None:
    assert relative_path(written) is None


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("images/a.png", "images/a.png"),
        (" images/a.png ", "images/a.png"),
        ("images\\left\\a.png", "images/left/a.png"),
        ("./a.png", "a.png"),
        ("a//b.png", "a/b.png"),
        ("图像/病例 1.png", "图像/病例 1.png"),
        ("..a/b..c.png", "..a/b..c.png"),
        ("null/console.png", "null/console.png"),
        ("%2e%2e/a.png", "%2e%2e/a.png"),
    ],
)
def test_an_ordinary_path_when_read_then_has_forward_slashes(written: str, path: str) -> None:
    assert relative_path(written) == path


@settings(max_examples=2000, deadline=None)
@given(st.text(alphabet="./\\:~ aN\0" + string.ascii_uppercase[:3] + "。．", max_size=24))
def test_any_path_when_accepted_then_stays_inside_the_folder_on_every_system(written: str) -> None:
    path = relative_path(written)
    if path is not None:
        assert (Path("/root/folder") / path).resolve().is_relative_to("/root/folder")
        windows = PureWindowsPath(path)
        assert not windows.drive
        assert not windows.root
        assert ".." not in windows.parts
        assert relative_path(path) == path


def test_a_cell_with_several_files_when_split_then_gives_each_without_spaces() -> None:
    assert split_cell(" a.png; b.png ;; c.png;") == ["a.png", "b.png", "c.png"]
