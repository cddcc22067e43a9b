"""Runs with every part of the error switched on: they tell all parts, resume to the bit, and cost nothing where they are off."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from engine.jobs.run_folder import RunFolder
from engine.jobs.train_job import run as train
from engine.model.pretrained import load_council
from engine.model.student import Student
from engine.schema.case import Case
from engine.schema.config import Choice, LossConfig, LossCurves
from tests.train.runs import STUDENT, FolderWithOrders, PowerCut, events, make_run, tiny_config

EVERYTHING = LossConfig(
    consistency=0.1,
    ordinal=0.2,
    relation_distance=1.0,
    relation_angle=1.0,
    contrast=0.1,
    more_not_worse=0.1,
    over_time=LossCurves(contrast="linear-up", distil="cosine"),
)

SHOWN = Choice(name="fusion", settings={"width": 32, "hidden": 32, "epochs": 1, "members": 2, "states": True})


def _config(**changes: Any) -> Any:
    student = STUDENT.model_copy(update={"fusion": Choice(name="tensor", settings={"rank": 2})})
    return tiny_config(**{"student": student, "loss": EVERYTHING, "teachers": (SHOWN,)} | changes)


def _sha(run: Path) -> str:
    return hashlib.sha256((run / "final" / "model.safetensors").read_bytes()).hexdigest()


def test_run_when_every_part_is_on_then_tells_them_with_their_weights_and_resumes_to_the_bit(
    project: Path, cases: list[Case]
) -> None:
    whole = make_run(project, "parts-whole", cases, _config())
    train(RunFolder(whole))
    metrics = [metric for metric in events(whole, "metrics") if metric["split"] == "train"]
    told = [metric for metric in metrics if not metric["stage"].startswith("teacher")]  # who has parts of its own
    for metric in told:
        assert {"contrast", "more_not_worse", "ordinal", "relation_angle", "weight_contrast", "weight_distil"} <= set(
            metric["values"]
        )
    final = [metric["values"] for metric in told if metric["stage"] == "final"]
    assert all(values[part] > 0 for values in final for part in ("hidden", "relation_distance", "relation_angle"))
    assert final[0]["weight_contrast"] < final[-1]["weight_contrast"] <= 0.1 + 1e-6  # float32
    assert final[0]["weight_distil"] > final[-1]["weight_distil"]
    summary = load_council(whole / "final").summary
    assert summary is not None
    assert summary.ordered
    assert summary.out_of_fold is not None
    assert summary.out_of_fold.ordered is not None
    right, off = summary.out_of_fold.accuracy, summary.out_of_fold.ordered.places_off
    assert off.n == right.n
    assert 1 - right.value <= off.value <= (1 - right.value) * (len(summary.labels) - 1)
    cut = make_run(project, "parts-cut", cases, _config())
    with pytest.raises(PowerCut):
        train(FolderWithOrders(cut, "cut", "fold-2", 5))
    train(RunFolder(cut))
    assert _sha(cut) == _sha(whole)


def test_run_when_a_dense_teacher_is_asked_then_the_size_of_its_lessons_is_told_before_it_learns(
    project: Path, cases: list[Case]
) -> None:
    teacher = SHOWN.model_copy(update={"settings": {**SHOWN.settings, "width": 40}})  # one that nobody has asked before
    run = make_run(project, "parts-size", cases, _config(loss=LossConfig(), teachers=(teacher,)))
    before = set((project / "lessons").rglob("*.safetensors"))
    train(RunFolder(run))
    told = [log["parameters"] for log in events(run, "log") if log["code"] == "lessons-size"]
    fresh = [file for file in (project / "lessons").rglob("*.safetensors") if file not in before]
    kept = [file.stat().st_size for file in fresh if "answers_NSC" in load_file(file)]
    assert len(told) == 2  # a fold each
    assert len(kept) == 4  # of two models each
    assert all(one["megabytes"] == pytest.approx(sum(kept) / 2e6, abs=0.06) for one in told)
    first = next(n for n, line in enumerate(_kinds(run)) if line == "lessons-size")
    assert "metrics" not in _kinds(run)[:first]


def _kinds(run: Path) -> list[str]:
    lines = (json.loads(line)["body"] for line in (run / "events.jsonl").read_text(encoding="utf-8").splitlines())
    return [line.get("code") or line["kind"] for line in lines]


def test_run_when_more_is_not_worse_is_off_then_the_student_is_asked_once_a_step(
    project: Path, cases: list[Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    real = Student.forward

    def counted(student: Student, *given: Any) -> Any:
        asked.append(student.training)
        return real(student, *given)

    monkeypatch.setattr(Student, "forward", counted)
    counts = []
    for weight in (0.0, 0.1):
        asked.clear()
        loss = LossConfig(more_not_worse=weight)
        train(RunFolder(make_run(project, f"parts-asked-{weight}", cases[:60], _config(loss=loss, teachers=()))))
        counts.append(sum(asked))
    assert counts[1] == 2 * counts[0] > 0
