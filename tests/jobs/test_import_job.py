import hashlib
import time
from pathlib import Path

import pytest

from engine.ingest.importers import plan
from engine.ingest.sandbox import Sandbox
from engine.jobs import import_job
from engine.jobs.run_folder import RunFolder, Stopped
from engine.schema.case import Case, Dataset
from engine.schema.command import ColumnRoles, FileFound, ImportPlan, StartImport
from engine.schema.errors import ErrorBody, UserError
from engine.schema.event import Finished, Problem, Progress, RunLine
from engine.schema.knowledge import KnowledgeVersion
from engine.schema.worker import KNOWLEDGE_VERSION_FILE, Control, Task
from engine.store.bulk import BulkBlobs
from tests.demo.bakery import DOMAIN, write_bakery
from tests.ingest import samples

MANIFEST = """case_id,text,image,audio,label,speaker,split
a,coughs,i/a.png,s/a.wav,flu,p1,train
b,,i/b.png;i/b.jpg,,cold,p2,train
c,sneezes,,s/c.wav,flu,p3,val
"""
FILES = {
    "i/a.png": samples.SEEDS["a.png"],
    "i/b.png": samples.SEEDS["a.png"],
    "i/b.jpg": samples.SEEDS["a.jpg"],
    "s/a.wav": samples.SEEDS["a.wav"],
    "s/c.wav": samples.SEEDS["a.flac"],
}


def run_folder(
    place: Path,
    manifest: str = MANIFEST,
    files: dict[str, bytes] = FILES,
    sidecar: bytes | None = None,
    planned: bool = True,
    knowledge: bytes | None = None,
) -> RunFolder:
    """Return the folder of an import whose manifest and files are blobs already, as the service prepares it."""
    data = manifest.encode()
    made = plan(data, "cases.csv", ColumnRoles(), sidecar, tuple(files))
    with BulkBlobs(place / "blobs") as blobs:
        (place / "blobs").mkdir(exist_ok=True)
        asked = StartImport(
            command_id="command-1",
            manifest=blobs.put(data),
            name="cases.csv",
            sidecar=blobs.put(sidecar) if sidecar else None,
            knowledge=blobs.put(knowledge) if knowledge else None,
            files=tuple(
                FileFound(path=path, sha256=blobs.put(files[path]) if path in files else None) for path in made.paths
            ),
        )
    task = Task(job_id="job-1", kind="import", project=str(place), imports=asked, plan=made if planned else None)
    run = place / "run"
    run.mkdir(exist_ok=True)
    (run / "task.json").write_text(task.model_dump_json(), encoding="utf-8")
    return RunFolder(run)


def imported(folder: RunFolder) -> tuple[list[Case], Dataset, list[ErrorBody], Finished]:
    import_job.run(folder)
    cases = [Case.model_validate_json(line) for line in (folder.path / "result.jsonl").read_bytes().splitlines()]
    dataset = Dataset.model_validate_json((folder.path / "dataset.json").read_bytes())
    bodies = events(folder)
    finished = bodies[-1]
    assert isinstance(finished, Finished)
    return cases, dataset, [body.problem for body in bodies if isinstance(body, Problem)], finished


def events(folder: RunFolder) -> list[object]:
    return [RunLine.model_validate_json(line).body for line in (folder.path / "events.jsonl").read_bytes().splitlines()]


