"""The table of fusions and losses: measured as a job measures, kept by what it depends on, and taken up again where it was cut."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.demo.dataset import describe, keep_cases
from engine.demo.domains import DOMAINS
from engine.jobs import recipes, table, train_job
from engine.jobs.run_folder import RunFolder
from engine.jobs.table import LOSSES, Row, Source, markdown, measured_row, pairs
from engine.model.fusion import fusions
from engine.schema.config import RunConfig, apply_settings
from engine.schema.errors import UserError
from engine.schema.model import ModelSummary
from engine.store import cases, facts
from engine.store.database import Database
from engine.store.project import ProjectFolder
from tests.conftest import ROOT
from tests.train.conftest import NOW
from tests.train.runs import make_run

SMALL = {
    "student.width": "32",
    "student.experts": "4",
    "student.hidden": "16",
    "student.image_size": "16",
    "optim.epochs": "2",
    "optim.batch": "16",
    "threads": "1",
    "device": "cpu",
}
SET = [word for key, value in SMALL.items() for word in ("--set", f"{key}={value}")]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = ProjectFolder(tmp_path / "project")
    folder.make()
    domain = DOMAINS["clinic"]
    parts = (("train", 48), ("val", 16))
    made = [case for split, n in parts for case in keep_cases(domain, split, n, 7, folder.blobs, "tiny", NOW)]
    database = Database(folder.database)
    database.now(cases.add_many, made)
    database.now(facts.put_dataset, describe(domain, made, "tiny", NOW))
    database.close()
    return folder.path


def _base() -> RunConfig:
    return apply_settings(recipes.config("quick"), SMALL | {"dataset": "tiny"})


def _rows(project: Path) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in sorted((project / "tables").glob("*/row.json"))}


def test_row_when_measured_then_is_what_a_job_of_the_same_configuration_measures(project: Path) -> None:
    source = Source.of(project, "")
    ((_, _, config),) = pairs(_base(), ["concat"], ["plain"])
    row = measured_row(source, "concat", "plain", config)
    given = [case for _, some in [_all(project)] for case in some]
    run = make_run(project, "train-job", given, config)
    train_job.run(RunFolder(run))
    summary = ModelSummary.model_validate_json((run / "final" / "summary.json").read_bytes())
    assert summary.validation is not None
    assert summary.validation.accuracy.n == 16
    assert row.measured == summary.validation
    assert row.counterintuitive is not None
    assert row.counterintuitive.n > 16  # pairs of subsets: several a case
    assert 0 <= row.counterintuitive.low <= row.counterintuitive.value <= row.counterintuitive.high <= 1
    kept = project / "tables" / source.key(config)
    assert not (kept / "checkpoints").exists()
    assert (kept / "final" / "model.safetensors").read_bytes() == (run / "final" / "model.safetensors").read_bytes()


def _all(project: Path) -> tuple[int, tuple[object, ...]]:
    database = Database(ProjectFolder(project).database)
    found = database.now(cases.of_dataset, "tiny", 0, 1000)
    database.close()
    return found


def test_table_when_made_again_then_computes_nothing_and_says_the_same(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [str(project), "--out", str(tmp_path / "table.md"), *SET]
    asked += ["--no-baseline", "--fusions", "weighted-sum,tensor", "--losses", "plain,contrast"]
    assert table.main(asked) == 0
    first = capsys.readouterr().out
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == first
    assert len(_rows(project)) == 4
    assert [line.split(" | ")[:2] for line in first.splitlines()[4:]] == [
        ["| weighted-sum", "plain"],
        ["| weighted-sum", "contrast"],
        ["| tensor", "plain"],
        ["| tensor", "contrast"],
    ]

    def refused(folder: RunFolder) -> None:
        raise AssertionError("nothing is left to train")

    monkeypatch.setattr(train_job, "run", refused)
    assert table.main(asked) == 0
    assert capsys.readouterr().out == first


def test_table_when_killed_then_goes_on_where_it_was_and_ends_as_if_nothing_had_happened(
    project: Path, tmp_path: Path
) -> None:
    losses = ["--no-baseline", "--fusions", "concat", "--losses", "plain,more-not-worse"]
    command = [sys.executable, "-m", "engine.jobs.table", str(project), "--out", str(tmp_path / "a.md"), *SET, *losses]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    assert running.stderr.readline() == "1 of 2: concat, plain\n"
    running.kill()
    running.communicate()
    early = _rows(project)
    assert len(early) == 1
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    late = _rows(project)
    assert len(late) == 2
    assert early.items() <= late.items(), "what was finished is not computed again"
    undisturbed = measured_row(Source.of(project, ""), "concat", "more-not-worse", _alone(project))
    assert again.stdout == (tmp_path / "a.md").read_text(encoding="utf-8")
    found = next(row for row in map(Row.model_validate_json, late.values()) if row.loss == "more-not-worse")
    assert found.measured == undisturbed.measured


def _alone(project: Path) -> RunConfig:
    """Return the second pair's configuration under another hash, with the same result: a checkpoint is of no use to it."""
    ((_, _, config),) = pairs(_base(), ["concat"], ["more-not-worse"])
    return config.model_copy(update={"recipe": "again"})


