from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.schema.config import Choice, StudentConfig
from engine.teachers.base import Classroom
from engine.teachers.fusion import FusionTeacher, FusionTeacherConfig, _together
from engine.teachers.lessons import Lessons
from engine.teachers.probe import log_chances
from engine.train.folds import Fold
from tests.teachers import tiny


def _lessons(sure: float, fold: Fold, rows: int, right: float) -> Lessons:
    """Return answers that are `sure` of one label everywhere, and right on a share of the rows the fold left out."""
    answers_NSC = torch.full((rows, 8, 3), (1 - sure) / 2)
    answers_NSC[..., 0] = sure
    wrong = fold.held[int(right * len(fold.held)) :]
    answers_NSC[wrong] = answers_NSC[wrong].roll(1, -1)
    return Lessons("fusion", None, answers_NSC.log(), torch.ones(rows, 8, dtype=torch.bool))


def _room(folder: Path, rows: int) -> Classroom:
    present_BM = torch.ones(rows, 3, dtype=torch.bool)
    batch = SimpleNamespace(present_BM=present_BM)
    return tiny.room(folder, [0] * rows, batches=lambda shape: [batch])


def test_answers_when_other_folds_were_too_sure_of_what_they_left_out_then_become_less_sure(tmp_path: Path) -> None:
    rows = np.arange(40)
    folds = [Fold(1, rows[20:], rows[:20]), Fold(2, rows[:20], rows[20:])]
    lessons = [_lessons(0.98, folds[0], 40, right=0.6), _lessons(0.98, folds[1], 40, right=0.9)]
    found = FusionTeacher(calibrate=True).calibrated(_room(tmp_path, 40), folds, lessons)
    soft = 1 / (20 + 2)  # of 20 cases each, as Platt softens labels
    assert found[0].answers_NVC.exp()[0, 7, 0].item() == pytest.approx(0.9 * (1 - soft) + 0.1 * soft / 2, abs=0.01)
    assert found[1].answers_NVC.exp()[39, 0].max().item() == pytest.approx(0.6 * (1 - soft) + 0.4 * soft / 2, abs=0.01)
    assert torch.equal(found[0].answers_NVC.argmax(-1), lessons[0].answers_NVC.argmax(-1))


def test_answers_when_a_fold_answers_otherwise_on_what_it_left_out_then_its_temperature_is_the_same(
    tmp_path: Path,
) -> None:
    rows = np.arange(40)
    folds = [Fold(1, rows[20:], rows[:20]), Fold(2, rows[:20], rows[20:])]
    other = _lessons(0.9, folds[1], 40, right=0.8)
    made = [
        FusionTeacher(calibrate=True).calibrated(
            _room(tmp_path, 40), folds, [_lessons(0.9, folds[0], 40, right=right), other]
        )
        for right in (0.2, 1.0)
    ]
    learned = torch.from_numpy(folds[0].learn)
    assert torch.equal(made[0][0].answers_NVC[learned], made[1][0].answers_NVC[learned])


def test_answers_when_calibration_is_off_or_one_fold_was_taught_then_stay_as_they_are(tmp_path: Path) -> None:
    rows = np.arange(40)
    folds = [Fold(1, rows[20:], rows[:20]), Fold(2, rows[:20], rows[20:])]
    lessons = [_lessons(0.98, fold, 40, right=0.5) for fold in folds]
    room = _room(tmp_path, 40)
    assert FusionTeacher().calibrated(room, folds, lessons) == lessons
    assert FusionTeacher(calibrate=True).calibrated(room, folds[:1], lessons[:1]) == lessons[:1]


@pytest.mark.parametrize(
    "settings", [{"text_model": "some/model"}, {"tuned_layers": 2}, {"image": "pretrained", "audio_model": "m"}]
)
def test_settings_when_they_name_an_encoder_that_would_not_be_kept_then_are_refused(
    settings: dict[str, object],
) -> None:
    with pytest.raises(ValueError, match=r"pretrained|encoder kept inside"):
        FusionTeacherConfig.model_validate(settings)
    assert (
        FusionTeacherConfig.model_validate({"text": "pretrained", "text_model": "m", "tuned_layers": 2}).tuned_layers
        == 2
    )


def test_shape_when_an_encoder_is_kept_then_only_that_kind_of_input_is_read_otherwise_than_by_the_student() -> None:
    settings = FusionTeacherConfig(image="pretrained", image_model="some/vit", tuned_layers=1).model_dump()
    settings.pop("weight")
    student = StudentConfig(text=Choice(name="pretrained"))
    shape = FusionTeacher(**settings).shape(student)
    assert shape.image == Choice(name="pretrained", settings={"model": "some/vit", "tuned_layers": 1})
    assert (shape.text, shape.audio, shape.experts) == (student.text, student.audio, 1)


def test_shape_when_the_student_has_other_layers_experts_and_widths_then_is_the_same_teacher() -> None:
    small = StudentConfig(
        size="S", width=32, hidden=16, layers=1, experts=4, heads=2, dropout=0.3, bypass=0.5, shared=32, head="linear"
    )
    shapes = [FusionTeacher(width=48, hidden=64, layers=3).shape(student) for student in (StudentConfig(), small)]
    assert shapes[0] == shapes[1]
    assert (shapes[0].width, shapes[0].hidden, shapes[0].layers, shapes[0].experts) == (48, 64, 3, 1)


@pytest.mark.parametrize("several", [False, True])
def test_members_when_they_answer_together_then_by_the_mean_of_their_probabilities(several: bool) -> None:
    random = torch.Generator().manual_seed(2)
    members = [{"answers_NSC": log_chances(torch.randn(5, 8, 3, generator=random), several)} for _ in range(3)]
    found_NSC = _together(members, several)["answers_NSC"]
    mean_NSC = sum(one["answers_NSC"].exp() for one in members) / 3
    assert torch.allclose(found_NSC.exp(), mean_NSC, atol=1e-6)
