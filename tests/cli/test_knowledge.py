"""`knowledge` and `train --knowledge`: a file from the disk, checked, kept and learned with."""

import json
from pathlib import Path

import pytest

from engine.schema.knowledge import KnowledgeVersions
from tests.cli.conftest import Run
from tests.engines import Engine
from tests.service.test_knowledge import TEXT


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def _versions(engine: Engine, dataset: str) -> int:
    return len(engine.client.get(f"/v1/datasets/{dataset}/knowledge", KnowledgeVersions).versions)


def test_knowledge_when_saved_and_shown_then_is_what_was_written(run: Run, engine: Engine, file: Path) -> None:
    dataset = f"set-{engine.demo().job_id}"
    none = run("knowledge", engine.project, "show", "--json")
    assert (none.code, none.last["error"]["code"]) == (2, "knowledge-none")
    saved = run("knowledge", engine.project, "save", file, "--json")
    assert saved.code == 0, saved.err
    assert (saved.last["version"], saved.last["rules"], saved.last["dataset"]) == (1, 1, dataset)
    assert "1 labels, 1 findings, 1 rules" in saved.out
    shown = run("knowledge", engine.project, "--dataset", dataset)
    assert shown.out == TEXT


def test_knowledge_when_checked_then_tells_every_fault_and_keeps_nothing(run: Run, engine: Engine, file: Path) -> None:
    dataset = f"set-{engine.demo().job_id}"
    good = run("knowledge", engine.project, "check", file, "--json")
    assert (good.code, good.last["undescribed"]) == (0, ["flu"])
    file.write_text(TEXT.replace("0.8", "8").replace("modality: text", "modality: smell"), encoding="utf-8")
    bad = run("knowledge", engine.project, "check", file, "--json")
    assert (bad.code, bad.last["error"]["code"]) == (2, "knowledge-modality")
    assert "Line 5" in bad.err
    assert "Line 7" in bad.out
    assert _versions(engine, dataset) == 0


def test_knowledge_when_asked_for_nonsense_then_says_what_there_is(run: Run, engine: Engine, tmp_path: Path) -> None:
    engine.demo()
    assert run("knowledge", engine.project, "burn", "--json").last["error"]["code"] == "bad-setting"
    assert run("knowledge", engine.project, "save", "--json").last["error"]["code"] == "bad-setting"
    gone = run("knowledge", engine.project, "save", tmp_path / "gone.yaml", "--json")
    assert (gone.code, gone.last["error"]["code"]) == (2, "file-unreadable")


def test_training_when_given_a_file_then_keeps_it_and_learns_with_it(run: Run, engine: Engine, file: Path) -> None:
    dataset = f"set-{engine.demo().job_id}"
    said = run("train", engine.project, "--name", "steps:1", "--knowledge", file, "--json")
    assert said.code == 0, said.err
    task = json.loads((engine.project / "runs" / said.last["run"] / "task.json").read_bytes())
    assert (task["knowledge"]["version"], task["train"]["dataset"]) == (1, dataset)
    again = run("train", engine.project, "--name", "steps:1", "--knowledge", "1", "--json")
    assert again.code == 0, again.err
    none = run("train", engine.project, "--name", "steps:1", "--knowledge", "9", "--json")
    assert (none.code, none.last["error"]["code"]) == (2, "knowledge-none")
    assert _versions(engine, dataset) == 1