def test_table_when_a_pair_fails_with_a_sentence_then_says_it_and_tries_again(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [
        str(project),
        "--out",
        str(tmp_path / "t.md"),
        *SET,
        "--no-baseline",
        "--fusions",
        "concat",
        "--losses",
        "plain",
    ]
    for _ in range(2):
        assert table.main([*asked, "--set", "device=cuda"]) == 2
        assert "no CUDA GPU was found" in capsys.readouterr().out
    assert not _rows(project)


def test_table_when_a_name_is_not_known_then_names_those_that_are() -> None:
    with pytest.raises(UserError, match="contrast"):
        pairs(_base(), ["concat"], ["nothing"])
    with pytest.raises(UserError, match="gated"):
        pairs(_base(), ["nothing"], ["plain"])


def test_table_when_there_is_no_project_then_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert table.main([str(tmp_path / "none"), "--out", str(tmp_path / "t.md")]) == 2
    assert "no project" in capsys.readouterr().err


def test_pairs_when_nothing_is_left_out_then_are_every_fusion_with_every_loss_each_with_a_hash_of_its_own(
    project: Path,
) -> None:
    source = Source.of(project, "tiny")
    found = pairs(_base(), fusions.names(), list(LOSSES))
    keys = {source.key(config) for _, _, config in found}
    assert len(keys) == len(found) == len(fusions.names()) * len(LOSSES)
    config = found[0][2]
    assert source.key(config.model_copy(update={"name": "mine"})) == source.key(config)
    assert source.key(config.model_copy(update={"seed": 2})) not in keys
    other = Source(source.project, source.dataset, source.lines.replace(b'"label":"', b'"label":"not-', 1))
    assert other.key(config) != source.key(config)


def test_markdown_when_written_then_every_line_has_as_many_cells() -> None:
    share = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10}
    measured = {"split": "val", "accuracy": share, "balanced_accuracy": 0.5, "macro_f1": 0.5, "ece": 0.1, "nll": 1.0}
    whole = {"fusion": "concat", "loss": "plain", "measured": measured | {"by_pattern": {"text+image": share}}}
    text = markdown([Row.model_validate_json(json.dumps(whole)), Row(fusion="a", loss="b", problem="No.")], "Title")
    lines = text.splitlines()[2:]
    assert {line.count("|") for line in lines} == {13}
    assert "0.500 (0.237 to 0.763, n 10)" in lines[2]


def test_table_when_made_then_begins_with_the_baseline_on_the_same_cases_and_seed() -> None:
    base = recipes.config("quick").model_copy(update={"dataset": "tiny", "seed": 7, "threads": 1})
    fusion, loss, config = table.baseline(base)
    assert (fusion, loss, config.recipe) == ("concat", "baseline", "baseline")
    assert (config.dataset, config.seed, config.threads) == ("tiny", 7, 1)
    assert config.student == recipes.config("baseline").student
