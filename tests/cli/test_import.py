"""`import`: a table with its files, in a real worker and the real sandbox; what cannot be read is said, the rest comes in."""

import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.client import attach
from engine.schema.case import Case, CasePage
from engine.schema.command import EditCase, ProjectInfo
from engine.schema.knowledge import KnowledgeText
from tests.cli.conftest import Run
from tests.engines import engine_of


@pytest.fixture
def project(tmp_path: Path, _private_runtime: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("CONSILIUM_PREDICTOR", "tests.fake_predictor")
    path = tmp_path / "project"
    yield path
    if path.exists():
        with engine_of(path):
            pass


def _sound(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(16000))


def _cases(project: Path) -> dict[str, Case]:
    with attach(project, start=False) as client:
        return {case.title or case.case_id: case for case in client.get("/v1/cases", CasePage).cases}


def test_import_when_a_file_is_missing_lists_the_row_and_brings_in_the_rest(
    run: Run, project: Path, tmp_path: Path
) -> None:
    _sound(tmp_path / "audio" / "a.wav")
    table = tmp_path / "cases.csv"
    table.write_text(
        "case_id,text,audio,label,group,split\na,cough,audio/a.wav,flu,p1,train\nb,fever,audio/gone.wav,cold,p2,train\n"
    )
    said = run("import", project, table, "--json")
    assert (said.code, said.last["cases"]) == (0, 2)
    assert any("audio/gone.wav" in problem for problem in said.last["problems"])
    assert sorted(case.pattern() for case in _cases(project).values()) == ["text", "text+audio"]


def test_import_when_columns_have_other_names_takes_those_that_are_told(
    run: Run, project: Path, tmp_path: Path
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("words,answer,who\nhello,yes,anna\nbye,no,ben\n")
    said = run("import", project, table, "--text", "words", "--label", "answer", "--group", "who", "--json")
    assert said.code == 0, said.err
    found = _cases(project).values()
    assert {(case.label, case.group) for case in found} == {("yes", "anna"), ("no", "ben")}


def test_import_when_given_the_sources_own_layout_matches_files_to_rows(
    run: Run, project: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "source"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "text.csv").write_text("id,text,label\n1,cough,flu\n2,fever,cold\n")
    _sound(folder / "audio" / "1.wav")
    _sound(folder / "audio" / "2.wav")
    said = run("import", project, folder, "--json")
    assert said.code == 0, said.err
    assert [case.pattern() for case in _cases(project).values()] == ["text+audio", "text+audio"]


def test_import_when_the_table_has_no_answers_says_so_and_imports_nothing(
    run: Run, project: Path, tmp_path: Path
) -> None:
    table = tmp_path / "t.csv"
    table.write_text("words\nhello\n")
    said = run("import", project, table, "--json")
    assert (said.code, said.last["error"]["code"]) == (2, "manifest-no-label")
    assert "Traceback" not in said.err
    with attach(project, start=False) as client:
        assert client.get("/v1/project", ProjectInfo).cases == 0


def test_import_when_a_path_leads_out_of_the_folder_sends_nothing_from_there(
    run: Run, project: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.wav").symlink_to(secret)
    table = inside / "t.csv"
    table.write_text(f"text,audio,label\na,../secret.txt,x\nb,{secret},y\nc,link.wav,y\n")
    run("import", project, table, "--json")
    stored = [path.read_bytes() for path in (project / "blobs").rglob("*") if path.is_file()]
    assert b"secret" not in stored


def test_import_when_the_table_is_missing_says_so(run: Run, project: Path, tmp_path: Path) -> None:
    said = run("import", project, tmp_path / "none.csv", "--json")
    assert (said.code, said.last["error"]["code"]) == (2, "manifest-unreadable")


def test_import_when_a_knowledge_file_lies_beside_the_table_makes_it_the_first_version(
    run: Run, project: Path, tmp_path: Path
) -> None:
    table = tmp_path / "cases.csv"
    table.write_text("text,label\ncough,flu\nsneeze,cold\n")
    (tmp_path / "knowledge.yaml").write_text("labels: {flu: High fever.}\n")
    said = run("import", project, table, "--json")
    assert said.code == 0, said.err
    with attach(project, start=False) as client:
        kept = client.get(f"/v1/datasets/{said.last['dataset']}/knowledge/latest", KnowledgeText)
    assert (kept.version.version, kept.text) == (1, "labels: {flu: High fever.}\n")


def test_import_when_the_table_comes_in_again_knows_its_cases_and_keeps_what_a_person_did(
    run: Run, project: Path, tmp_path: Path
) -> None:
    table = tmp_path / "cases.csv"
    table.write_text("id,text,label,split\na,cough,flu,train\nb,fever,cold,train\nc,sneeze,cold,val\n")
    first = run("import", project, table, "--json").last
    with attach(project, start=False) as client:
        seen = _cases(project)["b"]
        edit = EditCase(command_id="own", version=seen.version, own_view="flu")
        client.patch(f"/v1/cases/{seen.case_id}", edit, Case)
    again = run("import", project, table)
    assert "3 cases were already here, 0 changed, 0 new, 0 problems." in again.out
    table.write_text("id,text,label,split\na,cough,flu,train\nb,high fever,cold,train\nd,pain,asthma,train\n")
    said = run("import", project, table, "--json")
    assert said.code == 0, said.err
    counted = {name: said.last[name] for name in ("same", "changed", "cases", "missing", "dataset")}
    assert counted == {"same": 1, "changed": 1, "cases": 1, "missing": 1, "dataset": first["dataset"]}
    found = _cases(project)
    assert sorted(found) == ["a", "b", "c", "d"]
    assert (found["b"].case_id, found["b"].own_view) == (seen.case_id, "flu")
    assert [part.facts.words for part in found["b"].parts] == [2]
    with attach(project, start=False) as client:
        (dataset,) = client.get("/v1/project", ProjectInfo).datasets
    assert (dataset.counts, dataset.patterns) == ({"train": 3, "val": 1}, {"text": 4})
    assert [label.name for label in dataset.labels] == ["flu", "cold", "asthma"]


def test_import_when_a_row_was_put_on_top_of_a_table_without_ids_calls_every_case_by_its_row_of_now(
    run: Run, project: Path, tmp_path: Path
) -> None:
    table = tmp_path / "cases.csv"
    table.write_text("text,label\ncough,flu\nfever,cold\nsneeze,cold\n")
    assert run("import", project, table).code == 0
    before = {title: case.label for title, case in _cases(project).items()}
    assert before == {"row-2": "flu", "row-3": "cold", "row-4": "cold"}
    table.write_text("text,label\npain,asthma\ncough,flu\nfever,cold\nsneeze,cold\n")
    assert run("import", project, table).code == 0
    after = {title: case.label for title, case in _cases(project).items()}
    assert after == {"row-2": "asthma", "row-3": "flu", "row-4": "cold", "row-5": "cold"}
