from types import SimpleNamespace

import numpy as np
import torch

from engine.model.card import card
from engine.teachers.lessons import Lessons
from engine.train.folds import Fold
from engine.train.reports import TeacherLedger
from tests.model.test_pretrained import summary


def _ledger(weight: float) -> TeacherLedger:
    views = [[SimpleNamespace(present=lambda i=i: (True, i % 2 == 0, False))] for i in range(8)]
    patterns = ["text+image" if i % 2 == 0 else "text" for i in range(8)]
    material = SimpleNamespace(
        views=views, patterns=lambda: patterns, labels_N=np.array([0, 0, 1, 1] * 2), labels=("a", "b")
    )
    teacher = SimpleNamespace(kind="dense", parameters=7, modality=None)
    ledger = TeacherLedger("fusion", teacher, material, weight)  # type: ignore[arg-type]
    answers_NVC = torch.tensor([0.9, 0.1]).log().expand(8, 8, 2)
    known_NV = torch.ones(8, 8, dtype=torch.bool)
    known_NV[7] = False
    rows = np.arange(8)
    for number in (1, 2):
        held = rows[(number - 1) * 4 : number * 4]
        ledger.add(Lessons("fusion", None, answers_NVC, known_NV), Fold(number, np.setdiff1d(rows, held), held))
    return ledger


def test_report_when_made_then_tells_accuracy_by_pattern_and_how_many_cases_the_teacher_knew() -> None:
    report = _ledger(2.0).report()
    assert (report.accuracy.n, report.cases, report.weight) == (7, 8, 2.0)
    assert {name: (found.value, found.n) for name, found in report.patterns.items()} == {
        "text": (2 / 3, 3),
        "text+image": (0.5, 4),
    }
    assert abs(report.ece - (0.9 - 4 / 7)) < 1e-6


def test_card_when_written_then_tells_each_teachers_weight_calibration_and_patterns() -> None:
    told = summary().model_copy(update={"teachers": (_ledger(2.0).report(),)})
    (row,) = [line for line in card(told).splitlines() if line.startswith("| fusion")]
    assert row.startswith("| fusion (dense) | 7 | text, image, audio | 2 | 0.571 ")
    assert row.endswith("| 0.329 | text 0.667 (n 3), text+image 0.500 (n 4) |")