def test_an_import_when_every_file_is_healthy_then_every_case_comes_in_whole(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    cases, dataset, problems, finished = imported(folder)
    assert [(case.title, case.label, case.group, case.split) for case in cases] == [
        ("a", "flu", "p1", "train"), ("b", "cold", "p2", "train"), ("c", "flu", "p3", "val"),
    ]  # fmt: skip
    assert [case.pattern() for case in cases] == ["text+image+audio", "image", "text+audio"]
    assert [part.name for part in cases[1].parts] == ["b.png", "b.jpg"]
    assert all(
        folder.blobs.read(sha) for case in cases for part in case.parts for sha in (part.original, part.decoded or "")
    )
    assert {case.source for case in cases} == {"imported"}
    assert (dataset.counts, dataset.groups) == ({"train": 2, "val": 1}, 2)
    assert dataset.patterns == {"text+image+audio": 1, "image": 1, "text+audio": 1}
    assert [label.name for label in dataset.labels] == ["flu", "cold"]
    assert problems == []
    assert finished.values == {"dataset": dataset.dataset, "cases": 3, "problems": 0}
    assert any(isinstance(body, Progress) and (body.done, body.total) == (3, 3) for body in events(folder))


def test_an_import_when_the_project_has_a_domain_then_belongs_to_it_and_takes_its_wording(tmp_path: Path) -> None:
    described = DOMAIN.replace("name: order", "name: flu").replace("id: bakery", "id: ward")
    folder = run_folder(tmp_path)
    write_bakery(Path(folder.task.project) / "domain", domain_yaml=described)
    _, dataset, _, _ = imported(folder)
    assert dataset.domain == "ward"
    assert [(label.name, label.zh) for label in dataset.labels] == [("flu", "新订单"), ("cold", "")]


def test_an_import_when_its_sidecar_names_a_domain_then_belongs_to_that_one(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, sidecar=b"domain: clinic")
    write_bakery(Path(folder.task.project) / "domain")
    assert imported(folder)[1].domain == "clinic"


def test_an_import_when_the_own_domain_cannot_be_read_then_comes_in_all_the_same(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    write_bakery(Path(folder.task.project) / "domain", domain_yaml="id: [")
    cases, dataset, _, _ = imported(folder)
    assert (len(cases), dataset.domain) == (3, "")


def test_an_import_when_files_are_missing_or_damaged_then_lists_each_row_and_takes_the_rest(tmp_path: Path) -> None:
    files = {**FILES, "i/a.png": FILES["i/a.png"][:200], "s/c.wav": b"no sound"}
    del files["i/b.png"], files["i/b.jpg"]
    cases, dataset, problems, finished = imported(run_folder(tmp_path, files=files))
    assert [case.title for case in cases] == ["a", "c"]
    assert [case.pattern() for case in cases] == ["text+audio", "text"]
    assert [(p.code, p.parameters["row"]) for p in problems] == [
        ("damaged-image", 2), ("file-missing", 3), ("file-missing", 3), ("manifest-row-empty", 3), ("content-mismatch", 4),
    ]  # fmt: skip
    assert finished.values["problems"] == 5
    assert dataset.counts == {"train": 1, "val": 1}
    for problem in problems:
        row = problem.parameters["row"]
        assert problem.text("en").startswith(f"Row {row}")
        assert problem.text("zh").startswith(f"第 {row} 行")


def test_an_unreadable_file_when_its_row_comes_in_then_stays_in_the_case_with_its_reason(tmp_path: Path) -> None:
    cases, _, _, _ = imported(run_folder(tmp_path, files={**FILES, "i/a.png": b"words"}))
    broken = next(part for part in cases[0].parts if part.modality == "image")
    assert broken.decoded is None
    assert broken.problem is not None
    assert broken.problem.code == "content-mismatch"
    assert broken.original == hashlib.sha256(b"words").hexdigest()


def test_a_manifest_with_problems_when_imported_then_they_are_told_first(tmp_path: Path) -> None:
    manifest = MANIFEST + "a,again,,,flu,p1,train\nd,hm,../x.png,,flu,p1,train\n"
    cases, _, problems, _ = imported(run_folder(tmp_path, manifest))
    assert len(cases) == 3
    assert [problem.code for problem in problems] == ["manifest-duplicate-case", "manifest-path"]


def test_an_import_without_a_plan_when_run_then_plans_in_the_sandbox(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, sidecar="title: 诊所\nlicence: CC0\nsynthetic: true\n".encode(), planned=False)
    cases, dataset, _, _ = imported(folder)
    assert (dataset.title, dataset.licence, dataset.synthetic, len(cases)) == ("诊所", "CC0", True, 3)
    assert all(case.synthetic for case in cases)


def test_the_article_s_layout_when_imported_then_files_beside_the_table_join_their_rows(tmp_path: Path) -> None:
    files = {"images/a.png": samples.SEEDS["a.png"], "audio/b.wav": samples.SEEDS["a.wav"]}
    cases, _, problems, _ = imported(run_folder(tmp_path, "case_id,text,label\na,hi,x\nb,ho,y\n", files))
    assert [case.pattern() for case in cases] == ["text+image", "text+audio"]
    assert problems == []


def test_an_import_when_repeated_then_makes_the_same_cases(tmp_path: Path) -> None:
    first, _, _, _ = imported(run_folder(tmp_path))
    second, _, _, _ = imported(RunFolder(tmp_path / "run"))
    assert [case.case_id for case in first] == [case.case_id for case in second]
    assert [[p.decoded for p in c.parts] for c in first] == [[p.decoded for p in c.parts] for c in second]
    assert len({case.case_id for case in first}) == 3


def test_an_import_of_which_nothing_is_readable_when_run_then_says_so_and_makes_no_data_set(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, "image,label\ni/a.png,x\n", {"i/a.png": b"\0"})
    with pytest.raises(UserError) as caught:
        import_job.run(folder)
    assert caught.value.code == "manifest-nothing-read"
    assert not (folder.path / "dataset.json").exists()


def test_a_cancelled_import_when_run_then_ends_and_leaves_no_result(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    folder.write("control.json", Control(action="cancel").model_dump_json().encode())
    with pytest.raises(Stopped):
        import_job.run(folder)
    assert not (folder.path / "result.jsonl").exists()


def test_an_import_that_is_stopped_to_keep_when_run_then_keeps_what_came_in(tmp_path: Path) -> None:
    folder = run_folder(tmp_path)
    folder.write("control.json", Control(action="stop-and-keep").model_dump_json().encode())
    cases, dataset, _, finished = imported(folder)
    assert (len(cases), sum(dataset.counts.values()), finished.outcome) == (1, 1, "stopped")


def test_problems_without_end_when_imported_then_the_rest_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_job, "PROBLEMS_LIMIT", 3)
    manifest = "text,image,label\n" + "".join(f"hi,i/{n}.png,x\n" for n in range(8))
    cases, _, problems, finished = imported(run_folder(tmp_path, manifest, {}))
    assert len(cases) == 8
    assert [problem.code for problem in problems] == ["file-missing"] * 3 + ["manifest-more-problems"]
    assert problems[-1].parameters["count"] == 5
    assert finished.values["problems"] == 8


@pytest.mark.trireal
def test_trireal_when_imported_as_it_is_then_is_whole_in_well_under_two_minutes(tmp_path: Path, trireal: Path) -> None:
    made: ImportPlan = plan((trireal / "cases.csv").read_bytes(), "cases.csv", ColumnRoles())
    files = {path: (trireal / path).read_bytes() for path in made.paths}
    folder = run_folder(tmp_path, (trireal / "cases.csv").read_text(encoding="utf-8"), files)
    began = time.monotonic()
    cases, dataset, problems, _ = imported(folder)
    assert time.monotonic() - began < 110
    assert (len(cases), problems, dataset.groups) == (2500, [], 4)
    assert dataset.counts == {"train": 2000, "val": 500}
    assert dataset.patterns["text+image+audio"] == 1564
    assert sum(len(case.parts) for case in cases) == 2162 + 2117 + 2140
    assert not [flag for case in cases for part in case.parts for flag in part.flags]


def test_a_sandbox_when_its_results_are_no_longer_asked_for_then_leaves_no_work_behind() -> None:
    done: list[int] = []
    with Sandbox(at_once=2) as sandbox:
        results = sandbox.each((lambda n=n: done.append(n) or n) for n in range(1000))  # type: ignore[misc]
        assert next(results) == 0
        results.close()  # type: ignore[attr-defined]
        count = len(done)
        assert count < 50
    assert len(done) == count


KNOWLEDGE = """labels: {flu: High fever.}
findings: {fever: {modality: text, phrases: [fever]}}
rules: [{finding: fever, label: flu, strength: 0.5}]
"""


def test_an_import_when_a_knowledge_file_came_along_then_it_is_kept_as_the_first_version(tmp_path: Path) -> None:
    folder = run_folder(tmp_path, knowledge=KNOWLEDGE.encode())
    _, _, problems, _ = imported(folder)
    made = KnowledgeVersion.model_validate_json((folder.path / KNOWLEDGE_VERSION_FILE).read_bytes())
    assert (made.version, made.labels, made.findings, made.rules) == (1, 1, 1, 1)
    assert folder.blobs.read(made.sha256) == KNOWLEDGE.encode()
    assert problems == []


def test_an_import_when_its_knowledge_file_is_faulty_then_says_every_line_and_brings_in_the_cases(
    tmp_path: Path,
) -> None:
    wrong = KNOWLEDGE.replace("label: flu", "label: measles").replace("modality: text", "modality: smell")
    folder = run_folder(tmp_path, knowledge=wrong.encode())
    cases, _, problems, finished = imported(folder)
    assert len(cases) == 3
    assert [(problem.code, problem.parameters["line"]) for problem in problems] == [
        ("knowledge-modality", 2),
        ("knowledge-unknown-label", 3),
    ]
    assert finished.values["problems"] == 2
    assert not (folder.path / KNOWLEDGE_VERSION_FILE).exists()
