import csv
import dataclasses
import io
import json
from pathlib import Path

import pytest

from engine.jobs.evaluate_job import run as evaluate
from engine.jobs.run_folder import CASES_FILE, EVENTS_FILE, TASK_FILE, RunFolder
from engine.model.pretrained import load_council, save_council
from engine.schema.case import Case
from engine.schema.command import StartEvaluation
from engine.schema.errors import UserError
from engine.schema.model import Measured
from engine.schema.worker import Task
from engine.store.blobs import Blobs
from tests.small_council import build_council, small_cases

ROWS = [
    ("dry cough for three days", "train"),
    ("high fever and chills", "val"),
    ("wheezing at night", "val"),
    ("nothing to see", "val"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("measured")
    blobs = Blobs(folder / "blobs")
    blobs.folder.mkdir()
    save_council(folder / "model", build_council(small_cases(blobs), blobs))
    return folder


def _table(labels: list[str]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["text", "label", "split"])
    writer.writerows([text, label, split] for (text, split), label in zip(ROWS, labels, strict=True))
    return target.getvalue().encode()


def _run(project: Path, name: str, labels: list[str], split: str, **more: bool) -> list[dict[str, object]]:
    folder = project / "runs" / name
    folder.mkdir(parents=True)
    manifest = Blobs(project / "blobs").put(_table(labels))
    asked = StartEvaluation.model_validate(
        {
            "command_id": "c-1",
            "model_id": "model-tiny",
            "manifest": manifest,
            "name": "t.csv",
            "files": (),
            "split": split,
            **more,
        }
    )
    task = Task(job_id=name, kind="evaluate", project=str(project), evaluate=asked, model_folder=str(project / "model"))
    (folder / TASK_FILE).write_text(task.model_dump_json(), encoding="utf-8")
    evaluate(RunFolder(folder))
    lines = (folder / EVENTS_FILE).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["body"] for line in lines]


def _measured(project: Path, name: str, cases: list[Case], split: str) -> list[dict[str, object]]:
    """Measure on the cases of a data set of the project."""
    folder = project / "runs" / name
    folder.mkdir(parents=True)
    asked = StartEvaluation(
        command_id="c-1", model_id="model-tiny", dataset="ward", name="Ward", split=split, experts=True  # type: ignore[arg-type]
    )  # fmt: skip
    task = Task(job_id=name, kind="evaluate", project=str(project), evaluate=asked, model_folder=str(project / "model"))
    (folder / TASK_FILE).write_text(task.model_dump_json(), encoding="utf-8")
    (folder / CASES_FILE).write_text("".join(f"{case.model_dump_json()}\n" for case in cases), encoding="utf-8")
    evaluate(RunFolder(folder))
    lines = (folder / EVENTS_FILE).read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["body"] for line in lines]


def _labels(project: Path) -> list[str]:
    return [label.name for label in load_council(project / "model").labels]


def test_table_when_measured_then_only_rows_of_the_split_count(project: Path) -> None:
    known = _labels(project)
    for split, n in (("val", 3), ("", 4)):
        values = _run(project, f"evaluate-{split or 'all'}", [known[0]] * 4, split)[-1]["values"]
        assert isinstance(values, dict)
        assert values["n"] == n
        assert json.loads(str(values["by_pattern"]))["text"]["n"] == n
        assert {"accuracy", "balanced_accuracy", "macro_f1", "ece"} <= set(values)
        assert "places_off" not in values


def test_table_when_the_model_learned_an_order_then_how_far_it_is_off_is_told_too(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path / "blobs")
    blobs.folder.mkdir()
    council = build_council(small_cases(blobs), blobs)
    assert council.summary is not None
    rising = council.summary.model_copy(update={"ordered": True})
    save_council(tmp_path / "model", dataclasses.replace(council, summary=rising))
    values = _run(tmp_path, "evaluate-ordered", [_labels(tmp_path)[0]] * 4, "")[-1]["values"]
    assert isinstance(values, dict)
    low, high = json.loads(str(values["places_off_interval"]))
    assert low <= float(values["places_off"]) <= high
    assert 1 - float(values["accuracy"]) <= float(values["places_off"])
    assert float(values["accuracy"]) <= float(values["within_one"]) <= 1


def test_experts_when_asked_for_then_each_is_told_with_what_changes_without_it(project: Path) -> None:
    known = _labels(project)
    told = _run(project, "evaluate-experts", [known[0], known[1], known[0], known[1]], "", experts=True)
    values = told[-1]["values"]
    assert isinstance(values, dict)
    effects = json.loads(str(values["effects"]))
    council = load_council(project / "model")
    assert council.summary is not None
    assert len(effects) == len(council.student.blocks) * council.config.experts
    assert all(set(effect["by_modality"]) == {"text"} and effect["whole"]["n"] == 4 for effect in effects)
    assert any(body["kind"] == "progress" for body in told)
    report = Measured.model_validate_json((project / "runs" / "evaluate-experts" / "measured.json").read_bytes())
    assert set(report.effects[0].by_label) == set(known[:2])
    assert "effects" not in _run(project, "evaluate-plain", [known[0]] * 4, "")[-1]["values"]  # type: ignore[operator]


def test_table_when_an_answer_is_unknown_to_the_model_then_its_row_is_left_out_and_counted(project: Path) -> None:
    known = _labels(project)
    told = _run(project, "evaluate-unknown", [known[0], known[1], "no such answer", known[0]], "")
    (problem,) = [body["problem"] for body in told if body["kind"] == "problem"]
    assert (problem["code"], problem["parameters"]) == ("label-left-out", {"n": 1, "label": "no such answer"})  # type: ignore[index]
    values = told[-1]["values"]
    assert isinstance(values, dict)
    assert (values["n"], values["left_out"]) == (3, 1)


def test_table_when_no_row_can_be_measured_then_says_so(project: Path) -> None:
    with pytest.raises(UserError) as caught:
        _run(project, "evaluate-none", ["other"] * 4, "")
    assert caught.value.code == "labels-unknown"
    assert caught.value.parameters["found"] == "other"


def test_data_set_when_measured_then_only_answered_cases_of_the_split_count(project: Path) -> None:
    made = small_cases(Blobs(project / "blobs"))
    cases = [case.model_copy(update={"split": "val" if at < 3 else "train"}) for at, case in enumerate(made)]
    cases[0] = cases[0].model_copy(update={"label": ""})
    values = _measured(project, "evaluate-data-set", cases, "val")[-1]["values"]
    assert isinstance(values, dict)
    assert (values["n"], values["left_out"]) == (2, 0)
    assert all(effect["whole"]["n"] == 2 for effect in json.loads(str(values["effects"])))


def test_data_set_when_nothing_was_set_aside_then_says_so(project: Path) -> None:
    with pytest.raises(UserError) as caught:
        _measured(project, "evaluate-learned-from", small_cases(Blobs(project / "blobs")), "val")
    assert caught.value.code == "nothing-set-aside"


@pytest.mark.parametrize("more", [{}, {"manifest": "a" * 64, "dataset": "ward"}])
def test_measurement_when_it_names_no_source_or_two_then_is_no_command(more: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="one of them"):
        StartEvaluation.model_validate({"command_id": "c", "model_id": "", "name": "t", **more})
