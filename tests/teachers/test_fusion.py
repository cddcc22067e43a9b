from pathlib import Path

import numpy as np
import pytest
import torch

from engine.schema.config import StudentConfig
from engine.teachers.base import FoldRows
from engine.teachers.fusion import FusionTeacher, rescaled
from engine.train.folds import Fold
from tests.teachers import tiny


class Asked(Exception):
    """Ends a lesson at the moment the teacher would be trained."""


def _asked(folder: Path, calibrate: bool) -> FoldRows:
    seen: list[FoldRows] = []

    def train(shape: StudentConfig, fold: FoldRows, name: str, epochs: int) -> None:
        seen.append(fold)
        raise Asked

    rows = np.arange(24)
    room = tiny.room(folder, [i % 3 for i in range(24)], train=train)
    with pytest.raises(Asked):
        FusionTeacher(calibrate=calibrate).teach(room, Fold(1, rows[:18], rows[18:]))
    return seen[0]


def test_dense_teacher_when_calibrated_then_keeps_whole_groups_aside_and_never_touches_held_out_rows(
    tmp_path: Path,
) -> None:
    plain, calibrated = _asked(tmp_path, False), _asked(tmp_path, True)
    assert plain.learn.tolist() == list(range(18))
    aside = sorted(set(plain.learn.tolist()) - set(calibrated.learn.tolist()))
    assert aside == [row for row in range(18) if row % 3 == 0]
    assert calibrated.held.tolist() == plain.held.tolist()


def test_answers_when_too_sure_on_the_rows_kept_aside_then_all_become_less_sure_in_the_same_order() -> None:
    answers_NSC = torch.tensor([0.98, 0.01, 0.01]).log().expand(9, 8, 3)
    labels_N = np.arange(9) % 3
    found = rescaled(answers_NSC, np.full(9, 7), labels_N, np.array([0, 3, 4, 6, 8]))
    assert found.exp()[0, 0, 0].item() == pytest.approx(0.6, abs=0.01)
    assert torch.allclose(found.exp().sum(-1), torch.ones(9, 8))
