"""The probe on frozen vectors: into which parts its rows fall, and what of its answers may be found again."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.device import derived_seed
from engine.teachers.pretrained import frozen
from engine.teachers.pretrained.frozen import PretrainedText
from engine.teachers.probe import crossed_answers, fit_temperature, inner_folds
from engine.train.folds import Fold
from tests.teachers import tiny

ROWS = np.arange(200)


@pytest.mark.parametrize("grouped", [0, 1, 4, 16])
def test_inner_parts_when_few_rows_have_a_group_then_are_of_like_size_and_split_no_group(grouped: int) -> None:
    groups = [f"G{row // 2}" if row < 2 * grouped else "" for row in range(len(ROWS))]
    parts = inner_folds(ROWS, groups, ROWS % 2, 1)
    assert sorted(np.concatenate(parts).tolist()) == ROWS.tolist()
    sizes = [len(part) for part in parts]
    assert len(sizes) >= 3
    assert max(sizes) - min(sizes) <= 2
    where = {row: number for number, part in enumerate(parts) for row in part.tolist()}
    if grouped > 1:
        assert all(where[2 * pair] == where[2 * pair + 1] for pair in range(grouped))


def test_inner_parts_when_every_row_has_a_group_then_are_made_of_whole_groups_alone() -> None:
    groups = [f"G{row % 6}" for row in range(len(ROWS))]
    parts = inner_folds(ROWS, groups, ROWS % 2, 1)
    held = [{groups[row] for row in part.tolist()} for part in parts]
    assert sum(map(len, held)) == 6


class _Ready(PretrainedText):
    """A text teacher whose vectors are there already."""

    def __init__(self, vectors_NVD: torch.Tensor) -> None:
        self.fingerprint, self.kind, self.plan, self.parameters, self._loaded = "ready", "ready", None, 1, None
        self._given = vectors_NVD

    def _vectors(self, room: object, readings: object) -> tuple[torch.Tensor, torch.Tensor]:
        return self._given, torch.ones(len(self._given), dtype=torch.bool)


def test_answers_when_a_label_is_added_that_no_training_row_bears_then_are_not_those_for_fewer_labels(
    tmp_path: Path,
) -> None:
    labels = (ROWS % 3).tolist()
    teacher = _Ready(torch.randn(len(ROWS), 1, 8, generator=torch.Generator().manual_seed(1)))
    fold = Fold(1, ROWS[:150], ROWS[150:])
    for number in (3, 4):
        answers_NVC = teacher.teach(tiny.room(tmp_path, labels, num_labels=number), fold).answers_NVC
        assert answers_NVC.shape[-1] == number


PAIRS = [f"P{row:03d}" for row in range(len(ROWS))]
"""One group a row, numbered in turn: with two labels in turn each inner part of four would hold one label alone."""


@pytest.mark.parametrize("parts", [2, 4])
@pytest.mark.parametrize("several", [False, True])
def test_inner_parts_when_labels_are_in_step_with_the_names_of_groups_then_each_leaves_every_label_to_learn_from(
    parts: int, several: bool
) -> None:
    labels = np.stack([ROWS % 2, 1 - ROWS % 2], 1) if several else ROWS % 2
    found = inner_folds(ROWS, PAIRS, labels, 1, parts)
    assert len(found) == parts
    assert sorted(np.concatenate(found).tolist()) == ROWS.tolist()
    assert all(0.4 < (ROWS[part] % 2).mean() < 0.6 for part in found)


def test_answers_when_labels_are_in_step_with_the_names_of_groups_then_are_those_of_a_separable_task(
    tmp_path: Path,
) -> None:
    labels = (ROWS % 4).tolist()
    room = tiny.room(tmp_path, labels, groups=PAIRS, num_labels=4)
    vectors_NVD = torch.eye(4)[labels][:, None]
    answers_NVC = crossed_answers(vectors_NVD, torch.ones(len(ROWS), dtype=torch.bool), room, Fold(1, ROWS, ROWS[:0]))
    assert answers_NVC[:, 0].argmax(-1).tolist() == labels


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_inner_parts_when_they_come_out_even_then_stay_as_they_were_dealt(seed: int) -> None:
    rows = np.arange(1600)
    labels = np.random.default_rng(seed).integers(0, 4, len(rows))
    place = np.random.default_rng(derived_seed(seed, "probe")).permutation(len(rows)) % 4
    found = inner_folds(rows, [""] * len(rows), labels, seed)
    assert [part.tolist() for part in found] == [rows[place == number].tolist() for number in range(4)]


def test_inner_parts_when_there_is_nothing_to_learn_from_then_are_none() -> None:
    assert inner_folds(ROWS[:0], PAIRS, ROWS % 2, 1) == []


@pytest.mark.parametrize("mode", ["probe", "fine-tune"])
def test_teacher_when_a_group_is_a_label_then_the_log_says_of_how_many_cases_it_knows_nothing(
    tmp_path: Path, mode: str
) -> None:
    said: list[tuple[str, dict[str, object]]] = []
    room = tiny.room(
        tmp_path / "lessons",
        [0] * 6 + [1] * 6,
        [(f"{tiny.TEXTS[i % 3]}",) for i in range(12)],
        groups=["A"] * 6 + ["B"] * 6,
        num_labels=2,
        log=lambda code, facts: said.append((code, dict(facts))),
    )
    rows = np.arange(12)
    teacher = PretrainedText(model=str(tiny.bert(tmp_path / "bert")), mode=mode, tuned_layers=1, tuned_epochs=1)
    lessons = teacher.teach(room, Fold(1, rows[1:11], rows[[0, 11]]))
    assert ("teacher-untaught", {"teacher": "bert", "fold": "fold-1", "cases": 10, "known": 10}) in said
    assert lessons.answers_NVC[1:11].exp().numpy() == pytest.approx(0.5)


def test_answers_when_they_are_made_in_another_way_then_those_that_were_kept_are_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = _Ready(torch.randn(len(ROWS), 1, 8, generator=torch.Generator().manual_seed(1)))
    room, fold = tiny.room(tmp_path, (ROWS % 3).tolist()), Fold(1, ROWS[:150], ROWS[150:])
    made = []
    for procedure in (frozen.PROCEDURE, frozen.PROCEDURE, ("other",)):
        monkeypatch.setattr(frozen, "PROCEDURE", procedure)
        teacher.teach(room, fold)
        made.append(room.cache.made)
    monkeypatch.setattr(frozen, "inner_folds", lambda learn, *_: [learn[::2], learn[1::2]])
    teacher.teach(room, fold)
    assert [*made, room.cache.made] == [1, 1, 2, 3]


RIGHT = np.log(np.array([[0.6, 0.2, 0.2]]))


@pytest.mark.parametrize(
    ("logits", "labels"),
    [
        (np.zeros((0, 3)), np.zeros(0, dtype=np.int64)),
        (np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64)),
        (np.full((2, 3), np.nan), np.array([0, 1])),
        (np.array([[np.inf, 0.0], [0.0, 1.0]]), np.array([0, 1])),
        (np.array([[1e308, -1e308], [0.0, 1.0]]), np.array([0, 1])),
        (np.full((4, 3), 2.0), np.array([0, 1, 2, 0])),
        (np.zeros((4, 3)), np.eye(3, dtype=np.int64)[[0, 1, 2, 0]]),
    ],
)
def test_temperature_when_there_is_nothing_to_fit_it_to_then_is_one(
    logits: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    labels: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
) -> None:
    assert fit_temperature(logits, labels) == 1.0


def test_temperature_when_few_rows_are_all_right_then_makes_none_of_them_certain() -> None:
    for count in (1, 5, 20):
        temperature = fit_temperature(np.repeat(RIGHT, count, axis=0), np.zeros(count, dtype=np.int64))
        chances = np.exp(RIGHT[0] / temperature)
        assert chances[0] / chances.sum() == pytest.approx((count + 1) / (count + 2), abs=1e-3)
    marks = np.array([[1, 0, 0]])
    sure = 1 / (1 + np.exp(-1 / fit_temperature((marks - 0.5) * 2.0, marks)))
    assert sure == pytest.approx(4 / 5, abs=1e-3)
