"""The trial of shapes: equal cost where it is promised, paired on the same cases, and nothing computed twice."""

from pathlib import Path

import pytest
import torch

from engine.jobs import recipes, shape_trial
from engine.jobs.shape_trial import ARMS, Row, main, markdown
from engine.model.flops import trunk_flops
from engine.train import run
from engine.train.stage import Stage, StageResult
from engine.train.trainer import Surroundings, train_stage

TINY = (
    "--cases", "48", "--seeds", "1", "--recipe", "quick",
    "--set", "optim.epochs=1", "--set", "student.width=16", "--set", "student.hidden=16", "--set", "student.heads=2",
)  # fmt: skip


def test_arms_when_dense_is_the_twin_of_sparse_then_both_take_as_many_operations() -> None:
    student = recipes.config("quick").student
    sparse, dense = (trunk_flops(ARMS[name](student)) for name in ("sparse", "dense"))
    assert dense == pytest.approx(sparse, rel=0.01)


def test_arms_when_narrow_then_an_eighth_of_the_dense_twin_works_and_all_else_is_the_same() -> None:
    student = recipes.config("quick").student
    dense, narrow = (ARMS[name](student) for name in ("dense", "narrow"))
    assert narrow.hidden == dense.hidden // 8
    assert narrow.model_copy(update={"hidden": dense.hidden}) == dense


def test_arms_when_teachers_are_named_by_size_then_grow_and_are_dense() -> None:
    student = recipes.config("quick").student
    shapes = [ARMS[f"teacher-{size}"](student) for size in ("S", "M", "L", "XL")]
    costs = [trunk_flops(shape) for shape in shapes]
    assert costs == sorted(set(costs))
    assert {shape.experts for shape in shapes} == {1}


def test_table_when_one_arm_is_clearly_worse_then_says_so_and_a_tie_is_called_a_tie() -> None:
    groups = [f"p{n // 4}" for n in range(200)]

    def row(arm: str, seed: int, every: int) -> Row:
        right = tuple(n % every != 0 for n in range(200))
        return Row(arm=arm, seed=seed, right=right, epoch=3, parameters=9, active=5, operations=100, seconds=1)

    rows = [row(arm, seed, every) for arm, every in (("sparse", 10), ("same", 10), ("dense", 3)) for seed in (1, 2)]
    lines = markdown(rows, groups, "Title").splitlines()
    assert [line.split("|")[6].strip() for line in lines[4:]] == ["", "tie", "worse"]
    assert "| sparse | 2 | 0.9000 | 0.900, 0.900 |" in lines[4]


def test_trial_when_called_again_then_computes_nothing_and_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "table.md"
    assert main([str(tmp_path / "trial"), "--out", str(out), *TINY]) == 0
    first = out.read_text(encoding="utf-8")
    assert "clinic, 48 cases, sha256 " in first
    assert "| dense | 1 |" in first
    monkeypatch.setattr(shape_trial, "train_stage", _must_not)
    assert main([str(tmp_path / "trial"), "--out", str(out), *TINY]) == 0
    assert out.read_text(encoding="utf-8") == first


def test_trial_when_taught_then_all_arms_hear_the_same_lessons_which_are_made_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Stage] = []

    def noted(around: Surroundings, stage: Stage) -> StageResult:
        asked.append(stage)
        return train_stage(around, stage)

    for module in (shape_trial, run):
        monkeypatch.setattr(module, "train_stage", noted)
    out, folder = tmp_path / "table.md", str(tmp_path / "trial")
    school = (
        "--set", "teachers=fusion", "--set", "teachers.fusion.text=as-student", "--set", "teachers.fusion.members=1",
        "--set", "teachers.fusion.epochs=1", "--set", "teachers.fusion.width=16", "--set", "teachers.fusion.hidden=16",
    )  # fmt: skip
    assert main([folder, "--out", str(out), *TINY, "--recipe", "distil", *school, "--taught"]) == 0
    assert "with its teachers; clinic, 48 cases" in out.read_text(encoding="utf-8")
    assert [stage.name for stage in asked] == ["teacher-1", "teacher-2", "sparse-1", "sparse-2", "dense-1", "dense-2"]
    sparse, dense = asked[2], asked[4]
    assert sparse.loss.distil > 0
    assert torch.equal(sparse.lessons[0].answers_NVC, dense.lessons[0].answers_NVC)
    asked.clear()
    assert main([folder, "--out", str(out), *TINY, "--recipe", "distil", *school]) == 0
    assert "without teachers" in out.read_text(encoding="utf-8")
    assert [stage.name for stage in asked] == ["sparse-1", "sparse-2", "dense-1", "dense-2"]
    assert not any(stage.lessons or stage.loss.distil for stage in asked)


@pytest.mark.slow
def test_trial_when_a_teacher_keeps_an_encoder_inside_then_answers_the_same_cases(tmp_path: Path) -> None:
    out = tmp_path / "table.md"
    arms = ("--arms", "sparse,teacher-S+text")
    assert main([str(tmp_path / "trial"), "--out", str(out), *TINY, *arms]) == 0
    rows = [Row.model_validate_json(path.read_bytes()) for path in (tmp_path / "trial").rglob("row.json")]
    assert [len(row.right) for row in rows] == [48, 48]
    assert min(row.parameters for row in rows) < 1_000_000
    assert max(row.parameters for row in rows) > 22_713_216


def test_trial_when_an_arm_is_unknown_then_says_which_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "trial"), "--out", str(tmp_path / "t.md"), "--arms", "round"]) == 2
    assert "teacher-XL" in capsys.readouterr().err


def _must_not(*_: object) -> None:
    pytest.fail("it was trained again")
