"""The probe on frozen vectors: into which parts its rows fall, and what of its answers may be found again."""

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.teachers.pretrained.frozen import PretrainedText
from engine.teachers.probe import inner_folds
from engine.train.folds import Fold
from tests.teachers import tiny

ROWS = np.arange(200)


@pytest.mark.parametrize("grouped", [0, 1, 4, 16])
def test_inner_parts_when_few_rows_have_a_group_then_are_of_like_size_and_split_no_group(grouped: int) -> None:
    groups = [f"G{row // 2}" if row < 2 * grouped else "" for row in range(len(ROWS))]
    parts = inner_folds(ROWS, groups, 1)
    assert sorted(np.concatenate(parts).tolist()) == ROWS.tolist()
    sizes = [len(part) for part in parts]
    assert len(sizes) >= 3
    assert max(sizes) - min(sizes) <= 2
    where = {row: number for number, part in enumerate(parts) for row in part.tolist()}
    if grouped > 1:
        assert all(where[2 * pair] == where[2 * pair + 1] for pair in range(grouped))


def test_inner_parts_when_every_row_has_a_group_then_are_made_of_whole_groups_alone() -> None:
    groups = [f"G{row % 6}" for row in range(len(ROWS))]
    parts = inner_folds(ROWS, groups, 1)
    held = [{groups[row] for row in part.tolist()} for part in parts]
    assert sum(map(len, held)) == 6


class _Ready(PretrainedText):
    """A text teacher whose vectors are there already."""

    def __init__(self, vectors_NVD: torch.Tensor) -> None:
        self.fingerprint, self.plan, self.parameters, self._loaded = "ready", None, 1, None
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
