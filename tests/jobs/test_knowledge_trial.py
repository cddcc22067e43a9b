"""The trial of a knowledge file: arms that differ in the file alone, paired intervals, and nothing computed twice."""

from pathlib import Path

import pytest

from engine.demo.domains import DOMAINS
from engine.jobs import knowledge_trial
from engine.jobs.knowledge_trial import Row, main, markdown, told_by, turned

LABELS = DOMAINS["clinic"].world.names()
TINY = ("--train", "40", "--seeds", "1", "--test", "12", "--arms", "without,right", "--set", "optim.epochs=1")


def test_file_when_turned_then_no_rule_names_its_own_label_and_strengths_stay() -> None:
    right = told_by("clinic", "right", 1)
    assert right is not None
    wrong, whole = turned(right, LABELS, 1, whole=False), turned(right, LABELS, 1, whole=True)
    for a, b in zip(right.rules, wrong.rules, strict=True):
        assert (a.finding, a.strength) == (b.finding, b.strength)
        assert a.label != b.label
    assert (wrong.labels, wrong.specialists) == (right.labels, right.specialists)
    assert whole.rules == wrong.rules
    assert set(whole.labels) == set(LABELS)
    assert all(whole.labels[name] != right.labels[name] for name in LABELS)
    assert turned(right, LABELS, 2, whole=False) != wrong


def _row(arm: str, seed: int, right: list[bool]) -> Row:
    return Row(arm=arm, cases=50, seed=seed, right=tuple(right))


def test_table_when_arms_stand_beside_without_then_shows_their_gain() -> None:
    groups = [f"p{n // 4}" for n in range(40)]
    bare = [_row("without", seed, [n % 2 == 0 for n in range(40)]) for seed in range(3)]
    better = [_row("right", seed, [n % 4 != 1 for n in range(40)]) for seed in range(3)]
    table = markdown([*bare, *better], groups, "Title")
    assert "+25.0 (" in table
    assert "| 50 | without | 3 |" in table


def test_trial_when_called_again_then_computes_nothing_and_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "table.md"
    assert main([str(tmp_path / "trial"), "--out", str(out), *TINY]) == 0
    first = out.read_text(encoding="utf-8")
    assert "| 40 | right | 1 |" in first
    monkeypatch.setattr(knowledge_trial.train_job, "run", None)
    assert main([str(tmp_path / "trial"), "--out", str(out), *TINY]) == 0
    assert out.read_text(encoding="utf-8") == first
    assert first in capsys.readouterr().out


def test_trial_when_asked_for_what_there_is_not_then_says_what_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for wrong in (["--arms", "left"], ["--domain", "kitchen"]):
        assert main([str(tmp_path), "--out", str(tmp_path / "t.md"), *wrong]) == 2
    assert "without, right, wrong, turned" in capsys.readouterr().err
