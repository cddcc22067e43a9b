"""Bad input through both doors, the window and the command line: a clear sentence each time, and nothing hangs."""

import dataclasses
import json
import struct
import wave
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.schema.base import Modality
from engine.schema.case import CasePage
from tests.end_to_end.conftest import PATIENCE_MS, Command, Open, Ward, runtime_of_its_own, sample
from tests.workbench.drops import drop
from workbench.rooms import Rooms
from workbench.views.case_detail import CaseView

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("bad input")]
SIDE = 20_000
NOTE, XRAY = (path for path in sample("clinic-01") if path.suffix in (".txt", ".png"))


def _lie(folder: Path) -> Path:
    """Write a text that is named like a picture."""
    path = folder / "photo.png"
    path.write_text("I am a text.", encoding="utf-8")
    return path


def _truncated(folder: Path) -> Path:
    """Write a recording whose header promises a second and whose data end after a tenth of it."""
    path = folder / "cough.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(b"\x10\x27\xf0\xd8" * 8_000)
    path.write_bytes(path.read_bytes()[:3_245])
    return path


def _huge(folder: Path) -> Path:
    """Write a small file that is a whole picture of 20,000 x 20,000 pixels."""
    path = folder / "scan.png"

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 1, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes((SIDE // 8 + 1) * SIDE), 9))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + pixels + chunk(b"IEND", b""))
    return path


FILES: tuple[tuple[Callable[[Path], Path], Modality, str, str], ...] = (
    (_lie, "image", "content-mismatch", "photo.png is named like"),
    (_truncated, "audio", "damaged-audio", "cough.wav is damaged"),
    (_huge, "image", "image-too-large", "scan.png has 20000 x 20000 pixels"),
)
NAMES = ("text named as picture", "truncated recording", "huge picture")


@dataclasses.dataclass(frozen=True)
class Table:
    """A table with something about it: its bytes, the encoding it shall be read as, what is listed, and its first note."""

    data: bytes
    encoding: str
    listed: tuple[str, ...]
    note: str


TABLES = {
    "a missing file": Table(
        b"case_id,text,image,label\nr1,cough,xray.png,flu\nr2,fever,gone.png,cold\nr3,rash,,flu\n",
        "UTF-8",
        ("Row 3: the file gone.png is not there.",),
        "cough",
    ),
    "Latin-1": Table(
        "case_id;text;image;label\nr1;Atemnot über Nacht, Fließschnupfen;;Grippe\nr2;Müdigkeit für drei Tage;;Erkältung\n"
        "r3;Schüttelfrost, Gänsehaut und Röcheln;xray.png;Grippe\n".encode("latin-1"),
        "Latin-1",
        (),
        "Atemnot über Nacht, Fließschnupfen",
    ),
    "GB18030": Table(
        "case_id,text,image,label\nr1,咳嗽三天，夜间加重，伴有发热,,流感\nr2,鼻塞流涕，咽喉疼痛，没有发热,,感冒\n"
        "r3,胸闷气短，活动后明显，咳白色泡沫痰,xray.png,流感\n".encode("gb18030"),
        "GB18030",
        (),
        "咳嗽三天，夜间加重，伴有发热",
    ),
}


@pytest.fixture(scope="module")
def _engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ward, Path]]:
    with runtime_of_its_own() as runtime:
        ward = Ward(tmp_path_factory.mktemp("bad") / "ward")
        try:
            yield ward, runtime
        finally:
            ward.end()


@pytest.fixture
def ward(_engine: tuple[Ward, Path], _private_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Ward:
    """Return a project with a real engine that has seen all the bad input of the tests before."""
    monkeypatch.setenv("CONSILIUM_RUNTIME", str(_engine[1]))
    assert _engine[0].again().address.pid == _engine[0].pid
    return _engine[0]


@pytest.fixture
def rooms(ward: Ward, open_window: Open) -> Rooms:
    """Return the real window on the project."""
    return open_window(ward.project)


@pytest.mark.parametrize(("make", "modality", "code", "sentence"), FILES, ids=NAMES)
def test_file_when_dropped_on_the_window_stays_with_its_sentence(
    qtbot: QtBot,
    rooms: Rooms,
    tmp_path: Path,
    make: Callable[[Path], Path],
    modality: Modality,
    code: str,
    sentence: str,
) -> None:
    assert drop(rooms.window, [make(tmp_path), NOTE])
    view = rooms.window.place("case")
    assert isinstance(view, CaseView)
    card = view.inputs.cards[modality]
    qtbot.waitUntil(lambda: card.property("tone") == "care", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: card.rows[0]._doubt.isVisible(), timeout=PATIENCE_MS)
    assert card.rows[0]._doubt.text().startswith(sentence)
    qtbot.waitUntil(lambda: not view.state.is_busy, timeout=PATIENCE_MS)
    assert view.state.case is not None
    problems = [part.problem.code for part in view.state.case.parts if part.problem is not None]
    assert problems == [code]
    assert view.state.case.present() == ("text",)


@pytest.mark.parametrize(("make", "modality", "code", "sentence"), FILES, ids=NAMES)
def test_file_when_given_to_the_command_line_ends_with_two_and_its_sentence(
    ward: Ward,
    command: Command,
    tmp_path: Path,
    make: Callable[[Path], Path],
    modality: Modality,
    code: str,
    sentence: str,
) -> None:
    said = command("predict", ward.project, "--text", "cough", f"--{modality}", make(tmp_path), "--json")
    assert said.code == 2
    assert said.err.strip().startswith(sentence)
    assert len(said.err.strip().splitlines()) == 1
    assert json.loads(said.out.splitlines()[-1])["error"]["code"] == code


def _table(folder: Path, name: str) -> Path:
    """Write a table with its picture beside it."""
    (folder / "xray.png").write_bytes(XRAY.read_bytes())
    path = folder / "cases.csv"
    path.write_bytes(TABLES[name].data)
    return path


def _notes(ward: Ward, dataset: str) -> set[str]:
    """Return the notes of a data set as the project holds them."""
    cases = [case for case in ward.client.get("/v1/cases?limit=100", CasePage).cases if case.dataset == dataset]
    parts = [part for case in cases for part in case.parts if part.modality == "text" and part.decoded is not None]
    return {ward.client.get_blob(str(part.decoded)).decode("utf-8") for part in parts}


@pytest.mark.parametrize("name", TABLES)
def test_table_when_dropped_on_the_window_comes_in_and_says_what_it_read(
    qtbot: QtBot, ward: Ward, rooms: Rooms, tmp_path: Path, name: str
) -> None:
    asked = TABLES[name]
    assert drop(rooms.window, [_table(tmp_path, name)])
    wizard = rooms.importing.wizard
    assert wizard is not None
    qtbot.waitUntil(lambda: wizard.state.phase in ("planned", "failed"), timeout=PATIENCE_MS)
    assert f"3 rows, read as {asked.encoding}" in wizard.words
    qtbot.mouseClick(wizard.go_on, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: wizard.state.phase in ("done", "failed"), timeout=PATIENCE_MS)
    assert wizard.words == "3 cases came in."
    assert len(wizard.state.problems) == len(asked.listed)
    listed = wizard.problems.toPlainText()
    assert all(words in listed for words in asked.listed)
    assert wizard.problems.isVisible() == bool(asked.listed)
    assert wizard.state.job is not None
    dataset = str(wizard.state.job.result["dataset"])
    assert asked.note in _notes(ward, dataset)


@pytest.mark.parametrize("name", TABLES)
def test_table_when_imported_by_the_command_line_comes_in_and_says_what_it_read(
    ward: Ward, command: Command, tmp_path: Path, name: str
) -> None:
    asked = TABLES[name]
    said = command("import", ward.project, _table(tmp_path, name), "--json")
    assert said.code == 0, said.err
    last = json.loads(said.out.splitlines()[-1])
    # The window may have brought the same table in before: its cases are known again then, and none is made twice.
    assert last["cases"] + last.get("same", 0) + last.get("changed", 0) == 3
    assert f"cases.csv: 3 rows, read as {asked.encoding}" in said.err
    assert len(last["problems"]) == len(asked.listed)
    assert all(words in problem for words, problem in zip(asked.listed, last["problems"], strict=True))
    assert all(words in said.err for words in asked.listed)
    assert asked.note in _notes(ward, last["dataset"])
